"""What households have paid of their bills: payments, lines, receipts and books (domain 4.3).

Twelve thousand payments through the services would take minutes. These are the same rows, each table in a few
statements; a test lays one of them beside what the services write, and `flask money check` asks all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import String, cast, func, insert, literal, select, update

from app.books.accounts import Account, Book, book_of
from app.books.models import LedgerEntry, LedgerLine
from app.core import clock
from app.core.clock import china_date
from app.core.db import changed, db, table_of, transact
from app.estates.models import Estate
from app.fees import paying
from app.fees.bill_models import Bill
from app.fees.rules import BillState
from app.payments.merchants import merchant_on
from app.payments.models import Payment, PaymentLine, PaymentState, Purpose
from app.payments.numbers import new_trade_no, receipt_no
from app.payments.opening import EXPIRES_AFTER, Part
from app.seeds.households import Household, neighbours, residents_who_pay
from app.seeds.organisations import Desk
from app.seeds.people import Resident
from app.seeds.settled import transaction_id_of
from config import Settings

ARRIVES_AFTER = timedelta(seconds=30)
ROWS_A_STATEMENT = 2000
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Paid:
    """One payment to be: who pays when, and the bills for which, of one company."""

    household: Household
    at: datetime
    bills: tuple[Bill, ...]


def pay_past_bills(
    now: datetime,
    desks: Mapping[str, Desk],
    residents: Sequence[Resident],
    settings: Settings,
    *,
    with_neighbours: bool,
) -> int:
    """What the residents and, if wanted, all their neighbours have paid until now; returns how many payments.

    Where neighbours pay, online payment is open."""
    appid = settings.wechat_appid
    households = transact(lambda: residents_who_pay(residents, now, appid), attempts=1)
    if with_neighbours:
        transact(partial(_open_payment, desks), attempts=1)
        households += transact(lambda: neighbours(desks, households, residents, now, appid), attempts=1)
    return int(transact(partial(pay_households, households, now), attempts=1))


def _open_payment(desks: Mapping[str, Desk]) -> None:
    served = [desk.estate_id for desk in desks.values()]
    db.session.execute(update(Estate).where(Estate.id.in_(served)).values(pay_enabled=True))


def pay_households(households: Sequence[Household], now: datetime) -> int:
    """Write what these households have paid until now; returns how many payments."""
    paid = sorted(_what_is_paid(households, now), key=lambda each: (each.at, each.household.payer_id))
    if not paid:
        return 0
    labels = paying.places_of([bill for each in paid for bill in each.bills])
    merchants = _merchants(paid)
    first_payment, first_entry = _next_id(Payment), _next_id(LedgerEntry)
    payments: Rows = []
    lines: Rows = []
    entries: Rows = []
    ledger: Rows = []
    for payment_id, each in enumerate(paid, first_payment):
        parts = [paying.part_of(bill, labels[bill.home_id]) for bill in each.bills]
        payment = _payment(payment_id, each, parts, merchants[each.bills[0].company_id])
        payments.append(payment)
        lines += [_line(payment_id, part) for part in parts]
        for book, shares in _by_book(parts).items():
            entry_id = first_entry + len(entries)
            entries.append(_entry(entry_id, payment, book))
            ledger += _ledger_lines(entry_id, payment, book, shares)
    for model, rows in (
        (Payment, payments),
        (PaymentLine, lines),
        (LedgerEntry, entries),
        (LedgerLine, ledger),
    ):
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            db.session.execute(insert(table_of(model)), rows[start : start + ROWS_A_STATEMENT])
    _settle_bills()
    return len(payments)


def _what_is_paid(households: Sequence[Household], now: datetime) -> Iterator[Paid]:
    """Each time everything that the household's homes owe by then, one payment."""
    owed: dict[int, list[Bill]] = defaultdict(list)
    due = select(Bill).where(Bill.state == BillState.DUE.value).order_by(Bill.id)
    for bill in db.session.scalars(due):
        owed[bill.home_id].append(bill)
    for household in households:
        bills = sorted((bill for home in household.homes for bill in owed[home]), key=lambda bill: bill.id)
        for at in household.pays_at:
            now_due = tuple(bill for bill in bills if bill.issued_at < at)
            if now_due and at + ARRIVES_AFTER < now:
                bills = [bill for bill in bills if bill.issued_at >= at]
                yield Paid(household, at, now_due)


