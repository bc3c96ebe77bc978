"""What a held order waits for: its hold, and the free slots from which the resident chooses (domain 3.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.orders import booking
from app.orders.hold_models import Hold
from app.orders.lifecycle import Status
from app.orders.models import Order
from app.orders.rules import HOLD_LIMIT
from app.orders.slot_models import BookingSlot

NOBODY_HOME, RESIDENT_ASKED = "nobody_home", "resident_asked"
HOLD_REASONS = {NOBODY_HOME: "家里没人", RESIDENT_ASKED: "居民要求改期"}
HOLD_ENDS = {
    "slot": "约好的时间到了",
    "limit": "72小时没有约好时间",
    "hand": "提前恢复处理",
    "closed": "征询未通过,办结",
}
"""How a hold ended: the third by the worker or the manager, the last with the order (T30)."""


@dataclass(frozen=True)
class Offer:
    """The hold that runs, and every slot that is free while it can last."""

    hold: Hold
    free: Sequence[BookingSlot]

    @property
    def slots(self) -> Sequence[BookingSlot]:
        """What the resident is shown: the first three, and three more each time he asks for later ones."""
        return self.free[: self.hold.slots_offered]

    @property
    def more(self) -> bool:
        """Whether there are later ones to ask for."""
        return len(self.free) > self.hold.slots_offered

    @property
    def until(self) -> datetime:
        """When the hold ends by itself."""
        assert self.hold.ends_at is not None
        return self.hold.ends_at


def offer(order: Order, *, at: datetime) -> Offer | None:
    """What the resident may choose now; None unless the order waits for him. The caller may see the order."""
    if order.status != Status.HOLD_RESIDENT:
        return None
    hold = current_hold(order.id)
    if hold is None:
        return None
    return Offer(hold, free_slots(hold, order.office_id, at=at))


def free_slots(hold: Hold, office_id: int, *, at: datetime) -> list[BookingSlot]:
    """The office's slots that are free and begin while the hold can last, but for the one that is chosen already."""
    return [
        slot
        for slot in booking.slots(office_id, at=at)
        if slot.booked < slot.capacity and slot.begins_at <= latest_end(hold) and slot.id != hold.slot_id
    ]


def latest_end(hold: Hold) -> datetime:
    """A hold lasts 72 hours at most, whichever slot is chosen (T14)."""
    return hold.begun_at + HOLD_LIMIT


def current_hold(order_id: int) -> Hold | None:
    """The hold that has not ended."""
    mine = (Hold.order_id == order_id) & Hold.ended_at.is_(None)
    return db.session.scalars(
        select(Hold).where(mine).order_by(Hold.id.desc()).limit(1).execution_options(populate_existing=True)
    ).one_or_none()


def holds_of(order_id: int) -> Sequence[Hold]:
    """Every hold of an order with its slot, the first one first."""
    mine = select(Hold).options(joinedload(Hold.slot)).where(Hold.order_id == order_id)
    return db.session.scalars(mine.order_by(Hold.id)).all()
