"""Who pays (domain 2.3), and how the reporter was told: what stands before the maintenance fund is used (T16)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime


class FundDecision(Id, Base):
    """责任认定: a named manager says, with evidence, that none of the paths before the owners' money applies; then
    somebody explains it to the reporter (C4), and in the end the consultation has a result (T30)."""

    __tablename__ = "fund_decisions"
    __table_args__ = (
        UniqueConstraint("order_id", "round"),
        CheckConstraint("payer <> '' AND reason <> '' AND scope <> '' AND photos >= 1", name="evidence"),
        CheckConstraint(
            "told_at IS NULL OR (told_to <> '' AND told_how <> '' AND told_words <> '')", name="told"
        ),
        CheckConstraint("failed_at IS NULL OR (told_at IS NOT NULL AND result <> '')", name="failed"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    round: Mapped[int] = mapped_column(default=0)
    payer: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(300))
    scope: Mapped[str] = mapped_column(String(200))
    photos: Mapped[int]
    decided_by: Mapped[int] = mapped_column(BigId)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_by: Mapped[int | None] = mapped_column(BigId)
    told_to: Mapped[str] = mapped_column(String(20), default="")
    told_how: Mapped[str] = mapped_column(String(8), default="")
    told_words: Mapped[str] = mapped_column(String(300), default="")
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[str] = mapped_column(String(300), default="")
