"""The price list of domain 4.2: data, one row an item, in fen. Labour only; illustrative until the bureau's survey.

`demo_fen` is what the invented companies of the demonstration ask; a real company publishes its own prices.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.price_models import PriceKind


@dataclass(frozen=True)
class StandardPrice:
    """One row: `group` is the category group (H01 ...) under which people look for it; None for fees."""

    code: str
    name: str
    unit: str
    ceiling_fen: int | None
    demo_fen: int | None
    group: str | None
    kind: PriceKind = PriceKind.WORK
    note: str = ""


def _work(code: str, name: str, unit: str, ceiling: int, demo: int, group: str) -> StandardPrice:
    """An item of work; the two prices in whole yuan, as the table has them."""
    return StandardPrice(code, name, unit, ceiling * 100, demo * 100, group)


STANDARD_PRICES = (
    _work("E01", "更换灯泡/灯管(自备)", "个", 20, 10, "H01"),
    _work("E02", "灯具检修、接线", "次", 50, 30, "H01"),
    _work("E03", "更换吸顶灯(自备灯具)", "盏", 80, 50, "H01"),
    _work("E04", "更换开关/插座面板", "个", 30, 20, "H01"),
    _work("E05", "跳闸/短路排查", "次", 100, 60, "H01"),
    _work("E06", "更换空气开关/漏电保护器", "个", 80, 50, "H01"),
    _work("E07", "明装线路敷设", "米", 20, 12, "H01"),
    _work("W01", "更换水龙头", "个", 60, 40, "H02"),
    _work("W02", "更换角阀", "个", 40, 25, "H02"),
    _work("W03", "更换上下水软管", "根", 40, 25, "H02"),
    _work("W04", "明管渗漏修复", "处", 120, 80, "H02"),
    _work("W05", "更换花洒/混水阀", "套", 100, 60, "H05"),
    _work("W06", "更换表后闸阀", "个", 120, 80, "H02"),
    _work("D01", "地漏疏通(手动)", "次", 80, 50, "H03"),
    _work("D02", "马桶疏通", "次", 120, 80, "H03"),
    _work("D03", "厨房下水疏通", "次", 120, 80, "H03"),
    _work("D04", "户内支管机械疏通", "次", 300, 200, "H03"),
    _work("T01", "马桶水箱配件更换", "套", 80, 50, "H05"),
    _work("T02", "马桶拆装", "个", 200, 150, "H05"),
    _work("T03", "洗手盆下水更换", "套", 80, 50, "H05"),
    _work("L01", "门锁检修/润滑", "次", 60, 30, "H04"),
    _work("L02", "更换锁芯", "个", 100, 60, "H04"),
    _work("L03", "开锁(公安备案单位,核验身份)", "次", 200, 120, "H04"),
    _work("L04", "合页/闭门器调整", "扇", 60, 40, "H04"),
    _work("L05", "窗扇/把手维修", "扇", 80, 50, "H04"),
    _work("L06", "更换纱网", "㎡", 60, 40, "H04"),
    _work("M01", "墙面打孔", "孔", 30, 20, "H09"),
    _work("M02", "安装窗帘杆/置物架", "件", 80, 50, "H09"),
    _work("M03", "晾衣架维修", "套", 100, 60, "H09"),
    _work("M04", "扶手安装(适老)", "处", 80, 0, "H09"),
    _work("A01", "油烟机清洗", "台", 200, 150, "H06"),
    _work("A02", "挂机空调清洗", "台", 120, 80, "H06"),
    _work("A03", "柜机空调清洗", "台", 160, 120, "H06"),
    _work("A04", "洗衣机清洗", "台", 150, 100, "H06"),
    _work("A05", "电热水器检修", "次", 100, 60, "H06"),
    StandardPrice(
        "G01", "燃气具/管线", "", None, None, "H07", PriceKind.REFERRAL, "只转燃气企业,物业不上门修"
    ),
    _work("C01", "家庭保洁", "小时", 60, 45, "H10"),
    _work("C02", "擦玻璃", "㎡", 12, 8, "H10"),
    _work("S01", "代买代办(助老)", "次", 10, 0, "H11"),
    StandardPrice("F01", "上门检测费(未维修时)", "次", 3000, 0, None, PriceKind.VISIT),
    StandardPrice("F02", "夜间服务(22:00–7:00)", "次", 5000, 3000, None, PriceKind.NIGHT),
)
