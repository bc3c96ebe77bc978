"""What a company makes public of an estate, for tests that show it: quarters of public revenue, a price to come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.books.quarters import Quarter, quarter_of
from app.books.revenue_models import ReportState, RevenueReport
from app.companies.queries import serving_office
from app.core import clock
from app.core.db import db, transact
from app.core.scope import SYSTEM
from app.estates.models import Estate
from app.fees import rules
from app.fees.models import FeeStandard
from app.fees.standards import NewStandard, set_standard
from tests.client import field
from tests.client.district import District

INCOME, COST = ("income", "advertising", "广告场地收益"), ("cost", "maintenance", "设施设备维护")
PARKING = ("income", "parking_public", "公共停车收益")
OLDER = ((INCOME, 480_000), (COST, 96_000))
NEWER = ((INCOME, 1_440_000), (PARKING, 900_000), (COST, 288_000))
"""Lines of two quarters, in fen."""


def estate_of(district: District, who: str) -> int:
    """Where this person's first home is."""
    return int(field.api(district, who).get("/me/homes")["items"][0]["estate_id"])


def quarters_are_public(district: District, who: str) -> list[Quarter]:
    """The two quarters before this one are published where this person's home is, the older one first."""
    estate_id = estate_of(district, who)

    def work() -> list[Quarter]:
        newer = _before(quarter_of(clock.china_date(clock.now())))
        older = _before(newer)
        there = set(
            db.session.scalars(select(RevenueReport.quarter).where(RevenueReport.estate_id == estate_id))
        )
        opening = 0
        for quarter, lines in ((older, OLDER), (newer, NEWER)):
            row = _report(estate_id, quarter, lines, opening)
            opening = row.closing_fen
            if quarter.code not in there:
                db.session.add(row)
        return [older, newer]

    with district.product.looking_in():
        return list(transact(work))


def _before(quarter: Quarter) -> Quarter:
    return quarter_of(quarter.first - timedelta(days=1))


def _report(estate_id: int, quarter: Quarter, lines: Any, opening: int) -> RevenueReport:
    contract = serving_office(estate_id, clock.china_date(clock.now()))
    assert contract is not None
    content = [{"section": of[0], "account": of[1], "label": of[2], "fen": fen} for of, fen in lines]
    income, cost = (
        sum(each["fen"] for each in content if each["section"] == of) for of in ("income", "cost")
    )
    now = clock.now()
    return RevenueReport(
        company_id=contract.company_id,
        district_id=db.session.get_one(Estate, estate_id).district_id,
        estate_id=estate_id,
        quarter=quarter.code,
        state=ReportState.PUBLISHED.value,
        content=content,
        opening_fen=opening,
        income_fen=income,
        cost_fen=cost,
        moved_fen=0,
        closing_fen=opening + income - cost,
        drafted_at=now,
        drafted_by=1,
        approved_at=now,
        approved_by=2,
        published_at=now,
        published_by=2,
    )


def announce_price(district: District, who: str, price_hundredths: int) -> FeeStandard:
    """A year from now the property fee of this person's estate is another."""
    estate_id = estate_of(district, who)

    def work() -> FeeStandard:
        today = clock.china_date(clock.now())
        contract = serving_office(estate_id, today)
        assert contract is not None
        month = rules.months_later(rules.period_of(today), 12)
        wanted = NewStandard(estate_id, rules.FeeKind.PROPERTY.value, price_hundredths, month)
        return set_standard(wanted, company_id=contract.company_id, by=SYSTEM)

    with district.product.looking_in():
        return transact(work)
