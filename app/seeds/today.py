"""What is open at the instant of the demonstration: every open state, some with minutes left, some overdue, one P0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from app.orders.lifecycle import Menu
from app.seeds.case import Case
from app.seeds.cast import Cast, slot_on
from app.seeds.play import Script
from app.seeds.skills import OVERLOADED

PUB, EMG, APT = Menu.REPORT, Menu.EMERGENCY, Menu.BOOKING

STAGES = ("submit", "accept", "assign", "take", "depart", "check_in", "start", "finish")
USUAL = (0, 2, 3.5, 4.5, 6, 18, 22, 70)
"""Minutes after the report at which each stage is reached."""


@dataclass(frozen=True)
class Now:
    """An order as it stands now: reported `ago` minutes before, got as far as `upto`; `slot` is the nth slot of
    tomorrow. `shift` delays everything after the acceptance, in minutes."""

    estate: str
    menu: Menu
    category: str
    ago: float
    upto: str
    who: str = ""
    slot: int | None = None
    worker: int | None = None
    by_phone: bool = False
    shift: float = 0
    silent: bool = False
    tale: str = ""


BUSY = OVERLOADED[1]
NOW = (
    # Nobody has accepted yet: a few minutes are left.
    Now("gebudian", EMG, "H0302", 9.5, "submit"),
    Now("gebudian", PUB, "G0201", 3.2, "submit", who="liu"),
    Now("xiying", EMG, "H0201", 12.1, "submit"),
    Now("zhongcang", PUB, "G1001", 6.4, "submit"),
    Now("zhongcang", APT, "H0404", 13.3, "submit", slot=2),
    Now("yunhe", PUB, "G0302", 1.1, "submit"),
    # Nobody accepted in time: 962121 has them.
    Now("zhongcang", EMG, "H0103", 26, "submit", silent=True),
    Now("zhongcang", PUB, "G0601", 41, "submit", silent=True),
    # Accepted, no worker yet; two of them are already late on site.
    Now("gebudian", EMG, "H0304", 7, "accept"),
    Now("gebudian", APT, "H0502", 55, "accept", slot=3),
    Now("zhongcang", PUB, "G0301", 130, "accept"),
    Now("zhongcang", EMG, "H0202", 290, "accept"),
    Now("jinhao", PUB, "G0403", 14, "accept"),
    # A worker is asked, less than a minute ago: he has five.
    Now("gebudian", EMG, "H0101", 4, "assign", worker=0),
    Now("gebudian", APT, "H0201", 4.2, "assign", who="liu", slot=1),
    Now("xiying", APT, "H0903", 240, "take", slot=0),
    Now("yunhe", PUB, "G1002", 12, "take"),
    Now("zhongcang", EMG, "H0101", 95, "take", worker=BUSY),
    # On the way.
    Now("gebudian", EMG, "H0102", 16, "depart", who="wang", worker=0),
    Now("jinhao", PUB, "G0202", 21, "depart"),
    Now("zhongcang", PUB, "G0201", 52, "depart", worker=BUSY),
    # On site; the first is the P0: somebody is in the lift.
    Now("jinhao", PUB, "G0101", 17, "check_in", by_phone=True, tale="p0"),
    Now("gebudian", PUB, "G0704", 75, "check_in"),
    # Quoted; the resident has not answered yet.
    Now("zhongcang", EMG, "H0102", 110, "check_in", worker=BUSY, shift=20, tale="quoted"),
    # At work: overdue, extension waiting, extended, reopened.
    Now("zhongcang", PUB, "G0801", 80 * 60, "start", tale="urged"),
    Now("zhongcang", EMG, "H0103", 200, "start", worker=BUSY),
    Now("gebudian", PUB, "G0301", 58 * 60, "start", tale="asks"),
    Now("jinhao", PUB, "G0303", 92 * 60, "start", tale="extended"),
    Now("yunhe", PUB, "G0803", 27 * 60, "start"),
    Now("xiying", EMG, "H0301", 90 * 60, "finish", tale="reopened"),
    # Nobody was home; the resident has not chosen a new time yet.
    Now("gebudian", EMG, "H0202", 3 * 60, "check_in", who="wang", tale="nobody_home"),
)
DONE = (
    Now("gebudian", EMG, "H0201", 5 * 60, "finish", who="wang"),
    Now("gebudian", PUB, "G1001", 20 * 60, "finish"),
    Now("xiying", EMG, "H0101", 3.5 * 60, "finish"),
    Now("zhongcang", EMG, "H0301", 30 * 60, "finish", who="zhang"),
    Now("zhongcang", PUB, "G0901", 49 * 60, "finish"),
    Now("jinhao", PUB, "G0704", 9 * 60, "finish"),
    Now("yunhe", PUB, "G0801", 26 * 60, "finish"),
    Now("yunhe", PUB, "G1101", 2.6 * 60, "finish"),
)
"""Finished, and the resident has not said anything yet."""
LIFT_REPORT = "电梯停在五六层之间,里面有人按铃"
CLOSED_DOOR, IN_VAIN = "敲门没人应,听不见水声", "电话没人接"
LIFT_FINDING = "电梯困一人,情绪稳定,维保人员十分钟内到"


_FINDINGS = {"p0": LIFT_FINDING, "nobody_home": CLOSED_DOOR}


def scripts_of_today(cast: Cast) -> list[tuple[Case, Script]]:
    """Everything that is open or waits for a rating."""
    return [_script(cast, now) for now in (*NOW, *DONE)]


def _script(cast: Cast, now: Now) -> tuple[Case, Script]:
    reporter = cast.resident(now.who) if now.who else cast.somebody(now.estate)
    case = Case(
        cast,
        now.estate,
        now.menu,
        now.category,
        reporter,
        slot=None if now.slot is None else slot_on(cast.day(-1), now.slot),
        by_phone=now.by_phone,
        worker=now.worker,
        text=LIFT_REPORT if now.tale == "p0" else "",
        finding=_FINDINGS.get(now.tale, ""),
    )
    case.reached = IN_VAIN if now.tale == "nobody_home" else case.reached
    t0 = cast.now - timedelta(minutes=now.ago)
    if now.silent:
        return case, [(t0, case.submit)]
    script = _stages(case, t0, now)
    return case, script + _more(case, t0, now.tale)


def _stages(case: Case, t0: datetime, now: Now) -> Script:
    pace = 0.5 if now.tale == "p0" else 1.0
    upto = STAGES[: STAGES.index(now.upto) + 1]
    if now.slot is not None:  # the visit is tomorrow
        upto = tuple(stage for stage in upto if stage in ("submit", "accept", "assign", "take"))
    return [
        (t0 + timedelta(minutes=minutes * pace + (now.shift if minutes > 2 else 0)), getattr(case, stage))
        for stage, minutes in zip(STAGES, USUAL, strict=True)
        if stage in upto
    ]


def _more(case: Case, t0: datetime, tale: str) -> Script:
    """What happened later, mostly to those who are older than a day."""
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    if tale == "nobody_home":
        calls = [(t0 + after * minute, case.call_in_vain) for after in (20, 26)]
        return [*calls, (t0 + 28 * minute, partial(case.hold, "门上已贴便条"))]
    if tale == "quoted":
        return [(t0 + 60 * minute, case.quote)]
    if tale == "asks":
        ask = partial(case.ask_extension, "buying", "门禁主板本地没货,厂家明天发到", 1)
        return [(t0 + 56 * hour, ask)]
    if tale == "extended":
        ask = partial(case.ask_extension, "buying", "摄像头同型号缺货,后天到货", 2)
        return [(t0 + 50 * hour, ask), (t0 + 52 * hour, partial(case.decide_extension, True))]
    if tale == "urged":
        return [
            (t0 + 50 * hour, case.urge),
            (t0 + 51 * hour, partial(case.log_call, "已回电,水泥和地砖明天到")),
            (t0 + 76 * hour, case.urge),
        ]
    if tale == "reopened":
        return [(t0 + 87 * hour, partial(case.reopen, "今天又堵了,水下不去"))]
    return []
