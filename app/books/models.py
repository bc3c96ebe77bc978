"""复式账: each entry belongs to one company and one book, its lines sum to zero, and nothing is edited or deleted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import Dimension


class LedgerEntry(Id, Base):
    """凭证: one fact in one book. `subject` says which (`payment:12`, `refund:5`, `voucher:3`, `settlement:8`), once;
    `entered_on` is the China day that it counts for."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("subject", "book", name="uq_ledger_entries_subject"),
        Index("ix_ledger_entries_company_id", "company_id", "book", "entered_on", "id"),
        CheckConstraint("book IN ('property', 'revenue')", name="book"),
    )
    __seen_by__ = {Dimension.FINANCE: "company_id", Dimension.DISTRICT: "district_id"}

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("districts.id"))
    book: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(40))
    memo: Mapped[str] = mapped_column(String(120))
    entered_on: Mapped[date] = mapped_column(Date)
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    posted_by: Mapped[int | None] = mapped_column(BigId)

    lines: Mapped[list[LedgerLine]] = relationship(order_by="LedgerLine.id")


class LedgerLine(Id, Base):
    """分录: one account, debit or credit, in fen; `estate_id` where the money belongs to one estate. Company, book and
    day are those of the entry: balances are then sums over one index, which holds every column that they need."""

    __tablename__ = "ledger_lines"
    __table_args__ = (
        CheckConstraint("debit_fen >= 0 AND credit_fen >= 0", name="signs"),
        CheckConstraint("(debit_fen = 0) <> (credit_fen = 0)", name="one_side"),
        Index("ix_ledger_lines_entry_id", "entry_id"),
        CheckConstraint("book IN ('property', 'revenue')", name="book"),
        Index(
            "ix_ledger_lines_company_id",
            *("company_id", "book", "account", "entered_on", "estate_id", "debit_fen", "credit_fen"),
        ),
    )
    __seen_by__ = {Dimension.FINANCE: "company_id"}

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    book: Mapped[str] = mapped_column(String(8))
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estates.id"))
    account: Mapped[str] = mapped_column(String(16))
    entered_on: Mapped[date] = mapped_column(Date)
    debit_fen: Mapped[int] = mapped_column(BigId, default=0)
    credit_fen: Mapped[int] = mapped_column(BigId, default=0)
