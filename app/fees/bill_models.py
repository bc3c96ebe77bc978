"""账单: what a home owes for one kind and month. A correction is a new version; the old one stays and is void."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import Dimension
from app.fees.rules import BillState, FeeKind


class Bill(Id, Base):
    """Whose money it is was stamped from the contract of the month's first day. `quantity_hundredths` (m² or spaces
    times 100) and `price_hundredths` keep how the amount came about; a bill collected for others has only a note.

    `paid_fen` and `refunded_fen` are what the payments of all versions say (app/fees/settling.py). Written by the
    million: few indexes, and no foreign key that would need one of its own."""

    __tablename__ = "bills"
    __table_args__ = (
        UniqueConstraint("home_id", "period", "kind", "version", name="uq_bills_once"),
        Index("ix_bills_estate_id", "estate_id", "period"),
        Index("ix_bills_company_id", "company_id", "period", "id"),
        CheckConstraint("amount_fen >= 0 AND paid_fen >= 0", name="amount"),
        CheckConstraint("refunded_fen BETWEEN 0 AND paid_fen", name="refunded"),
        CheckConstraint("state IN ('due', 'paid', 'refunded', 'void')", name="state"),
        CheckConstraint("state NOT IN ('paid', 'refunded') OR paid_at IS NOT NULL", name="paid"),
    )
    __seen_by__ = {Dimension.FINANCE: "company_id", Dimension.DISTRICT: "district_id"}

    home_id: Mapped[int] = mapped_column(ForeignKey("homes.id"))
    period: Mapped[str] = mapped_column(String(7))
    kind: Mapped[str] = mapped_column(String(14))
    version: Mapped[int] = mapped_column(default=1)
    amount_fen: Mapped[int] = mapped_column(BigId)
    paid_fen: Mapped[int] = mapped_column(BigId, default=0)
    refunded_fen: Mapped[int] = mapped_column(BigId, default=0)
    state: Mapped[str] = mapped_column(String(8), default=BillState.DUE.value)
    due_on: Mapped[date] = mapped_column(Date)
    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    company_id: Mapped[int] = mapped_column(BigId)
    district_id: Mapped[int] = mapped_column(BigId)
    contract_id: Mapped[int] = mapped_column(BigId)
    standard_id: Mapped[int | None] = mapped_column(BigId)
    quantity_hundredths: Mapped[int | None] = mapped_column(BigId)
    price_hundredths: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(60), default="")
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def unpaid_fen(self) -> int:
        """What is still to be paid; nothing of a bill that is over."""
        if self.state != BillState.DUE:
            return 0
        return max(0, self.amount_fen - self.paid_fen + self.refunded_fen)

    @property
    def subject(self) -> str:
        """Under which name a payment line is for it."""
        return f"bill:{self.id}"

    @property
    def title(self) -> FeeKind:
        """What it is for."""
        return FeeKind(self.kind)


class BillCorrection(Id, Base):
    """更正: why a bill was replaced and by how much; residents read the reason."""

    __tablename__ = "bill_corrections"
    __table_args__ = (CheckConstraint("before_fen <> after_fen", name="difference"),)

    bill_id: Mapped[int] = mapped_column(ForeignKey("bills.id"), unique=True)
    new_bill_id: Mapped[int] = mapped_column(ForeignKey("bills.id"), unique=True)
    before_fen: Mapped[int] = mapped_column(BigId)
    after_fen: Mapped[int] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String(200))
    corrected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    corrected_by: Mapped[int | None] = mapped_column(BigId)
