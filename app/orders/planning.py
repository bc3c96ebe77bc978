"""What is planned for an order without a policy behind it, and a promise that is moved to an instant by name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from app.core.db import changed, db, table_of
from app.orders import deadlines
from app.orders.clock_models import Deadline
from app.orders.models import Order
from app.orders.retiming import reading_of
from app.orders.rules import Clock, Level, is_late

_DEADLINES = table_of(Deadline)


def plan_again(order: Order, clock: Clock, prefix: str, *, due_at: datetime) -> None:
    """The next level of something that comes back again and again: F1, F2, F3. Each is a row of its own, so that each
    fires once."""
    so_far = select(func.count()).select_from(_DEADLINES).where(*_of(order, (clock,)))
    deadlines.plan(order, clock, f"{prefix}{db.session.scalars(so_far).one() + 1}", due_at=due_at)


def drop_planned(order: Order, clocks: Iterable[Clock], *, at: datetime) -> None:
    """What was planned ends with the thing that it belonged to; levels that have fired keep their mark."""
    waiting = update(_DEADLINES).where(*_of(order, clocks), _DEADLINES.c.state == deadlines.PENDING)
    changed(waiting.values(state=deadlines.VOID, stopped_at=at))


def _of(order: Order, clocks: Iterable[Clock]) -> tuple:
    return (
        _DEADLINES.c.order_id == order.id,
        _DEADLINES.c.clock.in_([clock.value for clock in clocks]),
        _DEADLINES.c.round == order.round,
    )


def extend_to(order: Order, clock: Clock, *, at: datetime, due_at: datetime, reason: str = "") -> datetime:
    """Move a running clock's promise to exactly this instant, by the limit that leads there. A breach stays, also one
    that no sweep has seen yet: only levels that have not fired are moved."""
    for row in deadlines.rows_of(order, clock):
        if row.level == Level.DUE and row.state == deadlines.PENDING and is_late(at, row.due_at):
            deadlines.fire_late(order, row, at)
    reading = reading_of(order, clock)
    assert reading is not None, "only a clock that runs is extended"
    limit = due_at - reading.started_at - reading.paused
    limit_ms = limit // timedelta(milliseconds=1)
    return deadlines.extend(order, clock, at=at, limit_ms=limit_ms, reason=reason)
