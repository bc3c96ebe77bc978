"""Declared emergency periods: storm, flood, snow (domain 3.7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import Dimension


class Declaration(Id, Base):
    """应急期: an estate, a street (no estate) or the whole district (neither). Orders sent within it have longer limits
    and carry its id; it may be lifted early, and nothing else of it changes."""

    __tablename__ = "declarations"
    __table_args__ = (
        CheckConstraint("ends_at > begins_at", name="span"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("estate_id IS NULL OR street_id IS NOT NULL", name="place"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted"),
    )
    __seen_by__ = {Dimension.DISTRICT: "district_id"}

    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    street_id: Mapped[int | None] = mapped_column(ForeignKey("streets.id"))
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estates.id"))
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200))
    declared_by: Mapped[int] = mapped_column(BigId)
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_by: Mapped[int | None] = mapped_column(BigId)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
