"""对账: WeChat's bill of a day, what differs from our books, and the settlement that follows (domain 3.11)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.labelled import Labelled
from app.core.outgoing import Outgoing
from app.core.scope import Dimension


class BillFile(Id, Outgoing, Base):
    """账单: one sub-merchant's trade bill of one China day. `state` is where the fetching stands; `compared_at` says
    that our side was laid beside it and the settlement written."""

    __tablename__ = "pay_bill_files"
    __table_args__ = (
        UniqueConstraint("sub_mch_id", "bill_on", name="uq_pay_bill_files_bill_on"),
        Index("ix_pay_bill_files_state", "state", "next_at"),
        Index("ix_pay_bill_files_company_id", "company_id", "bill_on", "id"),
        CheckConstraint("(state = 'done') = (fetched_at IS NOT NULL)", name="fetched"),
        CheckConstraint("compared_at IS NULL OR fetched_at IS NOT NULL", name="compared"),
        CheckConstraint("paid_fen >= 0 AND refunded_fen >= 0 AND line_count >= 0", name="totals"),
    )
    __seen_by__ = {Dimension.FINANCE: "company_id"}

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    sub_mch_id: Mapped[str] = mapped_column(String(32))
    bill_on: Mapped[date] = mapped_column(Date)
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    compared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recheck_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    line_count: Mapped[int] = mapped_column(default=0)
    paid_fen: Mapped[int] = mapped_column(BigId, default=0)
    refunded_fen: Mapped[int] = mapped_column(BigId, default=0)
    fee_fen: Mapped[int] = mapped_column(BigId, default=0)


class BillLine(Id, Base):
    """One payment (`refund_no` empty) or refund as WeChat's bill has it, in fen; a repeated row stands here once."""

    __tablename__ = "pay_bill_lines"
    __table_args__ = (
        UniqueConstraint("file_id", "sub_mch_id", "trade_no", "refund_no", name="uq_pay_bill_lines_trade_no"),
        Index("ix_pay_bill_lines_trade_no", "trade_no"),
        Index("ix_pay_bill_lines_refund_no", "refund_no"),
    )

    file_id: Mapped[int] = mapped_column(ForeignKey("pay_bill_files.id"))
    trade_no: Mapped[str] = mapped_column(String(32))
    refund_no: Mapped[str] = mapped_column(String(64), default="")
    transaction_id: Mapped[str] = mapped_column(String(32))
    sub_mch_id: Mapped[str] = mapped_column(String(32))
    trade_state: Mapped[str] = mapped_column(String(16))
    refund_state: Mapped[str] = mapped_column(String(16), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    amount_fen: Mapped[int] = mapped_column(BigId)
    fee_fen: Mapped[int] = mapped_column(BigId)
    twice: Mapped[bool] = mapped_column(default=False)


class CaseKind(Labelled):
    """What differs."""

    MISSING_HERE = "missing_here", "微信有,平台没有"
    MISSING_THERE = "missing_there", "平台有,微信账单没有"
    AMOUNT = "amount", "金额不一致"
    STATE = "state", "状态不一致"
    REFUND_MISSING_HERE = "refund_here", "微信有退款,平台没有"
    REFUND_MISSING_THERE = "refund_there", "平台有退款,微信账单没有"
    REFUND_AMOUNT = "refund_sum", "退款金额不一致"
    REFUND_STATE = "refund_state", "退款状态不一致"
    FOREIGN = "foreign", "账单里有别的商户号"
    TWICE = "twice", "账单里同一笔出现两次且不一致"
    RULE = "rule", "账目检查不通过"


class CaseState(Labelled):
    """Open until somebody has said what it was, or it is no more."""

    OPEN = "open", "待处理"
    EXPLAINED = "explained", "已说明"
    SETTLED = "settled", "已处理"


class ReconciliationCase(Id, Base):
    """差异: one thing that differs, for a person. `theirs_fen` is what the bill says, `ours_fen` what our books say;
    `carried_fen` is what the day's settlement put on 待处理差异 for it. `by_rule`: a later comparison found it gone.

    What the nightly money check finds (kind `rule`) has no bill file. Its `rule_key` is set while nobody needs to be
    asked again: as long as it is open, and after a person has explained it."""

    __tablename__ = "reconciliation_cases"
    __table_args__ = (
        UniqueConstraint("file_id", "kind", "number", name="uq_reconciliation_cases_number"),
        UniqueConstraint("rule_key", name="uq_reconciliation_cases_rule_key"),
        Index("ix_reconciliation_cases_company_id", "company_id", "state", "id"),
        CheckConstraint("state IN ('open', 'explained', 'settled')", name="state"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("state = 'open' OR note <> ''", name="note"),
        CheckConstraint("state = 'open' OR by_rule OR closed_by IS NOT NULL", name="by_whom"),
        CheckConstraint("file_id IS NOT NULL OR kind = 'rule'", name="origin"),
    )
    __seen_by__ = {Dimension.FINANCE: "company_id"}

    file_id: Mapped[int | None] = mapped_column(ForeignKey("pay_bill_files.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    bill_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(14))
    number: Mapped[str] = mapped_column(String(64))
    rule_key: Mapped[str | None] = mapped_column(String(80))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    theirs: Mapped[str] = mapped_column(String(80))
    ours: Mapped[str] = mapped_column(String(80))
    theirs_fen: Mapped[int] = mapped_column(BigId, default=0)
    ours_fen: Mapped[int] = mapped_column(BigId, default=0)
    carried_fen: Mapped[int] = mapped_column(BigId, default=0)
    state: Mapped[str] = mapped_column(String(10), default=CaseState.OPEN.value)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(BigId)
    by_rule: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(200), default="")


class SettlementBatch(Id, Base):
    """结算批次: what one bill brings to the company's bank account; its sums are the bill's."""

    __tablename__ = "settlement_batches"
    __table_args__ = (
        UniqueConstraint("file_id"),
        Index("ix_settlement_batches_company_id", "company_id", "bill_on", "id"),
        CheckConstraint("net_fen = paid_fen - refunded_fen - fee_fen", name="net"),
    )
    __seen_by__ = {Dimension.FINANCE: "company_id"}

    file_id: Mapped[int] = mapped_column(ForeignKey("pay_bill_files.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    sub_mch_id: Mapped[str] = mapped_column(String(32))
    bill_on: Mapped[date] = mapped_column(Date)
    payments: Mapped[int]
    refunds: Mapped[int]
    paid_fen: Mapped[int] = mapped_column(BigId)
    refunded_fen: Mapped[int] = mapped_column(BigId)
    fee_fen: Mapped[int] = mapped_column(BigId)
    net_fen: Mapped[int] = mapped_column(BigId)
    difference_fen: Mapped[int] = mapped_column(BigId)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
