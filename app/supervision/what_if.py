"""试算: what another limit would have cost, recomputed from the recorded clock events of a month (issue 4, part 6).

Pure but for `ask`, which reads. Only promises that began with the limit in question are judged again; those that were
given another one meanwhile (emergency, night, a stricter merge, a change of policy) stay out and are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import select

from app.companies.models import Office
from app.core import clock
from app.core.clock import start_of_china_day
from app.core.db import db, table_of
from app.core.errors import Invalid
from app.core.scope import Scope, condition
from app.orders.clock_models import ClockEvent
from app.orders.models import Order
from app.orders.policies import HOUR, MINUTE
from app.orders.policy_changes import CHANGEABLE
from app.orders.rules import read_clock

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


def recompute(
    promises: Iterable[Promise], *, from_ms: int, to_ms: int, now: datetime, names: dict[int, str]
) -> tuple[list[Line], int]:
    """The lines by office, those that lose most first, and how many promises stayed apart."""
    counted: dict[int, list[tuple[Outcome, Outcome]]] = {}
    apart = 0
    for promise in promises:
        if not is_touched(promise.facts, from_ms):
            apart += 1
            continue
        pair = judge(promise.facts, now=now), judge(promise.facts, now=now, limit_ms=to_ms)
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
    now, found, is_cut = clock.now(), [], False
    for day in question.days:
        if start_of_china_day(day) > now:
            break
        found += _of_day(question, day, scope)
        if len(found) > at_most:
            found, is_cut = found[:at_most], True
            break
    names = _names({promise.office_id for promise in found})
    lines, apart = recompute(found, from_ms=question.from_ms, to_ms=question.to_ms, now=now, names=names)
    return Answer(lines, total_of(lines), apart, is_cut)


def _of_day(question: Question, day: date, scope: Scope) -> list[Promise]:
    events, orders = table_of(ClockEvent), table_of(Order)
    again = question.clock.endswith("R")
    statement = (
        select(*events.c["order_id", "round", "kind", "at", "limit_ms", "reason"], orders.c.office_id)
        .join(orders, orders.c.id == events.c.order_id)
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
