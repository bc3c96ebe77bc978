"""出账: the working rows of issuing a month's bills, and of telling people of them. A kill loses nothing."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime

EVERY_COMPANY = 0


class BillingRun(Id, Base):
    """One go through the homes of the city (`company_id` 0) or of one company, for one month."""

    __tablename__ = "billing_runs"
    __table_args__ = (
        UniqueConstraint("period", "company_id", "number"),
        CheckConstraint("chunks >= 0 AND bills >= 0", name="counts"),
    )

    period: Mapped[str] = mapped_column(String(7))
    company_id: Mapped[int] = mapped_column(BigId, default=EVERY_COMPANY)
    number: Mapped[int]
    chunks: Mapped[int] = mapped_column(default=0)
    bills: Mapped[int] = mapped_column(BigId, default=0)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by: Mapped[int | None] = mapped_column(BigId)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BillingRate(Base):
    """What an estate pays in the run, settled when it began: a price that changes meanwhile changes nothing here.

    `served_days` is None for a whole month and nothing beside it, which is nearly always. Else that many days of the
    month are paid, and `carried_days` of the month before at the price of then, after `carried_before` days of others
    (app/fees/part_months.py); `note` says so on the bill."""

    __tablename__ = "billing_rates"

    run_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    estate_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(14), primary_key=True)
    standard_id: Mapped[int] = mapped_column(BigId)
    contract_id: Mapped[int] = mapped_column(BigId)
    company_id: Mapped[int] = mapped_column(BigId)
    district_id: Mapped[int] = mapped_column(BigId)
    price_hundredths: Mapped[int]
    served_days: Mapped[int | None]
    carried_days: Mapped[int | None]
    carried_before: Mapped[int | None]
    carried_price_hundredths: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(60), default="", server_default="")


class BillingChunk(Base):
    """Some ten thousand homes by their ids, billed in one transaction together with this row's end."""

    __tablename__ = "billing_chunks"
    __table_args__ = (CheckConstraint("last_home_id >= first_home_id", name="homes"),)

    run_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_home_id: Mapped[int] = mapped_column(BigId)
    last_home_id: Mapped[int] = mapped_column(BigId)
    bills: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BillTelling(Id, Base):
    """One round of messages (new bills, or a reminder of those that fall due on a day), page by page of accounts; with
    `since_at` only of bills that were issued later."""

    __tablename__ = "bill_tellings"
    __table_args__ = (
        UniqueConstraint("stage", "due_on", "number"),
        Index("ix_bill_tellings_done_at", "done_at", "id"),
    )

    stage: Mapped[str] = mapped_column(String(8))
    due_on: Mapped[date] = mapped_column(Date)
    number: Mapped[int] = mapped_column(default=1)
    since_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    after_account_id: Mapped[int] = mapped_column(BigId, default=0)
    told: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
