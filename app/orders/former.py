"""Whose promise it was: an order that changes its office leaves what was kept or broken so far with the former one.

Written when the order is handed over, which is rare, instead of with every level that fires. It goes by due instants
and not by when a sweep came: what fell due before the hand-over was the former office's, also when schedulers were
down (K10 of domain 3.6).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select

from app.core.db import db, table_of
from app.orders.clock_models import Deadline, FormerPromise
from app.orders.deadlines import FIRED, MET, PENDING
from app.orders.models import Order
from app.orders.rules import Clock, Level

PROMISES = (Clock.ACCEPT, Clock.VISIT, Clock.APPOINTMENT, Clock.REPAIR, Clock.FUND)
"""What an office promises to a resident."""


def leave_behind(order: Order, *, at: datetime, ended: Collection[Clock] = ()) -> None:
    """The present office keeps what its promises have come to by now; call it before the order gets another office.
    `ended` names clocks that end with the hand-over itself, whatever their state."""
    db.session.flush()
    decided = or_(
        Deadline.state.in_((MET, FIRED)),
        and_(Deadline.state == PENDING, Deadline.due_at < at),
        Deadline.clock.in_([which.value for which in ended]),
    )
    known = select(FormerPromise.deadline_id).where(FormerPromise.order_id == order.id)
    statement = select(Deadline.id).where(
        Deadline.order_id == order.id,
        Deadline.level == Level.DUE.value,
        Deadline.clock.in_([which.value for which in PROMISES]),
        decided,
        Deadline.id.not_in(known),
    )
    whose = {"order_id": order.id, "office_id": order.office_id, "company_id": order.company_id}
    rows: list[dict[str, Any]] = [{"deadline_id": each, **whose} for each in db.session.scalars(statement)]
    if rows:
        db.session.execute(insert(table_of(FormerPromise)), rows)


def office_of_promise() -> ColumnElement[int]:
    """Whose promise it is, in a statement that joins Order and (outer) FormerPromise."""
    return func.coalesce(FormerPromise.office_id, Order.office_id)


def company_of_promise() -> ColumnElement[int]:
    """The same for the company."""
    return func.coalesce(FormerPromise.company_id, Order.company_id)
