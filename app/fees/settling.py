"""What payments make of bills: recomputed from the payment lines of all versions, so twice is once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_

from app.core.db import db, lock
from app.fees.bill_models import Bill
from app.fees.rules import BillState, state_after
from app.payments.models import Payment, PaymentLine, PaymentState

SUBJECT = "bill:"


@dataclass(frozen=True)
class Money:
    """What came in and what went back for one bill in all its versions, fen."""

    paid_fen: int = 0
    refunded_fen: int = 0
    paid_at: datetime | None = None


def bill_ids_of(subjects: Iterable[str]) -> list[int]:
    """The ids behind `bill:77`; other subjects are somebody else's."""
    return [int(text.removeprefix(SUBJECT)) for text in subjects if text.startswith(SUBJECT)]


def take_over(bill_ids: Collection[int]) -> list[Bill]:
    """Bring the newest versions of these bills up to what their payments say; returns those, locked."""
    chains = _chains(bill_ids)
    if not chains:
        return []
    money = _money([bill.id for versions in chains for bill in versions])
    for versions in chains:
        _apply(versions[-1], [money[bill.id] for bill in versions if bill.id in money])
    db.session.flush()
    return [versions[-1] for versions in chains]


def _chains(bill_ids: Collection[int]) -> list[list[Bill]]:
    """All versions of each of the bills, the oldest first."""
    if not bill_ids:
        return []
    keys = db.session.execute(
        select(Bill.home_id, Bill.period, Bill.kind).where(Bill.id.in_(sorted(bill_ids))).distinct()
    ).all()
    which = tuple_(Bill.home_id, Bill.period, Bill.kind).in_([tuple(key) for key in keys])
    rows = lock(select(Bill).where(which).order_by(Bill.id)).execution_options(populate_existing=True)
    chains: dict[tuple[int, str, str], list[Bill]] = defaultdict(list)
    for bill in db.session.scalars(rows):
        chains[bill.home_id, bill.period, bill.kind].append(bill)
    return [sorted(versions, key=lambda bill: bill.version) for versions in chains.values()]


def _money(bill_ids: list[int]) -> dict[int, Money]:
    """By the lines of payments that were paid; money that came late goes back by rule and is not counted."""
    statement = (
        select(PaymentLine.subject, PaymentLine.amount_fen, PaymentLine.refunded_fen, Payment.paid_at)
        .join(Payment, Payment.id == PaymentLine.payment_id)
        .where(PaymentLine.subject.in_([f"{SUBJECT}{bill_id}" for bill_id in bill_ids]))
        .where(Payment.state == PaymentState.PAID.value)
        .order_by(Payment.paid_at)
    )
    found: dict[int, Money] = {}
    for subject, amount, refunded, paid_at in db.session.execute(statement):
        bill_id = int(subject.removeprefix(SUBJECT))
        before = found.get(bill_id, Money())
        found[bill_id] = Money(before.paid_fen + amount, before.refunded_fen + refunded, paid_at)
    return found


def _apply(bill: Bill, parts: list[Money]) -> None:
    bill.paid_fen = sum(each.paid_fen for each in parts)
    bill.refunded_fen = sum(each.refunded_fen for each in parts)
    bill.paid_at = max((each.paid_at for each in parts if each.paid_at), default=None)
    if bill.state != BillState.VOID:
        was = BillState(bill.state)
        money = {"amount": bill.amount_fen, "paid": bill.paid_fen, "refunded": bill.refunded_fen}
        bill.state = state_after(was, **money).value