def _merchants(paid: Iterable[Paid]) -> dict[int, str]:
    """Where each company received its residents' money, from the first of these payments on."""
    first: dict[int, datetime] = {}
    for each in paid:
        first.setdefault(each.bills[0].company_id, each.at)
    found = {company_id: merchant_on(company_id, china_date(at)) for company_id, at in first.items()}
    return {company_id: merchant.sub_mch_id for company_id, merchant in found.items() if merchant}


def _next_id(model: type[Payment | LedgerEntry]) -> int:
    return int(db.session.scalar(select(func.max(model.id))) or 0) + 1


def _payment(payment_id: int, paid: Paid, parts: Sequence[Part], sub_mch_id: str) -> dict[str, Any]:
    estates = {bill.estate_id for bill in paid.bills}
    arrived = clock.to_ms(paid.at + ARRIVES_AFTER)
    return {
        "id": payment_id,
        "out_trade_no": new_trade_no(paid.at),
        "purpose": Purpose.BILLS.value,
        "title": paying.title_of(paid.bills)[:60],
        "payer_id": paid.household.payer_id,
        "payer_openid": paid.household.openid,
        "company_id": paid.bills[0].company_id,
        "estate_id": estates.pop() if len(estates) == 1 else None,
        "district_id": paid.bills[0].district_id,
        "sub_mch_id": sub_mch_id,
        "client_ip": "127.0.0.1",
        "amount_fen": sum(part.amount_fen for part in parts),
        "state": PaymentState.PAID.value,
        "created_at": paid.at,
        "expires_at": paid.at + EXPIRES_AFTER,
        "next_at": paid.at + EXPIRES_AFTER,
        "transaction_id": transaction_id_of(payment_id),
        "paid_at": arrived,
        "paid_on": china_date(arrived),
        "ended_at": arrived,
        "receipt_no": receipt_no(payment_id, arrived),
    }


def _line(payment_id: int, part: Part) -> dict[str, Any]:
    return {
        "payment_id": payment_id,
        "subject": part.subject,
        "claim": 1,
        "account": part.account.value,
        "label": part.label[:120],
        "estate_id": part.estate_id,
        "amount_fen": part.amount_fen,
    }


def _by_book(parts: Iterable[Part]) -> dict[Book, list[Part]]:
    found: dict[Book, list[Part]] = defaultdict(list)
    for part in parts:
        found[book_of(part.account)].append(part)
    return found


def _entry(entry_id: int, payment: Mapping[str, Any], book: Book) -> dict[str, Any]:
    return {
        "id": entry_id,
        "company_id": payment["company_id"],
        "district_id": payment["district_id"],
        "book": book.value,
        "subject": f"payment:{payment['id']}",
        "memo": f"收款 {payment['title']}",
        "entered_on": payment["paid_on"],
        "posted_at": payment["paid_at"],
    }


def _ledger_lines(
    entry_id: int, payment: Mapping[str, Any], book: Book, shares: Sequence[Part]
) -> Iterator[dict[str, Any]]:
    """As app/payments/posting.py says it: it stands at WeChat, and each part was earned for an account."""
    same = {
        "entry_id": entry_id,
        "company_id": payment["company_id"],
        "book": book.value,
        "entered_on": payment["paid_on"],
    }
    total = sum(share.amount_fen for share in shares)
    yield {**same, "account": Account.WECHAT.value, "estate_id": None, "debit_fen": total, "credit_fen": 0}
    for share in shares:
        earned = {"account": share.account.value, "estate_id": share.estate_id}
        yield {**same, **earned, "debit_fen": 0, "credit_fen": share.amount_fen}


def _settle_bills() -> None:
    """What app/fees/settling.py would make of each bill that one of these payments has paid whole."""
    subject = literal("bill:").concat(cast(Bill.id, String(20)))
    holding = (PaymentLine.subject == subject) & (PaymentLine.claim == 1)
    paid_at = select(Payment.paid_at).join(PaymentLine, PaymentLine.payment_id == Payment.id)
    paid = paid_at.where(holding, Payment.state == PaymentState.PAID.value)
    statement = update(Bill).where(Bill.state == BillState.DUE.value, paid.exists())
    changed(
        statement.values(state=BillState.PAID.value, paid_fen=Bill.amount_fen, paid_at=paid.scalar_subquery())
    )
    db.session.expire_all()
