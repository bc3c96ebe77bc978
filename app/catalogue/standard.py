"""The category table of domain 3.4: data, one row a category.

`pays` is the first guess of who pays, shown to the desk only; `tools` is what the worker brings (S2-11). Hazardous
matters are made safe before anything else, whatever the reporter ticked.
"""

from __future__ import annotations

from dataclasses import dataclass

LIFT = "电梯修理"
ELECTRIC = "低压电工"
HEIGHT = "高处作业"
FIRE = "消防设施操作员"
CONFINED = "有限空间"
HEALTH = "健康证"
GAS = "燃气公司"
COOLING = "制冷与空调"
LOCK = "锁具维修"

CERTIFICATES: dict[str, str] = {
    LIFT: "特种设备作业人员证(电梯修理T)",
    ELECTRIC: "低压电工作业(特种作业操作证)",
    HEIGHT: "高处作业(特种作业操作证)",
    FIRE: "消防设施操作员",
    CONFINED: "有限空间作业培训记录",
    HEALTH: "健康证(水箱清洗)",
    GAS: "燃气公司专业人员(物业不得维修)",
    COOLING: "制冷与空调作业(特种作业操作证)",
    LOCK: "锁具维修(公安备案)",
}
"""Kind as it stands on certificates and categories, and its full name. Nobody of a property company holds GAS."""

COMPANY, FUND, COMPANY_THEN_FUND = "物业合同", "维修资金", "物业合同,不足列支维修资金"
UTILITY, OWNER = "先报专业单位", "业主自付"


@dataclass(frozen=True)
class Standard:
    """One row of the table; `bookable` in-home matters can wait for a chosen time (S2-07)."""

    code: str
    name: str
    urgency: str = "P2"
    certificate: str | None = None
    pays: str = COMPANY
    tools: str = ""
    hazardous: bool = False

    @property
    def in_home(self) -> bool:
        """H codes are inside a home."""
        return self.code.startswith("H")

    @property
    def bookable(self) -> bool:
        """In-home and not urgent."""
        return self.in_home and self.urgency in ("P2", "P3")


