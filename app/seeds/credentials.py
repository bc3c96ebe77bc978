"""How people get into the demonstration: console logins, and the names of the phones in the WeChat sandbox."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from app.accounts.models import Account
from app.accounts.signing_in import create_credential
from app.core.roles import Role

DEMO_PASSWORD = "liuxu-piaofei-329"  # noqa: S105 - printed by `make run`, good for invented people only
"""One password for all console accounts of the demonstration; production refuses to make them."""

LOGINS = {
    (Role.DSP, "gebudian"): "demo-dsp",
    (Role.MGR, "gebudian"): "demo-mgr",
    (Role.CO, "luan"): "demo-co",
    (Role.FIN, "luan"): "demo-fin",
    (Role.FIN, "luan-second"): "demo-fin4",
    (Role.DSP, "zhongcang"): "demo-dsp2",
    (Role.MGR, "zhongcang"): "demo-mgr2",
    (Role.CO, "tonghui"): "demo-co2",
    (Role.CO, "canal"): "demo-co3",
    (Role.FIN, "canal"): "demo-fin2",
    (Role.FIN, "canal-second"): "demo-fin3",
    (Role.DSP, "jinhao"): "demo-dsp3",
    (Role.HOT, "0"): "demo-hot",
    (Role.STR, "1"): "demo-str",
    (Role.COM, "2"): "demo-com",
    (Role.BUR, "0"): "demo-bur",
    (Role.BUR, "1"): "demo-bur2",
    (Role.APV, "0"): "demo-apv",
    (Role.FND, "0"): "demo-fnd",
    (Role.SYA, "0"): "demo-sya",
    (Role.SEA, "0"): "demo-sea",
    (Role.AUA, "0"): "demo-aua",
}
"""Login name by role and place: the estate of an office, a company (and its second accountant), or the number of the
person."""


def sandbox_openid(appid: str, name: str) -> str:
    """The openid that the WeChat sandbox gives to a user name: `o` and 27 characters of a digest of appid and name.

    Derived here a second time, because the product never imports the sandbox; a test keeps the two equal.
    """
    digest = hashlib.sha256(f"{appid}/{name}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def give_login(account: Account, login: str) -> None:
    """A console login that need not change its password first."""
    create_credential(account, login, DEMO_PASSWORD, must_change=False)


@dataclass(frozen=True)
class DemoAccount:
    """One way into the demonstration, for printing: `secret` is a password, or empty for a phone of the sandbox."""

    role: str
    login: str
    secret: str
    where: str


_WHERE = {
    "demo-dsp": "葛布店北里管理处",
    "demo-mgr": "葛布店北里管理处",
    "demo-co": "北京潞安示范物业",
    "demo-fin": "北京潞安示范物业(制单、初审)",
    "demo-fin4": "北京潞安示范物业(第三个人:核对)",
    "demo-dsp2": "中仓小区管理处(超期较多)",
    "demo-mgr2": "中仓小区管理处(超期较多)",
    "demo-co2": "通惠示例物业",
    "demo-dsp3": "金昊雅苑管理处",
    "demo-co3": "运河样例城市服务(审核、复核)",
    "demo-fin2": "运河样例城市服务(制单、初审;账最全)",
    "demo-fin3": "运河样例城市服务(第三个人:核对)",
    "demo-hot": "962121 坐席台",
    "demo-str": "示范街道二",
    "demo-com": "示范社区03",
}


@dataclass(frozen=True)
class DemoPerson:
    """Somebody with a phone in the sandbox: the name by which it is switched on, who it is, and what he is good for."""

    name: str
    role: Role
    title: str
    good_for: str


PEOPLE = (
    DemoPerson("wang", Role.RES, "居民(葛布店北里,大字版)", "老人报修:免费试点小区,三个入口都能用"),
    DemoPerson("chen", Role.RES, "居民(西营前街5号楼)", "免费试点小区的另一位老人"),
    DemoPerson("liu", Role.RES, "居民(三套房)", "一个手机号三套住房,切换地址"),
    DemoPerson("zhang", Role.RES, "租户(中仓小区)", "收费小区:先看价目再预约,有租期"),
    DemoPerson("sun", Role.RES, "业主(西营前街5号楼两套房)", "一栋楼里有两套房的业主"),
    DemoPerson("he", Role.RES, "业主(金昊雅苑)", "没开通上门服务的小区:只有公区报事"),
    DemoPerson("gu", Role.RES, "业主(运河示范苑,三套房)", "缴物业费:三套房、几个月一起缴,看收据"),
    DemoPerson("shifu-li", Role.WRK, "维修师傅(葛布店北里,电工)", "上岗、接单、到场签到、完工"),
    DemoPerson("shifu-zhou", Role.WRK, "维修师傅(葛布店北里,综合)", "另一位师傅,看改派"),
    DemoPerson("diaodu", Role.DSP, "调度(葛布店北里)", "手机上接单、派工"),
    DemoPerson("jingli", Role.MGR, "小区经理(葛布店北里)", "批延期、看超时"),
)
NEWCOMER = DemoPerson("xinlai", Role.RES, "新来的人", "第一次打开:同意隐私说明、登记手机号、关联住房")
"""Nobody's account: the first login makes it."""


def demo_accounts() -> list[DemoAccount]:
    """Every console login and every phone of the sandbox, in the order in which they are worth trying."""
    console = [
        DemoAccount(role.label, login, DEMO_PASSWORD, _WHERE.get(login, "全区"))
        for (role, _), login in LOGINS.items()
    ]
    return console + [DemoAccount(each.title, each.name, "", "微信沙盒") for each in PEOPLE]
