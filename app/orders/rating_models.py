"""What residents say of a repair (S1-06)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id, UtcDateTime


class Rating(Id, Base):
    """评价: once per reporter and round; a rating of work that was reopened is void, never deleted."""

    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint("order_id", "account_id", "round", name="uq_ratings_once"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        Index(None, "at"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    round: Mapped[int] = mapped_column(default=0)
    stars: Mapped[int]
    tags: Mapped[Any] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    void: Mapped[bool] = mapped_column(default=False)
