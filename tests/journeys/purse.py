"""Money in a journey: three homes of two companies with bills, and a payer's phone."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import urlencode

import requests
from sqlalchemy import func, select

from app.accounts.models import Account
from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.accounts.service import give_consent
from app.books.models import LedgerLine
from app.companies.models import Company, Office
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.estates.models import Estate, Home
from app.fees import issuing, standards
from app.fees.bill_models import Bill
from app.fees.standards import NewStandard
from app.payments.models import Payment
from app.seeds.credentials import sandbox_openid
from config import SANDBOX_SUB_MERCHANTS
from tests.factories.money import make_merchant
from tests.factories.people import make_binding, make_credential, make_hat, make_resident
from tests.factories.places import make_home, make_place
from tests.journeys.console import ConsoleClient
from tests.journeys.product import ApiClient
from tests.journeys.town import Town

PAYER = "wang"
"""A phone of the demonstration: only those have the pay sheet for browsers."""
AREA, PRICE = Decimal("110.00"), 26_000
ACCOUNTANTS = ("j-fin-1", "j-fin-2")
"""Of the first company, at the console."""
_FIELD = re.compile(r'name="(\w+)" value="([^"]*)">')
A_MONTH_FEN = 28_600
MONTHS = 3


@dataclass(frozen=True)
class Purse:
    """The payer's homes, the first two by one company and the third by another."""

    town: Town
    home_ids: list[int]
    company_ids: list[int]

    @property
    def sandbox(self) -> str:
        return self.town.product.sandbox

    def payer(self) -> ApiClient:
        """The phone of whoever pays."""
        return ApiClient(self.town.product, PAYER)

    def pay_in_a_browser(self, cashier_url: str, *, back: str) -> str:
        """立即支付 on the pay sheet; the address to which it goes back."""
        page = requests.get(f"{cashier_url}&{urlencode({'back': back})}", timeout=20)
        assert page.status_code == 200, page.text
        form = {"tap": "pay", **dict(_FIELD.findall(page.text))}
        sent = {name: unescape(value) for name, value in form.items()}
        answer = requests.post(f"{self.sandbox}/cashier", data=sent, timeout=20, allow_redirects=False)
        return answer.headers["Location"]

    def tap(self, params: dict[str, str], outcome: str = "ok") -> requests.Response:
        """wx.requestPayment on the payer's phone."""
        body = {"params": params, "name": PAYER, "outcome": outcome}
        return requests.post(f"{self.sandbox}/control/pay", json=body, timeout=20)

    def sign_refund(self, refund_id: int, verb: str, *, as_: str) -> str:
        """A button of 退费 at the console; the page that follows."""
        desk = ConsoleClient(self.town.product, as_)
        sent = {"csrf_token": desk.token, "request_id": secrets.token_urlsafe(16)}
        base = f"{self.town.product.base}/admin/refunds"
        answer = desk.http.post(f"{base}/{refund_id}/{verb}", data=sent, timeout=20)
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    def control(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A call of the sandbox's control interface; with a body it is posted."""
        method = "GET" if body is None else "POST"
        answer = requests.request(method, f"{self.sandbox}/sandbox/pay{path}", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def due(self, client: ApiClient, home_id: int) -> list[int]:
        """The bills of a home that nobody has paid."""
        return [each["id"] for each in client.get("/bills", home_id=home_id, state="due")["items"]]

    def issue_next(self) -> list[int]:
        """One month more for everybody; the bill of the first home."""
        with self.town.product.looking_in():
            newest = db.session.scalars(select(func.max(Bill.period))).one()
            period = _after(newest)
            issuing.issue(period, by=SYSTEM)
        found = self.payer().get("/bills", home_id=self.home_ids[0])["items"]
        return [each["id"] for each in found if each["period"] == period]

    def until(self, client: ApiClient, payment_id: int, right: Callable[[Any], bool], what: str) -> Any:
        """The payment as its payer sees it, once it is so."""
        return self.town.product.wait_for(
            lambda: (lambda seen: seen if right(seen) else None)(client.get(f"/payments/{payment_id}")),
            within=30,
            what=what,
        )

    def balances(self, company_id: int) -> dict[str, int]:
        """Debit minus credit by account, in fen."""
        worth = func.sum(LedgerLine.debit_fen - LedgerLine.credit_fen)
        asked = select(LedgerLine.account, worth).where(LedgerLine.company_id == company_id)
        with self.town.product.looking_in():
            return {row[0]: int(row[1]) for row in db.session.execute(asked.group_by(LedgerLine.account))}

    def written(self, payment_id: int) -> Payment:
        """Our row."""
        with self.town.product.looking_in():
            return db.session.get_one(Payment, payment_id)


def fill_purse(town: Town) -> Purse:
    """Set it all into the database; the bills are of this month and the two before."""
    with town.product.looking_in():
        found = transact(lambda: _prepare(town))
        for back in reversed(range(MONTHS)):
            issuing.issue(_month(back), by=SYSTEM)
        return found


def _prepare(town: Town) -> Purse:
    unit = db.session.get_one(Home, town.ids["home"]).unit
    first, second = (make_home(unit, number=f"19{place:02d}", floor=19) for place in (1, 2))
    estate = db.session.get_one(Estate, first.estate_id)
    other = make_place(homes=1)
    third = other.homes[0]
    payer = make_resident(first)
    payer.openid = sandbox_openid(town.product.settings.wechat_appid, PAYER)
    give_consent(payer.id, PRIVACY, PRIVACY_VERSION)
    for slot, home in ((2, second), (3, third)):
        make_binding(payer, home, slot=slot)
    companies = [_company_of(town), other.company]
    for number, (company, where) in enumerate(zip(companies, (estate, other.estate), strict=True)):
        where.pay_enabled = True
        today = clock.china_date(clock.now())
        make_merchant(company, sub_mch_id=SANDBOX_SUB_MERCHANTS[number], valid_from=today)
        wanted = NewStandard(where.id, "property", PRICE, _month(MONTHS), "按建筑面积")
        standards.set_standard(wanted, company_id=company.id, by=SYSTEM)
    for login in ACCOUNTANTS:
        hat = make_hat(Role.FIN, company_id=companies[0].id)
        make_credential(db.session.get_one(Account, hat.account_id), login_name=login)
    for home in (first, second, third):
        home.area_m2 = AREA
    db.session.flush()
    return Purse(town, [first.id, second.id, third.id], [company.id for company in companies])


def _company_of(town: Town) -> Company:
    return db.session.get_one(Company, db.session.get_one(Office, town.ids["office"]).company_id)


def _after(period: str) -> str:
    year, month = map(int, period.split("-"))
    return f"{year + month // 12}-{month % 12 + 1:02d}"


def _month(back: int) -> str:
    """So many months ago, as `2026-10`."""
    today = clock.china_date(clock.now())
    months = today.year * 12 + today.month - 1 - back
    return f"{months // 12}-{months % 12 + 1:02d}"
