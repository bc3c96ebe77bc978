"""退费: asked for, reviewed, approved by three persons; sent under one number until it has arrived; posted once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from app.accounts.scopes import resident_scope
from app.audit.models import AuditRecord
from app.companies.hats import scope_of
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Forbidden
from app.core.outbox import OutboxRow
from app.core.roles import Role
from app.integrations.wechat.pay.contract import REPEATABLE, RefundState
from app.payments import refunding
from app.payments.errors import (
    NothingToRefund,
    PaymentNotFound,
    RefundNotFound,
    RefundOpen,
    RefundTooHigh,
    RefundTooLate,
    SamePerson,
    WrongRefundStep,
)
from app.payments.following import end_payment
from app.payments.models import Payment, Refund
from app.payments.refund_rules import RefundReason
from app.payments.sending_refunds import send_due_refunds
from tests.engines import both_engines, in_parallel, mariadb_only
from tests.factories import make_account, make_hat, make_place
from tests.factories.money import bill_parts, make_payment, pay
from tests.fakes.pay import FakePay
from tests.payments.test_settling import entries

START = china(2026, 11, 22, 9)


class Company:
    """A company with two accountants and an administrator, and a resident who has paid it."""

    def __init__(self, *amounts):
        clock.freeze(START)
        self.place = make_place()
        company_id = self.place.company.id
        self.first, self.second = (scope_of(make_hat(Role.FIN, company_id=company_id)) for _ in range(2))
        self.boss = scope_of(make_hat(Role.CO, company_id=company_id))
        self.wechat = FakePay()
        self.payment_id = self.paid(*(amounts or (28600, 15000)))
        self.payer = resident_scope(self.payment.payer_id)

    def paid(self, *amounts):
        payment = make_payment(self.place, parts=bill_parts(*amounts))
        pay(payment)
        return payment.id

    @property
    def payment(self):
        db.session.rollback()
        return db.session.get_one(Payment, self.payment_id, populate_existing=True)

    def refund(self, refund_id):
        db.session.rollback()
        return db.session.get_one(Refund, refund_id, populate_existing=True)

    def ask(self, *, by=None, **values):
        given = {"reason_code": RefundReason.DOUBLE, "by": by or self.payer, **values}
        return transact(lambda: refunding.ask_refund(self.payment_id, **given)).id

    def approved(self, **values):
        refund_id = self.ask(**values)
        transact(lambda: refunding.review(refund_id, by=self.first))
        transact(lambda: refunding.approve(refund_id, by=self.second))
        return refund_id

    def send(self):
        """Everything that is due now."""
        done = 0
        while send_due_refunds(self.wechat, 1):
            done += 1
            assert done < 50
        return done

    def arrive(self, refund_id, state=RefundState.SUCCESS):
        self.wechat.finish_refund(self.refund(refund_id).out_refund_no, state)
        later(minutes=1)
        self.send()


def later(**by):
    clock.freeze(clock.now() + timedelta(**by))


@pytest.fixture
def company(app_db):
    return Company()


def test_nothing_is_sent_before_two_persons_have_signed(company):
    refund_id = company.ask()
    assert company.send() == 0
    transact(lambda: refunding.review(refund_id, by=company.first))
    assert company.send() == 0
    transact(lambda: refunding.approve(refund_id, by=company.second))
    assert company.send() == 1
    assert company.refund(refund_id).step == "sending", "acceptance is not arrival"


@both_engines
def test_a_refund_that_has_arrived_moves_payment_lines_and_books(app_db):
    company = Company(28600, 15000)
    refund_id = company.approved()
    company.send()
    company.arrive(refund_id)
    refund, payment = company.refund(refund_id), company.payment
    assert (refund.step, refund.state, str(refund.refunded_on)) == ("done", "done", "2026-11-22")
    assert (payment.state, payment.refunding_fen, payment.refunded_fen) == ("paid", 0, 43600)
    assert [(line.refunded_fen, line.claim) for line in payment.lines] == [(28600, None), (15000, None)]
    assert entries(f"refund:{refund_id}") == {"property": {"wechat": -43600, "property_fee": 43600}}
    facts = select(OutboxRow.payload).where(OutboxRow.name == "RefundFinished")
    assert [fact["step"] for fact in db.session.scalars(facts)] == ["done"]


def test_a_part_goes_back_from_the_newest_month_and_keeps_the_rest_paid(company):
    company.arrive_of = company.approved(amount_fen=20000)
    company.send()
    company.arrive(company.arrive_of)
    lines = [(line.refunded_fen, line.claim) for line in company.payment.lines]
    assert lines == [(5000, 1), (15000, None)]


def test_chosen_lines_go_back_and_no_others(company):
    first = company.payment.lines[0].subject
    refund_id = company.ask(subjects=[first])
    assert company.refund(refund_id).amount_fen == 28600


def test_what_went_back_whole_can_be_paid_again(company):
    parts = bill_parts(28600, first=9000)
    payment = make_payment(company.place, parts=parts)
    pay(payment)
    company.payment_id, company.payer = payment.id, resident_scope(payment.payer_id)
    refund_id = company.approved()
    company.send()
    company.arrive(refund_id)
    assert make_payment(company.place, parts=parts).id != payment.id


def test_further_refunds_never_exceed_what_was_paid(company):
    for fen in (20000, 20000):
        refund_id = company.approved(amount_fen=fen)
        company.send()
        company.arrive(refund_id)
    with pytest.raises(RefundTooHigh) as refused:
        company.ask(amount_fen=3601)
    assert refused.value.fields["left_fen"] == 3600
    refund_id = company.approved(amount_fen=3600)
    company.send()
    company.arrive(refund_id)
    with pytest.raises(NothingToRefund):
        company.ask()
    assert company.payment.refunded_fen == 43600


def test_one_refund_of_a_payment_is_on_its_way_at_a_time(company):
    refund_id = company.ask(amount_fen=100)
    assert company.ask(amount_fen=100) == refund_id
    with pytest.raises(RefundOpen) as refused:
        company.ask(by=company.boss)
    assert refused.value.fields == {"refund_id": refund_id}


def test_a_rejected_one_frees_its_fen_and_says_why(company):
    refund_id = company.ask()
    transact(lambda: refunding.reject(refund_id, by=company.boss, why="服务已经做完"))
    refund = company.refund(refund_id)
    assert (refund.step, refund.rejected_why, company.payment.refunding_fen) == (
        "rejected",
        "服务已经做完",
        0,
    )
    assert company.send() == 0
    assert company.ask() != refund_id


def test_a_reviewed_one_can_still_be_rejected_and_an_approved_one_cannot(company):
    refund_id = company.ask()
    transact(lambda: refunding.review(refund_id, by=company.first))
    transact(lambda: refunding.reject(refund_id, by=company.second, why="金额不对"))
    other = company.approved()
    with pytest.raises(WrongRefundStep):
        transact(lambda: refunding.reject(other, by=company.boss, why="太晚了"))


class TestThreePersons:
    def test_the_reviewer_does_not_approve(self, company):
        refund_id = company.ask()
        transact(lambda: refunding.review(refund_id, by=company.first))
        with pytest.raises(SamePerson):
            transact(lambda: refunding.approve(refund_id, by=company.first))

    def test_an_accountant_who_asked_neither_reviews_nor_approves(self, company):
        refund_id = company.ask(by=company.first)
        with pytest.raises(SamePerson):
            transact(lambda: refunding.review(refund_id, by=company.first))
        transact(lambda: refunding.review(refund_id, by=company.second))
        with pytest.raises(SamePerson):
            transact(lambda: refunding.approve(refund_id, by=company.first))
        transact(lambda: refunding.approve(refund_id, by=company.boss))
        assert company.refund(refund_id).step == "sending"

    def test_an_accountant_who_paid_himself_does_not_sign_his_own(self, company):
        payment = make_payment(company.place, payer=make_account())
        pay(payment)
        company.payment_id = payment.id
        hat = make_hat(Role.FIN, company_id=company.place.company.id)
        transact(lambda: setattr(db.session.get_one(Payment, payment.id), "payer_id", hat.account_id))
        refund_id = company.ask(by=resident_scope(hat.account_id))
        with pytest.raises(SamePerson):
            transact(lambda: refunding.review(refund_id, by=scope_of(hat)))

    def test_who_gets_the_money_signs_nothing_although_a_colleague_has_asked(self, company):
        hat = make_hat(Role.FIN, company_id=company.place.company.id)
        payment = make_payment(company.place, payer=make_account())
        transact(lambda: setattr(db.session.get_one(Payment, payment.id), "payer_id", hat.account_id))
        pay(payment)
        company.payment_id = payment.id
        refund_id = company.ask(by=company.first)
        with pytest.raises(SamePerson):
            transact(lambda: refunding.review(refund_id, by=scope_of(hat)))
        transact(lambda: refunding.review(refund_id, by=company.second))
        with pytest.raises(SamePerson):
            transact(lambda: refunding.approve(refund_id, by=scope_of(hat)))
        assert company.refund(refund_id).step == "reviewed"

    def test_the_administrator_does_not_review(self, company):
        refund_id = company.ask()
        with pytest.raises(Forbidden):
            transact(lambda: refunding.review(refund_id, by=company.boss))

    def test_the_payer_signs_nothing(self, company):
        refund_id = company.ask()
        for verb in (refunding.review, refunding.approve, refunding.retry):
            with pytest.raises(Forbidden):
                transact(partial(verb, refund_id, by=company.payer))

    def test_the_bureau_sees_it_and_changes_nothing(self, company):
        bureau = scope_of(make_hat(Role.BUR, district_id=company.place.district.id))
        refund_id = company.ask()
        with pytest.raises(Forbidden):
            transact(lambda: refunding.review(refund_id, by=bureau))
        with pytest.raises(Forbidden):
            company.ask(by=bureau)

    def test_another_company_finds_nothing(self, company):
        stranger = scope_of(make_hat(Role.FIN, company_id=make_place().company.id))
        refund_id = company.ask()
        with pytest.raises(RefundNotFound):
            transact(lambda: refunding.review(refund_id, by=stranger))
        with pytest.raises(PaymentNotFound):
            company.ask(by=stranger)

    def test_each_signature_is_audited(self, company):
        company.approved()
        actions = db.session.scalars(
            select(AuditRecord.action).where(AuditRecord.object_kind == "refund").order_by(AuditRecord.id)
        )
        assert list(actions) == ["refund.review", "refund.approve"]

    def test_a_step_is_done_once(self, company):
        refund_id = company.approved()
        for verb, by in ((refunding.review, company.second), (refunding.approve, company.boss)):
            with pytest.raises(WrongRefundStep):
                transact(partial(verb, refund_id, by=by))


class TestSending:
    @pytest.mark.parametrize("lost", ["before", "after"])
    def test_a_lost_answer_is_asked_for_and_never_sent_under_a_new_number(self, company, lost):
        refund_id = company.approved()
        getattr(company.wechat, lost).append("refund")
        company.send()
        later(seconds=5)
        company.send()
        number = company.refund(refund_id).out_refund_no
        assert list(company.wechat.refunds) == [number]
        assert company.wechat.count("refund") == (2 if lost == "before" else 1)
        company.arrive(refund_id)
        assert company.refund(refund_id).step == "done"

    @pytest.mark.parametrize("code", sorted(REPEATABLE))
    def test_what_wechat_cannot_do_now_is_tried_later_with_the_same_number(self, company, code):
        refund_id = company.approved()
        company.wechat.codes.append(("refund", code))
        company.send()
        refund = company.refund(refund_id)
        assert (refund.step, refund.last_error) == ("sending", code)
        later(hours=1)
        company.send()
        assert list(company.wechat.refunds) == [refund.out_refund_no]
        company.arrive(refund_id)
        assert company.refund(refund_id).step == "done"

    @pytest.mark.parametrize("state", [RefundState.ABNORMAL, RefundState.CLOSED])
    def test_what_the_bank_cannot_do_waits_for_a_person_and_keeps_its_fen(self, company, state):
        refund_id = company.approved()
        company.send()
        company.arrive(refund_id, state)
        refund = company.refund(refund_id)
        assert (refund.step, refund.last_error, company.payment.refunding_fen) == (
            "failed",
            state.value,
            43600,
        )
        with pytest.raises(RefundOpen):
            company.ask()
        number = refund.out_refund_no
        transact(lambda: refunding.retry(refund_id, by=company.boss))
        company.wechat.refunds.clear()
        company.send()
        assert list(company.wechat.refunds) == [number]
        company.arrive(refund_id)
        assert company.refund(refund_id).step == "done"

    def test_what_wechat_refuses_for_good_waits_for_a_person(self, company):
        refund_id = company.approved()
        company.wechat.codes.append(("refund", "TRADE_OVERDUE"))
        company.send()
        assert company.refund(refund_id).step == "failed"

    def test_one_that_was_refused_after_a_lost_answer_is_asked_for_before_it_is_sent_again(self, company):
        """The first call may have been carried out although nobody saw it a moment later."""
        refund_id = company.approved()
        company.wechat.after.append("refund")
        company.send()
        carried_out = dict(company.wechat.refunds)
        company.wechat.refunds.clear()
        company.wechat.codes.append(("refund", "TRADE_STATE_ERROR"))
        later(seconds=5)
        company.send()
        assert company.refund(refund_id).step == "failed"
        company.wechat.refunds.update(carried_out)
        company.wechat.finish_refund(company.refund(refund_id).out_refund_no)
        sent = company.wechat.count("refund")
        transact(lambda: refunding.retry(refund_id, by=company.boss))
        company.send()
        assert (company.refund(refund_id).step, company.wechat.count("refund")) == ("done", sent)

    def test_a_question_that_is_refused_says_nothing_of_the_refund(self, company):
        refund_id = company.approved()
        company.send()
        company.wechat.codes.append(("query_refund", "SIGNERROR"))
        later(seconds=5)
        company.send()
        assert company.refund(refund_id).step == "sending"

    def test_a_refund_of_another_amount_is_not_ours(self, company):
        refund_id = company.approved()
        company.send()
        number = company.refund(refund_id).out_refund_no
        known = company.wechat.refunds[number]
        company.wechat.refunds[number] = type(known)(**{**vars(known), "refund_fen": 1})
        company.arrive(refund_id)
        assert company.refund(refund_id).last_error == "wrong_amount"
        assert company.payment.refunded_fen == 0

    def test_a_process_that_dies_during_the_call_is_taken_up_by_another(self, company):
        refund_id = company.approved()
        real, company.wechat.refund = company.wechat.refund, None
        with pytest.raises(TypeError):
            send_due_refunds(company.wechat, 1)
        company.wechat.refund = real
        assert company.send() == 0, "the lease of the dead one still runs"
        later(seconds=61)
        company.send()
        company.arrive(refund_id)
        assert company.refund(refund_id).step == "done"
        assert list(company.wechat.refunds) == [company.refund(refund_id).out_refund_no]

    @both_engines
    def test_late_money_goes_back_without_any_signature(self, app_db):
        company = Company()
        payment = make_payment(company.place, parts=bill_parts(500, 700))
        transact(lambda: end_payment(db.session.get_one(Payment, payment.id)))
        pay(payment)
        company.payment_id = payment.id
        refund_id = db.session.scalars(select(Refund.id).where(Refund.payment_id == payment.id)).one()
        company.wechat.placed = {}
        company.send()
        company.arrive(refund_id)
        assert (company.payment.state, company.payment.refunded_fen) == ("late", 1200)
        assert entries(f"refund:{refund_id}") == {"property": {"wechat": -1200, "to_refund": 1200}}


def test_nothing_goes_back_of_what_was_not_paid(company):
    company.payment_id = make_payment(company.place).id
    with pytest.raises(NothingToRefund):
        company.ask(by=company.boss)


def test_after_a_year_it_does_not_go_back_the_way_it_came(company):
    later(days=366)
    with pytest.raises(RefundTooLate, match="当面办理"):
        company.ask()


@pytest.mark.parametrize("fen", [0, -1, 43601, 2**63])
def test_an_impossible_amount_is_refused_and_nothing_is_reserved(company, fen):
    with pytest.raises(RefundTooHigh):
        company.ask(amount_fen=fen)
    assert company.payment.refunding_fen == 0


@mariadb_only
def test_taps_at_the_same_instant_are_one_refund(app_db):
    company = Company()
    payment_id, payer = company.payment_id, company.payer

    def tap():
        ask = partial(refunding.ask_refund, payment_id, by=payer, reason_code=RefundReason.DOUBLE)
        return transact(lambda: ask().id)

    found = [each for _ in range(7) for each in in_parallel(app_db, [tap] * 7)]
    assert len(set(found)) == 1
    assert db.session.scalar(select(func.count(Refund.id))) == 1
    assert company.payment.refunding_fen == 43600


@mariadb_only
def test_two_accountants_approving_at_once_send_it_once(app_db):
    company = Company()
    refund_id = company.ask()
    transact(lambda: refunding.review(refund_id, by=company.first))
    works = [
        partial(transact, lambda by=by: refunding.approve(refund_id, by=by).id)
        for by in (company.second, company.boss)
    ]
    outcomes = in_parallel(app_db, works)
    assert sum(isinstance(each, WrongRefundStep) for each in outcomes) == 1
    wechat = company.wechat
    tried = in_parallel(app_db, [lambda: send_due_refunds(wechat, 5)] * 4)
    assert (sum(tried), wechat.count("refund")) == (1, 1)
