"""转单 of an order between offices: asked, received or sent back, decided (T29)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.companies.models import Office
from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import Dimension


class Transfer(Id, Base):
    """One request to hand an order to another office. `waiting` is True or empty, so that the unique key lets one
    request of an order wait at a time; `outcome` says how it ended: received, sent_back, decided, lapsed."""

    __tablename__ = "transfers"
    __table_args__ = (
        UniqueConstraint("order_id", "waiting", name="uq_transfers_waiting"),
        CheckConstraint("(waiting IS NULL) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("(waiting IS NULL) = (outcome <> '')", name="outcome"),
        CheckConstraint("waiting IS NULL OR waiting", name="waiting"),
        CheckConstraint("to_office_id <> from_office_id", name="two_offices"),
        Index("ix_transfers_to_office_id", "to_office_id", "waiting"),
    )
    __seen_by__ = {
        Dimension.OFFICE: "to_office_id",
        Dimension.STREET: "street_id",
        Dimension.DISTRICT: "district_id",
    }

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    from_office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    to_office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    street_id: Mapped[int] = mapped_column(BigId)
    district_id: Mapped[int] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[int | None] = mapped_column(BigId)
    waiting: Mapped[bool | None] = mapped_column(default=True)
    outcome: Mapped[str] = mapped_column(String(10), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(BigId)
    answer: Mapped[str] = mapped_column(String(200), default="")

    from_office: Mapped[Office] = relationship(foreign_keys=[from_office_id])
    to_office: Mapped[Office] = relationship(foreign_keys=[to_office_id])
