"""费用咨询: a resident asks about a bill; accountant, company and bureau answer one after the other (S4-15)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import Dimension


class FeeQuestion(Id, Base):
    """One question. `live` is 1 until it is over: a person has one open question about a bill. `due_at` is until when
    the answer is owed, `late_at` when it was noticed that it had not come."""

    __tablename__ = "fee_questions"
    __table_args__ = (
        UniqueConstraint("bill_id", "asker_id", "live", name="uq_fee_questions_live"),
        CheckConstraint(
            "state IN ('submitted', 'answered', 'company', 'company_answered', 'bureau', 'concluded', 'solved')",
            name="state",
        ),
        CheckConstraint("live IS NULL OR live = 1", name="live"),
        CheckConstraint("(live IS NULL) = (state IN ('solved', 'concluded'))", name="over"),
        CheckConstraint("(state IN ('submitted', 'company', 'bureau')) = (due_at IS NOT NULL)", name="due"),
        CheckConstraint("state = 'submitted' OR (answered_at IS NOT NULL AND answer <> '')", name="answered"),
        Index("ix_fee_questions_asker_id", "asker_id", "id"),
        Index("ix_fee_questions_company_id", "company_id", "state", "due_at"),
        Index("ix_fee_questions_office_id", "office_id", "state", "due_at"),
        Index("ix_fee_questions_district_id", "district_id", "state", "due_at"),
        Index("ix_fee_questions_due_at", "late_at", "due_at"),
    )
    __seen_by__ = {
        Dimension.ACCOUNT: "asker_id",
        Dimension.OFFICE: "office_id",
        Dimension.FINANCE: "company_id",
        Dimension.DISTRICT: "district_id",
    }

    bill_id: Mapped[int] = mapped_column(ForeignKey("bills.id"))
    asker_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    live: Mapped[int | None] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(String(500))
    text_check: Mapped[str] = mapped_column(String(8), default="pass")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    late_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(500), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(BigId)


class FeeQuestionStep(Id, Base):
    """One thing that happened; `seq` equals the row's version after it, `note` the words."""

    __tablename__ = "fee_question_steps"
    __table_args__ = (UniqueConstraint("question_id", "seq"),)

    question_id: Mapped[int] = mapped_column(ForeignKey("fee_questions.id"))
    seq: Mapped[int]
    action: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_role: Mapped[str] = mapped_column(String(4))
    note: Mapped[str] = mapped_column(String(500), default="")
