"""Desks beside the phones: the bureau and a company's accountant at the console, in the same browser and district."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.money import yuan
from app.core.scope import SYSTEM
from app.fees.bill_models import Bill
from app.payments import queries
from app.payments.receipts import receipt_pdf, sums
from app.seeds.credentials import DEMO_PASSWORD
from tests.client.district import District
from tests.live import watch

BUREAU = "demo-bur"
FINANCE = {"北京潞安示范物业服务有限公司": "demo-fin", "运河样例城市服务有限公司": "demo-fin2"}
"""Who keeps the books of a company that residents pay."""
Place = tuple[int, str]
"""An estate and a month."""
_PAID_OF = r'period=%s[^"]*">[^<]*</a></th><td[^>]*>[^<]*</td><td[^>]*>¥([0-9,.]+)</td>'
"""A month's row: its link, 应收, 已收."""


@contextmanager
def at_the_console(browser: Browser, district: District, login: str) -> Iterator[Page]:
    """A signed-in window; ends by checking that no page of it complained."""
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    watched = watch(context, district.address)
    page = context.new_page()
    page.goto(f"{district.address}/admin/sign-in")
    page.fill("[name=login_name]", login)
    page.fill("[name=password]", DEMO_PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    yield page
    context.close()
    watched.check()


def places_of(district: District, bill_ids: list[int]) -> dict[int, Place]:
    """Where and for which month each bill is counted."""
    wanted = select(Bill.id, Bill.estate_id, Bill.period).where(Bill.id.in_(bill_ids))
    with district.product.looking_in():
        return {bill_id: (estate_id, period) for bill_id, estate_id, period in db.session.execute(wanted)}


def collected(page: Page, district: District, places: set[Place]) -> dict[Place, int]:
    """已收 as the bureau sees it in a browser."""

    def look(path: str) -> str:
        page.goto(f"{district.address}/admin{path}")
        return page.content()

    return read_collected(look, places)


def read_collected(look: Callable[[str], str], places: set[Place]) -> dict[Place, int]:
    """已收 of these months in these estates, in fen: `look` opens a page of the console and gives its source. The
    twelve months of an estate are one table of 收缴监管."""
    found: dict[Place, int] = {}
    for estate_id in sorted({estate_id for estate_id, _ in places}):
        periods = sorted(period for each, period in places if each == estate_id)
        page = look(f"/collection/?period={periods[-1]}&kind=property&estate={estate_id}")
        assert "收缴率" in page, page[:500]
        for period in periods:
            row = re.search(_PAID_OF % re.escape(period), page)
            found[estate_id, period] = _fen(row[1]) if row else 0
    return found


def _fen(amount: str) -> int:
    """1,286.00 -> 128600"""
    return round(float(amount.replace(",", "")) * 100)


def paid_at(district: District, payments: list[dict[str, Any]]) -> dict[Place, int]:
    """What these payments, as the API tells them, have brought to each place."""
    lines = [line for payment in payments for line in payment["lines"]]
    fen = {int(line["subject"].removeprefix("bill:")): line["amount_fen"] for line in lines}
    found: dict[Place, int] = {}
    for bill_id, place in places_of(district, list(fen)).items():
        found[place] = found.get(place, 0) + fen[bill_id]
    return found


def has_moved(
    district: District,
    look: Callable[[set[Place]], dict[Place, int]],
    before: Mapping[Place, int],
    paid: Mapping[Place, int],
) -> None:
    """Wait until 收缴监管 has moved by exactly what was paid."""
    assert before.keys() <= paid.keys() and all(paid.values())
    wanted = {place: before[place] + paid[place] for place in before}
    district.wait_for(lambda: look(set(before)) == wanted, within=30, what=f"{wanted} in 收缴监管")


def ledger_of(payment: Mapping[str, Any]) -> str:
    """The page of the ledger for the day of this payment, as the API tells it."""
    day = clock.china_date(datetime.fromisoformat(payment["paid_at"]))
    return f"/finance-ledger/?first={day}&last={day}"


def entry_and_receipt(page: Page, district: District, payment: Mapping[str, Any]) -> bytes:
    """The payment in the company's ledger, from there its page, and the receipt that lies there."""
    fen = payment["amount_fen"]
    page.goto(f"{district.address}/admin{ledger_of(payment)}")
    source = page.get_by_role("link", name=f"收款 {payment['id']}", exact=True)
    entry = page.locator("tbody").filter(has=source)
    sum_ = f"{fen / 100:,.2f}"
    expect(entry.locator("tr").first).to_contain_text("微信待结算款")
    assert sum_ in entry.locator("tr").first.inner_text()
    source.click()
    expect(page.get_by_role("heading", name=f"¥{sum_}")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="电子收据(PDF)").click()
    return download.value.path().read_bytes()


def receipt(district: District, payment: Mapping[str, Any]) -> bytes:
    """The file that must lie everywhere, over this sum; tests/payments/test_receipts.py proves what stands in it."""
    with district.product.looking_in():
        view = queries.payment_view(payment["id"], SYSTEM)
        assert ("合计", yuan(payment["amount_fen"])) in sums(view)
        return receipt_pdf(view)
