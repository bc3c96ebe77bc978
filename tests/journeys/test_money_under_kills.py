"""kill -9 of real web and scheduler processes in the middle of calls about money: afterwards everything is a fact, and
the facts are WeChat's. Each phase slows WeChat down, lets everybody act, kills whoever is calling, and starts it again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.accounts.scopes import resident_scope
from app.accounts.service import give_consent
from app.books.accounts import Account
from app.books.models import LedgerEntry, LedgerLine
from app.core import clock
from app.core.db import db, transact
from app.payments import refunding
from app.payments.models import Payment, PaymentState, Purpose, Refund, RefundStep
from app.payments.opening import Part, open_payment
from app.payments.refund_rules import RefundReason
from app.seeds.credentials import sandbox_openid
from config import SANDBOX_SUB_MERCHANTS
from tests.books.bookkeeping import Keepers, make_keepers
from tests.engines import mariadb_only
from tests.factories.money import make_merchant
from tests.factories.people import make_resident
from tests.factories.scene import make_scene
from tests.journeys.product import ApiClient, Product

pytestmark = [pytest.mark.processes, mariadb_only]
PEOPLE = tuple(f"kill{n}" for n in range(4))
FEN = 28600
SLOW_S, INTO_THE_CALL_S = 1.5, 0.7
PATIENCE_S = 90


def fault(product: Product, path: str, kind: str, times: int) -> None:
    """The next calls of `path` go wrong in this way."""
    body = {"path": path, "kind": kind, "times": times, "seconds": SLOW_S}
    requests.post(f"{product.sandbox}/sandbox/faults", json=body, timeout=10).raise_for_status()


def found(product: Product) -> tuple[Keepers, dict[str, int]]:
    """A company that takes money, its people, and a waiting payment of each resident."""
    with product.looking_in():
        scene = make_scene(clock.now())
        keepers = make_keepers(scene.place)
        make_merchant(scene.place.company, sub_mch_id=SANDBOX_SUB_MERCHANTS[0])
        payments = {}
        for name in PEOPLE:
            account_id = transact(lambda name=name: _resident(product, scene, name))
            payments[name] = transact(lambda each=account_id: _payment(scene.place, each).id)
        return keepers, payments


def _resident(product: Product, scene: Any, name: str) -> int:
    account = make_resident(
        scene.place.homes[0], openid=sandbox_openid(product.settings.wechat_appid, name), name="示范居民"
    )
    give_consent(account.id, PRIVACY, PRIVACY_VERSION)
    db.session.flush()
    return account.id


def _payment(place: Any, account_id: int) -> Payment:
    return open_payment(
        [Part(f"bill:{account_id}", Account.PROPERTY_FEE, "物业费", FEN)],
        purpose=Purpose.BILLS,
        title="物业费",
        company_id=place.company.id,
        estate_id=place.estate.id,
        district_id=place.district.id,
        by=resident_scope(account_id),
        client_ip="127.0.0.1",
    )


def patiently(work: Callable[[], Any]) -> Any:
    """What a person does whose phone says that nobody answers: tap again."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        try:
            answer = work()
        except (requests.RequestException, AssertionError):
            answer = None
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError("nobody answered")


def opens(phone: ApiClient, payment_id: int) -> dict[str, str]:
    """The six parameters of the pay sheet, however often it takes."""

    def tap() -> Any:
        answer = phone.try_post(f"/payments/{payment_id}/open")
        return answer.json().get("wechat") if answer.status_code == 200 else None

    return patiently(tap)


def pays(product: Product, name: str, params: dict[str, str]) -> None:
    body = {"params": params, "name": name}
    requests.post(f"{product.sandbox}/control/pay", json=body, timeout=20).raise_for_status()


def standing(product: Product, column: Any) -> Counter[str]:
    """How many rows stand in which state."""
    with product.looking_in():
        return Counter(db.session.scalars(select(column)))


def sign(product: Product, keepers: Keepers, payment_id: int) -> None:
    """Asked for by the first, reviewed by the second, approved by the third."""
    with product.looking_in():
        asked = transact(
            lambda: (
                refunding.ask_refund(
                    payment_id, by=keepers.first, reason_code=RefundReason.AGREED, amount_fen=FEN // 2
                ).id
            )
        )
        transact(lambda: refunding.review(asked, by=keepers.second).id)
        transact(lambda: refunding.approve(asked, by=keepers.admin).id)


