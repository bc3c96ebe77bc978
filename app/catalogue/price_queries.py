"""Named questions about prices. Price lists are public by law (价格法 13): everybody may read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, and_, func, select

from app.catalogue.price_models import CompanyPrice, PriceCeiling, PriceItem, PriceKind
from app.core.db import db


@dataclass(frozen=True)
class PriceLine:
    """One item with what it costs and what it may cost at an instant, in fen per unit; None where nobody has said."""

    code: str
    name: str
    unit: str
    kind: PriceKind
    group: str | None
    note: str
    price_fen: int | None
    ceiling_fen: int | None

    @property
    def charged_fen(self) -> int | None:
        """The most that may be asked: what is published, or the ceiling where that has dropped below it (S2-27)."""
        if self.price_fen is None or self.ceiling_fen is None:
            return self.price_fen
        return min(self.price_fen, self.ceiling_fen)


def price_list(company_id: int | None, *, at: datetime, group: str | None = None) -> list[PriceLine]:
    """Every item in use with this company's price of that instant, in the order of the list; with `group` only the
    items of that category group and the fees. One statement; without a company nothing has a price."""
    prices = _newest(CompanyPrice, at, CompanyPrice.company_id == company_id)
    ceilings = _newest(PriceCeiling, at)
    statement = (
        select(PriceItem, CompanyPrice.price_fen, PriceCeiling.ceiling_fen)
        .outerjoin(prices, prices.c.item_code == PriceItem.code)
        .outerjoin(CompanyPrice, _is_row(CompanyPrice, prices) & (CompanyPrice.company_id == company_id))
        .outerjoin(ceilings, ceilings.c.item_code == PriceItem.code)
        .outerjoin(PriceCeiling, _is_row(PriceCeiling, ceilings))
        .where(PriceItem.active)
        .order_by(PriceItem.category_group, PriceItem.code)
    )
    if group is not None:
        statement = statement.where((PriceItem.category_group == group) | PriceItem.category_group.is_(None))
    return [_line(*row) for row in db.session.execute(statement)]


def price_version(company_id: int, *, at: datetime) -> int:
    """Which list of the company counts at that instant: 1 is the first that it published, 0 that there is none."""
    dates = select(func.count(CompanyPrice.valid_from.distinct())).where(
        CompanyPrice.company_id == company_id, CompanyPrice.valid_from <= at
    )
    return db.session.scalar(dates) or 0


def ceiling_at(item_code: str, at: datetime) -> int | None:
    """The bureau's ceiling of the item at that instant in fen, None when there is none."""
    newest = select(PriceCeiling.ceiling_fen).where(
        PriceCeiling.item_code == item_code, PriceCeiling.valid_from <= at
    )
    return db.session.scalar(newest.order_by(PriceCeiling.valid_from.desc()).limit(1))


def price_at(item_code: str, company_id: int, at: datetime) -> int | None:
    """The company's price of the item at that instant in fen, None when it has published none."""
    mine = (CompanyPrice.item_code == item_code) & (CompanyPrice.company_id == company_id)
    newest = select(CompanyPrice.price_fen).where(mine, CompanyPrice.valid_from <= at)
    return db.session.scalar(newest.order_by(CompanyPrice.valid_from.desc()).limit(1))


@dataclass(frozen=True)
class PriceVersion:
    """One list of a company: which one, since when (or from when), how many items changed with it."""

    number: int
    valid_from: datetime
    changed: int
    coming: bool


def price_versions(company_id: int, *, at: datetime) -> list[PriceVersion]:
    """Every list that the company has published, those to come as well, the newest first."""
    dates = (
        select(CompanyPrice.valid_from, func.count())
        .where(CompanyPrice.company_id == company_id)
        .group_by(CompanyPrice.valid_from)
        .order_by(CompanyPrice.valid_from)
    )
    rows = db.session.execute(dates).all()
    found = [PriceVersion(number, row[0], row[1], row[0] > at) for number, row in enumerate(rows, 1)]
    return found[::-1]


def _newest(model: Any, at: datetime, *which: Any) -> Subquery:
    """For each item the instant from which its newest row counts."""
    since = func.max(model.valid_from).label("since")
    return (
        select(model.item_code, since)
        .where(model.valid_from <= at, *which)
        .group_by(model.item_code)
        .subquery()
    )


def _is_row(model: Any, newest: Subquery) -> Any:
    return and_(model.item_code == newest.c.item_code, model.valid_from == newest.c.since)


def _line(item: PriceItem, price_fen: int | None, ceiling_fen: int | None) -> PriceLine:
    return PriceLine(
        code=item.code,
        name=item.name,
        unit=item.unit,
        kind=PriceKind(item.kind),
        group=item.category_group,
        note=item.note,
        price_fen=price_fen,
        ceiling_fen=ceiling_fen,
    )
