"""补充信息 (U6): what the desk asked a reporter, once for an order, and what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime


class OrderQuestion(Id, Base):
    """One question; the repair clock stands until it is answered, the worker is there, or 24 hours are over."""

    __tablename__ = "order_questions"
    __table_args__ = (
        UniqueConstraint("order_id"),
        CheckConstraint("(ended_at IS NULL) = (ended_how = '')", name="ended"),
        CheckConstraint("ended_how <> 'answered' OR answer <> '' OR photos >= 1", name="answered"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    question: Mapped[str] = mapped_column(String(300))
    asked_by: Mapped[int] = mapped_column(BigId)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(500), default="")
    photos: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_how: Mapped[str] = mapped_column(String(8), default="")
