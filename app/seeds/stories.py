"""The named orders of domain 4.8 that the product can tell so far: Z1 to Z9, Z14 and Z15.

Z5 is told until the owners are asked, Z7 without its payment, Z9 with two of its five reports. Z10 and Z11 are 随手拍
and stand in snap_stories. The others (lift, appeal) wait for the parts that they need.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from app.orders.lifecycle import Menu
from app.seeds.case import Case
from app.seeds.cast import Cast, Spot, slot_on
from app.seeds.play import Script

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


def named_stories(cast: Cast) -> dict[str, tuple[Case, Script]]:
    """Each story with its script."""
    return {name: tell(cast) for name, tell in STORIES.items()}


def _z1(cast: Cast) -> tuple[Case, Script]:
    """西营前街5号楼, an elderly couple, ceiling lamp dark: after 20 minutes a wire is reconnected, 0.00."""
    case = Case(
        cast,
        "xiying",
        Menu.EMERGENCY,
        "H0101",
        cast.resident("chen"),
        text="客厅吸顶灯突然不亮了,家里就我们老两口,爬不了高",
        finding="吸顶灯接线脱落",
        result="重新接好电线,灯亮了,没有收费",
    )
    t0 = cast.at(15, 18, 5)
    return case, [
        *_to_the_door(case, t0, visit=12 * _MINUTE),
        (t0 + 14 * _MINUTE, case.start),
        (t0 + 20 * _MINUTE, case.finish),
        (t0 + 34 * _MINUTE, partial(case.rate, 5, ("响应快", "态度好"), "师傅很快就来了,没收一分钱")),
    ]


def _z2(cast: Cast) -> tuple[Case, Script]:
    """金昊雅苑12号楼 lift hall, a loose tile: reported 14:29, verified 14:58 with a sign, done next day at noon."""
    hall = next(spot for spot in cast.grounds["jinhao"].spots if spot.code == "JHY-12-1-DT")
    case = Case(
        cast,
        "jinhao",
        Menu.REPORT,
        "G0103",
        cast.somebody("jinhao"),
        hazardous=True,
        spot=hall,
        text="电梯厅地砖松动起翘,容易绊倒人",
        finding="电梯口两块地砖空鼓松动,已放警示牌",
    )
    t0 = cast.at(12, 14, 29)
    return case, [
        *_to_the_door(case, t0, visit=29 * _MINUTE),
        (cast.at(11, 9, 10), case.start),
        (cast.at(11, 12, 0), case.finish),
        (cast.at(11, 18, 20), partial(case.rate, 5, ("响应快", "修得好"), "第二天中午就铺好了")),
    ]


def _z3(cast: Cast) -> tuple[Case, Script]:
    """A dark road lamp, done in 40 hours."""
    case = Case(
        cast, "yunhe", Menu.REPORT, "G0202", cast.somebody("yunhe"), spot=_spot(cast, "yunhe", "YHS-LD")
    )
    t0 = cast.at(30, 19, 40)
    return case, [
        *_to_the_door(case, t0, visit=24 * _MINUTE),
        (t0 + 14 * _HOUR, case.start),
        (t0 + 40 * _HOUR, case.finish),
        (t0 + 47 * _HOUR, partial(case.rate, 4, ("修得好",), "路灯亮了,晚上放心多了")),
    ]


def _z4(cast: Cast) -> tuple[Case, Script]:
    """A stairwell lamp whose bulb is no longer made: extended, done at 100 hours, on time."""
    case = Case(
        cast,
        "gebudian",
        Menu.REPORT,
        "G0201",
        cast.resident("wang"),
        finding="灯泡型号已停产,库房没有",
        result="换上同规格的LED灯,已试亮",
    )
    t0 = cast.at(25, 10, 0)
    return case, [
        *_to_the_door(case, t0, visit=21 * _MINUTE),
        (t0 + 30 * _MINUTE, case.start),
        (t0 + 47 * _HOUR, partial(case.ask_extension, "obsolete", "原型号灯泡已停产,厂家替代件后天到货", 2)),
        (t0 + 49 * _HOUR, partial(case.decide_extension, True)),
        (t0 + 100 * _HOUR, case.finish),
        (t0 + 106 * _HOUR, case.confirm),
    ]


def _z5(cast: Cast) -> tuple[Case, Script]:
    """An outer wall leaks: the owners are asked whether the fund shall pay, the repair clock stands."""
    case = Case(cast, "jinhao", Menu.REPORT, "G0701", cast.somebody("jinhao"), finding="东立面墙面开裂渗水")
    t0 = cast.at(4, 9, 30)
    return case, [
        *_to_the_door(case, t0, visit=22 * _MINUTE),
        (t0 + _HOUR, case.need_fund),
        (t0 + 2 * _HOUR, case.tell_fund),
        (t0 + 3 * _HOUR, case.hold_fund),
    ]


def _z6(cast: Cast) -> tuple[Case, Script]:
    """Nobody accepts for 15 minutes: 962121 takes over and assigns at 22 minutes."""
    case = Case(cast, "zhongcang", Menu.EMERGENCY, "H0304", cast.somebody("zhongcang"))
    t0 = cast.at(9, 20, 10)
    return case, [
        (t0, case.submit),
        (t0 + 21 * _MINUTE + timedelta(seconds=30), case.accept_by_hotline),
        (t0 + 22 * _MINUTE, case.assign_by_hotline),
        (t0 + 23 * _MINUTE, case.take),
        (t0 + 25 * _MINUTE, case.depart),
        (t0 + 29 * _MINUTE, case.check_in),
        (t0 + 33 * _MINUTE, case.start),
        (t0 + 110 * _MINUTE, case.finish),
        (t0 + 13 * _HOUR, partial(case.rate, 2, ("来得太晚",), "没人接单,最后是热线派来的人")),
    ]


def _z7(cast: Cast) -> tuple[Case, Script]:
    """A dripping tap and two visits: nobody is home at the first, the resident chooses the next evening."""
    case = Case(
        cast,
        "gebudian",
        Menu.EMERGENCY,
        "H0201",
        cast.resident("wang"),
        text="厨房水龙头一直滴水,关不紧",
        finding="敲门没人应,电话没人接",
        result="更换阀芯,不滴水了",
    )
    case.reached = "电话没人接"
    t0, evening = cast.at(8, 9, 40), slot_on(cast.day(7), 4)
    visit = 24 * _MINUTE
    return case, [
        *_to_the_door(case, t0, visit=visit),
        (t0 + visit + 2 * _MINUTE, case.call_in_vain),
        (t0 + visit + 8 * _MINUTE, case.call_in_vain),
        (t0 + visit + 9 * _MINUTE, partial(case.hold, "敲门三次没人应")),
        (t0 + 3 * _HOUR, partial(case.choose_slot, evening)),
        (evening + 50 * _MINUTE, case.finish),
        (evening + 15 * _HOUR, partial(case.rate, 5, ("态度好", "修得好"), "我没在家,师傅又跑了一趟")),
    ]


def _z8(cast: Cast) -> tuple[Case, Script]:
    """A drain blocked again after two days: reopened once, then mended."""
    case = Case(
        cast,
        "gebudian",
        Menu.EMERGENCY,
        "H0301",
        cast.resident("wang"),
        text="卫生间地漏堵了,洗澡水下不去",
        result="机械疏通,试水通畅",
    )
    t0 = cast.at(20, 9, 0)
    done, again = t0 + 90 * _MINUTE, t0 + 50 * _HOUR
    return case, [
        *_to_the_door(case, t0, visit=25 * _MINUTE),
        (t0 + 30 * _MINUTE, case.start),
        (done, case.finish),
        (done + _HOUR, partial(case.rate, 4, ("响应快",), "")),
        (again, partial(case.reopen, "通了两天又堵了,和原来一样")),
        (again + 3 * _HOUR, case.check_in),
        (again + 5 * _HOUR, case.finish),
        (again + 8 * _HOUR, partial(case.rate, 4, ("修得好",), "这次拆开清干净了")),
    ]


def _z9(cast: Cast) -> tuple[Case, Script]:
    """A dark gate lamp that two people report; the second report becomes part of this one."""
    spot = _spot(cast, "yunhe", "YHS-LD")
    case = Case(cast, "yunhe", Menu.REPORT, "G0202", cast.somebody("yunhe"), spot=spot)
    t0 = cast.at(45, 19, 10)
    return case, [
        *_to_the_door(case, t0, visit=25 * _MINUTE),
        (t0 + 30 * _MINUTE, case.start),
        (t0 + 20 * _HOUR, case.finish),
        (t0 + 26 * _HOUR, partial(case.rate, 5, ("修得好",), "大门口亮了")),
    ]


def _z9_again(cast: Cast) -> tuple[Case, Script]:
    """The second report of the gate lamp, three minutes later."""
    spot = _spot(cast, "yunhe", "YHS-LD")
    case = Case(cast, "yunhe", Menu.REPORT, "G0202", cast.somebody("yunhe"), spot=spot)
    t0 = cast.at(45, 19, 10) + 3 * _MINUTE
    return case, [(t0, case.submit), (t0 + 4 * _MINUTE, case.merge)]


def _z14(cast: Cast) -> tuple[Case, Script]:
    """The water is weak because the waterworks' pipe is: not the company's time."""
    case = Case(cast, "yunhe", Menu.REPORT, "G0501", cast.somebody("yunhe"), finding="进小区的水压就不够")
    t0 = cast.at(1, 8, 20)
    return case, [*_to_the_door(case, t0, visit=26 * _MINUTE), (t0 + _HOUR, case.wait_for_the_waterworks)]


def _z15(cast: Cast) -> tuple[Case, Script]:
    """The company misses the agreed slot; the resident reads an apology."""
    case = Case(
        cast, "zhongcang", Menu.BOOKING, "H0201", cast.resident("zhang"), slot=slot_on(cast.day(6), 1)
    )
    t0 = cast.at(7, 16, 20)
    late = cast.at(6, 13, 5)
    return case, [
        (t0, case.submit),
        (t0 + 9 * _MINUTE, case.accept),
        (t0 + 12 * _MINUTE, case.assign),
        (t0 + 14 * _MINUTE, case.take),
        (late - 20 * _MINUTE, case.depart),
        (late, case.check_in),
        (late + 5 * _MINUTE, case.start),
        (late + 45 * _MINUTE, case.finish),
        (late + 5 * _HOUR, partial(case.rate, 3, ("来得太晚", "修得好"), "约好上午来,等到下午一点")),
    ]


def _to_the_door(case: Case, t0, *, visit: timedelta) -> Script:
    """Accepted at once, assigned, on the way, on site."""
    return [
        (t0, case.submit),
        (t0 + 2 * _MINUTE, case.accept),
        (t0 + 4 * _MINUTE, case.assign),
        (t0 + 5 * _MINUTE, case.take),
        (t0 + 6 * _MINUTE, case.depart),
        (t0 + visit, case.check_in),
    ]


def _spot(cast: Cast, estate: str, code: str) -> Spot:
    return next(spot for spot in cast.grounds[estate].spots if spot.code == code)


STORIES: dict[str, Callable[[Cast], tuple[Case, Script]]] = {
    "Z1": _z1,
    "Z2": _z2,
    "Z3": _z3,
    "Z4": _z4,
    "Z5": _z5,
    "Z6": _z6,
    "Z7": _z7,
    "Z8": _z8,
    "Z9": _z9,
    "Z9b": _z9_again,
    "Z14": _z14,
    "Z15": _z15,
}
