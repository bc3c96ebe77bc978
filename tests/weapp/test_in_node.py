"""The built mp-weixin package itself runs in Node with a stub of `wx`, against the real server and the sandbox."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.seeds.credentials import DEMO_PASSWORD
from app.seeds.pictures import picture
from deploy.weapp_lint import CLIENT
from tests.client import field, finance, money, office
from tests.client.district import NEIGHBOURS, RESIDENT, WORKER, District
from tests.client.sight_money import OTHER_COMPANYS_ESTATE, TWO_COMPANIES
from tests.client.sights import PAGES, Orders, Sight
from tests.journeys.console import ConsoleClient
from tests.journeys.product import ApiClient

pytestmark = pytest.mark.processes
REPORTER = NEIGHBOURS[6]
HERE = Path(__file__).resolve().parent
Tell = Callable[..., str]


@pytest.fixture
def tell(weapp_package: Path, district: District) -> Tell:
    """Run a story (a file of this folder) on a phone of its own; returns what it printed."""

    def run(story: str, person: str, **given: Any) -> str:
        device = {
            "package": str(weapp_package),
            "modules": str(CLIENT),
            "server": district.address,
            "sandbox": district.product.sandbox,
            "aheadMs": district.ahead_ms,
            "person": person,
            **given,
        }
        environment = {**os.environ, "GIVEN": json.dumps(device), "NODE_ENV": "production"}
        done = subprocess.run(
            ["node", f"{story}.mjs"], cwd=HERE, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return done.stdout

    return run


def people() -> list[str]:
    return sorted({sight.who for sight in PAGES if sight.who})


@pytest.mark.parametrize("person", people())
def test_every_page_opens_and_reads_well(tell: Tell, district: District, person: str) -> None:
    orders = Orders(district)
    mine = [sight for sight in PAGES if sight.who == person]
    sights = [given(sight, orders) for sight in mine]
    token = (
        district.api(person).http.headers["Authorization"].removeprefix("Bearer ")
    )  # of a member of staff: of the session that wears his hat
    shown = json.loads(tell("every_page", person, sights=sights, stored={"token": token}))
    assert list(shown) == [sight.name for sight in mine]


def given(sight: Sight, orders: Orders) -> dict[str, Any]:
    return {"name": sight.name, "path": sight.path, "query": sight.query(orders)}


def test_the_first_start_signs_in_once_and_a_dead_token_is_renewed(tell: Tell) -> None:
    tell("signing_in", "mp-first-start")


def test_wechats_own_font_size_is_followed(tell: Tell) -> None:
    tell("font_size", RESIDENT, fontFactor=1.4)


@pytest.fixture
def picture_file(tmp_path: Path) -> str:
    """What the phone's camera takes."""
    file = tmp_path / "lamp.jpg"
    file.write_bytes(picture("lamp_dark", seed=31))
    return str(file)


def test_a_report_with_a_photo_arrives_and_one_without_a_network_arrives_later(
    tell: Tell, district: District, picture_file: str
) -> None:
    before = sent_by(district, REPORTER)
    tell("reporting", REPORTER, camera=[picture_file])
    new = [
        order for order in field.api(district, REPORTER).get("/orders")["items"] if order["id"] not in before
    ]
    assert [(order["menu"], bool(order["thumb"])) for order in new] == [("PUB", True)] * 2


def test_bills_of_three_homes_are_paid_to_two_companies_in_wechat(tell: Tell, district: District) -> None:
    """The must-show of issue 5 in the package: three months, one payment after the other."""
    money.owns_too(district, TWO_COMPANIES, OTHER_COMPANYS_ESTATE)
    money.nothing_waits(district, TWO_COMPANIES)
    bill_ids = money.owe(district, TWO_COMPANIES, months=3)
    payer = field.api(district, TWO_COMPANIES)
    owed = payer.get("/bills/summary")["total_fen"]
    bureau = ConsoleClient(district.product, office.BUREAU, DEMO_PASSWORD)

    def look(places: set[office.Place]) -> dict[office.Place, int]:
        return office.read_collected(lambda path: bureau.page(path).text, places)

    before = look(set(office.places_of(district, bill_ids).values()))
    opened = json.loads(tell("paying", TWO_COMPANIES, owed=money.yuan(owed)))
    payments = payer.get("/payments")["items"][:2]
    assert {each["state"] for each in payments} == {"paid"}
    assert sum(each["amount_fen"] for each in payments) == owed
    assert len({each["payee"] for each in payments}) == 2
    paid_for = {line["subject"] for each in payments for line in each["lines"]}
    assert {f"bill:{each}" for each in bill_ids} <= paid_for
    office.has_moved(district, look, before, office.paid_at(district, payments))
    assert sorted(opened) == sorted(in_the_companys_books(district, each) for each in payments)


def in_the_companys_books(district: District, payment: dict[str, Any]) -> str:
    """The payment stands in its company's ledger, and its receipt lies beside it: the digest of that file."""
    client = ConsoleClient(district.product, office.FINANCE[payment["payee"]], DEMO_PASSWORD)
    ledger = client.page(office.ledger_of(payment)).text
    entry = re.search(rf">收款 {payment['id']}</a>(.*?)</tbody>", ledger, re.DOTALL)
    assert entry is not None and f"{payment['amount_fen'] / 100:,.2f}" in entry[1]
    receipt = client.page(f"/payments/{payment['id']}/receipt.pdf").content
    assert receipt == office.receipt(district, payment)
    return hashlib.sha256(receipt).hexdigest()


def test_a_repair_is_paid_in_wechat_and_its_receipt_opens(tell: Tell, district: District) -> None:
    """Z7: 65.00 as it was agreed to."""
    order_id = money.repaired(district, RESIDENT)
    opened = json.loads(tell("paying_a_repair", RESIDENT, order=order_id))
    newest = field.api(district, RESIDENT).get("/payments")["items"][0]
    assert (newest["purpose"], newest["amount_fen"], newest["state"]) == ("repair", 6500, "paid")
    assert opened == [in_the_companys_books(district, newest)]


def test_messages_about_money_open_their_page(tell: Tell, district: District) -> None:
    """A payment and an invoice; the browser's tests tell the others."""
    payment_id, payer = money.paid(district, REPORTER), field.api(district, REPORTER)
    wanted = {"how": "office", "title_kind": "person", "title": "示范居民"}
    finance.writes_out(district, payer.post(f"/payments/{payment_id}/invoice", wanted)["id"])
    for title in ("缴费成功", "发票已开好"):
        district.wait_for(lambda title=title: title in titles(payer), what=title)
    tell("messages", REPORTER, receipt=payer.get(f"/payments/{payment_id}")["receipt_no"])


def titles(client: ApiClient) -> set[str]:
    return {each["title"] for each in client.get("/messages")["items"]}


def sent_by(district: District, name: str) -> set[int]:
    return {order["id"] for order in field.api(district, name).get("/orders")["items"]}


def test_a_worker_signs_in_where_the_lamp_is(tell: Tell, district: District, picture_file: str) -> None:
    order_id = field.assigned(district, REPORTER)
    sign = field.spot_code(district)
    tell("checking_in", WORKER, camera=[picture_file], sign=sign, order=order_id)
    assert field.steps(district, order_id) == ["take", "depart", "check_in"]
    [visit] = field.site(district, order_id)["visits"]
    assert (visit["method"], visit["finding"], visit["flagged"]) == ("qr", "灯管烧坏,线路完好", False)
