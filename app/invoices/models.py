"""发票: what a payer asks for, what was written out, how it reached him (S0-10, domain 3.12).

Kept for ten years like the books they belong to; the name on it and the address for an electronic one are encrypted.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import Encrypted
from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.outgoing import Outgoing
from app.core.scope import Dimension


class Invoice(Id, Base):
    """One request and what became of it. `live` is 1 until it was reversed, returned or withdrawn: a payment has one
    live invoice. `amount_fen` is what was paid and not refunded when it was asked for."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("payment_id", "live", name="uq_invoices_live"),
        UniqueConstraint("company_id", "number", name="uq_invoices_number"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("how IN ('office', 'letterbox', 'electronic')", name="how"),
        CheckConstraint("(title_kind = 'company') = (tax_no <> '')", name="tax_no"),
        CheckConstraint("(how = 'electronic') = (email IS NOT NULL)", name="email"),
        CheckConstraint("live IS NULL OR live = 1", name="live"),
        CheckConstraint("(live IS NULL) = (state IN ('reversed', 'returned', 'withdrawn'))", name="over"),
        CheckConstraint(
            "(state IN ('requested', 'returned', 'withdrawn')) = (number IS NULL)", name="written_out"
        ),
        CheckConstraint("(number IS NULL) = (issued_at IS NULL)", name="issued"),
        CheckConstraint(
            "(state IN ('collected', 'delivered')) = (handed_over_at IS NOT NULL) OR state = 'reversed'",
            name="handed_over",
        ),
        CheckConstraint("(state = 'reversed') = (red_number IS NOT NULL)", name="reversed"),
        Index("ix_invoices_payer_id", "payer_id", "id"),
        Index("ix_invoices_company_id", "company_id", "state", "id"),
    )
    __seen_by__ = {Dimension.ACCOUNT: "payer_id", Dimension.FINANCE: "company_id"}

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    payer_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    live: Mapped[int | None] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
    how: Mapped[str] = mapped_column(String(10))
    title_kind: Mapped[str] = mapped_column(String(7))
    title: Mapped[str] = mapped_column(Encrypted("invoices.title", length=400))
    tax_no: Mapped[str] = mapped_column(String(18), default="")
    email: Mapped[str | None] = mapped_column(Encrypted("invoices.email"))
    amount_fen: Mapped[int] = mapped_column(BigId)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    number: Mapped[str | None] = mapped_column(String(24))
    pdf_url: Mapped[str] = mapped_column(String(255), default="")
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_over_to: Mapped[str] = mapped_column(String(40), default="")
    red_number: Mapped[str | None] = mapped_column(String(24))


class InvoiceStep(Id, Base):
    """One thing that happened; `seq` equals the row's version after it."""

    __tablename__ = "invoice_steps"
    __table_args__ = (UniqueConstraint("invoice_id", "seq"),)

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    seq: Mapped[int]
    action: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_role: Mapped[str] = mapped_column(String(4))
    note: Mapped[str] = mapped_column(String(200), default="")


class CallKind(StrEnum):
    """What the service is asked to do."""

    ISSUE = "issue"
    REVERSE = "reverse"


class EInvoiceCall(Id, Outgoing, Base):
    """A call to the service for electronic invoices: one to issue, one to reverse; repeated under its own number."""

    __tablename__ = "einvoice_calls"
    __table_args__ = (
        UniqueConstraint("invoice_id", "kind"),
        CheckConstraint("kind IN ('issue', 'reverse')", name="kind"),
        Index("ix_einvoice_calls_state", "state", "next_at"),
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    kind: Mapped[str] = mapped_column(String(7))
