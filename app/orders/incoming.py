"""Which orders other offices want to hand over: what the asked desk reads before it says yes (T29).

A way of its own beside `visible(Order, scope)`: the order itself is not this desk's yet, so the reads begin at the
requests that were made to it, and nothing is read of who reported and where he lives.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import not_, select
from sqlalchemy.orm import aliased

from app.catalogue.models import Category
from app.companies.models import Office
from app.core.db import db
from app.core.redaction import without_personal_data
from app.core.scope import Scope, condition
from app.estates.models import Estate
from app.orders.evidence import ClockLine, clocks_of
from app.orders.lifecycle import REGULATOR, UNVISITED, Status
from app.orders.models import Order
from app.orders.rules import TRANSFERS_MAX, order_number
from app.orders.transfer_models import Transfer

LISTED = 100
_COLUMNS = ("id", "menu", "urgency", "hazardous", "status", "submitted_at", "slot_begins_at", "place_public")


class Incoming(NamedTuple):
    """One request with its promises."""

    order_id: int
    number: str
    category: str
    estate: str
    place: str
    urgency: str
    hazardous: bool
    status: Status
    reason: str
    from_office: str
    to_office: str
    asked_at: datetime
    submitted_at: datetime
    slot_begins_at: datetime | None
    promises: Sequence[ClockLine]


def incoming(by: Scope) -> list[Incoming]:
    """What waits for this desk's word, the oldest first; for street and bureau what waits for their decision."""
    third = Order.transfers >= TRANSFERS_MAX
    sender, receiver = aliased(Office), aliased(Office)
    statement = (
        select(
            *[getattr(Order, name) for name in _COLUMNS],
            Transfer.reason,
            Transfer.asked_at,
            Category.name.label("category"),
            Estate.name.label("estate"),
            sender.name.label("sender"),
            receiver.name.label("receiver"),
        )
        .select_from(Transfer)
        .join(Order, Order.id == Transfer.order_id)
        .join(Category, Category.code == Order.category_code)
        .join(Estate, Estate.id == Order.estate_id)
        .join(sender, sender.id == Transfer.from_office_id)
        .join(receiver, receiver.id == Transfer.to_office_id)
        .where(
            condition(Transfer, by),
            Transfer.waiting.is_(True),
            Order.transfer_to == Transfer.to_office_id,
            Order.status.in_(sorted(status.value for status in UNVISITED)),
            third if by.role in REGULATOR else not_(third),
        )
        .order_by(Transfer.id)
        .limit(LISTED)
    )
    rows = db.session.execute(statement).all()
    promised = clocks_of([row.id for row in rows])
    return [_incoming(row, promised.get(row.id, ())) for row in rows]


def _incoming(row: Any, promises: Sequence[ClockLine]) -> Incoming:
    return Incoming(
        order_id=row.id,
        number=order_number(row.id, row.menu, row.submitted_at),
        category=row.category,
        estate=row.estate,
        place=without_personal_data(row.place_public),
        urgency=row.urgency,
        hazardous=row.hazardous,
        status=Status(row.status),
        reason=without_personal_data(row.reason),
        from_office=row.sender,
        to_office=row.receiver,
        asked_at=row.asked_at,
        submitted_at=row.submitted_at,
        slot_begins_at=row.slot_begins_at,
        promises=promises,
    )
