"""Fifty taps at the same instant on 支付 and on 退费, over real connections, on MariaDB (must-show 4)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest
import requests
from sqlalchemy import func, select

from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.estates.models import Estate, Home
from app.fees import issuing, standards
from app.fees.standards import NewStandard
from app.payments.invariants import broken_rules
from app.payments.models import Payment, PaymentLine, Refund
from tests.engines import mariadb_only
from tests.factories.money import make_merchant, pay
from tests.fakes.pay import FakePay
from tests.fakes.serving import serving
from tests.miniprogram_api.paying import fresh, pay_through
from tests.miniprogram_api.phones import PREFIX, Api, next_key, token_of

TAPS = 50


def tap_at_once(address: str, token: str, send: Callable[[requests.Session], requests.Response]):
    """Fifty phones of one person, each with a connection of its own, released together."""
    together, answers = threading.Barrier(TAPS), []

    def tap() -> None:
        with requests.Session() as session:
            session.trust_env = False
            session.headers.update({"Authorization": f"Bearer {token}", "Idempotency-Key": next_key()})
            together.wait(timeout=60)
            answers.append(send(session))

    threads = [threading.Thread(target=tap) for _ in range(TAPS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(answers) == TAPS
    return answers


@pytest.fixture
def bill_ids(mariadb_api: Api) -> list[int]:
    """Two months of bills for the scene's resident."""
    place = mariadb_api.scene.place

    def prepare() -> None:
        db.session.get_one(Estate, place.estate.id).pay_enabled = True
        for home in place.homes:
            db.session.get_one(Home, home.id).area_m2 = Decimal("110.00")
        wanted = NewStandard(place.estate.id, "property", 26_000, "2026-01", "按建筑面积")
        standards.set_standard(wanted, company_id=place.company.id, by=SYSTEM)

    transact(prepare)
    make_merchant(place.company)
    for period in ("2026-09", "2026-10"):
        issuing.issue(period, by=SYSTEM)
    phone = mariadb_api.phone(Role.RES)
    items = phone.get("/bills", home_id=place.homes[0].id).json["items"]
    return [each["id"] for each in items]


@mariadb_only
def test_fifty_taps_on_pay_are_one_payment_and_on_refund_one_refund(mariadb_api, bill_ids):
    gateway = FakePay()
    pay_through(mariadb_api, gateway)
    token = token_of(mariadb_api.scene.by(Role.RES))
    with serving(mariadb_api.app) as address:
        base = f"{address}{PREFIX}"
        taps = tap_at_once(
            address, token, lambda session: session.post(f"{base}/bills/pay", json={"bill_ids": bill_ids})
        )
        assert Counter(each.status_code for each in taps) == {200: TAPS}, taps[0].text
        ids = {each.json()["payments"][0]["id"] for each in taps}
        assert len(ids) == 1
        (payment_id,) = ids
        taps = tap_at_once(address, token, lambda session: session.post(f"{base}/payments/{payment_id}/open"))
        assert {each.status_code for each in taps} == {200}
        assert len(gateway.orders) == 1
        assert count(Payment) == 1
        assert count(PaymentLine) == len(bill_ids)
        pay(fresh(payment_id))
        body = {"reason_code": "double"}
        taps = tap_at_once(
            address,
            token,
            lambda session: session.post(f"{base}/payments/{payment_id}/ask-refund", json=body),
        )
        assert {each.status_code for each in taps} == {200}
        assert len({each.json()["refunds"][0]["id"] for each in taps}) == 1
    assert count(Refund) == 1
    row = fresh(payment_id)
    assert (row.state, row.refunding_fen) == ("paid", row.amount_fen)
    assert broken_rules() == []


def count(model) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(model.id)))
