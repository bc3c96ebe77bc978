"""The jobs of money: they go through WeChat Pay where there is one, stop when asked, and rest where nobody pays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from app.accounts.scopes import resident_scope
from app.companies.hats import scope_of
from app.core import clock, shared_values
from app.core.clock import china
from app.core.db import db, transact
from app.core.roles import Role
from app.payments import placing, refunding
from app.payments.following import end_payment
from app.payments.models import Payment, Refund, Shipment
from app.payments.refund_rules import RefundReason
from app.payments.shipping import MANAGED, write_shipment
from config import Settings
from scheduler.context import Context
from scheduler.jobs.follow_payments import follow_payments
from scheduler.jobs.send_refunds import send_refunds
from scheduler.jobs.ship_payments import ship_payments
from scheduler.schedule import JOBS
from tests.engines import both_engines
from tests.factories import make_hat, make_place
from tests.factories.money import make_paid, make_payment, pay
from tests.fakes.pay import FakePay


@pytest.fixture
def context(app_db, tmp_path):
    clock.freeze(china(2026, 11, 22, 9))
    settings = Settings(environment="test", data_dir=tmp_path)
    return Context(settings, None, None, lambda: False, FakePay())


def later(**by):
    clock.freeze(clock.now() + timedelta(**by))


def open_at_wechat(pay_, payment):
    by = resident_scope(payment.payer_id)
    order = transact(lambda: placing.begin_placing(payment.id, by=by, api="v2"))
    created = placing.place(pay_, order)
    transact(lambda: placing.record_placing(payment.id, created, by=by))


def state_of(model, row_id):
    db.session.rollback()
    return db.session.get_one(model, row_id, populate_existing=True).state


def test_the_table_of_jobs_has_them_every_second(context):
    seconds = {job.name: job.every_seconds for job in JOBS}
    assert (seconds["follow_payments"], seconds["send_refunds"]) == (1, 1)


@both_engines
def test_a_backlog_is_followed_in_one_run_and_a_second_run_finds_nothing(context):
    place = make_place()
    payments = [make_payment(place, fen=100 + each) for each in range(5)]
    for each in payments:
        open_at_wechat(context.pay, each)
        context.pay.pay(each.out_trade_no)
    later(seconds=5)
    for _ in range(2):
        follow_payments(context)
        assert {state_of(Payment, each.id) for each in payments} == {"paid"}
    assert context.pay.count("query") == 5


def test_late_money_goes_out_without_anybody(context):
    payment = make_payment(make_place())
    transact(lambda: end_payment(db.session.get_one(Payment, payment.id)))
    pay(payment)
    send_refunds(context)
    refund = db.session.query(Refund).one()
    context.pay.finish_refund(refund.out_refund_no)
    later(seconds=5)
    send_refunds(context)
    assert state_of(Refund, refund.id) == "done"


def test_what_persons_have_not_signed_is_not_sent(context):
    payment = make_paid(make_place())
    ask = partial(refunding.ask_refund, payment.id, by=resident_scope(payment.payer_id))
    refund_id = transact(lambda: ask(reason_code=RefundReason.WRONG).id)
    reviewer = scope_of(make_hat(Role.FIN, company_id=payment.company_id))
    transact(lambda: refunding.review(refund_id, by=reviewer))
    later(days=3)
    send_refunds(context)
    assert context.pay.calls == []


@pytest.mark.parametrize("job", [follow_payments, send_refunds, ship_payments])
def test_without_a_merchant_number_a_job_rests(context, job):
    make_payment(make_place())
    later(days=1)
    job(replace(context, pay=None))


@pytest.mark.parametrize("job", [follow_payments, send_refunds])
def test_a_job_that_shall_stop_takes_nothing_up(context, job):
    open_at_wechat(context.pay, make_payment(make_place()))
    later(seconds=5)
    before = list(context.pay.calls)
    job(replace(context, stopping=lambda: True))
    assert context.pay.calls == before


class TestShipping:
    def test_where_wechat_does_not_want_it_nothing_is_sent_and_it_is_asked_once_an_hour(self, context):
        make_paid(make_place())
        for _ in range(3):
            ship_payments(context)
        assert context.pay.count("is_trade_managed") == 1
        assert context.pay.count("shipped") == 0
        later(hours=1, seconds=1)
        ship_payments(context)
        assert context.pay.count("is_trade_managed") == 2

    def test_when_it_becomes_managed_the_payments_of_the_last_days_are_told_once(self, context):
        payment = make_paid(make_place())
        context.pay.managed = True
        for _ in range(2):
            ship_payments(context)
        assert [number for call, number in context.pay.calls if call == "shipped"] == [payment.transaction_id]
        assert state_of(Shipment, db.session.query(Shipment).one().id) == "done"

    def test_no_answer_leaves_what_was_known(self, context):
        transact(lambda: shared_values.write(MANAGED, "yes"))
        context.pay.managed = None
        ship_payments(context)
        assert shared_values.read(MANAGED) == "yes"

    def test_what_wechat_has_not_seen_yet_is_told_later_and_other_refusals_end_it(self, context):
        first, second = (make_paid(make_place(), fen=fen) for fen in (100, 200))
        for each in (first, second):
            transact(partial(write_shipment, each.id))
        context.pay.codes += [("shipped", "10060004"), ("shipped", "10060001")]
        ship_payments(context)
        states = [row.state for row in db.session.query(Shipment).order_by(Shipment.id)]
        assert states == ["waiting", "given_up"]
        later(minutes=1)
        ship_payments(context)
        assert state_of(Shipment, 1) == "done"
