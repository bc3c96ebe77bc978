"""Which bills are to be fetched: one for each sub-merchant and China day, from 10:30 of the next day on (domain 3.11).

A day is planned once and stays planned until its bill is there, so days that were missed while the scheduler stood
still are caught up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, insert_once, table_of
from app.core.outgoing import OutgoingState
from app.payments.models import Merchant
from app.reconciliation.models import BillFile

READY_AT = time(10, 30)
KEPT_BY_WECHAT = timedelta(days=88)
"""The interface gives bills of three months."""
REFUNDS_FOR = timedelta(days=366)
"""So long after an account was given up money may still go back from it."""


def last_billed_day(now: datetime) -> date:
    """The newest day of which WeChat can have made its bill."""
    there = clock.in_china(now)
    return there.date() - timedelta(days=1 if there.time() >= READY_AT else 2)


def plan_bills() -> int:
    """Write down every bill that is due and not yet planned; returns how many. Any number of processes may run it."""
    now = clock.now()
    last = last_billed_day(now)
    earliest = last - KEPT_BY_WECHAT
    newest = dict(_newest_planned())
    merchants = list(db.session.scalars(select(Merchant).order_by(Merchant.id)))
    begins: dict[str, list[date]] = defaultdict(list)
    for merchant in merchants:
        begins[merchant.sub_mch_id].append(merchant.valid_from)
    rows = [
        planned(each.company_id, each.sub_mch_id, day, now)
        for each in merchants
        for day in _days(
            each, newest.get(each.sub_mch_id), earliest, _last_own(each, begins[each.sub_mch_id], last)
        )
    ]
    for start in range(0, len(rows), 500):
        insert_once(table_of(BillFile), rows[start : start + 500])
    return len(rows)


def _newest_planned() -> list[tuple[str, date]]:
    statement = select(BillFile.sub_mch_id, func.max(BillFile.bill_on)).group_by(BillFile.sub_mch_id)
    return [(row[0], row[1]) for row in db.session.execute(statement)]


def _last_own(merchant: Merchant, begins: Iterable[date], last: date) -> date:
    """The last day on which the bills of the number are this company's: `begins` are the first days of all who have or
    had it, and from his first day on they are the next one's."""
    return min([last, *(day - timedelta(days=1) for day in begins if day > merchant.valid_from)])


def _days(merchant: Merchant, planned: date | None, earliest: date, last: date) -> list[date]:
    """The days of the account after the newest one that is planned, with those on which refunds may still come."""
    first = max(merchant.valid_from, earliest)
    if planned is not None and planned >= merchant.valid_from:
        first = max(first, planned + timedelta(days=1))
    until = min(last, merchant.valid_until + REFUNDS_FOR) if merchant.valid_until else last
    return [first + timedelta(days=past) for past in range((until - first).days + 1)]


def planned(company_id: int, sub_mch_id: str, day: date, now: datetime) -> dict[str, object]:
    """The row of a bill that is to be fetched."""
    return {
        "company_id": company_id,
        "sub_mch_id": sub_mch_id,
        "bill_on": day,
        "planned_at": now,
        "state": OutgoingState.WAITING.value,
        "attempts": 0,
        "next_at": now,
        "sha256": "",
        "line_count": 0,
        "paid_fen": 0,
        "refunded_fen": 0,
        "fee_fen": 0,
    }
