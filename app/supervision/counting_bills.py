"""Counting bills for 收缴监管: each estate's month by itself, when something in it has changed.

An estate's month is some hundred rows behind an index, so a payment costs one small statement and a city's new month
three thousand of them; nothing ever counts the whole table.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Integer, case, cast, delete, func, insert, select

from app.core import clock
from app.core.db import changed, claim, db, insert_once, table_of
from app.estates.models import Estate
from app.fees.bill_models import Bill
from app.fees.rules import BillState, months_later, period_of
from app.supervision.collection_models import CollectionFigure, CollectionStale

MONTHS_BEFORE = 12
FIGURES, STALE = table_of(CollectionFigure), table_of(CollectionStale)


def mark_bills_stale(bill_ids: Collection[int]) -> None:
    """The months of these bills are counted again soon."""
    if bill_ids:
        touched = select(Bill.estate_id, Bill.period).where(Bill.id.in_(sorted(set(bill_ids)))).distinct()
        _mark([(row.estate_id, row.period) for row in db.session.execute(touched)])


def mark_period_stale(period: str) -> None:
    """The month is counted again in every estate: it was issued."""
    _mark([(estate_id, period) for estate_id in db.session.scalars(select(Estate.id).order_by(Estate.id))])


def mark_entered_stale(company_id: int, kind: str, due: date) -> None:
    """The months of bills that were read in (water, power): at most MONTHS_BEFORE before the month they fall due."""
    last = period_of(due)
    touched = (
        select(Bill.estate_id, Bill.period)
        .where(Bill.company_id == company_id, Bill.period.between(months_later(last, -MONTHS_BEFORE), last))
        .where(Bill.kind == kind, Bill.due_on == due)
        .distinct()
    )
    _mark([(row.estate_id, row.period) for row in db.session.execute(touched)])


def _mark(places: Collection[tuple[int, str]]) -> None:
    if places:
        insert_once(STALE, [{"estate_id": estate, "period": period} for estate, period in sorted(places)])


def count_stale(limit: int) -> int:
    """Count up to `limit` estate months again, inside the caller's transaction; returns how many. A bill that changes
    meanwhile waits for this transaction with its mark, and is counted by the next."""
    rows = db.session.scalars(
        claim(select(CollectionStale).order_by(CollectionStale.estate_id).limit(limit))
    ).all()
    for row in rows:
        _count(row.estate_id, row.period)
        changed(delete(STALE).where(STALE.c.estate_id == row.estate_id, STALE.c.period == row.period))
    return len(rows)


def _count(estate_id: int, period: str) -> None:
    mine = (FIGURES.c.estate_id == estate_id) & (FIGURES.c.period == period)
    changed(delete(FIGURES).where(mine))
    estate = db.session.get_one(Estate, estate_id)
    as_of = clock.now()
    values = [
        {
            "estate_id": estate_id,
            "street_id": estate.street_id,
            "district_id": estate.district_id,
            "period": period,
            "as_of": as_of,
            **row,
        }
        for row in db.session.execute(_counted(estate_id, period)).mappings()
    ]
    if values:
        db.session.execute(insert(FIGURES), values)


def _counted(estate_id: int, period: str):
    """One row for each company and kind."""
    paid = case((Bill.state == BillState.PAID.value, 1), else_=0)
    return (
        select(
            Bill.company_id,
            Bill.kind,
            func.count().label("bills"),
            _whole(paid).label("paid_bills"),
            _whole(Bill.amount_fen).label("billed_fen"),
            _whole(Bill.paid_fen).label("paid_fen"),
            _whole(Bill.refunded_fen).label("refunded_fen"),
        )
        .where(Bill.estate_id == estate_id, Bill.period == period, Bill.state != BillState.VOID.value)
        .group_by(Bill.company_id, Bill.kind)
    )


def _whole(column):
    """A sum as a whole number: MariaDB sums integers as decimals."""
    return cast(func.sum(column), Integer)
