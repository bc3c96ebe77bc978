"""公共收益公示: what the common parts of an estate brought in a quarter, frozen as approved (S0-15, Civil Code 943)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.labelled import Labelled
from app.core.scope import Dimension


class ReportState(Labelled):
    """Residents read PUBLISHED and nothing else."""

    DRAFT = "draft", "待审核"
    APPROVED = "approved", "已审核,待公示"
    PUBLISHED = "published", "已公示"
    WITHDRAWN = "withdrawn", "已撤回"


class RevenueReport(Id, Base):
    """One quarter of one estate (`quarter` is 2026Q3). `content` holds the lines as they stood when they were drafted;
    who drafts does not approve. `live` is 1 until it is withdrawn: one living report for each quarter."""

    __tablename__ = "revenue_reports"
    __table_args__ = (
        UniqueConstraint("estate_id", "quarter", "live", name="uq_revenue_reports_quarter"),
        Index("ix_revenue_reports_company_id", "company_id", "id"),
        CheckConstraint("state IN ('draft', 'approved', 'published', 'withdrawn')", name="state"),
        CheckConstraint("closing_fen = opening_fen + income_fen - cost_fen + moved_fen", name="balance"),
        CheckConstraint("approved_by IS NULL OR approved_by <> drafted_by", name="two_persons"),
        CheckConstraint(
            "state NOT IN ('approved', 'published') OR (approved_by IS NOT NULL AND approved_at IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint(
            "state <> 'published' OR (published_by IS NOT NULL AND published_at IS NOT NULL)",
            name="published",
        ),
        CheckConstraint("published_by IS NULL OR published_by <> drafted_by", name="published_by_another"),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND withdrawn_by IS NOT NULL)",
            name="withdrawn",
        ),
        CheckConstraint("state <> 'withdrawn' OR withdrawn_why <> ''", name="why_withdrawn"),
        CheckConstraint("(state = 'withdrawn') = (live IS NULL) AND (live IS NULL OR live = 1)", name="live"),
    )
    __seen_by__ = {Dimension.FINANCE: "company_id"}

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    quarter: Mapped[str] = mapped_column(String(6))
    live: Mapped[int | None] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default=ReportState.DRAFT.value)
    content: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    opening_fen: Mapped[int] = mapped_column(BigId)
    income_fen: Mapped[int] = mapped_column(BigId)
    cost_fen: Mapped[int] = mapped_column(BigId)
    moved_fen: Mapped[int] = mapped_column(BigId)
    closing_fen: Mapped[int] = mapped_column(BigId)
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    drafted_by: Mapped[int] = mapped_column(BigId)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None] = mapped_column(BigId)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None] = mapped_column(BigId)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[int | None] = mapped_column(BigId)
    withdrawn_why: Mapped[str] = mapped_column(String(200), default="")
