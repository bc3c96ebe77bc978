"""Clocks of an order as rows: start, stop, extend, pause, resume.

Every change appends a clock event; the due instant is computed from all of them by the pure function in rules.py, and
the level rows are moved accordingly. See docs/adr/0007-deadlines-as-rows.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.core.db import changed, db, insert_later, table_of
from app.core.outbox import publish_all
from app.orders.clock_models import ClockEvent, Deadline
from app.orders.events import ClockReached
from app.orders.models import Order
from app.orders.policies import policy_for
from app.orders.rules import Clock, ClockFact, Level, PolicyRow, is_late, level_due, read_clock

PENDING, PAUSED, FIRED, MET, VOID = "pending", "paused", "fired", "met", "void"

RECHECK = {Clock.VISIT: "C2R", Clock.REPAIR: "C3R"}
"""After a reopening the visit and repair clocks run with limits of their own (T22)."""

LATE_FLAGS = {
    Clock.ACCEPT: "late_accept",
    Clock.VISIT: "late_visit",
    Clock.APPOINTMENT: "late_visit",
    Clock.REPAIR: "late_repair",
}


_CLOCK_EVENTS, _DEADLINES = table_of(ClockEvent), table_of(Deadline)


def start_rows(
    order_id: int,
    clock: Clock,
    policy: PolicyRow,
    *,
    at: datetime,
    round_: int = 0,
    limit: timedelta | None = None,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The event row and the level rows of a clock that starts at `at`; `limit` replaces the policy's."""
    limit_ms = policy.limit_ms if limit is None else round(limit.total_seconds() * 1000)
    due = at + timedelta(milliseconds=limit_ms)
    event = _event_row(order_id, clock, round_, "start", at, limit_ms)
    levels = [
        {
            "order_id": order_id,
            "clock": clock.value,
            "round": round_,
            "level": level["level"],
            "state": PENDING,
            "due_at": level_due(level["anchor"], level["offset_ms"], started_at=at, due_at=due),
            "anchor": level["anchor"],
            "offset_ms": level["offset_ms"],
            "breached": False,
        }
        for level in policy.levels
    ]
    return event, levels


def _event_row(
    order_id: int, clock: Clock, round_: int, kind: str, at: datetime, limit_ms: int | None, reason: str = ""
) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "clock": clock.value,
        "round": round_,
        "kind": kind,
        "at": at,
        "limit_ms": limit_ms,
        "reason": reason,
    }


def write_rows(events: Sequence[dict[str, Any]], levels: Sequence[dict[str, Any]]) -> None:
    """Insert the rows of all clocks that start together, one statement per table."""
    insert_later(_CLOCK_EVENTS, events)
    insert_later(_DEADLINES, levels)


def start(order: Order, clocks: Iterable[Clock], *, at: datetime, round_: int = 0) -> None:
    """Start clocks of an order by the policies of its T0 (app/orders/policies.policy_for)."""
    events, levels = [], []
    for clock in clocks:
        name = RECHECK.get(clock, clock.value) if round_ else clock.value
        policy = policy_for(order, name, at=at)
        if policy is not None:
            event, rows = start_rows(order.id, clock, policy, at=at, round_=round_)
            events.append(event)
            levels.extend(rows)
    write_rows(events, levels)


def stop(order: Order, clock: Clock, *, at: datetime, round_: int | None = None) -> None:
    """The promise of the clock was kept or, if `at` is after its due instant, broken; a clock stops once. Clocks that
    run once for each offer name their own round."""
    rows = rows_of(order, clock, round_)
    due = next((row for row in rows if row.level == Level.DUE), None)
    if due is None or due.stopped_at is not None or due.state == VOID:
        return
    note(order, clock, due.round, "stop", at)
    if due.state == PENDING and is_late(at, due.due_at):
        fire_late(order, due, at)
    due.stopped_at = at
    due.state = FIRED if due.breached else MET
    _drop_levels(rows)


def fire_late(order: Order, due: Deadline, at: datetime) -> None:
    """Something comes after the due instant but before the sweep: the breach is recorded and told here."""
    due.state, due.fired_at, due.breached = FIRED, at, True
    if flag := LATE_FLAGS.get(Clock(due.clock)):
        setattr(order, flag, True)
    publish_all([clock_reached(due, at)])


def clock_reached(row: Deadline, at: datetime) -> ClockReached:
    """The fact that a level was reached, with the due and the firing instant."""
    return ClockReached(row.order_id, row.clock, row.round, row.level, row.due_at.isoformat(), at.isoformat())


def void(order: Order, clocks: Iterable[Clock], *, at: datetime, reason: str = "") -> None:
    """The promises no longer apply (cancelled, rejected, reopened, merged). A breach stays, also one that no sweep has
    seen yet; the resident's own time to confirm is nobody's promise."""
    for clock in clocks:
        rows = rows_of(order, clock)
        due = next((row for row in rows if row.level == Level.DUE), None)
        if due is None or due.stopped_at is not None:
            continue
        note(order, clock, due.round, "stop", at, reason=f"不再适用:{reason}" if reason else "不再适用")
        if clock is not Clock.CONFIRM and due.state == PENDING and is_late(at, due.due_at):
            fire_late(order, due, at)
        due.stopped_at = at
        due.state = FIRED if due.breached else VOID
        _drop_levels(rows)