PUBLIC = (
    Standard("G0101", "电梯困人", "P0", LIFT, "电梯维保单位", "三角钥匙、对讲机、警示牌", True),
    Standard("G0102", "电梯停运/异响/平层不准", "P1", LIFT, COMPANY_THEN_FUND, "警示牌、维保单位电话", True),
    Standard("G0103", "电梯厅地砖松动起翘", "P2", None, COMPANY, "瓷砖胶、橡皮锤、围挡", True),
    Standard("G0201", "楼道灯不亮", "P2", ELECTRIC, COMPANY, "灯泡、声控开关、人字梯、验电笔"),
    Standard("G0202", "庭院/道路路灯不亮", "P2", ELECTRIC, COMPANY, "灯具、升降梯、验电笔"),
    Standard("G0203", "公共线路裸露/漏电", "P0", ELECTRIC, COMPANY, "绝缘手套、绝缘胶带、围挡、验电笔", True),
    Standard("G0204", "楼栋停电", "P1", ELECTRIC, UTILITY, "万用表、应急照明"),
    Standard("G0301", "单元门/门禁故障", "P2", ELECTRIC, COMPANY, "闭门器、门禁配件、螺丝刀"),
    Standard("G0302", "道闸/车行门故障", "P2", ELECTRIC, COMPANY, "遥控器、万用表、锥桶"),
    Standard("G0303", "监控故障", "P2", None, COMPANY, "网线、测试仪"),
    Standard("G0401", "消防通道堵塞", "P1", None, "按违规处理", "相机、劝导通知单", True),
    Standard("G0402", "消防设施缺失/损坏", "P1", FIRE, COMPANY_THEN_FUND, "灭火器、水带、水枪", True),
    Standard("G0403", "楼道堆物/飞线充电", "P1", None, "按违规处理", "相机、劝导通知单", True),
    Standard("G0501", "二次供水停水/水压低", "P1", None, "供水单位或维修资金", "压力表、阀门扳手"),
    Standard("G0502", "公共水管爆裂", "P0", None, "供水单位或物业合同", "抢修卡、阀门扳手、水泵、围挡", True),
    Standard("G0503", "水质异常/水箱", "P1", HEALTH, COMPANY, "取样瓶、余氯试纸"),
    Standard("G0601", "污水井/主管堵塞满溢", "P1", CONFINED, COMPANY, "疏通机、气体检测仪、围挡", True),
    Standard("G0602", "雨水倒灌/积水", "P1", CONFINED, COMPANY, "水泵、沙袋、气体检测仪", True),
    Standard("G0603", "井盖缺失/破损", "P0", None, "管线权属单位", "围挡、警示牌、临时盖板", True),
    Standard("G0701", "外墙渗水", "P2", HEIGHT, FUND, "测湿仪、防水涂料"),
    Standard(
        "G0702", "外墙/附属构件脱落风险", "P0", HEIGHT, "维修资金应急使用", "围挡、警戒带、望远镜", True
    ),
    Standard("G0703", "屋面渗漏", "P1", HEIGHT, FUND, "防水卷材、喷枪、安全绳"),
    Standard("G0704", "楼道墙面/天花脱落", "P2", None, COMPANY, "腻子、刮刀、围挡", True),
    Standard("G0705", "公共门窗/玻璃破损", "P1", None, COMPANY, "玻璃、手套、围挡", True),
    Standard("G0801", "道路/台阶/地砖破损", "P2", None, COMPANY_THEN_FUND, "水泥、地砖、锥桶", True),
    Standard("G0802", "无障碍坡道/扶手损坏", "P1", None, COMPANY, "扶手配件、冲击钻", True),
    Standard("G0803", "健身/儿童设施损坏", "P1", None, "物业合同或捐建单位", "扳手、警示牌", True),
    Standard("G0901", "绿化枯死/倒伏/遮挡", "P3", None, COMPANY, "修枝剪、手锯"),
    Standard("G0902", "树木倾倒风险", "P0", HEIGHT, COMPANY, "油锯、绳索、围挡", True),
    Standard("G1001", "保洁不到位", "P3", None, COMPANY, "保洁工具"),
    Standard("G1002", "垃圾满溢/分类点", "P2", None, COMPANY, "垃圾袋、手套"),
    Standard("G1003", "病媒/异味", "P3", None, COMPANY, "消杀药剂、喷雾器"),
    Standard("G1101", "车辆乱停", "P3", None, COMPANY, "劝导通知单"),
    Standard("G1102", "充电桩故障", "P2", ELECTRIC, "充电运营单位", "验电笔、停用牌"),
    Standard("G1201", "高空抛物/坠物", "P0", None, "公安机关会同物业", "围挡、相机、监控调取单", True),
    Standard("G1202", "噪声/秩序", "P3", None, COMPANY, "分贝仪"),
    Standard("G1301", "燃气异味(公区)", "P0", GAS, "燃气公司", "警戒带;禁止开关电器和明火", True),
    Standard("G1302", "供暖/供冷公共故障", "P1", None, "供热单位或物业合同", "测温枪、扳手"),
    Standard("G9901", "其他公区问题", "P2", None, "由小区经理判断", "先看照片再定"),
)

