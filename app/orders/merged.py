"""Which reports have become part of an order (T27)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.core.db import db
from app.orders.lifecycle import Status
from app.orders.models import Order


def merged_into(master_id: int) -> Sequence[Order]:
    """The reports that have become part of this order; the caller was allowed to see it."""
    statement = select(Order).where(Order.master_id == master_id, Order.status == Status.MERGED.value)
    return db.session.scalars(statement.order_by(Order.id)).all()


def others_wait_for(order: Order) -> bool:
    """Whether other people's reports depend on this one: who has reported it may withdraw, it is repaired all the
    same."""
    mine = (Order.master_id == order.id) & (Order.status == Status.MERGED.value)
    return db.session.scalar(select(Order.id).where(mine).limit(1)) is not None
