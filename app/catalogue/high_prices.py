"""Which published prices stand above a ceiling that dropped, or will, and until when they must come down (S2-27).

Nobody is charged more than the ceiling meanwhile: a quote takes the lower of the two (`PriceLine.charged_fen`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.catalogue.price_models import CompanyPrice, PriceCeiling, PriceItem
from app.companies.models import Company, ServiceContract
from app.core import clock
from app.core.db import db
from app.estates.models import Estate

Companies = Collection[int] | Select[int]
"""Some companies, by their ids or by the question that finds them."""

LOWER_WITHIN = timedelta(days=7)
"""How long a company may take to follow a ceiling that dropped (S2-27)."""


@dataclass(frozen=True)
class TooDear:
    """A price above its ceiling since `since`, which may still be to come, and until when it must come down."""

    company_id: int
    company: str
    item_code: str
    item: str
    price_fen: int
    ceiling_fen: int
    since: datetime
    lower_by: datetime

    def is_overdue(self, at: datetime) -> bool:
        """Whether the seven days are over."""
        return at > self.lower_by


def prices_above_ceiling(at: datetime, companies: Companies | None = None) -> list[TooDear]:
    """Those in force at that instant, by company and item; with `companies` only theirs. A further drop of the same
    ceiling gives no further seven days."""
    rows = db.session.execute(_above(at, companies)).all()
    ceilings = _ceilings_of({row.item_code for row in rows}, at)
    found = []
    for row in rows:
        since = _above_since(row.price_fen, row.valid_from, ceilings[row.item_code])
        said = {name: value for name, value in row._mapping.items() if name != "valid_from"}
        found.append(TooDear(**said, since=since, lower_by=since + LOWER_WITHIN))
    return found


def prices_to_lower(at: datetime, companies: Companies | None = None) -> list[TooDear]:
    """Those in force, those that ceilings already decided upon will leave too high, and those that were published for a
    later day and will begin too high."""
    found = {(each.company_id, each.item_code): each for each in prices_above_ceiling(at, companies)}
    for instant in _changes_after(at, companies):
        for each in prices_above_ceiling(instant, companies):
            found.setdefault((each.company_id, each.item_code), each)
    return sorted(found.values(), key=lambda each: (each.lower_by, each.company_id, each.item_code))


def _changes_after(at: datetime, companies: Companies | None) -> list[datetime]:
    """When ceilings change, and when prices begin that some ceiling of their item does not allow."""
    ceilings = select(PriceCeiling.valid_from).where(PriceCeiling.valid_from > at).distinct()
    too_low = (PriceCeiling.item_code == CompanyPrice.item_code) & (
        PriceCeiling.ceiling_fen < CompanyPrice.price_fen
    )
    prices = (
        select(CompanyPrice.valid_from)
        .join(PriceCeiling, too_low)
        .where(CompanyPrice.valid_from > at, *_of(companies))
        .distinct()
    )
    return sorted({*db.session.scalars(ceilings), *db.session.scalars(prices)})


def _of(companies: Companies | None) -> tuple[ColumnElement[bool], ...]:
    return () if companies is None else (CompanyPrice.company_id.in_(companies),)


def companies_in(districts: Collection[int], at: datetime) -> Select[int]:
    """The companies that serve an estate of these districts on that day: whose prices their supervisors watch."""
    day = clock.china_date(at)
    return (
        select(ServiceContract.company_id)
        .join(Estate, Estate.id == ServiceContract.estate_id)
        .where(
            Estate.district_id.in_(sorted(districts)),
            ServiceContract.begins_on <= day,
            or_(ServiceContract.ends_on.is_(None), ServiceContract.ends_on >= day),
        )
    )


def _above(at: datetime, companies: Companies | None):
    prices = (
        select(
            CompanyPrice.company_id,
            CompanyPrice.item_code,
            func.max(CompanyPrice.valid_from).label("since"),
        )
        .where(CompanyPrice.valid_from <= at, *_of(companies))
        .group_by(CompanyPrice.company_id, CompanyPrice.item_code)
        .subquery()
    )
    ceilings = (
        select(PriceCeiling.item_code, func.max(PriceCeiling.valid_from).label("since"))
        .where(PriceCeiling.valid_from <= at)
        .group_by(PriceCeiling.item_code)
        .subquery()
    )
    newest = and_(
        CompanyPrice.company_id == prices.c.company_id,
        CompanyPrice.item_code == prices.c.item_code,
        CompanyPrice.valid_from == prices.c.since,
    )
    limit = and_(PriceCeiling.item_code == ceilings.c.item_code, PriceCeiling.valid_from == ceilings.c.since)
    return (
        select(
            CompanyPrice.company_id,
            Company.name.label("company"),
            CompanyPrice.item_code,
            PriceItem.name.label("item"),
            CompanyPrice.price_fen,
            PriceCeiling.ceiling_fen,
            CompanyPrice.valid_from,
        )
        .join(prices, newest)
        .join(ceilings, ceilings.c.item_code == CompanyPrice.item_code)
        .join(PriceCeiling, limit)
        .join(PriceItem, PriceItem.code == CompanyPrice.item_code)
        .join(Company, Company.id == CompanyPrice.company_id)
        .where(CompanyPrice.price_fen > PriceCeiling.ceiling_fen)
        .order_by(CompanyPrice.company_id, CompanyPrice.item_code)
    )


def _ceilings_of(items: Iterable[str], at: datetime) -> dict[str, list[PriceCeiling]]:
    """The newest first."""
    known = select(PriceCeiling).where(
        PriceCeiling.item_code.in_(sorted(items)), PriceCeiling.valid_from <= at
    )
    found: dict[str, list[PriceCeiling]] = {}
    for row in db.session.scalars(known.order_by(PriceCeiling.valid_from.desc())):
        found.setdefault(row.item_code, []).append(row)
    return found


def _above_since(price_fen: int, priced_at: datetime, ceilings: Sequence[PriceCeiling]) -> datetime:
    """Since when, without a break, the price stands above whatever ceiling counted."""
    since = ceilings[0].valid_from
    for ceiling in ceilings:
        if ceiling.ceiling_fen >= price_fen:
            break
        since = ceiling.valid_from
    return max(since, priced_at)