IN_HOME = (
    Standard("H0101", "灯具不亮", "P2", ELECTRIC, OWNER, "灯泡、人字梯、验电笔"),
    Standard("H0102", "开关插座", "P2", ELECTRIC, OWNER, "开关面板、螺丝刀、验电笔"),
    Standard("H0103", "跳闸/短路", "P1", ELECTRIC, OWNER, "万用表、空气开关、绝缘胶带", True),
    Standard("H0104", "漏电", "P0", ELECTRIC, OWNER, "绝缘手套、验电笔、漏电保护器", True),
    Standard("H0201", "水龙头", "P2", None, OWNER, "龙头、生料带、扳手"),
    Standard("H0202", "角阀软管", "P2", None, OWNER, "角阀、软管、生料带、扳手"),
    Standard("H0203", "水管渗漏", "P1", None, OWNER, "管件、热熔器、堵漏胶带"),
    Standard("H0204", "水管爆裂", "P0", None, OWNER, "抢修卡、阀门扳手、吸水机", True),
    Standard("H0301", "地漏堵塞", "P2", None, OWNER, "疏通机、皮搋子"),
    Standard("H0302", "马桶堵塞", "P2", None, OWNER, "皮搋子、疏通机"),
    Standard("H0303", "厨房下水", "P2", None, OWNER, "疏通机、下水管件"),
    Standard("H0304", "下水返水", "P1", None, OWNER, "疏通机、吸水机"),
    Standard("H0401", "门锁", "P2", LOCK, OWNER, "螺丝刀、润滑剂、锁体"),
    Standard("H0402", "更换锁芯", "P2", LOCK, OWNER, "锁芯、螺丝刀"),
    Standard("H0403", "合页", "P2", None, OWNER, "合页、电钻、螺丝"),
    Standard("H0404", "纱窗", "P3", None, OWNER, "纱网、压条、滚轮"),
    Standard("H0405", "玻璃", "P2", None, OWNER, "玻璃、密封胶、手套", True),
    Standard("H0501", "花洒/淋浴", "P2", None, OWNER, "花洒、混水阀、生料带"),
    Standard("H0502", "马桶水箱", "P2", None, OWNER, "水箱配件、扳手"),
    Standard("H0503", "洗手盆/浴室柜", "P2", None, OWNER, "下水管件、密封胶"),
    Standard("H0601", "油烟机", "P3", None, OWNER, "螺丝刀、清洗剂"),
    Standard("H0602", "空调", "P2", COOLING, OWNER, "压力表、制冷剂、人字梯"),
    Standard("H0603", "热水器", "P2", ELECTRIC, OWNER, "万用表、扳手、镁棒"),
    Standard("H0604", "洗衣机", "P2", None, OWNER, "螺丝刀、进排水管"),
    Standard("H0701", "燃气问题(转燃气公司)", "P0", GAS, "燃气公司", "只转燃气公司,物业不得维修", True),
    Standard("H0801", "暖气不热", "P2", None, "供热单位或业主自付", "放气钥匙、测温枪"),
    Standard("H0802", "暖气漏水", "P1", None, "供热单位或业主自付", "堵漏胶带、扳手、水桶", True),
    Standard("H0901", "墙面修补", "P3", None, OWNER, "腻子、乳胶漆、刮刀"),
    Standard("H0902", "五金/挂件安装", "P3", None, OWNER, "冲击钻、膨胀螺丝、探测仪"),
    Standard("H0903", "扶手安装(适老)", "P2", None, OWNER, "扶手、冲击钻、探测仪"),
    Standard("H1001", "日常保洁", "P3", None, OWNER, "保洁工具"),
    Standard("H1002", "深度清洁", "P3", None, OWNER, "清洁剂、吸尘器"),
    Standard("H1101", "代买", "P3", None, OWNER, "购物袋、小票"),
    Standard("H1102", "代办", "P3", None, OWNER, "委托记录单"),
    Standard("H1103", "上门测量(血压等)", "P3", None, OWNER, "电子血压计"),
    Standard("H9901", "其他家里的问题", "P2", None, OWNER, "先电话问清再带工具"),
)

STANDARD = PUBLIC + IN_HOME

