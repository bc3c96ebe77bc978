"""Two people, one row: on MariaDB, through the whole application."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select

from app.core.db import db
from app.core.roles import Role
from app.orders.models import Order, OrderEvent
from tests.engines import both_engines, in_parallel, mariadb_only
from tests.factories.scene import Scene
from tests.miniprogram_api.phones import Phone

ORDERS = 50


def _count(statement) -> int:
    db.session.rollback()
    return db.session.scalar(statement)


@mariadb_only
def test_two_dispatchers_accept_the_same_fifty_orders_at_once(mariadb_api):
    orders = [mariadb_api.scene.submit().order_id for _ in range(ORDERS)]
    desks = [mariadb_api.phone(Role.DSP), mariadb_api.phone(Role.MGR)]

    def race(phone: Phone) -> list[int]:
        return [phone.send(f"/orders/{order_id}/accept", {}).status_code for order_id in orders]

    outcomes = in_parallel(mariadb_api.app, [lambda phone=phone: race(phone) for phone in desks])
    assert Counter(outcomes[0] + outcomes[1]) == {200: ORDERS, 409: ORDERS}
    for first, second in zip(*outcomes, strict=True):
        assert {first, second} == {200, 409}
    accepted = select(func.count()).select_from(OrderEvent).where(OrderEvent.action == "accept")
    assert _count(accepted) == ORDERS


@both_engines
def test_the_same_key_in_parallel_is_one_order_and_one_answer(mariadb_api):
    phone = mariadb_api.phone(Role.RES)
    body = {
        "menu": "PUB",
        "category_code": "G0201",
        "text": "门厅的灯不亮了",
        "spot_id": mariadb_api.scene.place.spot.id,
    }

    def send() -> tuple[int, dict]:
        answer = phone.send("/orders", body, key="the-very-same-key")
        return answer.status_code, answer.json

    outcomes = in_parallel(mariadb_api.app, [send] * 4)
    assert [outcome[0] for outcome in outcomes] == [201] * 4
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert _count(select(func.count()).select_from(Order)) == 1


@mariadb_only
def test_the_last_home_is_bound_once(mariadb_api):
    scene: Scene = mariadb_api.scene
    phone = mariadb_api.phone(Role.RES)
    homes = scene.place.homes
    ids = [home.id for home in homes]
    assert _bind(phone, ids[1]) == 201
    outcomes = in_parallel(mariadb_api.app, [lambda: _bind(phone, ids[2]), lambda: _bind(phone, ids[3])])
    assert sorted(outcomes) == [201, 409]


def _bind(phone: Phone, home_id: int) -> int:
    body = {"home_id": home_id, "relation": "owner", "method": "review"}
    return phone.send("/me/homes", body).status_code
