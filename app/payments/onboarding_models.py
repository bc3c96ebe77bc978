"""Who may receive money, proposed by one person of the bureau and decided by another: 特约商户 and payment switches."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.labelled import Labelled
from app.core.scope import Dimension


class ChangeKind(Labelled):
    """What is to change."""

    REGISTER = "register", "登记收款商户号"
    END = "end", "停用收款商户号"
    OPEN = "open", "开通线上缴费"
    SHUT = "shut", "关闭线上缴费"


MERCHANT_KINDS = frozenset({ChangeKind.REGISTER, ChangeKind.END})


class Switch(Labelled):
    """What an estate's residents may pay, each off until two persons open it (S0-28, S0-29, S0-30, S0-35): a repair is
    paid where bills are."""

    PAY = "pay", "物业费等账单"
    PARKING = "parking", "停车费"
    FUND = "fund", "续筹维修资金"


class PayChange(Id, Base):
    """收款变更: nobody alone can send residents' money somewhere else. `on_day` is the first day of a merchant account
    or its last one; a switch is turned when it is granted."""

    __tablename__ = "pay_changes"
    __table_args__ = (
        CheckConstraint("kind IN ('register', 'end', 'open', 'shut')", name="kind"),
        CheckConstraint(
            "(kind IN ('register', 'end')) = (company_id IS NOT NULL AND on_day IS NOT NULL)", name="merchant"
        ),
        CheckConstraint("(kind IN ('open', 'shut')) = (estate_id IS NOT NULL)", name="switch"),
        CheckConstraint("(granted IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint(
            "granted IS NULL OR granted = 0 OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name="two_persons",
        ),
        Index("ix_pay_changes_district_id", "district_id", "id"),
        Index("ix_pay_changes_company_id", "company_id", "id"),
    )
    __seen_by__ = {Dimension.DISTRICT: "district_id", Dimension.FINANCE: "company_id"}

    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    kind: Mapped[str] = mapped_column(String(8))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    sub_mch_id: Mapped[str] = mapped_column(String(32), default="")
    on_day: Mapped[date | None] = mapped_column(Date)
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estates.id"))
    switch: Mapped[str] = mapped_column(String(8), default="")
    reason: Mapped[str] = mapped_column(String(200))
    proposed_by: Mapped[int] = mapped_column(BigId)
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    granted: Mapped[bool | None]
    decided_by: Mapped[int | None] = mapped_column(BigId)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str] = mapped_column(String(200), default="")
