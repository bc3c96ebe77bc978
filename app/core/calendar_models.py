"""The table of holidays and worked weekend days, one row per day that differs from Monday-to-Friday."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class CalendarDay(Base):
    """节假日与调休: published by the State Council in November for the coming year, imported as a file."""

    __tablename__ = "calendar_days"
    __table_args__ = (CheckConstraint("kind IN ('holiday', 'work')", name="kind"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(7))
    name: Mapped[str] = mapped_column(String(20))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
