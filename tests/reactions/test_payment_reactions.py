"""Who hears of payments and refunds: the payer what became of his money, the company what it must sign."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.audit.service import ensure_head
from app.core.db import db, transact
from app.core.outbox import dispatch_one
from app.integrations.wechat.pay.contract import RefundState
from app.notifications.consents import add_consent
from app.notifications.models import Notification, WeChatDelivery
from app.payments import refunding
from app.payments.following import end_payment
from app.payments.models import Payment
from app.reactions.table import REACTIONS
from tests.factories.money import make_payment, pay
from tests.payments.test_refunding import Company, later


@pytest.fixture
def company(app_db):
    found = Company(28600)
    transact(ensure_head)
    react()
    return found


def react():
    """Everything that waits is heard, twice where a process died in between."""
    while dispatch_one(REACTIONS):
        pass


def heard(account_id):
    db.session.rollback()
    rows = select(Notification.title, Notification.body).where(Notification.account_id == account_id)
    return [tuple(row) for row in db.session.execute(rows.order_by(Notification.id))]


def titles(account_id):
    return [title for title, _ in heard(account_id)]


def test_the_payer_hears_at_once_that_it_arrived_and_where_the_receipt_is(company):
    payment = company.payment
    ((title, body),) = heard(payment.payer_id)
    assert title == "缴费成功"
    assert "¥286.00" in body
    assert payment.receipt_no in body


def test_in_wechat_too_where_he_has_agreed_to_it(app_db):
    company = Company(100)
    payment = make_payment(company.place)
    transact(lambda: add_consent(payment.payer_id, "payment_done"))
    pay(payment)
    react()
    letter = db.session.scalars(select(WeChatDelivery)).one()
    assert (letter.template, letter.fields["thing4"]) == ("payment_done", "¥286.00")
    assert letter.page == f"money/payment/payment?id={payment.id}"


def test_a_refund_is_told_to_whom_it_waits_for_and_to_the_payer_when_it_is_back(company):
    payer, first, second = company.payer.account_id, company.first.account_id, company.second.account_id
    refund_id = company.ask()
    react()
    assert titles(first) == titles(second) == ["有退费等待初审"]
    transact(lambda: refunding.review(refund_id, by=company.first))
    react()
    assert titles(company.boss.account_id) == ["有退费等待复核"]
    assert titles(second) == ["有退费等待初审", "有退费等待复核"]
    assert titles(first) == ["有退费等待初审"], "who has reviewed is not asked for the second signature"
    transact(lambda: refunding.approve(refund_id, by=company.second))
    company.send()
    company.arrive(refund_id)
    react()
    assert titles(payer) == ["缴费成功", "退费已通过", "退款已到账"]


def test_a_rejected_refund_says_why_without_personal_data(company):
    refund_id = company.ask()
    transact(
        lambda: refunding.reject(refund_id, by=company.boss, why="已与 3号楼502室 电话 19900000300 说明")
    )
    react()
    title, body = heard(company.payer.account_id)[-1]
    assert title == "退费没有通过"
    assert "502" not in body
    assert "19900000300" not in body


def test_a_failed_refund_is_the_companys_to_mend_and_not_the_payers_worry(company):
    refund_id = company.approved()
    company.send()
    company.arrive(refund_id, RefundState.ABNORMAL)
    react()
    title, body = heard(company.boss.account_id)[-1]
    assert title == "退款失败,需要处理"
    assert "商户平台人工处理" in body
    assert titles(company.payer.account_id) == ["缴费成功", "退费已通过"]


def test_a_refund_that_fails_again_is_told_again(company):
    refund_id = company.approved()
    for _ in range(2):
        company.wechat.codes.append(("refund", "TRADE_OVERDUE"))
        company.send()
        react()
        later(hours=2)
        transact(lambda: refunding.retry(refund_id, by=company.first))
    assert titles(company.boss.account_id).count("退款失败,需要处理") == 2


def test_a_failure_that_somebody_has_mended_meanwhile_is_not_told(company):
    refund_id = company.approved()
    company.wechat.codes.append(("refund", "TRADE_OVERDUE"))
    company.send()
    transact(lambda: refunding.retry(refund_id, by=company.first))
    react()
    assert "退款失败,需要处理" not in titles(company.boss.account_id)


def test_late_money_is_told_as_what_it_is(company):
    payment = make_payment(company.place)
    transact(lambda: end_payment(db.session.get_one(Payment, payment.id)))
    pay(payment)
    react()
    assert titles(payment.payer_id) == ["钱会原路退回"]
