"""A payment of which nobody tells us: asked for on a schedule, closed when its time is over, never made twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.payments import cancelling, placing
from app.payments.following import CLOSABLE_AFTER, follow_due
from app.payments.models import Payment
from tests.engines import both_engines, in_parallel, mariadb_only
from tests.factories import make_account, make_place
from tests.factories.money import RECEIVER, bill_parts, make_payment
from tests.fakes.pay import FakePay

START = china(2026, 11, 22, 9)


@pytest.fixture
def pay():
    clock.freeze(START)
    return FakePay()


def later(**by):
    clock.freeze(clock.now() + timedelta(**by))


def at(**after):
    clock.freeze(START + timedelta(**after))


def open_at_wechat(pay, payment):
    by = resident_scope(payment.payer_id)
    order = transact(lambda: placing.begin_placing(payment.id, by=by, api="v2"))
    created = placing.place(pay, order)
    return transact(lambda: placing.record_placing(payment.id, created, by=by))


def follow(pay):
    """Everything that is due now; returns how many were asked for."""
    done = 0
    while follow_due(pay, 1, receiver=RECEIVER):
        done += 1
        assert done < 50, "what was asked for must be put off"
    return done


def row(payment):
    db.session.rollback()
    return db.session.get_one(Payment, payment.id, populate_existing=True)


@both_engines
def test_the_schedule_is_5_s_30_s_1_min_5_min_then_every_10_min(app_db, pay):
    payment = open_at_wechat(pay, make_payment(make_place()))
    asked = []
    for second in range(0, 30 * 60, 5):
        at(seconds=second)
        before = pay.count("query")
        follow(pay)
        if pay.count("query") > before:
            asked.append(second)
    assert asked == [5, 35, 95, 395, 995, 1595]
    assert row(payment).state == "open"


@both_engines
def test_a_payment_whose_notice_never_came_is_found_paid(app_db, pay):
    payment = open_at_wechat(pay, make_payment(make_place()))
    pay.pay(payment.out_trade_no)
    later(seconds=5)
    assert follow(pay) == 1
    assert row(payment).state == "paid"
    later(days=1)
    assert follow(pay) == 0


@both_engines
def test_half_an_hour_later_it_is_closed_at_wechat_and_its_bills_are_free(app_db, pay):
    place, parts, payer = make_place(), bill_parts(100), make_account()
    payment = open_at_wechat(pay, make_payment(place, parts=parts, payer=payer))
    at(minutes=30)
    follow(pay)
    assert (row(payment).state, pay.count("close")) == ("closed", 1)
    assert make_payment(place, parts=parts, payer=payer).id != payment.id


def test_what_never_left_the_house_ends_without_a_question(app_db, pay):
    payment = make_payment(make_place())
    at(minutes=30)
    follow(pay)
    assert (row(payment).state, pay.calls) == ("closed", [])


def test_an_order_whose_answer_was_lost_is_found_at_wechat_and_kept(app_db, pay):
    payment = make_payment(make_place())
    pay.after.append("create")
    with pytest.raises(placing.PayUnavailable):
        open_at_wechat(pay, payment)
    pay.pay(payment.out_trade_no)
    later(seconds=5)
    follow(pay)
    assert row(payment).state == "paid"


def test_an_order_that_never_arrived_ends_without_being_closed_there(app_db, pay):
    payment = make_payment(make_place())
    pay.before.append("create")
    with pytest.raises(placing.PayUnavailable):
        open_at_wechat(pay, payment)
    at(minutes=29)
    follow(pay)
    assert row(payment).state == "created", "it may still be tried again"
    at(minutes=30)
    follow(pay)
    assert (row(payment).state, pay.count("close")) == ("closed", 0)


def cancel(pay, payment):
    by = resident_scope(payment.payer_id)
    answer = cancelling.ask_wechat(pay, payment.id, by=by)
    return transact(lambda: cancelling.cancel_payment(payment.id, answer, by=by, receiver=RECEIVER))


def test_a_cancelled_one_is_closed_as_soon_as_wechat_allows_it_and_not_before(app_db, pay):
    payment = open_at_wechat(pay, make_payment(make_place()))
    later(seconds=40)
    cancel(pay, payment)
    for _ in range(8):
        follow(pay)
        assert (row(payment).state, pay.count("close")) == ("closing", 0)
        later(seconds=30)
    clock.freeze(START + CLOSABLE_AFTER)
    follow(pay)
    assert (row(payment).state, pay.count("close")) == ("closed", 1)


def test_a_cancelled_one_that_wechat_has_never_seen_ends_after_a_minute(app_db, pay):
    payment = make_payment(make_place())
    pay.before.append("create")
    with pytest.raises(placing.PayUnavailable):
        open_at_wechat(pay, payment)
    cancel(pay, payment)
    follow(pay)
    assert row(payment).state == "closing", "the lost call may still arrive"
    later(seconds=61)
    follow(pay)
    assert row(payment).state == "closed"


def test_paid_while_it_was_being_closed_is_paid(app_db, pay):
    payment = open_at_wechat(pay, make_payment(make_place()))
    at(minutes=30)
    real_query = pay.query

    def query_then_pay(number, sub):
        answer = real_query(number, sub)
        if pay.orders[number].state == "NOTPAY":
            pay.pay(number)
        return answer

    pay.query = query_then_pay
    follow(pay)
    assert row(payment).state == "paid"


@pytest.mark.parametrize("lost", ["before", "after"])
def test_a_lost_answer_to_the_closing_is_asked_for_again(app_db, pay, lost):
    payment = open_at_wechat(pay, make_payment(make_place()))
    at(minutes=30)
    getattr(pay, lost).append("close")
    follow(pay)
    assert row(payment).state == "closing"
    later(minutes=10)
    follow(pay)
    assert row(payment).state == "closed"


def test_unknown_answers_change_nothing_and_are_asked_again(app_db, pay):
    payment = open_at_wechat(pay, make_payment(make_place()))
    pay.before += ["query"] * 3
    for seconds in (5, 35, 95):
        at(seconds=seconds)
        follow(pay)
    found = row(payment)
    assert (found.state, found.last_error) == ("open", "query NO_ANSWER")
    pay.pay(payment.out_trade_no)
    at(seconds=395)
    follow(pay)
    assert row(payment).state == "paid"


def test_a_trade_that_does_not_fit_is_noted_and_the_payment_stays_open(app_db, pay):
    payment = open_at_wechat(pay, make_payment(make_place()))
    paid = pay.pay(payment.out_trade_no)
    pay.orders[payment.out_trade_no] = type(paid)(**{**vars(paid), "amount_fen": 1})
    later(seconds=5)
    follow(pay)
    assert (row(payment).state, row(payment).last_error) == ("open", "wrong_amount")


def test_a_process_that_dies_between_question_and_answer_loses_nothing(app_db, pay):
    payment = open_at_wechat(pay, make_payment(make_place()))
    pay.pay(payment.out_trade_no)
    later(seconds=5)
    pay.query, real = None, pay.query
    with pytest.raises(TypeError):
        follow_due(pay, 1, receiver=RECEIVER)
    pay.query = real
    later(seconds=30)
    follow(pay)
    assert row(payment).state == "paid"


@mariadb_only
def test_two_schedulers_ask_for_each_payment_once(app_db):
    clock.freeze(START)
    pay, place = FakePay(), make_place()
    payments = [open_at_wechat(pay, make_payment(place)) for _ in range(20)]
    for payment in payments:
        pay.pay(payment.out_trade_no)
    later(seconds=5)

    def work():
        return sum(follow_due(pay, 1, receiver=RECEIVER) for _ in range(20))

    done = in_parallel(app_db, [work, work])
    assert sum(done) == 20
    assert pay.count("query") == 20
    assert {row(payment).state for payment in payments} == {"paid"}
