"""Many processes, one truth: 200 promises broken at once, schedulers killed, two desks on the same orders."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select

from app.accounts.models import Account, HomeBinding
from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db, transact
from app.core.outbox import WAITING, OutboxRow
from app.core.outgoing import OutgoingState
from app.core.roles import Role
from app.estates.models import Home
from app.notifications.models import Notification, WeChatDelivery
from app.orders import submitting
from app.orders.clock_models import Deadline
from app.orders.lifecycle import Menu
from app.orders.models import Order, OrderEvent
from app.orders.whereabouts import Submission
from app.seeds.credentials import sandbox_openid
from tests.engines import mariadb_only
from tests.factories.people import make_resident
from tests.factories.scene import LAMP, make_scene
from tests.journeys.console import ConsoleClient
from tests.journeys.product import Product
from tests.journeys.town import CONSOLE_LOGINS, found_town

pytestmark = [pytest.mark.processes, mariadb_only]
ORDERS = 200
TEMPLATE = "order_hotline"


@pytest.fixture
def crowded(product: Product) -> Iterator[Product]:
    """200 residents with one consent each, their orders, four web workers and two schedulers."""
    names = [f"resident{number}" for number in range(ORDERS)]
    with product.looking_in():
        scene = make_scene(clock.now())
        home, spot = scene.place.homes[0], scene.place.spot.code
        transact(lambda: _neighbours(product, names, home))
    product.start_sandbox()
    product.start_web(workers=4)
    product.wait_for(lambda: _sandbox_is_up(product))
    product.wait_for(lambda: _web_answers(product))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: _consent(product, name), names))
    with product.looking_in():
        for account_id in _ids(product, names):
            _report(account_id, spot)
    yield product


def _neighbours(product: Product, names: list[str], home: Home) -> None:
    """Residents whose demonstration numbers nobody in the scene has."""
    taken = set(db.session.scalars(select(Account.phone_index)))
    free = (phone for phone in (f"19900{n:06d}" for n in range(1, 1000)) if blind_index(phone) not in taken)
    for name in names:
        openid = sandbox_openid(product.settings.wechat_appid, name)
        make_resident(home, phone=next(free), openid=openid, name="示范居民")


def _sandbox_is_up(product: Product) -> bool:
    try:
        return requests.get(f"{product.sandbox}/sandbox/health", timeout=2).ok
    except requests.RequestException:
        return False


def _web_answers(product: Product) -> bool:
    try:
        return requests.get(f"{product.base}/healthz", timeout=5).status_code in (200, 503)
    except requests.RequestException:
        return False


def _consent(product: Product, name: str) -> None:
    requests.post(f"{product.sandbox}/sandbox/users/{name}/code", timeout=10).raise_for_status()
    sent = {"templates": [TEMPLATE], "count": 1, "accept": True}
    requests.post(f"{product.sandbox}/sandbox/users/{name}/consent", json=sent, timeout=20).raise_for_status()


def _ids(product: Product, names: list[str]) -> list[int]:
    openids = [sandbox_openid(product.settings.wechat_appid, name) for name in names]
    return list(db.session.scalars(select(Account.id).where(Account.openid.in_(openids))))


def _report(account_id: int, spot_code: str) -> None:
    submission = Submission(Menu.REPORT, LAMP, text="门厅的灯不亮了", spot_code=spot_code)
    transact(lambda: submitting.submit(submission, by=resident_scope(account_id)))


def settled(product: Product) -> Callable[[], bool]:
    """Whether every order went to the hotline, every event was heard and every message was sent."""

    def ask() -> bool:
        with product.looking_in():
            moved = db.session.scalar(
                select(func.count()).select_from(Order).where(Order.status == "HOTLINE")
            )
            waiting = db.session.scalar(
                select(func.count()).select_from(OutboxRow).where(OutboxRow.state == WAITING)
            )
            open_calls = db.session.scalar(
                select(func.count())
                .select_from(WeChatDelivery)
                .where(WeChatDelivery.state.in_([OutgoingState.WAITING, OutgoingState.CALLING]))
            )
        return bool(moved == ORDERS and waiting == 0 and open_calls == 0)

    return ask


def check_exactly_once(product: Product) -> None:
    with product.looking_in():
        assert _counts_by_order("T3") == Counter({1: ORDERS})
        told = db.session.scalars(select(OutboxRow.payload).where(OutboxRow.name == "ClockReached")).all()
        fired = Counter((each["order_id"], each["clock"], each["round"], each["level"]) for each in told)
        assert set(fired.values()) == {1}
        due = select(func.count()).select_from(Deadline).where(Deadline.state == "fired")
        assert db.session.scalar(due) == len(fired)
        assert sum(1 for key in fired if key[1:] == ("C1", 0, "DUE")) == ORDERS
        keys = db.session.execute(select(Notification.account_id, Notification.unique_key)).all()
        assert len(set(keys)) == len(keys)
    for number in range(ORDERS):
        messages = requests.get(
            f"{product.sandbox}/sandbox/users/resident{number}/messages", timeout=10
        ).json()["messages"]
        assert len(messages) == 1, (number, messages)


def _counts_by_order(code: str) -> Counter[int]:
    found = db.session.scalars(select(OrderEvent.order_id).where(OrderEvent.code == code)).all()
    return Counter(Counter(found).values())


def test_two_hundred_promises_broken_at_once_fire_once_and_send_one_message_each(crowded):
    crowded.start_scheduler("scheduler-a")
    crowded.start_scheduler("scheduler-b")
    crowded.wait_until_healthy()
    crowded.advance("15m")
    crowded.wait_for(settled(crowded), within=120, what="every transfer and message")
    check_exactly_once(crowded)


def test_the_same_holds_when_a_scheduler_is_killed_again_and_again_in_its_sweeps(crowded):
    crowded.start_scheduler("scheduler-a")
    crowded.wait_until_healthy()
    crowded.advance("15m")
    for round_ in range(5):
        victim = crowded.start_scheduler(f"victim-{round_}")
        time.sleep(1.2 + 0.25 * round_)  # some die while starting, some while sweeping, telling or sending
        crowded.kill(victim)
    crowded.wait_for(settled(crowded), within=180, what="every transfer and message")
    check_exactly_once(crowded)


def test_two_dispatchers_on_fifty_orders_win_fifty_times_and_lose_fifty_times(product, tmp_path: Path):
    town = found_town(product)
    with product.looking_in():
        order_ids = [_submitted(town) for _ in range(50)]
    product.start_sandbox()
    product.start_web(workers=4)
    product.wait_for(lambda: _web_answers(product))
    desks = [ConsoleClient(product, CONSOLE_LOGINS[role]) for role in (Role.DSP, Role.MGR)]

    def accept(desk: ConsoleClient, order_id: int) -> requests.Response:
        headers = {
            "X-CSRFToken": desk.token,
            "Idempotency-Key": secrets.token_urlsafe(16),
            "X-Requested-With": "fetch",
            "Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in desk.http.cookies),
        }
        url = f"{product.base}/admin/order-commands/{order_id}/accept"
        return requests.post(url, json={}, headers=headers, timeout=60)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda pair: accept(*pair), [(d, i) for i in order_ids for d in desks]))
    assert Counter(answer.status_code for answer in answers) == Counter({200: 50, 409: 50})
    losers = {answer.json()["message"] for answer in answers if answer.status_code == 409}
    assert all("接单" in message for message in losers), losers
    with product.looking_in():
        assert _counts_by_order("T2") == Counter({1: 50})


def _submitted(town) -> int:
    account_id = db.session.scalars(select(HomeBinding.account_id)).first()
    submission = Submission(Menu.REPORT, LAMP, text="门厅的灯不亮了", spot_code=town.spot_code)
    return transact(lambda: submitting.submit(submission, by=resident_scope(account_id))).order_id
