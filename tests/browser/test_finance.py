"""The finance pages at the office's window: charts are drawn, nothing is cut off, a voucher goes through by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.accounts.models import Account as Person
from app.audit.service import ensure_head
from app.books import revenue
from app.books.accounts import Account
from app.books.quarters import quarter_of
from app.books.voucher_models import Direction
from app.core import clock
from app.core.clock import china_date
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import Scope
from tests.books.bookkeeping import Keepers, booked, make_keepers, public_income, today, wanted
from tests.browser.conftest import Live
from tests.browser.test_every_page import overflow
from tests.factories.money import make_merchant
from tests.factories.people import make_credential
from tests.reconciliation.billing import Billing, night, paid

pytestmark = pytest.mark.browser
LONG = "名字很长的示范小区" * 6


def log_in(live: Live, scope: Scope) -> Page:
    """A window of one keeper of the books."""

    def work() -> str:
        return make_credential(db.session.get_one(Person, scope.account_id)).login_name

    live.logins[Role.FIN.value] = transact(work)
    return live.window(Role.FIN)


@pytest.fixture
def keepers(live: Live) -> Keepers:
    """Two settled days with a difference, vouchers of three months, two quarters of public revenue."""
    transact(ensure_head)
    live.scene.do(lambda: setattr(db.session.merge(live.scene.place.estate), "name", LONG))
    keepers, billing = make_keepers(live.scene.place), Billing()
    for days in (3, 2):
        with clock.frozen(clock.now() - timedelta(days=days)):
            if days == 3:
                make_merchant(keepers.place.company, valid_from=china_date(clock.now()))
            paid(keepers.place, billing)
            paid(keepers.place, billing, billed=days == 3)
    night(billing)
    this = quarter_of(today())
    for quarter in (quarter_of(this.first - timedelta(days=1)), quarter_of(this.first - timedelta(days=100))):
        booked(keepers, public_income(keepers, 500_00, quarter.first))
        transact(lambda code=quarter.code: revenue.draft(keepers.estate_id, code, by=keepers.first))
    for back in (0, 40, 80):
        booked(keepers, wanted(happened_on=today() - timedelta(days=back), memo="长" * 100))
        income = {"direction": Direction.INCOME, "account": Account.OTHER_INCOME}
        booked(keepers, wanted(happened_on=today() - timedelta(days=back), **income))
    return keepers


def test_every_chart_is_drawn_and_no_page_is_wider_than_its_window(live: Live, keepers: Keepers) -> None:
    page = log_in(live, keepers.second)
    since = f"first={today() - timedelta(days=100)}"
    charts = {
        "/admin/finance-ledger/": 0,
        "/admin/finance-vouchers/?state=all": 0,
        "/admin/finance-vouchers/1": 0,
        "/admin/finance-reconciliation/": 0,
        "/admin/finance-settlements/": 1,
        "/admin/finance-settlements/1": 0,
        f"/admin/finance-reports/?{since}": 2,
        f"/admin/finance-reports/?report=expense&{since}": 2,
        "/admin/finance-reports/?report=balance": 0,
        f"/admin/finance-revenue/?estate_id={keepers.estate_id}": 1,
    }
    for path, drawn in charts.items():
        answer = page.goto(live.address + path)
        assert answer is not None
        assert answer.status == 200, path
        if drawn:
            expect(page.locator("body")).to_have_attribute("data-drawn", f"{drawn}")
            assert page.locator(".chart canvas").count() == drawn, path
        page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        assert overflow(page) <= 0, path


def test_a_voucher_is_entered_by_hand_and_a_difference_closed(live: Live, keepers: Keepers) -> None:
    page = log_in(live, keepers.first)
    page.goto(f"{live.address}/admin/finance-vouchers/")
    page.get_by_text("录入一张凭证").click()
    page.get_by_label("收支科目").select_option(value="property:expense:cleaning")
    page.get_by_label("金额(元)").fill("1,280.50")
    page.get_by_label("摘要").fill("十一月保洁费")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_role("status")).to_contain_text("等另一位同事审核")
    expect(page.get_by_role("table")).to_contain_text("1,280.50")
    page.goto(f"{live.address}/admin/finance-reconciliation/")
    page.get_by_text("写明原因").first.click()
    page.get_by_label("是什么情况").first.fill("微信账单次日补上")
    page.get_by_role("button", name="已处理好").first.click()
    expect(page.get_by_role("status")).to_contain_text("已处理")
    expect(page.get_by_text("没有待处理的差异")).to_be_visible()
