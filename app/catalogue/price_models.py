"""What in-home work costs: the items, the bureau's ceilings and each company's prices, all dated (domain 3.10, 4.2).

Rows are added and never edited: what an item cost when an order came in can be read at any later time.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import EVERYONE


class PriceKind(StrEnum):
    """What an item is paid for; only work belongs to a category group."""

    WORK = "work"
    VISIT = "visit"
    NIGHT = "night"
    REFERRAL = "referral"


class PriceItem(Base):
    """价目项: labour for one unit of one kind of work; material is never in it. A referral (燃气) is passed on to
    somebody else and costs nothing here."""

    __tablename__ = "price_items"
    __table_args__ = (
        CheckConstraint(
            "(kind IN ('work', 'referral')) = (category_group IS NOT NULL)", name="category_group"
        ),
    )
    __seen_by__ = EVERYONE

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    name: Mapped[str] = mapped_column(String(24))
    unit: Mapped[str] = mapped_column(String(4))
    kind: Mapped[str] = mapped_column(String(8))
    category_group: Mapped[str | None] = mapped_column(String(3), index=True)
    note: Mapped[str] = mapped_column(String(40), default="")
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class PriceCeiling(Id, Base):
    """参考上限 of the bureau in fen per unit, from `valid_from` until the next row of the item (S2-27); behind each
    that people have set stands the proposal of one person that another granted."""

    __tablename__ = "price_ceilings"
    __table_args__ = (
        UniqueConstraint("item_code", "valid_from"),
        CheckConstraint("ceiling_fen >= 0", name="ceiling"),
    )
    __seen_by__ = EVERYONE

    item_code: Mapped[str] = mapped_column(ForeignKey("price_items.code"))
    ceiling_fen: Mapped[int]
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[int | None] = mapped_column(BigId)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("price_proposals.id"), unique=True)


class CompanyPrice(Id, Base):
    """A company's price in fen per unit, from `valid_from` until its next row of the item; 0 is work for the public
    good (公益). Never above the ceiling of its day."""

    __tablename__ = "company_prices"
    __table_args__ = (
        UniqueConstraint("company_id", "item_code", "valid_from", name="uq_company_prices_dated"),
        CheckConstraint("price_fen >= 0", name="price"),
    )
    __seen_by__ = EVERYONE

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    item_code: Mapped[str] = mapped_column(ForeignKey("price_items.code"))
    price_fen: Mapped[int]
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None] = mapped_column(BigId)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
