"""可预约时段: two-hour slots of the next seven days with a capacity that the database itself keeps (S2-07)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import insert, select, update

from app.core import clock
from app.core.db import changed, db
from app.orders.errors import SlotFull, SlotPast
from app.orders.slot_models import BookingSlot

# Not 12:00-14:00 and not before 8 or after 20 o'clock: noise rule of domain 3.7.
SLOT_HOURS = ((8, 10), (10, 12), (14, 16), (16, 18), (18, 20))
DAYS_AHEAD = 7
DEFAULT_CAPACITY = 4


def open_slots(office_id: int, *, today: date, capacity: int = DEFAULT_CAPACITY) -> int:
    """Create the slots of the coming days that do not exist yet; returns how many were created."""
    wanted = [
        (_instant(today + timedelta(days=day), begin), _instant(today + timedelta(days=day), end))
        for day in range(DAYS_AHEAD + 1)
        for begin, end in SLOT_HOURS
    ]
    known = set(
        db.session.scalars(
            select(BookingSlot.begins_at).where(
                BookingSlot.office_id == office_id, BookingSlot.begins_at >= wanted[0][0]
            )
        )
    )
    rows = [
        {"office_id": office_id, "begins_at": begin, "ends_at": end, "capacity": capacity, "booked": 0}
        for begin, end in wanted
        if begin not in known
    ]
    if rows:
        db.session.execute(insert(BookingSlot), rows)
    return len(rows)


def _instant(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=clock.CHINA)


def slots(office_id: int, *, at: datetime) -> Sequence[BookingSlot]:
    """The slots that have not begun, full ones included so that people see why they cannot choose them."""
    statement = (
        select(BookingSlot)
        .where(
            BookingSlot.office_id == office_id,
            BookingSlot.begins_at > at,
            BookingSlot.begins_at < at + timedelta(days=DAYS_AHEAD),
        )
        .order_by(BookingSlot.begins_at)
    )
    return db.session.scalars(statement).all()


def take(slot_id: int, *, office_id: int, at: datetime) -> BookingSlot:
    """Take one place; raises SlotFull or SlotPast. The conditional update lets the last place go once."""
    taken = changed(
        update(BookingSlot)
        .where(
            BookingSlot.id == slot_id,
            BookingSlot.office_id == office_id,
            BookingSlot.booked < BookingSlot.capacity,
            BookingSlot.begins_at > at,
        )
        .values(booked=BookingSlot.booked + 1)
    )
    slot = db.session.scalars(
        select(BookingSlot).where(BookingSlot.id == slot_id, BookingSlot.office_id == office_id)
    ).one_or_none()
    if taken and slot is not None:
        return slot
    if slot is None or slot.begins_at <= at:
        raise SlotPast(fields={"slot_id": "不能选"})
    raise SlotFull(fields={"slot_id": "已约满"})


def give_back(slot_id: int) -> None:
    """Free the place of a cancelled booking."""
    changed(
        update(BookingSlot)
        .where(BookingSlot.id == slot_id, BookingSlot.booked > 0)
        .values(booked=BookingSlot.booked - 1)
    )
