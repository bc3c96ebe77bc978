"""按日计收: the days of a month for which an estate's company is paid, when a contract begins or ends inside a month
(domain 2.6: what was not served is not charged).

A home has one bill for a kind and month (domain 3.11), so the month is billed by the company of its first day, for the
days on which that company serves; who begins later has his first days on the bill of the next month, provided that he
had a price in that month. Days are counted by the company, so a contract that follows another of the same company
breaks nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import Select, and_, or_, select

from app.companies.models import ServiceContract
from app.core.db import db
from app.estates.models import Estate
from app.fees.models import FeeStandard
from app.fees.rules import SPACE_KINDS, days_of, first_day, month_words, months_later, price_words

Dated = TypeVar("Dated", ServiceContract, FeeStandard)


@dataclass(frozen=True)
class Served:
    """For which days the contract's company is paid on a month's bill; `carried` are days of the month before, after
    `carried_before` days of companies that began earlier in it."""

    contract: ServiceContract
    days: int
    carried: int
    carried_before: int


def changing_estates(period: str) -> Select[int]:
    """The estates in which a contract begins or ends inside this month or the one before."""
    inside = []
    for each in (months_later(period, -1), period):
        first = first_day(each)
        last = first + timedelta(days=days_of(each) - 1)
        inside += [
            and_(ServiceContract.begins_on > first, ServiceContract.begins_on <= last),
            and_(ServiceContract.ends_on >= first, ServiceContract.ends_on < last),
        ]
    return select(ServiceContract.estate_id).where(or_(*inside))


def served(contracts: Sequence[ServiceContract], period: str) -> Served | None:
    """For which days an estate with these contracts is billed; None when nobody serves on the first day. Pure."""
    month = _companies(contracts, period)
    contract = _on(contracts, first_day(period))
    if contract is None:
        return None
    mine = contract.company_id
    before = _companies(contracts, months_later(period, -1))
    carried, others = 0, 0
    if before[0] != mine:
        carried = before.count(mine)
        earlier = before[: before.index(mine)] if carried else []
        others = sum(before.count(each) for each in {*earlier} - {None})
    return Served(contract, month.count(mine), carried, others)


def _companies(contracts: Sequence[ServiceContract], period: str) -> list[int | None]:
    """Whose day each day of the month is."""
    first = first_day(period)
    found = [_on(contracts, first + timedelta(days=count)) for count in range(days_of(period))]
    return [each.company_id if each else None for each in found]


def _on(contracts: Iterable[ServiceContract], day: date) -> ServiceContract | None:
    """Of two that overlap the one that began later, as `companies.queries.serving_office` has it."""
    in_force = [
        each for each in contracts if each.begins_on <= day and (each.ends_on is None or each.ends_on >= day)
    ]
    return max(in_force, key=lambda each: (each.begins_on, each.id), default=None)


def note_of(found: Served, period: str, *, price: int, carried_price: int) -> str:
    """What the bill says beside area and price; "" for a whole month with nothing beside it. Pure."""
    parts = []
    if found.days < days_of(period):
        parts.append(f"本月服务{found.days}天,按{found.days}/{days_of(period)}计收")
    if found.carried and carried_price:
        before = months_later(period, -1)
        at = "" if carried_price == price else f"({price_words(carried_price)})"
        parts.append(f"含{month_words(before)}{found.carried}天{at},按{found.carried}/{days_of(before)}计收")
    return ";".join(parts)


def part_rates(run_id: int, period: str, company_id: int | None) -> list[dict[str, object]]:
    """The rates of the run in those estates, as rows; three statements however many they are."""
    changing = changing_estates(period)
    estates = {each.id: each for each in db.session.scalars(select(Estate).where(Estate.id.in_(changing)))}
    if not estates:
        return []
    contracts = _by_estate(
        db.session.scalars(select(ServiceContract).where(ServiceContract.estate_id.in_(changing)))
    )
    standards = _by_estate(
        db.session.scalars(
            select(FeeStandard)
            .where(FeeStandard.estate_id.in_(changing), FeeStandard.valid_from <= first_day(period))
            .order_by(FeeStandard.valid_from)
        )
    )
    rows: list[dict[str, object]] = []
    for estate_id, estate in sorted(estates.items()):
        found = served(contracts.get(estate_id, []), period)
        if found is not None and company_id in (None, found.contract.company_id):
            rows += _rows_of(run_id, period, estate, found, standards.get(estate_id, []))
    return rows


def _by_estate(rows: Iterable[Dated]) -> Mapping[int, list[Dated]]:
    found: dict[int, list[Dated]] = {}
    for each in rows:
        found.setdefault(each.estate_id, []).append(each)
    return found


def _rows_of(
    run_id: int, period: str, estate: Estate, found: Served, standards: Sequence[FeeStandard]
) -> list[dict[str, object]]:
    """One for each kind that the company charges; parking only where it is switched on (S0-28)."""
    mine = [each for each in standards if each.company_id == found.contract.company_id]
    now = {each.kind: each for each in mine}
    before_day = first_day(months_later(period, -1))
    before = {each.kind: each.price_hundredths for each in mine if each.valid_from <= before_day}
    shut = set() if estate.parking_enabled else {kind.value for kind in SPACE_KINDS}
    rows = []
    for kind, standard in now.items():
        price, carried_price = standard.price_hundredths, before.get(kind, 0)
        if kind in shut or not (price or (found.carried and carried_price)):
            continue
        is_whole = found.days == days_of(period) and not (found.carried and carried_price)
        rows.append(
            {
                "run_id": run_id,
                "estate_id": estate.id,
                "kind": kind,
                "standard_id": standard.id,
                "contract_id": found.contract.id,
                "company_id": found.contract.company_id,
                "district_id": estate.district_id,
                "price_hundredths": price,
                "served_days": None if is_whole else found.days,
                "carried_days": None if is_whole else found.carried,
                "carried_before": None if is_whole else found.carried_before,
                "carried_price_hundredths": None if is_whole else carried_price,
                "note": note_of(found, period, price=price, carried_price=carried_price),
            }
        )
    return rows
