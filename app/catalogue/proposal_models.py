"""Proposed ceilings of the bureau and prices of a company: nothing counts that only one person wanted (domain 3.3)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.labelled import Labelled
from app.core.scope import Dimension


class ProposalKind(Labelled):
    """Whose price it is."""

    CEILING = "ceiling", "参考上限"
    PRICE = "price", "企业价格"


class PriceProposal(Id, Base):
    """改价申请: fen per unit from `valid_from`, with the reason and what counted when it was proposed.

    A ceiling is proposed by one person of the bureau and granted by another (4.7); a price is proposed by a manager
    and published by the company (3.3). The proposer may take it back.
    """

    __tablename__ = "price_proposals"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'ceiling' AND district_id IS NOT NULL AND company_id IS NULL AND office_id IS NULL)"
            " OR (kind = 'price' AND district_id IS NULL AND company_id IS NOT NULL AND office_id IS NOT NULL)",
            name="kind",
        ),
        CheckConstraint("fen >= 0", name="fen"),
        CheckConstraint("(granted IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint(
            "granted IS NULL OR granted = 0 OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name="two_persons",
        ),
        Index("ix_price_proposals_district_id", "district_id", "id"),
        Index("ix_price_proposals_company_id", "company_id", "id"),
        Index("ix_price_proposals_office_id", "office_id", "id"),
    )
    __seen_by__ = {
        Dimension.DISTRICT: "district_id",
        Dimension.COMPANY: "company_id",
        Dimension.OFFICE: "office_id",
    }

    kind: Mapped[str] = mapped_column(String(8))
    item_code: Mapped[str] = mapped_column(ForeignKey("price_items.code"))
    fen: Mapped[int]
    before_fen: Mapped[int | None]
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("districts.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    proposed_by: Mapped[int] = mapped_column(BigId)
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigId)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    granted: Mapped[bool | None]
    decision_note: Mapped[str] = mapped_column(String(200), default="")
