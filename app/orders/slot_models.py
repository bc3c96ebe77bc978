"""When an office can come (S2-07)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id, UtcDateTime


class BookingSlot(Id, Base):
    """可预约时段 of an office; `booked` can never exceed `capacity` (S2-07)."""

    __tablename__ = "booking_slots"
    __table_args__ = (
        UniqueConstraint("office_id", "begins_at"),
        CheckConstraint("booked >= 0 AND booked <= capacity", name="capacity"),
        CheckConstraint("ends_at > begins_at", name="order"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    capacity: Mapped[int] = mapped_column(default=4)
    booked: Mapped[int] = mapped_column(default=0)
