"""缴费记录 and 退费 in Chromium: at office sizes and zoomed, from the request to the second signature."""

from __future__ import annotations

import re
from functools import partial

import pytest
from playwright.sync_api import expect

from app.accounts.scopes import resident_scope
from app.audit.service import ensure_head
from app.companies.hats import scope_of
from app.core.db import db, transact
from app.core.roles import Role
from app.payments import refunding
from app.payments.following import end_payment
from app.payments.models import Payment, Refund
from app.payments.refund_rules import RefundReason
from app.payments.sending_refunds import send_due_refunds
from tests.browser.conftest import Live
from tests.browser.test_every_page import overflow
from tests.factories import make_credential, make_hat
from tests.factories.money import bill_parts, make_paid, make_payment, pay
from tests.fakes.pay import FakePay

pytestmark = pytest.mark.browser
LONG = "因为七月份装修期间没有住人,已经和管理处经理电话商定退还当月物业费,请核对后办理,谢谢。" * 3


@pytest.fixture
def books(live: Live) -> Live:
    """One of several months, one with a refund that waits, one with one that failed, late money, one that waits."""
    transact(ensure_head)
    place, resident = live.scene.place, live.scene.resident

    def accountant() -> str:
        hat = make_hat(Role.FIN, company_id=place.company.id)
        return make_credential(hat.account, login_name=f"fin-{hat.account_id}").login_name

    live.logins[Role.FIN.value] = transact(accountant)
    make_paid(place, payer=resident, parts=bill_parts(28600, 28600, 15000))
    wanted = make_paid(place, payer=resident, parts=bill_parts(28600, 15000))
    ask(wanted, reason_code=RefundReason.AGREED, reason=LONG[:200], amount_fen=20000)
    failed(make_paid(place), live)
    ended = make_payment(place)
    transact(lambda: end_payment(db.session.get_one(Payment, ended.id)))
    pay(ended)
    make_payment(place, payer=resident)
    return live


def ask(payment: Payment, **values: object) -> int:
    given = {"by": resident_scope(payment.payer_id), "reason_code": RefundReason.DOUBLE, **values}
    return transact(lambda: refunding.ask_refund(payment.id, **given).id)


def failed(payment: Payment, live: Live) -> None:
    """Signed by two others, and WeChat could not."""
    refund_id = ask(payment)
    by = live.scene.by(Role.CO)
    hat = make_hat(Role.FIN, company_id=payment.company_id)
    transact(partial(refunding.review, refund_id, by=scope_of(hat)))
    transact(partial(refunding.approve, refund_id, by=by))
    send_due_refunds(FakePay(codes=[("refund", "TRADE_OVERDUE")]), 1)


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (683, 384)])
def test_the_pages_of_payments_fit_their_window_with_every_form_open(
    books: Live, width: int, height: int
) -> None:
    page = books.window(Role.FIN, width=width, height=height)
    for path in (
        "payments/",
        "payments/?state=paid",
        "payments/1",
        "payments/2",
        "refunds/",
        "refunds/?show=over",
    ):
        page.goto(f"{books.address}/admin/{path}")
        for details in page.locator("main details").all():
            details.evaluate("each => { each.open = true }")
        assert overflow(page) <= 0, path


def test_a_refund_goes_from_the_request_over_two_windows_to_the_sending(books: Live) -> None:
    page = books.open("/admin/refunds/", Role.FIN)
    row = page.locator("tr", has_text="与物业商定退费")
    row.get_by_role("button", name="初审通过").click()
    expect(page.get_by_text("已初审,等另一位财务或企业管理员复核")).to_be_visible()
    expect(row.get_by_role("button", name=re.compile("复核"))).to_have_count(0)
    boss = books.open("/admin/refunds/", Role.CO)
    boss.locator("tr", has_text="与物业商定退费").get_by_role("button", name="复核,退款").click()
    expect(boss.get_by_text("钱正在原路退回")).to_be_visible()
    db.session.rollback()
    assert db.session.query(Refund).filter_by(reason_code="agreed").one().step == "sending"


def test_the_company_gives_chosen_months_back(books: Live) -> None:
    page = books.open("/admin/payments/1", Role.FIN)
    page.get_by_text("替居民申请退费").click()
    page.get_by_label(re.compile("2026年2月物业费")).check()
    page.get_by_role("button", name="申请", exact=True).click()
    expect(page.get_by_text("已提出退费,等另一位财务初审")).to_be_visible()
    expect(page.locator("table.tight").last).to_contain_text("¥286.00")
