"""试算: what another limit would have cost, recomputed from the recorded clock events of a month (issue 4, part 6).

Pure but for `ask`, which reads. Only promises that began with the limit in question are judged again; those that were
given another one meanwhile (emergency, night, a stricter merge, a change of policy) stay out and are counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import and_, select

from app.companies.models import Office
from app.core import clock
from app.core.calendar_days import working_days_after
from app.core.clock import start_of_china_day
from app.core.db import db, table_of
from app.core.errors import Invalid
from app.core.scope import Scope, condition
from app.feedback.models import Snap
from app.orders.clock_models import ClockEvent, Deadline, FormerPromise
from app.orders.former import office_of_promise
from app.orders.models import Order
from app.orders.policies import DAY, HOUR, IN_WORKING_DAYS, MINUTE
from app.orders.policy_changes import CHANGEABLE, OF_SNAPS
from app.orders.rules import Level, read_clock

MAX_PROMISES = 50_000
"""So many are judged again at most; a larger district asks street by street."""
SETS_A_LIMIT = frozenset({"limit", "policy", "earlier"})
NO_LONGER_APPLIES = "不再适用"


class Outcome(StrEnum):
    """How a promise ended under a limit; OPEN while it runs, VOID when it no longer applied."""

    MET = "met"
    BROKEN = "broken"
    OPEN = "open"
    VOID = "void"


@dataclass(frozen=True)
class Fact:
    """A recorded clock event."""

    kind: str
    at: datetime
    limit_ms: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Promise:
    """One clock of one order with its events in their order."""

    office_id: int
    facts: Sequence[Fact]


@dataclass(frozen=True)
class Line:
    """An office before and after."""

    id: int
    name: str
    met_before: int = 0
    broken_before: int = 0
    met_after: int = 0
    broken_after: int = 0
    newly_broken: int = 0
    newly_met: int = 0

    @property
    def judged_before(self) -> int:
        return self.met_before + self.broken_before

    @property
    def judged_after(self) -> int:
        return self.met_after + self.broken_after


@dataclass(frozen=True)
class Answer:
    """What the change would have done; `apart` had another limit, `is_cut` says that there was more."""

    lines: Sequence[Line]
    total: Line
    apart: int
    is_cut: bool


def judge(facts: Sequence[Fact], *, now: datetime, limit_ms: int | None = None) -> Outcome:
    """How the promise ended, or would have ended with another limit at its start. Pauses give their time back; an
    extension that was granted counts as it was."""
    first = facts[0] if limit_ms is None else replace(facts[0], limit_ms=limit_ms)
    reading = read_clock([first, *facts[1:]])  # type: ignore[list-item]
    until = min(each for each in (reading.paused_since, reading.stopped_at, now) if each is not None)
    broken = until - reading.started_at - reading.paused > reading.limit
    if broken:
        return Outcome.BROKEN
    if reading.stopped_at is None:
        return Outcome.OPEN
    last = next(fact for fact in reversed(facts) if fact.kind == "stop")
    return Outcome.VOID if last.reason.startswith(NO_LONGER_APPLIES) else Outcome.MET


def is_touched(facts: Sequence[Fact], from_ms: int) -> bool:
    """Whether the promise began with just this limit and no other was set by anything but an extension."""
    return facts[0].limit_ms == from_ms and not any(fact.kind in SETS_A_LIMIT for fact in facts)


Measure = Callable[[datetime, int], int]
"""How many milliseconds a limit is that begins at an instant: those of its own, or up to the end of a working day."""


def as_it_is(begins: datetime, limit_ms: int) -> int:
    """Night and day count alike."""
    return limit_ms


def by_the_calendar(begins: datetime, limit_ms: int) -> int:
    """Days of 24 hours as working days; raises NoCalendar."""
    return (working_days_after(begins, limit_ms // DAY) - begins) // timedelta(milliseconds=1)


def recompute(
    promises: Iterable[Promise],
    *,
    from_ms: int,
    to_ms: int,
    now: datetime,
    names: dict[int, str],
    measure: Measure = as_it_is,
) -> tuple[list[Line], int]:
    """The lines by office, those that lose most first, and how many promises stayed apart."""
    counted: dict[int, list[tuple[Outcome, Outcome]]] = {}
    apart = 0
    for promise in promises:
        begins = promise.facts[0].at
        if not is_touched(promise.facts, measure(begins, from_ms)):
            apart += 1
            continue
        would_ms = measure(begins, to_ms)
        pair = judge(promise.facts, now=now), judge(promise.facts, now=now, limit_ms=would_ms)
        counted.setdefault(promise.office_id, []).append(pair)
    lines = [_line(office_id, names.get(office_id, ""), pairs) for office_id, pairs in counted.items()]
    return sorted(lines, key=lambda line: (-line.newly_broken, line.name, line.id)), apart


def _line(office_id: int, name: str, pairs: Sequence[tuple[Outcome, Outcome]]) -> Line:
    before, after = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return Line(
        office_id,
        name,
        before.count(Outcome.MET),
        before.count(Outcome.BROKEN),
        after.count(Outcome.MET),
        after.count(Outcome.BROKEN),
        sum(was is not Outcome.BROKEN and would is Outcome.BROKEN for was, would in pairs),
        sum(was is Outcome.BROKEN and would is Outcome.MET for was, would in pairs),
    )


def total_of(lines: Sequence[Line]) -> Line:
    """All offices together."""
    names = ("met_before", "broken_before", "met_after", "broken_after", "newly_broken", "newly_met")
    return Line(0, "合计", *(sum(getattr(line, name) for line in lines) for name in names))


@dataclass(frozen=True)
class Question:
    """Which clock, from which limit to which, in which month, perhaps of one street."""

    clock: str
    from_ms: int
    to_ms: int
    month: date
    street_id: int | None = None

    def __post_init__(self) -> None:
        if self.clock not in CHANGEABLE:
            raise Invalid("请选择时限", fields={"clock": "没有这一项"})
        if not (MINUTE <= self.from_ms <= 90 * 24 * HOUR and MINUTE <= self.to_ms <= 90 * 24 * HOUR):
            raise Invalid("时限应在1分钟到90天之间", fields={"to": "1分钟到90天"})
        if self.clock in IN_WORKING_DAYS and (self.from_ms % DAY or self.to_ms % DAY):
            raise Invalid("这项时限按工作日算,请填整天", fields={"to": "请填整天"})
        if self.from_ms == self.to_ms:
            raise Invalid("两个时限相同,没有可比的", fields={"to": "与原时限相同"})

    @property
    def days(self) -> Iterator[date]:
        """The days of the month."""
        day = self.month.replace(day=1)
        while day.month == self.month.month:
            yield day
            day += timedelta(days=1)


def ask(question: Question, scope: Scope, *, at_most: int = MAX_PROMISES) -> Answer:
    """Judge a month again, one statement a day, so that no statement reaches over more orders than a day has."""
    now = clock.now()
    of_day = _snaps_of_day if question.clock == OF_SNAPS else _of_day
    found: list[Promise] = []
    for day in question.days:
        if start_of_china_day(day) > now or len(found) > at_most:
            break
        found += of_day(question, day, scope)
    is_cut = len(found) > at_most
    found = found[:at_most]
    measure = by_the_calendar if question.clock in IN_WORKING_DAYS else as_it_is
    names = _names({promise.office_id for promise in found})
    lines, apart = recompute(
        found, from_ms=question.from_ms, to_ms=question.to_ms, now=now, names=names, measure=measure
    )
    return Answer(lines, total_of(lines), apart, is_cut)


def _of_day(question: Question, day: date, scope: Scope) -> list[Promise]:
    events, orders = table_of(ClockEvent), table_of(Order)
    again = question.clock.endswith("R")
    statement = (
        select(
            *events.c["order_id", "round", "kind", "at", "limit_ms", "reason"],
            office_of_promise().label("office_id"),
        )
        .join(orders, orders.c.id == events.c.order_id)
        .outerjoin(Deadline, _its_promise(events))
        .outerjoin(FormerPromise, FormerPromise.deadline_id == Deadline.id)
        .where(
            condition(Order, scope),
            orders.c.submitted_at >= start_of_china_day(day),
            orders.c.submitted_at < start_of_china_day(day + timedelta(days=1)),
            events.c.clock == question.clock.removesuffix("R"),
            _round(events, again, question.clock),
        )
        .order_by(events.c.order_id, events.c.round, events.c.id)
    )
    if question.street_id is not None:
        statement = statement.where(orders.c.street_id == question.street_id)
    rows = db.session.execute(statement)
    return [_promise(list(group)) for _, group in groupby(rows, key=lambda row: (row.order_id, row.round))]


def _snaps_of_day(question: Question, day: date, scope: Scope) -> list[Promise]:
    """随手拍 by the day on which they were sent; whoever answered, the company or 962121, stopped the clock."""
    statement = (
        select(
            Snap.office_id, Snap.submitted_at, Snap.due_at, Snap.answered_at, Snap.order_id, Snap.closed_at
        )
        .where(
            condition(Snap, scope),
            Snap.submitted_at >= start_of_china_day(day),
            Snap.submitted_at < start_of_china_day(day + timedelta(days=1)),
        )
        .order_by(Snap.id)
    )
    if question.street_id is not None:
        statement = statement.where(Snap.street_id == question.street_id)
    return [_snap_promise(row) for row in db.session.execute(statement)]


def _snap_promise(row: Any) -> Promise:
    limit_ms = (row.due_at - row.submitted_at) // timedelta(milliseconds=1)
    facts = [Fact("start", row.submitted_at, limit_ms)]
    stopped = row.answered_at or (row.closed_at if row.order_id is not None else None)
    return Promise(row.office_id, [*facts, Fact("stop", stopped)] if stopped else facts)


def _its_promise(events: Any) -> Any:
    return and_(
        *(getattr(Deadline, name) == events.c[name] for name in ("order_id", "clock", "round")),
        Deadline.level == Level.DUE.value,
    )


def _round(events: Any, again: bool, which: str) -> Any:
    """C2 and C3 of a reopened order have limits of their own."""
    if which in ("C2", "C3"):
        return events.c.round == 0
    return events.c.round > 0 if again else events.c.round >= 0


def _promise(rows: Sequence[Any]) -> Promise:
    return Promise(rows[0].office_id, [Fact(row.kind, row.at, row.limit_ms, row.reason) for row in rows])


def _names(office_ids: set[int]) -> dict[int, str]:
    rows = db.session.execute(select(Office.id, Office.name).where(Office.id.in_(office_ids)))
    return {row.id: row.name for row in rows}
