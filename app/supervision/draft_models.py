"""Drafts of what a bureau may send a company: written by the system, sent or dropped only by a person (domain 3.6)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.labelled import Labelled
from app.core.scope import Dimension


class DraftKind(Labelled):
    """What it is a draft of; `label` is its title."""

    SUPERVISE = "supervise", "督办单"
    INTERVIEW = "interview", "约谈通知"
    RECTIFY = "rectify", "整改通知"


class SupervisionDraft(Id, Base):
    """督办单、约谈、整改 as a draft. `basis` is what it rests on and never changes; `text` is what will be sent.
    `unique_key` makes a repeated reaction write it once."""

    __tablename__ = "supervision_drafts"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'sent', 'dropped')", name="state"),
        CheckConstraint(
            "(state = 'draft') = (decided_at IS NULL) AND (state = 'draft') = (decided_by IS NULL)",
            name="by_a_person",
        ),
        CheckConstraint("kind <> 'supervise' OR order_id IS NOT NULL", name="order"),
        CheckConstraint("state <> 'dropped' OR note <> ''", name="why_dropped"),
        Index("ix_supervision_drafts_district_id", "district_id", "state", "id"),
        Index("ix_supervision_drafts_office_id", "office_id", "made_at"),
    )
    __seen_by__ = {Dimension.DISTRICT: "district_id"}

    unique_key: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    order_id: Mapped[int | None] = mapped_column(BigId)
    office_id: Mapped[int] = mapped_column(BigId)
    company_id: Mapped[int] = mapped_column(BigId)
    district_id: Mapped[int] = mapped_column(BigId)
    basis: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(String(1000))
    state: Mapped[str] = mapped_column(String(8), default="draft")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigId)
    note: Mapped[str] = mapped_column(String(200), default="")