def test_money_is_right_although_everybody_is_killed_in_the_middle(product: Product):
    keepers, payments = found(product)
    product.start_sandbox()
    web, scheduler = product.start_web(workers=1), product.start_scheduler()
    product.wait_until_healthy()
    phones = {name: ApiClient(product, name) for name in PEOPLE}
    with ThreadPoolExecutor(len(PEOPLE)) as pool:
        web = _orders_are_placed_while_the_web_is_killed(product, pool, phones, payments, web)
    assert standing(product, Payment.state) == {PaymentState.PAID.value: len(PEOPLE)}
    _refunds_are_sent_while_the_scheduler_is_killed(product, keepers, list(payments.values()), scheduler)
    assert standing(product, Refund.step) == {RefundStep.DONE.value: len(PEOPLE)}
    _both_sides_say_the_same(product)
    assert web.poll() is None


def _orders_are_placed_while_the_web_is_killed(
    product: Product,
    pool: ThreadPoolExecutor,
    phones: dict[str, ApiClient],
    payments: dict[str, int],
    web: Any,
) -> Any:
    """The first calls die with their process after WeChat has heard them; then notices die, or are lost."""
    fault(product, "/pay/unifiedorder", "slow", times=len(PEOPLE))
    opened = {name: pool.submit(opens, phone, payments[name]) for name, phone in phones.items()}
    time.sleep(INTO_THE_CALL_S)
    product.kill(web)
    web = product.start_web(workers=1)
    params = {name: each.result() for name, each in opened.items()}
    fault(product, "notice", "lost", times=2)
    for name, each in params.items():
        pool.submit(pays, product, name, each)
    time.sleep(0.05)
    product.kill(web)
    web = product.start_web(workers=1)
    product.wait_for(
        lambda: standing(product, Payment.state)[PaymentState.PAID.value] == len(PEOPLE),
        within=PATIENCE_S,
        what="payments that WeChat has and nobody told us of",
    )
    return web


def _refunds_are_sent_while_the_scheduler_is_killed(
    product: Product, keepers: Keepers, payment_ids: list[int], scheduler: Any
) -> None:
    """Each call is cut twice: before WeChat answers, and by a broken line after it was carried out."""
    fault(product, "/secapi/pay/refund", "slow", times=2)
    fault(product, "/secapi/pay/refund", "drop_after", times=2)
    for payment_id in payment_ids:
        sign(product, keepers, payment_id)
    for _ in range(2):
        time.sleep(SLOW_S)
        product.kill(scheduler)
        scheduler = product.start_scheduler()

    def done() -> bool:
        if standing(product, Refund.step)[RefundStep.DONE.value] == len(payment_ids):
            return True
        time.sleep(1)
        patiently(
            lambda: product.advance("10m") is None
        )  # leases of the dead run out, what was put off is due
        return False

    product.wait_for(done, within=PATIENCE_S, what="refunds whose scheduler was killed")


def _both_sides_say_the_same(product: Product) -> None:
    """One order and one refund for each of ours, at WeChat as here; books that balance, posted once."""
    orders = requests.get(f"{product.sandbox}/sandbox/pay/orders", timeout=10).json()["orders"]
    refunds = requests.get(f"{product.sandbox}/sandbox/pay/refunds", timeout=10).json()["refunds"]
    with product.looking_in():
        ours = {each.out_trade_no: each for each in db.session.scalars(select(Payment))}
        assert {(each["out_trade_no"], each["total_fee"], each["transaction_id"]) for each in orders} == {
            (number, each.amount_fen, each.transaction_id) for number, each in ours.items()
        }
        assert sorted(
            (each["out_refund_no"], each["refund_fee"], each["state"]) for each in refunds
        ) == sorted(
            (each.out_refund_no, each.amount_fen, "SUCCESS") for each in db.session.scalars(select(Refund))
        )
        assert {each.refunded_fen for each in ours.values()} == {FEN // 2}
        posted = Counter(db.session.scalars(select(LedgerEntry.subject)))
        assert len(posted) == 2 * len(ours)
        assert set(posted.values()) == {1}
        debit, credit = db.session.execute(
            select(func.sum(LedgerLine.debit_fen), func.sum(LedgerLine.credit_fen))
        ).one()
        assert debit == credit == len(ours) * (FEN + FEN // 2)
