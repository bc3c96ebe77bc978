"""Recordings that belong to an order."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id


class OrderVoice(Id, Base):
    """A recording as the words of a step: submit, reopen (S3-03). One recording belongs to one step of one order."""

    __tablename__ = "order_voices"
    __table_args__ = (UniqueConstraint("voice_id"), Index("ix_order_voices_order_id", "order_id", "id"))

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    voice_id: Mapped[int] = mapped_column(ForeignKey("voices.id"))
    step: Mapped[str] = mapped_column(String(12))
    round: Mapped[int] = mapped_column(default=0)
