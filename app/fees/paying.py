"""Paying bills: chosen months of up to three homes at once, one payment for each company (S0-01, S0-04, S0-06)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from sqlalchemy import select

from app.core.db import db, lock
from app.core.errors import Invalid
from app.core.scope import Scope
from app.estates.models import Building, Estate, Home, Unit
from app.estates.queries import places
from app.fees.bill_models import Bill
from app.fees.errors import BillNotDue, BillNotFound, NotOpenedHere
from app.fees.queries import bills_of_resident, not_payable_sentence
from app.fees.rules import ACCOUNTS, BILLS_AT_ONCE, BillState, FeeKind, period_label
from app.payments.models import Payment, Purpose
from app.payments.opening import Part, open_payment


def pay(bill_ids: Collection[int], *, by: Scope, client_ip: str) -> list[Payment]:
    """The waiting payments for exactly these bills, one for each company, in the order of the companies' ids; asked
    again with the same bills, the same payments.

    Raises Invalid, BillNotFound (also for a home that is not his, and for parking where it is switched off),
    NotOpenedHere, BillNotDue, and what `payments.opening` raises.
    """
    wanted = sorted(set(bill_ids))
    if not 1 <= len(wanted) <= BILLS_AT_ONCE:
        raise Invalid(f"请选择 1 到 {BILLS_AT_ONCE} 张账单", fields={"bill_ids": "数量不对"})
    bills = _locked(wanted, by)
    _refuse_closed_estates(bills)
    if any(not bill.unpaid_fen for bill in bills):
        raise BillNotDue(fields={"bill_ids": [bill.id for bill in bills if not bill.unpaid_fen]})
    labels = places_of(bills)
    by_company = groupby(sorted(bills, key=lambda bill: (bill.company_id, bill.id)), lambda b: b.company_id)
    return [
        _open(list(group), labels, company_id, by=by, client_ip=client_ip) for company_id, group in by_company
    ]


def _locked(bill_ids: Sequence[int], by: Scope) -> list[Bill]:
    """Locked in the order of their ids, as corrections and payments lock them."""
    mine = bills_of_resident(by).where(Bill.id.in_(bill_ids), Bill.state != BillState.VOID.value)
    rows = lock(mine.order_by(Bill.id)).execution_options(populate_existing=True)
    bills = list(db.session.scalars(rows))
    if len(bills) != len(bill_ids):
        raise BillNotFound()
    return bills


def _refuse_closed_estates(bills: Sequence[Bill]) -> None:
    estates = db.session.scalars(select(Estate).where(Estate.id.in_({bill.estate_id for bill in bills})))
    for estate in estates:
        if not estate.pay_enabled:
            raise NotOpenedHere(not_payable_sentence(estate))


def places_of(bills: Sequence[Bill]) -> dict[int, str]:
    """Where the homes of these bills are, as the receipt says it: 3号楼2单元502 by the home's id."""
    statement = (
        select(Home.id, Building.number, Unit.number, Home.number)
        .join(Building, Building.id == Home.building_id)
        .join(Unit, Unit.id == Home.unit_id)
        .where(Home.id.in_({bill.home_id for bill in bills}))
    )
    return {
        home_id: places(building, unit, number)[1]
        for home_id, building, unit, number in db.session.execute(statement)
    }


def _open(
    bills: list[Bill], labels: dict[int, str], company_id: int, *, by: Scope, client_ip: str
) -> Payment:
    estates = {bill.estate_id for bill in bills}
    return open_payment(
        [part_of(bill, labels[bill.home_id]) for bill in bills],
        purpose=Purpose.BILLS,
        title=title_of(bills),
        company_id=company_id,
        estate_id=estates.pop() if len(estates) == 1 else None,
        district_id=bills[0].district_id,
        by=by,
        client_ip=client_ip,
    )


def part_of(bill: Bill, place: str) -> Part:
    """What is still owed of the bill, as one line of a payment."""
    extra = "补差" if bill.paid_fen else ""
    label = f"{bill.title.label}{extra} {period_label(bill.period)}({place})"
    return Part(bill.subject, ACCOUNTS[bill.title], label, bill.unpaid_fen, bill.estate_id)


def title_of(bills: Sequence[Bill]) -> str:
    """What WeChat shows to the payer; names no home: "物业费 2026年8月等3笔"."""
    first = min(bills, key=lambda bill: (bill.period, bill.id))
    words = f"{FeeKind(first.kind).label} {period_label(first.period)}"
    return words if len(bills) == 1 else f"{words}等{len(bills)}笔"
