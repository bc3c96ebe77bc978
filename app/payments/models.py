"""Money in and out. The platform holds none of it: every payment names the sub-merchant of the company it is for.

What is paid for is a `subject` (`bill:77`, `order:12`): this domain does not know what stands behind it. A line that
holds its subject (`claim` is 1) keeps every other payment away from it, so nothing is paid twice.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import Encrypted
from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.labelled import Labelled
from app.core.outgoing import Outgoing
from app.core.scope import Dimension


class PaymentState(Labelled):
    """状态. Nothing leaves PAID or LATE: what goes back afterwards is a refund."""

    CREATED = "created", "待支付"
    OPEN = "open", "待支付"
    CLOSING = "closing", "正在取消"
    PAID = "paid", "已支付"
    CLOSED = "closed", "已取消"
    LATE = "late", "已付款,正在退回"


HOLDING = frozenset({PaymentState.CREATED, PaymentState.OPEN, PaymentState.CLOSING, PaymentState.PAID})
"""States in which a payment keeps its subjects to itself."""
WAITING = frozenset({PaymentState.CREATED, PaymentState.OPEN, PaymentState.CLOSING})
"""States that end in a fact only when WeChat has been asked."""


class Purpose(Labelled):
    """What a payment is for; receipts and messages speak of it."""

    BILLS = "bills", "物业账单"
    REPAIR = "repair", "上门维修"


class RefundStep(Labelled):
    """退费 (domain 3.12): two persons before any money moves."""

    REQUESTED = "requested", "待初审"
    REVIEWED = "reviewed", "待复核"
    SENDING = "sending", "退款中"
    DONE = "done", "已退款"
    FAILED = "failed", "退款失败"
    REJECTED = "rejected", "不予退款"


class Merchant(Id, Base):
    """特约商户: the WeChat account of a company, into which its residents pay; from a day, until a day (included)."""

    __tablename__ = "pay_merchants"
    __table_args__ = (
        UniqueConstraint("company_id", "valid_from"),
        Index("ix_pay_merchants_sub_mch_id", "sub_mch_id"),
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="dates"),
    )
    __seen_by__ = {Dimension.FINANCE: "company_id"}

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    sub_mch_id: Mapped[str] = mapped_column(String(32))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    registered_by: Mapped[int | None] = mapped_column(BigId)


class Payment(Id, Base):
    """支付: written before WeChat is asked, and brought to an end by what WeChat says, never by what a phone says."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint(
            "refunding_fen >= 0 AND refunded_fen >= 0 AND refunding_fen + refunded_fen <= amount_fen",
            name="refunds",
        ),
        CheckConstraint("(state IN ('paid', 'late')) = (transaction_id IS NOT NULL)", name="transaction"),
        CheckConstraint("(state IN ('paid', 'late')) = (paid_at IS NOT NULL)", name="paid_at"),
        CheckConstraint("refunding_fen + refunded_fen = 0 OR state IN ('paid', 'late')", name="refund_of"),
        UniqueConstraint("out_trade_no"),
        UniqueConstraint("transaction_id"),
        Index("ix_payments_state", "state", "next_at"),
        Index("ix_payments_payer_id", "payer_id", "id"),
        Index("ix_payments_company_id", "company_id", "id"),
        Index("ix_payments_paid_on", "paid_on", "sub_mch_id"),
    )
    __seen_by__ = {
        Dimension.ACCOUNT: "payer_id",
        Dimension.FINANCE: "company_id",
        Dimension.DISTRICT: "district_id",
    }

    out_trade_no: Mapped[str] = mapped_column(String(32))
    purpose: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(60))
    payer_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    payer_openid: Mapped[str] = mapped_column(Encrypted("payments.payer_openid"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estates.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    sub_mch_id: Mapped[str] = mapped_column(String(32))
    api: Mapped[str] = mapped_column(String(2), default="v2")
    client_ip: Mapped[str] = mapped_column(String(45), default="127.0.0.1")
    amount_fen: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(8), default=PaymentState.CREATED.value)
    prepay_id: Mapped[str] = mapped_column(String(64), default="")
    prepaid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked: Mapped[int] = mapped_column(default=0)
    transaction_id: Mapped[str | None] = mapped_column(String(32))
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paid_on: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receipt_no: Mapped[str | None] = mapped_column(String(24), unique=True)
    refunding_fen: Mapped[int] = mapped_column(BigId, default=0)
    refunded_fen: Mapped[int] = mapped_column(BigId, default=0)
    last_error: Mapped[str] = mapped_column(String(120), default="")

    lines: Mapped[list[PaymentLine]] = relationship(order_by="PaymentLine.id")


class PaymentLine(Id, Base):
    """What one part of the amount is for, and into which account of the books it goes."""

    __tablename__ = "payment_lines"
    __table_args__ = (
        UniqueConstraint("subject", "claim", name="uq_payment_lines_claim"),
        Index("ix_payment_lines_payment_id", "payment_id"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("refunded_fen BETWEEN 0 AND amount_fen", name="refunded"),
        CheckConstraint("claim IS NULL OR claim = 1", name="claim"),
    )

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    subject: Mapped[str] = mapped_column(String(32))
    claim: Mapped[int | None] = mapped_column(default=1)
    account: Mapped[str] = mapped_column(String(16))
    label: Mapped[str] = mapped_column(String(120))
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estates.id"))
    amount_fen: Mapped[int] = mapped_column(BigId)
    refunded_fen: Mapped[int] = mapped_column(BigId, default=0)


class Refund(Id, Outgoing, Base):
    """退款: a row with its number before any call. `step` is where it stands for people, `state` (of Outgoing) where
    its call stands."""

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("out_refund_no"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("first_by IS NULL OR second_by IS NULL OR first_by <> second_by", name="two_persons"),
        CheckConstraint(
            "requested_by IS NULL OR second_by IS NULL OR requested_by <> second_by", name="not_own"
        ),
        CheckConstraint(
            "requested_by IS NULL OR first_by IS NULL OR requested_by <> first_by", name="not_own_review"
        ),
        CheckConstraint(
            "step NOT IN ('sending', 'done', 'failed') OR by_rule OR second_by IS NOT NULL", name="approved"
        ),
        CheckConstraint("(step = 'done') = (refunded_at IS NOT NULL)", name="done"),
        Index("ix_refunds_state", "state", "next_at"),
        Index("ix_refunds_company_id", "company_id", "step", "id"),
        Index("ix_refunds_payment_id", "payment_id"),
    )
    __seen_by__ = {
        Dimension.ACCOUNT: "payer_id",
        Dimension.FINANCE: "company_id",
        Dimension.DISTRICT: "district_id",
    }

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    payer_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    out_refund_no: Mapped[str] = mapped_column(String(32))
    amount_fen: Mapped[int] = mapped_column(BigId)
    reason_code: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(200), default="")
    by_rule: Mapped[bool] = mapped_column(default=False)
    step: Mapped[str] = mapped_column(String(10), default=RefundStep.REQUESTED.value)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    requested_by: Mapped[int | None] = mapped_column(BigId)
    first_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_by: Mapped[int | None] = mapped_column(BigId)
    second_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    second_by: Mapped[int | None] = mapped_column(BigId)
    rejected_why: Mapped[str] = mapped_column(String(200), default="")
    refund_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    refunded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refunded_on: Mapped[date | None] = mapped_column(Date)

    lines: Mapped[list[RefundLine]] = relationship(order_by="RefundLine.id")


class RefundLine(Id, Base):
    """Which part of which line goes back."""

    __tablename__ = "refund_lines"
    __table_args__ = (
        UniqueConstraint("refund_id", "payment_line_id"),
        CheckConstraint("amount_fen > 0", name="amount"),
    )

    refund_id: Mapped[int] = mapped_column(ForeignKey("refunds.id"))
    payment_line_id: Mapped[int] = mapped_column(ForeignKey("payment_lines.id"))
    amount_fen: Mapped[int] = mapped_column(BigId)


class PayNotice(Id, Base):
    """Inbox of notices: each is settled once (`key` is `pay:<transaction>` or `refund:<number>`); what was wrong with
    a notice stands in `outcome`, its content does not."""

    __tablename__ = "pay_notices"
    __table_args__ = (UniqueConstraint("key"),)

    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(6))
    number: Mapped[str] = mapped_column(String(32))
    outcome: Mapped[str] = mapped_column(String(24))
    times: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Shipment(Id, Outgoing, Base):
    """发货信息 that WeChat wants for trade-managed mini-programs, once for each payment."""

    __tablename__ = "pay_shipments"
    __table_args__ = (UniqueConstraint("payment_id"), Index("ix_pay_shipments_state", "state", "next_at"))

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
