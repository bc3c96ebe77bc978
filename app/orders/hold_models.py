"""Why and until when an order stands still (T14-T17): the table of holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, Id, UtcDateTime
from app.orders.slot_models import BookingSlot


class Hold(Id, Base):
    """挂起: one pause of an order; `number` counts within the round, `kind` is the status without HOLD_.

    RESIDENT (T14): `ends_at` is when it ends by itself: 72 hours after it began or, once a slot is chosen, when that
    begins. `slots_offered` says how many of the office's free slots the resident is shown.
    THIRD (T15): who is waited for, their ticket or the call, and what keeps people safe meanwhile. FUND (T16): `text`
    is the scope; the decision stands in `fund_decisions`. Both end by a person's word alone.
    """

    __tablename__ = "holds"
    __table_args__ = (
        UniqueConstraint("order_id", "round", "number"),
        CheckConstraint("kind IN ('RESIDENT', 'THIRD', 'FUND')", name="kind"),
        CheckConstraint("kind <> 'RESIDENT' OR ends_at IS NOT NULL", name="resident_ends"),
        CheckConstraint(
            "kind <> 'THIRD' OR (party_kind <> '' AND party_name <> '' AND safety <> ''"
            " AND (ticket <> '' OR call_record <> ''))",
            name="third_party",
        ),
        CheckConstraint("ends_at IS NULL OR ends_at > begun_at", name="order"),
        CheckConstraint("(ended_at IS NULL) = (ended_how = '')", name="ended"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    round: Mapped[int] = mapped_column(default=0)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(String(200), default="")
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    begun_by: Mapped[int | None] = mapped_column(BigId)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("booking_slots.id"))
    slots_offered: Mapped[int] = mapped_column(default=0)
    party_kind: Mapped[str] = mapped_column(String(12), default="")
    party_name: Mapped[str] = mapped_column(String(60), default="")
    ticket: Mapped[str] = mapped_column(String(60), default="")
    call_record: Mapped[str] = mapped_column(String(200), default="")
    safety: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_how: Mapped[str] = mapped_column(String(8), default="")
    ended_by: Mapped[int | None] = mapped_column(BigId)

    slot: Mapped[BookingSlot | None] = relationship()
