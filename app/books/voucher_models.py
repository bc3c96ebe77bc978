"""凭证: income and expense that come by no payment. Who enters, who approves and who checks against the bank are three
different persons, and the database says so too (S4-47)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.labelled import Labelled
from app.core.scope import Dimension


class VoucherState(Labelled):
    """Where a voucher stands. It counts in the books from APPROVED on; nothing leads back."""

    ENTERED = "entered", "待审核"
    APPROVED = "approved", "已入账,待核对"
    RECONCILED = "reconciled", "已核对"
    REJECTED = "rejected", "已退回"


class Direction(Labelled):
    """收 or 付."""

    INCOME = "income", "收入"
    EXPENSE = "expense", "支出"


class Voucher(Id, Base):
    """One fact on paper. `account` is what it was for, `counter` where the money is (bank, or the differences of a
    reconciliation). A voucher that `reverses_id` another posts that one's lines with the sides exchanged; nothing is
    ever corrected in place."""

    __tablename__ = "vouchers"
    __table_args__ = (
        UniqueConstraint("reverses_id", "live", name="uq_vouchers_reverses_id"),
        Index("ix_vouchers_company_id", "company_id", "state", "id"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("book IN ('property', 'revenue')", name="book"),
        CheckConstraint("direction IN ('income', 'expense')", name="direction"),
        CheckConstraint("counter IN ('bank', 'difference')", name="counter"),
        CheckConstraint("state IN ('entered', 'approved', 'reconciled', 'rejected')", name="state"),
        CheckConstraint("book <> 'revenue' OR estate_id IS NOT NULL", name="estate"),
        CheckConstraint("approved_by IS NULL OR approved_by <> entered_by", name="two_persons"),
        CheckConstraint(
            "reconciled_by IS NULL OR (reconciled_by <> entered_by AND reconciled_by <> approved_by)",
            name="three_persons",
        ),
        CheckConstraint(
            "(state IN ('approved', 'reconciled')) = (approved_by IS NOT NULL AND approved_at IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint(
            "(state = 'reconciled') = (reconciled_by IS NOT NULL AND reconciled_at IS NOT NULL)",
            name="reconciled",
        ),
        CheckConstraint(
            "(state = 'rejected') = (rejected_by IS NOT NULL AND rejected_at IS NOT NULL)", name="rejected"
        ),
        CheckConstraint("state <> 'rejected' OR rejected_why <> ''", name="why_rejected"),
        CheckConstraint("state <> 'reconciled' OR bank_reference <> ''", name="against_what"),
        CheckConstraint("(state = 'rejected') = (live IS NULL) AND (live IS NULL OR live = 1)", name="live"),
    )
    __seen_by__ = {Dimension.FINANCE: "company_id"}

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("districts.id"))
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estates.id"))
    book: Mapped[str] = mapped_column(String(8))
    direction: Mapped[str] = mapped_column(String(8))
    account: Mapped[str] = mapped_column(String(16))
    counter: Mapped[str] = mapped_column(String(16))
    amount_fen: Mapped[int] = mapped_column(BigId)
    happened_on: Mapped[date] = mapped_column(Date)
    memo: Mapped[str] = mapped_column(String(100))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("vouchers.id"))
    live: Mapped[int | None] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default=VoucherState.ENTERED.value)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_by: Mapped[int] = mapped_column(BigId)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None] = mapped_column(BigId)
    reconciled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reconciled_by: Mapped[int | None] = mapped_column(BigId)
    bank_reference: Mapped[str] = mapped_column(String(60), default="")
    rejected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rejected_by: Mapped[int | None] = mapped_column(BigId)
    rejected_why: Mapped[str] = mapped_column(String(200), default="")

    photos: Mapped[list[VoucherPhoto]] = relationship(order_by="VoucherPhoto.id")

    @property
    def number(self) -> str:
        """记-20261122-00031, as people quote it: the day that it counts for and the row."""
        return f"记-{self.happened_on:%Y%m%d}-{self.id:05d}"


class VoucherPhoto(Id, Base):
    """A photo of the receipt or invoice behind a voucher."""

    __tablename__ = "voucher_photos"
    __table_args__ = (UniqueConstraint("photo_id"), Index("ix_voucher_photos_voucher_id", "voucher_id", "id"))

    voucher_id: Mapped[int] = mapped_column(ForeignKey("vouchers.id"))
    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id"))