KEYWORDS: dict[str, tuple[str, ...]] = {
    "G0101": ("困人", "困在电梯", "关在电梯", "被困"),
    "G0102": ("电梯停", "电梯坏", "电梯不动", "电梯响", "电梯抖", "平层", "电梯"),
    "G0103": ("地砖起翘", "地砖松", "电梯厅地砖", "电梯口地砖"),
    "G0201": ("楼道灯", "楼梯灯", "声控灯", "走廊灯", "楼道黑"),
    "G0202": ("路灯", "庭院灯", "草坪灯"),
    "G0203": ("电线裸露", "线裸露", "电线掉", "漏电", "冒火花", "电线断"),
    "G0204": ("整栋停电", "楼停电", "单元停电", "停电", "没电"),
    "G0301": ("单元门", "门禁", "防盗门关不上", "楼门", "闭门器"),
    "G0302": ("道闸", "抬杆", "栏杆", "车行门", "大门口杆"),
    "G0303": ("监控", "摄像头"),
    "G0401": ("消防通道", "消防车道"),
    "G0402": ("灭火器", "消火栓", "消防栓", "烟感", "消防"),
    "G0403": ("堆物", "堆杂物", "飞线", "楼道充电", "杂物"),
    "G0501": ("停水", "没水", "水压", "水小"),
    "G0502": ("爆管", "水管爆", "喷水", "水管裂"),
    "G0503": ("水质", "水发黄", "水有味", "水箱"),
    "G0601": ("污水", "粪水", "化粪池", "下水井", "满溢", "冒水"),
    "G0602": ("积水", "倒灌", "雨水"),
    "G0603": ("井盖",),
    "G0701": ("外墙渗", "外墙漏", "墙渗水"),
    "G0702": ("外墙脱落", "墙皮掉", "外墙掉", "瓷砖掉", "空调架", "保温层"),
    "G0703": ("屋顶漏", "楼顶漏", "屋面", "顶楼漏"),
    "G0704": ("天花", "吊顶", "楼道墙", "墙面脱落"),
    "G0705": ("玻璃", "楼道窗", "公共窗"),
    "G0801": ("路面", "坑", "台阶", "地砖", "道路"),
    "G0802": ("坡道", "扶手", "无障碍"),
    "G0803": ("健身", "滑梯", "秋千", "儿童设施"),
    "G0901": ("枯死", "绿化", "树枝", "遮挡", "草坪"),
    "G0902": ("树要倒", "树倒", "树歪", "大树"),
    "G1001": ("保洁", "没打扫", "不干净", "脏"),
    "G1002": ("垃圾",),
    "G1003": ("蟑螂", "老鼠", "蚊子", "苍蝇", "异味", "臭"),
    "G1101": ("乱停", "占车位", "堵车", "挡车"),
    "G1102": ("充电桩",),
    "G1201": ("高空抛物", "扔东西", "坠物", "掉东西"),
    "G1202": ("噪声", "噪音", "吵", "广场舞"),
    "G1301": ("燃气", "煤气", "天然气"),
    "G1302": ("供暖", "供冷", "暖气"),
    "H0101": ("灯不亮", "灯坏", "灯泡", "吸顶灯", "灯"),
    "H0102": ("插座", "开关", "面板"),
    "H0103": ("跳闸", "短路", "没电", "停电", "空开"),
    "H0104": ("漏电", "触电", "电人", "麻手"),
    "H0201": ("水龙头", "龙头", "滴水"),
    "H0202": ("角阀", "软管", "三角阀"),
    "H0203": ("渗漏", "漏水", "渗水", "水管漏"),
    "H0204": ("爆管", "水管爆", "喷水", "爆裂"),
    "H0301": ("地漏", "卫生间下水", "地面积水"),
    "H0302": ("马桶堵", "马桶", "坐便", "厕所堵"),
    "H0303": ("厨房下水", "洗菜池", "水槽", "下水慢"),
    "H0304": ("返水", "反水", "倒灌", "冒水"),
    "H0401": ("门锁", "锁坏", "门打不开", "锁"),
    "H0402": ("锁芯", "换锁"),
    "H0403": ("合页", "柜门", "门歪"),
    "H0404": ("纱窗",),
    "H0405": ("玻璃",),
    "H0501": ("花洒", "淋浴", "喷头", "混水阀"),
    "H0502": ("马桶水箱", "水箱", "马桶漏水", "马桶一直流"),
    "H0503": ("洗手盆", "脸盆", "浴室柜", "台盆"),
    "H0601": ("油烟机", "抽烟机"),
    "H0602": ("空调",),
    "H0603": ("热水器", "没热水"),
    "H0604": ("洗衣机",),
    "H0701": ("燃气", "煤气", "天然气", "灶打不着"),
    "H0801": ("暖气不热", "暖气", "地暖", "不暖和"),
    "H0802": ("暖气漏", "暖气漏水", "地暖漏"),
    "H0901": ("墙面", "墙皮", "刷墙", "掉漆"),
    "H0902": ("安装", "打孔", "挂件", "晾衣", "窗帘杆"),
    "H0903": ("扶手", "防滑"),
    "H1001": ("保洁", "打扫", "擦玻璃"),
    "H1002": ("深度清洁", "大扫除", "清洗"),
    "H1101": ("代买", "买菜", "买药"),
    "H1102": ("代办", "跑腿", "取快递"),
    "H1103": ("血压", "血糖", "测量"),
}
"""Words in a report that point to a category; the longest word found decides."""
