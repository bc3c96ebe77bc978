"""The orders of the past 180 days: how good a company is shows in its times and its stars (domain 4.1, 4.8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from app.core.clock import in_china
from app.orders.lifecycle import Menu
from app.seeds.case import Case
from app.seeds.cast import Cast, on_day, slot_on
from app.seeds.play import Script
from app.seeds.texts import (
    BLAME,
    CANCEL_REASONS,
    DECLINES,
    EXTENSIONS,
    FAIR,
    FOLLOW_UPS,
    PRAISE,
    REJECTIONS,
    REOPEN_REASONS,
    TAGS,
    WORDS,
)

LAST_DAY, QUICK_UNTIL, LONG_FROM = 179, 9, 16
"""Days before the demonstration: younger orders than QUICK_UNTIL were done within the day, tales of several
chapters begin before LONG_FROM, so that nothing of history is left open."""
RECENT_SHARE = 0.2


@dataclass(frozen=True)
class Quality:
    """How an office works: chances of breaches, the stars that its work earns, how many residents rate."""

    silent: float
    late_visit: float
    late_repair: float
    stars: tuple[int, ...]
    rated: float
    share: int


QUALITY = {
    "gebudian": Quality(0.01, 0.03, 0.02, (5, 5, 5, 5, 5, 4, 4, 3), 0.78, 30),
    "xiying": Quality(0.01, 0.03, 0.02, (5, 5, 5, 5, 4, 4, 5, 3), 0.75, 16),
    "zhongcang": Quality(0.12, 0.26, 0.24, (5, 4, 4, 3, 3, 2, 2, 1), 0.55, 26),
    "jinhao": Quality(0.03, 0.08, 0.06, (5, 5, 5, 4, 4, 4, 3, 2), 0.60, 14),
    "yunhe": Quality(0.02, 0.06, 0.05, (5, 5, 5, 4, 4, 4, 5, 3), 0.65, 14),
}
"""Two offices of 潞安 work well, 通惠 does not (domain 4.1)."""

SPECIAL_ENDINGS = (
    ("reject", 9), ("cancel", 11), ("withdraw", 2), ("desk_to_hotline", 3), ("extend", 9),
    ("extend_refused", 3), ("reopen", 9), ("decline", 12), ("urge", 8), ("call", 9),
)  # fmt: skip
LONG_TALES = frozenset({"extend", "extend_refused", "reopen", "urge", "desk_to_hotline"})
NOT_IN_HISTORY = frozenset({"G0103", "G0501"})
PUBLIC = tuple(code for code in WORDS if code.startswith("G") and code not in NOT_IN_HISTORY)
URGENT = ("H0101", "H0102", "H0103", "H0201", "H0202", "H0203", "H0301", "H0302", "H0304", "H0801")
BOOKABLE = (
    "H0101",
    "H0201",
    "H0303",
    "H0401",
    "H0403",
    "H0404",
    "H0501",
    "H0502",
    "H0603",
    "H0902",
    "H0903",
    "H1101",
)


def past_scripts(cast: Cast, count: int) -> list[Script]:
    """Scripts of `count` orders that are all over by now."""
    tales = [tale for tale, number in SPECIAL_ENDINGS for _ in range(number)]
    tales += ["plain"] * (count - len(tales))
    cast.dice.shuffle(tales)
    return [list(_past_order(cast, tale)) for tale in tales]


def _past_order(cast: Cast, tale: str) -> Script:
    dice = cast.dice
    days_ago = _day(cast, tale)
    quick = days_ago <= QUICK_UNTIL
    estate = dice.choices(list(QUALITY), [each.share for each in QUALITY.values()])[0]
    menu = _menu(cast, estate, tale, quick)
    case = Case(
        cast,
        estate,
        menu,
        _category(cast, menu, tale),
        cast.somebody(estate),
        by_phone=tale not in ("cancel", "withdraw") and dice.random() < 0.12,
    )
    t0 = cast.at(days_ago, dice.randint(7, 14 if quick else 20), dice.randrange(60)) + cast.minutes(0, 0.99)
    if menu is Menu.BOOKING:
        case.slot = slot_on(cast.day(days_ago - dice.randint(1, 3)), dice.randrange(4))
    return _Past(case, QUALITY[estate], t0, quick).script(tale)


def _day(cast: Cast, tale: str) -> int:
    if tale in LONG_TALES:
        return cast.dice.randint(LONG_FROM, LAST_DAY)
    if cast.dice.random() < RECENT_SHARE:
        return cast.dice.randint(1, QUICK_UNTIL)
    return cast.dice.randint(QUICK_UNTIL + 1, LAST_DAY)


def _menu(cast: Cast, estate: str, tale: str, quick: bool) -> Menu:
    if estate in ("jinhao", "yunhe") or tale in ("extend", "extend_refused", "withdraw"):
        return Menu.REPORT
    if quick or tale in LONG_TALES:
        return cast.dice.choices((Menu.EMERGENCY, Menu.REPORT), (6, 4))[0]
    return cast.dice.choices((Menu.EMERGENCY, Menu.BOOKING, Menu.REPORT), (4, 3, 4))[0]


def _category(cast: Cast, menu: Menu, tale: str) -> str:
    if tale in ("extend", "extend_refused"):
        return cast.dice.choice(("G0201", "G0202", "G0301"))
    if tale == "withdraw":
        return cast.dice.choice(("G0801", "G0403"))
    if tale == "cancel":  # a danger is never cancelled, only withdrawn
        return cast.dice.choice(
            ("G1001", "G1002", "G1101") if menu is Menu.REPORT else ("H0101", "H0201", "H0303")
        )
    if tale == "reopen":
        return cast.dice.choice(("H0301", "H0202", "H0201") if menu is Menu.EMERGENCY else ("G0601", "G0301"))
    return cast.dice.choice({Menu.REPORT: PUBLIC, Menu.EMERGENCY: URGENT, Menu.BOOKING: BOOKABLE}[menu])


class _Past:
    """The timetable of one past order."""

    def __init__(self, case: Case, quality: Quality, t0: datetime, quick: bool) -> None:
        self.case, self.quality, self.t0, self.quick = case, quality, t0, quick
        self.cast, self.dice = case.cast, case.cast.dice

    def script(self, tale: str) -> Script:
        """From the report to the verdict, or to wherever the tale ends early."""
        case, t0 = self.case, self.t0
        steps: Script = [(t0, case.submit)]
        if tale == "reject":
            reason, text = self.dice.choice(REJECTIONS)
            return [*steps, (t0 + self.cast.minutes(3, 13), partial(case.reject, reason, text))]
        accepted, answer = self._answer(tale)
        steps += answer
        if tale == "cancel":
            return [
                *steps,
                (accepted + self.cast.minutes(1, 5), partial(case.cancel, self._any(CANCEL_REASONS))),
            ]
        if tale == "withdraw":
            steps.append((accepted + self.cast.minutes(0.2, 0.5), partial(case.cancel, "已经有人处理了")))
        assigned = accepted + self.cast.minutes(0.6, 2)
        steps += self._assignment(assigned, tale)
        visited = self._visit(assigned)
        steps += [(visited - self.cast.minutes(2, 4), case.depart), (visited, case.check_in)]
        steps.append((visited + self.cast.minutes(2, 8), case.start))
        finished = self._repair(visited, tale, steps)
        steps.append((finished, case.finish))
        return steps + (list(self._second_chapter(finished)) if tale == "reopen" else self._verdict(finished))

    def _any(self, choices):
        return self.dice.choice(choices)

    def _answer(self, tale: str) -> tuple[datetime, Script]:
        """When and by whom the order is accepted; silence is answered by the sweep, which hands it to 962121."""
        case, t0 = self.case, self.t0
        if tale == "desk_to_hotline":
            at = t0 + self.cast.minutes(18, 24)
            return at, [(t0 + self.cast.minutes(4, 12), case.hand_to_hotline), (at, case.accept_by_hotline)]
        can_be_silent = not self.quick and tale in ("plain", "call")
        if can_be_silent and case.menu is not Menu.BOOKING and self.dice.random() < self.quality.silent:
            at = t0 + self.cast.minutes(18, 30)
            return at, [(at, case.accept_by_hotline)]
        at = t0 + self.cast.minutes(0.5, 9)
        return at, [(at, case.accept)]

    def _assignment(self, at: datetime, tale: str) -> Script:
        case = self.case
        if tale != "decline":
            return [(at, case.assign), (at + self.cast.minutes(0.3, 1), case.take)]
        reason, text = self._any(DECLINES)
        again = at + self.cast.minutes(2.5, 3)
        return [
            (at, case.assign),
            (at + self.cast.minutes(1, 2), partial(case.decline, reason, text)),
            (again, case.assign),
            (again + self.cast.minutes(0.3, 1), case.take),
        ]

    def _visit(self, assigned: datetime) -> datetime:
        """On site: within 30 minutes of the report, or of the slot's beginning, unless the office is late."""
        late = self.dice.random() < self.quality.late_visit
        slot = self.case.slot
        if slot is not None:
            return slot + (self.cast.minutes(125, 170) if late else self.cast.minutes(3, 100))
        earliest = assigned + self.cast.minutes(8.5, 10)
        punctual = self.t0 + self.cast.minutes(22, 29)
        return max(earliest, self.t0 + self.cast.minutes(33, 75) if late else punctual)

    def _repair(self, visited: datetime, tale: str, steps: Script) -> datetime:
        """When the repair is finished; what happens meanwhile is added to the steps."""
        case = self.case
        if tale in ("extend", "extend_refused"):
            return self._extension(tale, steps)
        if tale == "urge":
            steps.append((visited + self.cast.minutes(300, 500), case.urge))
            steps.append(
                (visited + self.cast.minutes(510, 540), partial(case.log_call, self._any(FOLLOW_UPS)))
            )
            return _daytime(visited + self.cast.minutes(1300, 2600))
        if tale == "call":
            steps.append((visited + self.cast.minutes(10, 20), partial(case.log_call, self._any(FOLLOW_UPS))))
        if self.quick:
            return visited + self.cast.minutes(25, 120)
        if self.dice.random() < self.quality.late_repair:
            return _daytime((case.slot or self.t0) + self.cast.minutes(74 * 60, 98 * 60))
        if case.menu is Menu.REPORT and self.dice.random() < 0.6:
            return _daytime(visited + self.cast.minutes(240, 50 * 60))
        return visited + self.cast.minutes(25, 150)

    def _extension(self, tale: str, steps: Script) -> datetime:
        case, (reason, text) = self.case, self._any(EXTENSIONS)
        asked = self.t0 + self.cast.minutes(24 * 60, 44 * 60)
        decided = asked + self.cast.minutes(40, 200)
        steps.append((asked, partial(case.ask_extension, reason, text, 2)))
        if tale == "extend":
            steps.append((decided, partial(case.decide_extension, True)))
            return _daytime(self.t0 + self.cast.minutes(80 * 60, 104 * 60))
        steps.append((decided, partial(case.decide_extension, False, "仓库里有同型号配件,请今天去领")))
        return _daytime(decided + self.cast.minutes(120, 600))

    def _verdict(self, finished: datetime) -> Script:
        """Stars, a plain confirmation, or silence, after which the order closes by itself."""
        wait = self.cast.minutes(20, 180) if self.quick else self.cast.minutes(20, 30 * 60)
        at = finished + wait if self.quick else _daytime(finished + wait)
        if self.dice.random() < self.quality.rated:
            stars = self._any(self.quality.stars)
            words = PRAISE if stars >= 4 else FAIR if stars == 3 else BLAME
            return [(at, partial(self.case.rate, stars, TAGS[stars], self._any(words)))]
        if self.quick or self.dice.random() < 0.4:
            return [(at, self.case.confirm)]
        return []

    def _second_chapter(self, finished: datetime) -> Iterator[tuple]:
        """Reopened after a day or two, mended for good."""
        case = self.case
        reopened = _daytime(finished + self.cast.minutes(20 * 60, 50 * 60))
        again = _daytime(reopened + self.cast.minutes(60, 18 * 60))
        yield reopened, partial(case.reopen, self._any(REOPEN_REASONS))
        yield again, case.check_in
        mended = again + self.cast.minutes(60, 240)
        yield mended, case.finish
        yield from self._verdict(mended)


def _daytime(at: datetime) -> datetime:
    """The same instant, or the next morning when it falls into the night."""
    there = in_china(at)
    if 8 <= there.hour < 21:
        return at
    day = there.date() + timedelta(days=1 if there.hour >= 21 else 0)
    return on_day(day, 8, 10 + there.minute // 2)
