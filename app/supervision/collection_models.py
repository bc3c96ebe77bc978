"""收缴监管: what was billed and paid by estate, company, kind and month; no home stands in here (S0-12)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import Dimension


class CollectionFigure(Id, Base):
    """Bills that stand (replaced and void ones do not), in fen. `paid_bills` owe nothing any more."""

    __tablename__ = "collection_figures"
    __table_args__ = (
        UniqueConstraint("estate_id", "period", "company_id", "kind", name="uq_collection_figures_once"),
        CheckConstraint("bills >= 0 AND paid_bills BETWEEN 0 AND bills", name="counts"),
        Index("ix_collection_figures_district_id", "district_id", "period"),
        Index("ix_collection_figures_company_id", "company_id", "period"),
    )
    __seen_by__ = {Dimension.DISTRICT: "district_id", Dimension.FINANCE: "company_id"}

    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    street_id: Mapped[int] = mapped_column(ForeignKey("streets.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    period: Mapped[str] = mapped_column(String(7))
    kind: Mapped[str] = mapped_column(String(14))
    bills: Mapped[int]
    paid_bills: Mapped[int]
    billed_fen: Mapped[int] = mapped_column(BigId)
    paid_fen: Mapped[int] = mapped_column(BigId)
    refunded_fen: Mapped[int] = mapped_column(BigId)
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)


class CollectionStale(Base):
    """An estate's month whose figures are to be counted again; written in the transaction that changed a bill."""

    __tablename__ = "collection_stale"

    estate_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