def extend(order: Order, clock: Clock, *, at: datetime, limit_ms: int, reason: str = "") -> datetime:
    """Give the clock a longer limit counted from its own start; returns the new due instant."""
    rows = rows_of(order, clock)
    note(order, clock, rows[0].round, "extend", at, limit_ms=limit_ms, reason=reason)
    return recompute(order, clock, rows)


def pause(order: Order, clock: Clock, *, at: datetime, reason: str) -> None:
    """Hold the clock; nothing of it fires until it resumes. What was reached before stays for the sweep to fire."""
    rows = rows_of(order, clock)
    if not rows:
        return
    note(order, clock, rows[0].round, "pause", at, reason=reason)
    for row in rows:
        if row.state == PENDING and not is_late(at, row.due_at):
            row.state = PAUSED


def resume(order: Order, clock: Clock, *, at: datetime, reason: str) -> None:
    """Let the clock run on from `at` with the time that was left."""
    rows = rows_of(order, clock)
    if not rows:
        return
    note(order, clock, rows[0].round, "resume", at, reason=reason)
    held = [row for row in rows if row.state == PAUSED]
    for row in held:
        row.state = PENDING
    if held:
        recompute(order, clock, held)


def plan(order: Order, clock: Clock, level: str, *, due_at: datetime) -> None:
    """A single level without a policy behind it, for something that ends by itself; again moves it, also after it
    was dropped. One that has fired is not planned again."""
    planned = update(_DEADLINES).where(
        *_level_of(order, clock, level), _DEADLINES.c.state.in_((PENDING, VOID))
    )
    if changed(planned.values(state=PENDING, due_at=due_at, stopped_at=None)):
        return
    row = {"order_id": order.id, "clock": clock.value, "round": order.round, "level": str(level)}
    rest = {"state": PENDING, "due_at": due_at, "anchor": "due", "offset_ms": 0, "breached": False}
    insert_later(_DEADLINES, [{**row, **rest}])


def unplan(order: Order, clock: Clock, level: Level, *, at: datetime) -> None:
    """What was planned has ended before its instant; one that has fired keeps its mark."""
    waiting = update(_DEADLINES).where(*_level_of(order, clock, level), _DEADLINES.c.state == PENDING)
    changed(waiting.values(state=VOID, stopped_at=at))


def _level_of(order: Order, clock: Clock, level: str) -> tuple[Any, ...]:
    return (
        _DEADLINES.c.order_id == order.id,
        _DEADLINES.c.clock == clock.value,
        _DEADLINES.c.round == order.round,
        _DEADLINES.c.level == str(level),
    )


def due_at(order: Order, clock: Clock) -> datetime | None:
    """The present due instant of the clock's current round; None when it never ran or is paused."""
    statement = select(Deadline.due_at, Deadline.state).where(
        Deadline.order_id == order.id,
        Deadline.clock == clock.value,
        Deadline.round == order.round,
        Deadline.level == Level.DUE.value,
    )
    row = db.session.execute(statement).one_or_none()
    return None if row is None or row.state == PAUSED else row.due_at


def refresh_next_due(order: Order) -> None:
    """Keep the order's nearest unkept promise beside it, for boards sorted by time to breach."""
    db.session.flush()
    statement = (
        select(Deadline.due_at)
        .where(
            Deadline.order_id == order.id,
            Deadline.clock != Clock.RESPONSE.value,  # the crew's own clock promises nothing to the resident
            Deadline.level == Level.DUE.value,
            Deadline.stopped_at.is_(None),
            Deadline.state.in_((PENDING, FIRED)),
        )
        .order_by(Deadline.due_at)
        .limit(1)
    )
    order.next_due_at = db.session.scalar(statement)


def rows_of(order: Order, clock: Clock, round_: int | None = None) -> list[Deadline]:
    """The level rows of a clock in the order's present round (or another), locked."""
    statement = select(Deadline).where(
        Deadline.order_id == order.id,
        Deadline.clock == clock.value,
        Deadline.round == (order.round if round_ is None else round_),
    )
    return list(db.session.scalars(statement.with_for_update()))


def _drop_levels(rows: Iterable[Deadline]) -> None:
    for row in rows:
        if row.level != Level.DUE and row.state in (PENDING, PAUSED):
            row.state = VOID


def note(
    order: Order,
    clock: Clock,
    round_: int,
    kind: str,
    at: datetime,
    *,
    limit_ms: int | None = None,
    reason: str = "",
) -> None:
    """Append what happened to a clock."""
    insert_later(_CLOCK_EVENTS, [_event_row(order.id, clock, round_, kind, at, limit_ms, reason)])


def recompute(order: Order, clock: Clock, rows: Sequence[Deadline]) -> datetime:
    """Move the levels that have not been reached to where the clock's facts put them."""
    facts = [
        ClockFact(*row)
        for row in db.session.execute(
            select(ClockEvent.kind, ClockEvent.at, ClockEvent.limit_ms)
            .where(
                ClockEvent.order_id == order.id,
                ClockEvent.clock == clock.value,
                ClockEvent.round == rows[0].round,
            )
            .order_by(ClockEvent.id)
        )
    ]
    reading = read_clock(facts)
    due = reading.due_at
    if due is None:
        raise ValueError("a paused clock has no due instant")
    for row in rows:
        if row.state == PENDING:
            # Levels before the promise count elapsed running time, so pauses move them as well.
            started = reading.started_at + reading.paused
            row.due_at = level_due(row.anchor, row.offset_ms, started_at=started, due_at=due)
    return due
