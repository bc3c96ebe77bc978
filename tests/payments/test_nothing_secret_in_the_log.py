"""A payment's whole life with LOG_LEVEL=DEBUG: ordered, paid, told, shipped, sent back, billed, with answers that go
wrong on the way. No key, no token and no person's WeChat identity is printed by anybody (must-show 6, D19)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog

from app.accounts.scopes import resident_scope
from app.bootstrap import configure_logging
from app.core import clock
from app.core.clock import china_date
from app.core.db import db, transact
from app.core.scope import Scope
from app.integrations.wechat.pay.contract import NoticeRefused, Trade
from app.payments import refunding
from app.payments.following import follow_due
from app.payments.models import Payment, Refund
from app.payments.notices import hear_payment, hear_refund
from app.payments.placing import begin_placing, place, record_placing
from app.payments.refund_rules import RefundReason
from app.payments.sending_refunds import send_due_refunds
from app.payments.shipping import ship_due, write_shipment
from app.reconciliation.nightly import reconcile
from app.seeds.credentials import sandbox_openid
from config import SANDBOX_APPID, SANDBOX_PAY_KEY, SANDBOX_SECRET, SANDBOX_SUB_MERCHANTS
from tests.books.bookkeeping import Keepers, make_keepers
from tests.factories import make_account
from tests.factories.money import make_merchant, make_payment
from tests.payments.cashier import Cashier, open_cashier

PERSON = "王阿姨"
OPENID = sandbox_openid(SANDBOX_APPID, PERSON)
SECRETS = {"the key": SANDBOX_PAY_KEY, "the secret": SANDBOX_SECRET, "a token": "access_token", "who": OPENID}
NOT_OURS = ("werkzeug", "wechat_sandbox")
"""What WeChat's stand-in writes in the same process."""


@pytest.fixture
def at_debug(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """As the operator sets it, for every logger that there is."""
    before = structlog.get_config()
    configure_logging("DEBUG")
    with caplog.at_level(logging.DEBUG):
        yield
    structlog.configure(**before)


def test_a_payments_whole_life_at_debug_prints_nothing_secret(app_db, at_debug, caplog, capsys):
    with open_cashier() as cashier:
        cashier.begin(PERSON)
        payment_id, keepers = _ordered_and_paid(cashier)
        _shipped(cashier, payment_id)
        _sent_back(cashier, payment_id, (keepers.first, keepers.second, keepers.admin))
        cashier.until(hour=11)
        reconcile(cashier.mortal.gateway, receiver=cashier.receiver)
    ours = [each for each in caplog.records if not each.name.startswith(NOT_OURS)]
    printed = "".join(each.getMessage() for each in ours) + "".join(capsys.readouterr())
    for event in ("wechat_pay_doubt", "trade_refused"):
        assert event in printed, "things went wrong, and it was said"
    for what, secret in SECRETS.items():
        assert secret not in printed, what


def _ordered_and_paid(cashier: Cashier) -> tuple[int, Keepers]:
    keepers = make_keepers()
    today = china_date(clock.now())
    make_merchant(keepers.place.company, sub_mch_id=SANDBOX_SUB_MERCHANTS[0], valid_from=today)
    payment_id = make_payment(keepers.place, payer=make_account(openid=OPENID)).id
    by, gateway = resident_scope(db.session.get_one(Payment, payment_id).payer_id), cashier.mortal.gateway
    for fault in ("wrong_answer_signature", "html"):
        cashier.sandbox.fault("/pay/unifiedorder", fault, times=1)
    for _ in range(3):
        order = transact(lambda: begin_placing(payment_id, by=by, api=gateway.api))
        created = place(gateway, order)
    prepay_id = transact(lambda: record_placing(payment_id, created, by=by).prepay_id)
    assert cashier.taps(PERSON, dict(gateway.client_params(prepay_id)), "ok")
    notice = cashier.bag[0]
    for wrong in (notice.body[:-40], notice.body.replace(b"28600", b"1", 1)):
        with pytest.raises(NoticeRefused):
            gateway.parse_pay_notice(notice.headers, wrong)
    told = cashier.read(notice)
    assert isinstance(told, Trade)
    transact(lambda: hear_payment(replace(told, amount_fen=1), receiver=cashier.receiver))
    cashier.passes(timedelta(seconds=6))
    follow_due(gateway, 5, receiver=cashier.receiver)
    assert transact(lambda: hear_payment(told, receiver=cashier.receiver)).value == "duplicate"
    return payment_id, keepers


def _shipped(cashier: Cashier, payment_id: int) -> None:
    cashier.sandbox.call("POST", "/pay/switches", {"trade_managed": True})
    assert cashier.mortal.gateway.is_trade_managed() is True
    transact(lambda: write_shipment(payment_id))
    assert ship_due(cashier.mortal.gateway, 1) == 1


def _sent_back(cashier: Cashier, payment_id: int, people: tuple[Scope, Scope, Scope]) -> None:
    first, second, admin = people
    gateway = cashier.mortal.gateway
    reason = RefundReason.AGREED
    refund_id = transact(lambda: refunding.ask_refund(payment_id, by=first, reason_code=reason).id)
    transact(lambda: refunding.review(refund_id, by=second).id)
    transact(lambda: refunding.approve(refund_id, by=admin).id)
    cashier.sandbox.fault("/secapi/pay/refund", "drop_after", times=1)
    for _ in range(3):
        send_due_refunds(gateway, 5)
        cashier.passes(timedelta(minutes=2))
    for notice in cashier.bag:
        told = cashier.read(notice)
        if not isinstance(told, Trade):
            transact(lambda told=told: hear_refund(told, receiver=cashier.receiver))
    send_due_refunds(gateway, 5)
    db.session.rollback()
    assert db.session.get_one(Refund, refund_id).step == "done"
