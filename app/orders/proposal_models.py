"""Proposed changes of limits and parameters: nothing counts that fewer than two persons wanted (domain 4.7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import Dimension


class Proposal(Id, Base):
    """改动申请: what is to count from when, and why. A second person grants or refuses it; the proposer may take it
    back. `content` holds the new row as plain values, `before` what was in force when it was proposed."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("kind IN ('policy', 'parameter')", name="kind"),
        CheckConstraint("(granted IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint(
            "granted IS NULL OR granted = 0 OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name="two_persons",
        ),
        Index("ix_proposals_district_id", "district_id", "id"),
    )
    __seen_by__ = {Dimension.DISTRICT: "district_id"}

    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    kind: Mapped[str] = mapped_column(String(9))
    content: Mapped[Any] = mapped_column(JSON)
    before: Mapped[Any] = mapped_column(JSON)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200))
    proposed_by: Mapped[int] = mapped_column(BigId)
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigId)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    granted: Mapped[bool | None]
    decision_note: Mapped[str] = mapped_column(String(200), default="")
