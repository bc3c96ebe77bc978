"""What is charged for, in dated rows that are never edited: fee standards, parking spaces, late-fee clauses.

All three are public by law (价格法 13, 发改价检〔2004〕1428号) but for whose parking space it is.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import EVERYONE, Dimension


class FeeStandard(Id, Base):
    """收费标准: what a company charges in an estate, in hundredths of a fen for one m² or space and month, from the
    first day of a month until its next row; 0 ends the fee (S0-27)."""

    __tablename__ = "fee_standards"
    __table_args__ = (
        UniqueConstraint("estate_id", "company_id", "kind", "valid_from", name="uq_fee_standards_dated"),
        CheckConstraint("price_hundredths >= 0", name="price"),
        CheckConstraint("kind IN ('property', 'lift', 'parking_public', 'parking_own')", name="kind"),
    )
    __seen_by__ = EVERYONE

    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    kind: Mapped[str] = mapped_column(String(14))
    price_hundredths: Mapped[int]
    valid_from: Mapped[date] = mapped_column(Date)
    method: Mapped[str] = mapped_column(String(100), default="")
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[int | None] = mapped_column(BigId)


class ParkingSpace(Id, Base):
    """车位 of a home; the first and the last month of its fee are those of the two days. `taken` is 1 while it runs."""

    __tablename__ = "parking_spaces"
    __table_args__ = (
        UniqueConstraint("estate_id", "number", "taken", name="uq_parking_spaces_taken"),
        Index("ix_parking_spaces_home_id", "home_id"),
        CheckConstraint("kind IN ('parking_public', 'parking_own')", name="kind"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates"),
        CheckConstraint("taken IS NULL OR taken = 1", name="taken"),
    )
    __seen_by__ = {Dimension.ESTATE: "estate_id"}

    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    home_id: Mapped[int] = mapped_column(ForeignKey("homes.id"))
    kind: Mapped[str] = mapped_column(String(14))
    number: Mapped[str] = mapped_column(String(16))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
    taken: Mapped[int | None] = mapped_column(default=1)


class LateFeeClause(Id, Base):
    """违约金条款 of a service contract, default none: millionths of the unpaid sum for each day after the grace days,
    at most `cap_percent` of it. Shown beside an overdue bill, never charged by itself (Civil Code 585)."""

    __tablename__ = "late_fee_clauses"
    __table_args__ = (
        CheckConstraint("rate_millionths BETWEEN 1 AND 3000", name="rate"),
        CheckConstraint("grace_days BETWEEN 0 AND 365", name="grace"),
        CheckConstraint("cap_percent BETWEEN 1 AND 30", name="cap"),
    )
    __seen_by__ = EVERYONE

    contract_id: Mapped[int] = mapped_column(ForeignKey("service_contracts.id"), unique=True)
    rate_millionths: Mapped[int]
    grace_days: Mapped[int] = mapped_column(default=0)
    cap_percent: Mapped[int] = mapped_column(default=30)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    registered_by: Mapped[int | None] = mapped_column(BigId)
