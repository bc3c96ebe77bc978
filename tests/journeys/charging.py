"""An estate that charges for repairs for the length of a story, and how its residents pay."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from sqlalchemy import select

from app.catalogue.prices import install_standard_prices, publish_price
from app.catalogue.standard_prices import STANDARD_PRICES
from app.companies.models import Company, Office
from app.core import clock
from app.core.db import db, transact
from app.core.scope import SYSTEM
from app.estates.models import Estate
from app.payments.models import Merchant
from config import SANDBOX_SUB_MERCHANTS
from tests.factories.money import make_merchant
from tests.journeys.console import ConsoleClient
from tests.journeys.product import ApiClient
from tests.journeys.town import LAMP_DARK, LAMP_LIT, Town

TAP_LINE = {
    "item_code": "W01",
    "material_by": "company",
    "material": "陶瓷芯水龙头",
    "material_fen": 2_500,
}


@contextmanager
def charging(town: Town) -> Iterator[None]:
    """The company has published what the demonstration asks and may receive money; afterwards repairs are free again,
    as every other story expects."""
    with town.product.looking_in():
        transact(lambda: _begin(town))
    try:
        yield
    finally:
        with town.product.looking_in():
            transact(lambda: setattr(_estate(town), "free_trial", True))


def _begin(town: Town) -> None:
    company = db.session.get_one(Company, db.session.get_one(Office, town.ids["office"]).company_id)
    install_standard_prices()
    with clock.frozen(clock.now()):  # one list, published at one instant
        for row in STANDARD_PRICES:
            if row.demo_fen is not None:
                publish_price(row.code, company_id=company.id, price_fen=row.demo_fen, by=SYSTEM)
    if db.session.scalar(select(Merchant.id).where(Merchant.company_id == company.id)) is None:
        make_merchant(company, sub_mch_id=SANDBOX_SUB_MERCHANTS[0])
    estate = _estate(town)
    estate.free_trial, estate.pay_enabled = False, True


def _estate(town: Town) -> Estate:
    return db.session.get_one(Estate, town.ids["estate"])


def agree_on_a_tap(worker: ApiClient, resident: ApiClient, order_id: int) -> dict[str, Any]:
    """40.00 for the work and 25.00 for the material; without an agreement nothing is finished."""
    body = {"result": "换好了", "photo_ids": [worker.upload(LAMP_LIT)]}
    refused = worker.try_post(f"/orders/{order_id}/finish", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_quoted")
    above = worker.try_post(f"/orders/{order_id}/quote", {"lines": [{**TAP_LINE, "unit_price_fen": 4_001}]})
    assert (above.status_code, above.json()["code"]) == (422, "price_above_list")
    quote = worker.post(f"/orders/{order_id}/quote", {"lines": [TAP_LINE]})["quote"]
    assert quote["total_words"] == "¥65.00"
    assert quote["price_version"] >= 1
    agreed = resident.post(f"/orders/{order_id}/agree-quote", {"hash": quote["hash"]})
    assert (agreed["status"], agreed["agreed_fen"]) == ("WORKING", 6_500)
    return agreed


def finish_with_the_old_tap(worker: ApiClient, order_id: int) -> None:
    """A replaced part is shown, or nothing is finished."""
    body = {"result": "换了陶瓷芯水龙头,不滴了", "photo_ids": [worker.upload(LAMP_LIT)]}
    refused = worker.try_post(f"/orders/{order_id}/finish", body)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["old_part_photo_ids"])
    done = worker.post(
        f"/orders/{order_id}/finish", {**body, "old_part_photo_ids": [worker.upload(LAMP_DARK)]}
    )
    assert (done["status"], done["pay_status"]) == ("DONE", "待支付")


def pay_for_it(town: Town, resident: ApiClient, order_id: int, *, name: str) -> dict[str, Any]:
    """The settlement list, the sandbox's cashier, and the order that has heard of it; returns the payment."""
    shown = resident.get(f"/orders/{order_id}")
    assert [(line["label"], line["amount_words"]) for line in shown["settlement"]["lines"]] == [
        ("更换水龙头 1个", "¥40.00"),
        ("材料:陶瓷芯水龙头", "¥25.00"),
    ]
    unpaid = resident.try_post(f"/orders/{order_id}/confirm")
    assert (unpaid.status_code, unpaid.json()["code"]) == (409, "not_paid")
    payment = resident.post(f"/orders/{order_id}/pay")
    assert payment["amount_fen"] == 6_500
    opened = resident.post(f"/payments/{payment['id']}/open")
    tapped = {"params": opened["wechat"], "name": name, "outcome": "ok"}
    answer = requests.post(f"{town.product.sandbox}/control/pay", json=tapped, timeout=20)
    assert answer.status_code == 200, answer.text
    town.product.wait_for(
        lambda: resident.get(f"/orders/{order_id}")["pay_status"] == "已支付",
        within=30,
        what="the paid order",
    )
    return resident.get(f"/payments/{payment['id']}")


def invoice_in_the_letter_box(resident: ApiClient, company: ConsoleClient, payment_id: int) -> None:
    """Asked for on the phone, written out and brought by the company."""
    wanted = {"how": "letterbox", "title_kind": "person", "title": "示范居民"}
    invoice = resident.post(f"/payments/{payment_id}/invoice", wanted)
    for step, fields in (
        ("issue", {"number": "24117000001234567890"}),
        ("set_out", {}),
        ("hand_over", {"to": "信箱"}),
    ):
        _submit(company, f"/invoices/{invoice['id']}/{step}", fields)
    assert resident.get(f"/invoices/{invoice['id']}")["state"] == "delivered"


def _submit(company: ConsoleClient, path: str, fields: dict[str, str]) -> None:
    sent = {"csrf_token": company.token, "request_id": secrets.token_urlsafe(16), **fields}
    answer = company.http.post(f"{company.product.base}/admin{path}", data=sent, timeout=20)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
    assert "已办理" in answer.text, re_alert(answer.text)


def re_alert(html: str) -> str:
    """What the page says did not work."""
    return html[html.find('role="alert"') :][:300]
