"""申诉 against a rejection (T24)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime


class Appeal(Id, Base):
    """One appeal against one rejection, with what was rejected, by whom and why: an upheld one counts the rejection as
    wrong, also after the order has gone on (domain 3.8)."""

    __tablename__ = "appeals"
    __table_args__ = (
        UniqueConstraint("order_id", "rejected_at"),
        CheckConstraint("(decided_at IS NULL) = (upheld IS NULL)", name="decided"),
        CheckConstraint("decided_at IS NULL OR reason <> ''", name="reasoned"),
        Index("ix_appeals_office_id", "office_id", "rejected_at"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    rejected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rejected_by: Mapped[int | None] = mapped_column(BigId)
    reject_code: Mapped[str] = mapped_column(String(16))
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(String(300))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigId)
    decided_role: Mapped[str] = mapped_column(String(4), default="")
    upheld: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(String(300), default="")
