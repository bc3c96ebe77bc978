"""What WeChat says becomes a fact once: every part of it is checked, the books move in the same transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from app.books.accounts import Account
from app.books.models import LedgerEntry, LedgerLine
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.outbox import OutboxRow
from app.integrations.wechat.pay.contract import TradeState
from app.payments.following import end_payment
from app.payments.models import Payment, PaymentState, Refund
from app.payments.opening import Part
from app.payments.sending_refunds import send_due_refunds
from app.payments.settling import Receiver, Settlement, settle
from tests.engines import both_engines, in_parallel, mariadb_only
from tests.factories import make_place
from tests.factories.money import RECEIVER, bill_parts, make_payment, pay, trade_of
from tests.fakes.pay import FakePay


def entries(subject):
    """Each entry of a fact as {book: {account: debit - credit}}."""
    rows = db.session.execute(
        select(LedgerEntry.book, LedgerLine.account, LedgerLine.debit_fen - LedgerLine.credit_fen)
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(LedgerEntry.subject == subject)
    )
    found: dict[str, dict[str, int]] = {}
    for book, account, fen in rows:
        sums = found.setdefault(book, {})
        sums[account] = sums.get(account, 0) + fen
    return found


def state_of(payment):
    db.session.rollback()
    return db.session.get_one(Payment, payment.id, populate_existing=True).state


@both_engines
def test_a_payment_that_arrives_is_paid_has_a_receipt_and_stands_in_the_books(app_db):
    payment = make_payment(make_place(), fen=28600)
    at = china(2026, 11, 22, 0, 30)
    assert pay(payment, paid_at=at) is Settlement.SETTLED
    row = db.session.get_one(Payment, payment.id, populate_existing=True)
    assert (row.state, row.transaction_id, row.paid_at) == ("paid", f"42{payment.id:026d}", at)
    assert (str(row.paid_on), row.receipt_no) == ("2026-11-22", f"20261122-{payment.id:010d}")
    assert entries(f"payment:{payment.id}") == {"property": {"wechat": 28600, "property_fee": -28600}}
    assert [line.claim for line in row.lines] == [1]
    told = db.session.scalars(select(OutboxRow).where(OutboxRow.name == "PaymentSettled")).one()
    assert told.payload["subjects"] == [payment.lines[0].subject]


@both_engines
def test_owners_money_and_the_companys_stand_in_books_of_their_own(app_db):
    parts = [
        Part("bill:1", Account.PROPERTY_FEE, "物业费", 28600),
        Part("bill:2", Account.PARKING_PUBLIC, "公共车位", 15000),
        Part("bill:3", Account.AGENCY, "代收水费", 4200),
    ]
    payment = make_payment(make_place(), parts=parts)
    pay(payment)
    assert entries(f"payment:{payment.id}") == {
        "property": {"wechat": 32800, "property_fee": -28600, "agency": -4200},
        "revenue": {"wechat": 15000, "parking_public": -15000},
    }


@both_engines
def test_a_duplicate_changes_nothing(app_db):
    payment = make_payment(make_place())
    outcomes = [pay(payment, paid_at=clock.now() + timedelta(seconds=n)) for n in range(3)]
    assert outcomes == [Settlement.SETTLED, Settlement.DUPLICATE, Settlement.DUPLICATE]
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 1
    assert db.session.scalar(select(func.count(OutboxRow.id)).where(OutboxRow.name == "PaymentSettled")) == 1


WRONG = {
    "amount": ({"amount_fen": 1}, Settlement.WRONG_AMOUNT),
    "more": ({"amount_fen": 28601}, Settlement.WRONG_AMOUNT),
    "negative": ({"amount_fen": -28600}, Settlement.WRONG_AMOUNT),
    "huge": ({"amount_fen": 2**80}, Settlement.WRONG_AMOUNT),
    "truth": ({"amount_fen": True}, Settlement.WRONG_AMOUNT),
    "text": ({"amount_fen": "28600"}, Settlement.WRONG_AMOUNT),
    "currency": ({"currency": "USD"}, Settlement.WRONG_CURRENCY),
    "app": ({"appid": "wx9999999999999999"}, Settlement.WRONG_APP),
    "no app": ({"appid": ""}, Settlement.WRONG_APP),
    "provider": ({"mch_id": "1999999999"}, Settlement.WRONG_MERCHANT),
    "company": ({"sub_mch_id": "1999999998"}, Settlement.WRONG_MERCHANT),
    "no company": ({"sub_mch_id": ""}, Settlement.WRONG_MERCHANT),
    "no transaction": ({"transaction_id": ""}, Settlement.WRONG_TRANSACTION),
    "long transaction": ({"transaction_id": "4" * 33}, Settlement.WRONG_TRANSACTION),
    "number": ({"out_trade_no": "A261122NOBODY"}, Settlement.WRONG_NUMBER),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_ours_in_every_part_changes_nothing(app_db, name):
    payment = make_payment(make_place(), fen=28600)
    other, expected = WRONG[name]
    assert pay(payment, **other) is expected
    assert state_of(payment) == "created"
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 0
    assert db.session.scalar(select(func.count(OutboxRow.id))) == 0
    assert pay(payment) is Settlement.SETTLED, "the right one still counts"


def test_a_trade_for_another_number_than_was_asked_for_is_refused(app_db):
    one, other = make_payment(make_place()), make_payment(make_place())
    trade = trade_of(other)
    assert transact(lambda: settle(one.out_trade_no, trade, receiver=RECEIVER)) is Settlement.WRONG_NUMBER


def test_another_app_of_ours_is_not_this_one(app_db):
    payment = make_payment(make_place())
    stranger = Receiver("wxanother", RECEIVER.mch_id)
    trade = trade_of(payment)
    settled = transact(lambda: settle(payment.out_trade_no, trade, receiver=stranger))
    assert settled is Settlement.WRONG_APP


def test_one_transaction_pays_one_payment(app_db):
    one, other = make_payment(make_place()), make_payment(make_place())
    pay(one, transaction_id="42" + "7" * 26)
    assert pay(other, transaction_id="42" + "7" * 26) is Settlement.WRONG_TRANSACTION
    assert state_of(other) == "created"


def test_a_second_transaction_for_a_paid_payment_is_kept_for_a_person(app_db):
    payment = make_payment(make_place())
    pay(payment)
    assert pay(payment, transaction_id="42" + "8" * 26) is Settlement.WRONG_TRANSACTION


@pytest.mark.parametrize(
    "state", [TradeState.NOTPAY, TradeState.USERPAYING, TradeState.PAYERROR, TradeState.CLOSED]
)
def test_what_is_not_paid_settles_nothing(app_db, state):
    payment = make_payment(make_place())
    assert pay(payment, state=state) is Settlement.NOT_PAID
    assert state_of(payment) == "created"


@both_engines
def test_one_that_is_being_cancelled_and_is_paid_is_paid(app_db):
    payment = make_payment(make_place())
    transact(lambda: setattr(db.session.get_one(Payment, payment.id), "state", PaymentState.CLOSING.value))
    assert pay(payment) is Settlement.SETTLED
    assert state_of(payment) == "paid"


@both_engines
def test_money_for_an_ended_payment_is_taken_and_goes_back_by_itself(app_db):
    payment = make_payment(make_place(), parts=bill_parts(28600, 15000))
    transact(lambda: end_payment(db.session.get_one(Payment, payment.id)))
    assert pay(payment) is Settlement.LATE
    assert pay(payment) is Settlement.DUPLICATE
    row = db.session.get_one(Payment, payment.id, populate_existing=True)
    assert (row.state, row.receipt_no, row.refunding_fen) == ("late", None, 43600)
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.by_rule, refund.step, refund.state, refund.amount_fen) == (
        True,
        "sending",
        "waiting",
        43600,
    )
    assert entries(f"payment:{payment.id}") == {"property": {"wechat": 43600, "to_refund": -43600}}


def test_late_money_comes_and_goes_for_the_same_estates(app_db):
    """Months of two estates in one payment: nothing stands on 待退款 of either when it has gone back."""
    place = make_place()
    other = make_place(district=place.district, company=place.company)
    parts = [
        replace(part, estate_id=estate_id)
        for part, estate_id in zip(bill_parts(28600, 15000), (place.estate.id, other.estate.id), strict=True)
    ]
    payment = make_payment(place, parts=parts)
    transact(lambda: end_payment(db.session.get_one(Payment, payment.id)))
    pay(payment)
    wechat = FakePay()
    send_due_refunds(wechat, 1)
    for number in list(wechat.refunds):
        wechat.finish_refund(number)
    clock.freeze(clock.now() + timedelta(minutes=1))
    send_due_refunds(wechat, 1)
    left = func.sum(LedgerLine.debit_fen - LedgerLine.credit_fen)
    waiting = select(LedgerLine.estate_id, left).where(LedgerLine.account == "to_refund")
    found = db.session.execute(waiting.group_by(LedgerLine.estate_id))
    assert {estate: int(fen) for estate, fen in found} == {place.estate.id: 0, other.estate.id: 0}


@both_engines
def test_the_bill_of_an_ended_payment_can_be_paid_again_even_if_its_money_comes_late(app_db):
    place, parts = make_place(), bill_parts(28600)
    first = make_payment(place, parts=parts)
    transact(lambda: end_payment(db.session.get_one(Payment, first.id)))
    second = make_payment(place, parts=parts)
    assert pay(second) is Settlement.SETTLED
    assert pay(first) is Settlement.LATE


@mariadb_only
def test_eight_notices_and_queries_at_once_settle_once(app_db):
    for _ in range(5):
        trade = trade_of(make_payment(make_place()))
        hear = partial(settle, trade.out_trade_no, trade, receiver=RECEIVER)
        outcomes = in_parallel(app_db, [partial(transact, hear)] * 8)
        assert sorted(outcomes) == [Settlement.DUPLICATE] * 7 + [Settlement.SETTLED]
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 5
