"""Clocks that change while they run: an earlier start, a stricter limit, life after a void.

Each change is a clock event and the due instants follow from all of them (`rules.read_clock`). What was kept or broken
before stays as it is: a promise is judged by what held when it was judged. A date that street or bureau have approved
(特延, T19) is theirs: neither an earlier start nor a stricter limit moves it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select

from app.core.db import db, table_of
from app.orders.clock_models import ClockEvent, Deadline
from app.orders.deadlines import FIRED, PAUSED, PENDING, RECHECK, VOID, note, recompute, rows_of
from app.orders.extension_models import NORMAL, SPECIAL, Extension
from app.orders.limits import CALM
from app.orders.models import Order
from app.orders.policies import known_policies
from app.orders.rules import (
    Clock,
    ClockFact,
    ClockReading,
    Level,
    PolicyRow,
    level_due,
    pick_policy,
    read_clock,
)


def reading_of(order: Order, which: Clock) -> ClockReading | None:
    """The clock of the present round as its events tell it; None when it never ran."""
    statement = (
        select(ClockEvent.kind, ClockEvent.at, ClockEvent.limit_ms)
        .where(
            ClockEvent.order_id == order.id,
            ClockEvent.clock == which.value,
            ClockEvent.round == order.round,
        )
        .order_by(ClockEvent.id)
    )
    facts = [ClockFact(*row) for row in db.session.execute(statement)]
    return read_clock(facts) if facts else None


def bring_forward(order: Order, which: Clock, *, started_at: datetime, at: datetime, reason: str) -> None:
    """The running clock counts from an earlier instant (T27); nothing happens when it does so already."""
    rows, reading = _running(order, which), reading_of(order, which)
    if not rows or reading is None or started_at >= reading.started_at:
        return
    if SPECIAL in granted_extensions(order, which):
        return
    earlier = _ms(reading.started_at - started_at)
    note(order, which, order.round, "earlier", at, limit_ms=earlier, reason=reason)
    _replace(order, which, rows)


def tighten(order: Order, which: Clock, *, at: datetime, reason: str) -> None:
    """The limit of the order's present urgency where it is stricter than what runs. It counts from the clock's start;
    where that would lie in the past the new limit begins now, so that no time which was kept becomes a breach."""
    rows, reading, policy = _running(order, which), reading_of(order, which), _policy(order, which)
    if not rows or reading is None or policy is None:
        return
    granted = granted_extensions(order, which)
    if SPECIAL in granted:
        return
    wanted = timedelta(milliseconds=policy.extended_ms if NORMAL in granted else policy.limit_ms)
    used = (reading.paused_since or at) - reading.started_at - reading.paused
    limit = wanted if wanted > used else used + wanted
    _adopt_levels(order, which, rows, policy, reading, at)
    if limit < reading.limit:
        note(order, which, order.round, "limit", at, limit_ms=_ms(limit), reason=reason)
    _replace(order, which, rows_of(order, which))


def revive(order: Order, which: Clock, *, at: datetime, reason: str) -> None:
    """Take a void back (T28): the clock runs as if it had never ended; what was reached meanwhile the sweep finds."""
    rows = rows_of(order, which)
    due = _due(rows)
    if due is None or due.stopped_at is None:
        return
    note(order, which, order.round, "revive", at, reason=reason)
    reading = reading_of(order, which)
    state = PAUSED if reading and reading.paused_since else PENDING
    due.stopped_at = None
    for row in rows:
        if row.state == VOID:
            row.state = state
    _replace(order, which, rows)


def granted_extensions(order: Order, which: Clock) -> frozenset[str]:
    """The kinds of extension that this clock was given in the order's present round; after a reopening the order keeps
    its marks `extended` and `special`, the new clock begins without them."""
    if which is not Clock.REPAIR or not (order.extended or order.special):
        return frozenset()
    mine = (Extension.order_id == order.id) & (Extension.round == order.round) & Extension.granted.is_(True)
    return frozenset(db.session.scalars(select(Extension.kind).where(mine)))


def _due(rows: list[Deadline]) -> Deadline | None:
    return next((row for row in rows if row.level == Level.DUE), None)


def _running(order: Order, which: Clock) -> list[Deadline]:
    """The rows of a clock whose promise is neither kept nor broken yet."""
    rows = rows_of(order, which)
    due = _due(rows)
    waits = due is not None and due.stopped_at is None and due.state in (PENDING, PAUSED)
    return rows if waits else []


def _replace(order: Order, which: Clock, rows: list[Deadline]) -> None:
    """Put the rows where the events say; a paused clock is put there when it resumes."""
    db.session.flush()
    due = _due(rows)
    if due is not None and due.state in (PENDING, FIRED):
        recompute(order, which, rows)


def _policy(order: Order, which: Clock) -> PolicyRow | None:
    """By the parameters in force when the order began, with the urgency that it has now. Only danger has stricter
    clocks: what may be stretched or deferred keeps what it was promised."""
    if order.urgency in CALM:
        return None
    return pick_policy(
        known_policies(),
        RECHECK.get(which, which.value) if order.round else which.value,
        menu=order.menu,
        urgency=order.urgency,
        estate_id=order.estate_id,
        street_id=order.street_id,
        district_id=order.district_id,
        at=order.submitted_at,
    )


def _adopt_levels(
    order: Order, which: Clock, rows: list[Deadline], policy: PolicyRow, reading: ClockReading, at: datetime
) -> None:
    """Warnings of the stricter limit: those that wait move, one that did not exist is added while it lies ahead."""
    known = {row.level: row for row in rows}
    started = reading.started_at + reading.paused
    for level in policy.levels:
        row = known.get(level["level"])
        if row is not None:
            row.anchor, row.offset_ms = level["anchor"], level["offset_ms"]
            continue
        due = level_due(
            level["anchor"], level["offset_ms"], started_at=started, due_at=started + reading.limit
        )
        if due > at:
            _add_level(order, which, level, due, state=known[Level.DUE.value].state)


def _add_level(order: Order, which: Clock, level: dict, due: datetime, *, state: str) -> None:
    row = {"order_id": order.id, "clock": which.value, "round": order.round, "breached": False}
    db.session.execute(insert(table_of(Deadline)), [{**row, **level, "state": state, "due_at": due}])


def _ms(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)
