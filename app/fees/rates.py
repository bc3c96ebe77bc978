"""Which prices a run has: for each estate the contract of the month's first day, and the newest price of its company.

One INSERT ... SELECT: three thousand estates need not pass through this process. Only those in which a contract begins
or ends inside the month, or the one before, do (app/fees/part_months.py).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, literal, or_, select
from sqlalchemy.orm import aliased

from app.companies.models import ServiceContract
from app.core.db import db, table_of
from app.estates.models import Estate
from app.fees.models import FeeStandard
from app.fees.part_months import changing_estates, part_rates
from app.fees.rules import SPACE_KINDS, first_day
from app.fees.run_models import EVERY_COMPANY, BillingRate

COLUMNS = (
    "run_id",
    "estate_id",
    "kind",
    "standard_id",
    "contract_id",
    "company_id",
    "district_id",
    "price_hundredths",
)


def settle_rates(run_id: int, period: str, company_id: int = EVERY_COMPANY) -> None:
    """Write the rates of the run; parking only where it is switched on (S0-28), and nothing that costs nothing."""
    day = first_day(period)
    parking = FeeStandard.kind.not_in([kind.value for kind in SPACE_KINDS]) | Estate.parking_enabled.is_(True)
    charged = and_(
        FeeStandard.estate_id == ServiceContract.estate_id,
        FeeStandard.company_id == ServiceContract.company_id,
    )
    rates = (
        select(
            literal(run_id),
            Estate.id,
            FeeStandard.kind,
            FeeStandard.id,
            ServiceContract.id,
            ServiceContract.company_id,
            Estate.district_id,
            FeeStandard.price_hundredths,
        )
        .join(Estate, Estate.id == ServiceContract.estate_id)
        .join(FeeStandard, charged)
        .where(_in_force(ServiceContract, day), ~_overtaken(day))
        .where(FeeStandard.valid_from <= day, ~_replaced(day))
        .where(FeeStandard.price_hundredths > 0, parking)
        .where(Estate.id.not_in(changing_estates(period)))
    )
    if company_id != EVERY_COMPANY:
        rates = rates.where(ServiceContract.company_id == company_id)
    db.session.execute(insert(table_of(BillingRate)).from_select(COLUMNS, rates))
    parts = part_rates(run_id, period, None if company_id == EVERY_COMPANY else company_id)
    if parts:
        db.session.execute(insert(table_of(BillingRate)), parts)


def _in_force(contract: Any, day: date) -> ColumnElement[bool]:
    return and_(contract.begins_on <= day, or_(contract.ends_on.is_(None), contract.ends_on >= day))


def _overtaken(day: date) -> ColumnElement[bool]:
    """Of two contracts in force the one that began later counts, as `companies.queries.serving_office` has it."""
    later = aliased(ServiceContract)
    newer = or_(
        later.begins_on > ServiceContract.begins_on,
        and_(later.begins_on == ServiceContract.begins_on, later.id > ServiceContract.id),
    )
    same = later.estate_id == ServiceContract.estate_id
    return select(later.id).where(same, _in_force(later, day), newer).exists()


def _replaced(day: date) -> ColumnElement[bool]:
    later = aliased(FeeStandard)
    same = and_(
        later.estate_id == FeeStandard.estate_id,
        later.company_id == FeeStandard.company_id,
        later.kind == FeeStandard.kind,
    )
    return (
        select(later.id)
        .where(same, later.valid_from > FeeStandard.valid_from, later.valid_from <= day)
        .exists()
    )
