"""Every route under every hat with ids of other people: nothing is readable, nothing changes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import sessions
from app.accounts.models import Hat, HomeBinding
from app.accounts.scopes import resident_scope
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import Scope
from app.feedback.lifecycle import Kind
from app.notifications.models import Notification
from app.notifications.service import notify
from app.tables import metadata
from miniprogram_api.fields import said
from miniprogram_api.routing import ROUTES, Route
from miniprogram_api.session import HATS_ON_THE_PHONE, PUBLIC, RESIDENT
from tests.factories.people import make_account
from tests.factories.scene import make_scene
from tests.feedback import doing
from tests.miniprogram_api.steps import STEPS, asked_for_time, assigned, done, submitted, verified
from tests.miniprogram_api.test_snaps import STEPS as SNAP_STEPS

NOT_HERS = {
    "/estates",
    "/estates/<id:estate_id>/repairs",
    "/estates/<id:estate_id>/buildings",
    "/estates/<id:estate_id>/public-revenue",
    "/buildings/<id:building_id>/units",
    "/units/<id:unit_id>/homes",
    "/spots/<code:code>",
    "/login",
    "/staff-login",
    "/app-config",
    "/privacy",
    "/demo/people",
    "/demo/login",
    "/demo/phone-code",
}
"""Reference data that everybody may read (it holds nothing personal), and the doors themselves."""
NAMES_A_HOME = ("/menus", "/slots", "/similar", "/prices")
BOOKKEEPING = {"auth_sessions", "command_receipts", "audit_records", "audit_head"}


@dataclass(frozen=True)
class Foreign:
    """What belongs to the people of another scene."""

    orders: list[int]
    ids: dict[str, int | str]
    bodies: dict[str, object]


@pytest.fixture
def foreign(api):
    scene = api.scene
    orders = [arrange(scene) for arrange in (done, submitted, assigned, verified, asked_for_time)]
    resident = scene.by(Role.RES).account_id

    def write() -> int:
        notify(resident, unique_key="walk", template="order_done", title="已修好", body="请评价")
        return db.session.scalar(select(Notification.id))

    message_id = transact(write)
    binding_id = db.session.scalar(select(HomeBinding.id).where(HomeBinding.account_id == resident))
    bodies: dict[str, object] = {step.name: step.body(scene) for step in STEPS if step.body}
    bodies |= {f"snaps/{step.name}": step.body for step in SNAP_STEPS}
    ids = {"message_id": message_id, "binding_id": binding_id, "home_id": scene.place.homes[0].id}
    ids["snap_id"] = doing.send(scene, Kind.PROBLEM, text="门厅的灯不亮了,没人管")
    return Foreign(orders, ids, bodies)


def _hats() -> list[Role]:
    return sorted(HATS_ON_THE_PHONE | RESIDENT)


def _outsider(role: Role, at) -> Scope:
    """Somebody with this hat in another district."""
    return make_scene(at=at).by(role)


def _contents() -> dict[str, str]:
    """A digest of every table but those that note who asked what."""
    db.session.rollback()
    found = {}
    for name, table in metadata.tables.items():
        if name not in BOOKKEEPING:
            rows = db.session.execute(table.select().order_by(*table.primary_key.columns)).all()
            found[name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    db.session.rollback()
    return found


def _walked(route: Route, foreign: Foreign) -> list[str]:
    """The route's path with each foreign id."""
    if "<id:order_id>" in route.path:
        return [route.path.replace("<id:order_id>", str(order)) for order in foreign.orders]
    path = route.path
    for name, value in foreign.ids.items():
        path = path.replace(f"<id:{name}>", str(value))
    return [path]


NAMES_A_FOREIGN_ROW = ("<id:order_id>", "<id:message_id>", "<id:binding_id>", "<id:snap_id>")


@pytest.mark.parametrize("role", _hats())
def test_a_foreign_id_is_404_or_403_and_nothing_changes(api, foreign, role):
    phone = api.phone(_outsider(role, api.scene.at))
    before = _contents()
    asked = 0
    for route in ROUTES.values():
        if not any(name in route.path for name in NAMES_A_FOREIGN_ROW):
            continue
        for path in _walked(route, foreign):
            name = path.rpartition("/")[2]
            body = foreign.bodies.get(f"snaps/{name}" if path.startswith("/snaps/") else name)
            answer = phone.get(path) if route.method == "GET" else phone.send(path, body, method=route.method)
            expected = 404 if role in route.who else 403
            assert answer.status_code == expected, (route.method, path, answer.json)
            asked += 1
    assert asked > 100
    assert _contents() == before


@pytest.mark.parametrize("role", _hats())
def test_lists_and_questions_hold_nothing_of_others(api, foreign, role):
    scope = _outsider(role, api.scene.at)
    phone = api.phone(scope)
    secrets = [api.scene.resident.phone, "门厅的灯不亮了"]
    for route in ROUTES.values():
        if route.method != "GET" or "<" in route.path or route.path in NOT_HERS:
            continue
        query = {"home_id": foreign.ids["home_id"]} if route.path in NAMES_A_HOME else {}
        query |= {"menu": "PUB", "text": "灯"} if route.path == "/categories/guess" else {}
        query |= {"category_code": "G0201"} if route.path == "/similar" else {}
        answer = phone.get(route.path, **query)
        if role not in route.who:
            assert answer.status_code == 403
        elif query.get("home_id"):
            assert (answer.status_code, answer.json["code"]) == (404, "home_unknown")
        else:
            assert answer.status_code == 200
            said_ = json.dumps(answer.json, ensure_ascii=False)
            assert not any(secret in said_ for secret in secrets)


@pytest.mark.parametrize("role", _hats())
def test_foreign_ids_in_bodies_are_refused(api, foreign, role):
    """A home, a photo, a recording, a hat, a worker of somebody else, named in one's own command."""
    stranger = make_scene(at=api.scene.at)
    phone = api.phone(stranger.by(role))
    photo = api.scene.photos(Role.RES)[0]
    voice = api.scene.voice(Role.RES)
    hat = api.scene.by(Role.DSP).hat_id
    own = stranger.submit().order_id
    before = _contents()
    tries = [
        ("/me/hat", {"hat_id": hat}, {403}),
        ("/orders", _emergency(foreign.ids["home_id"]), {422, 403}),
        (
            "/orders",
            {"menu": "PUB", "category_code": "G0201", "spot_code": "SPOT1", "photo_ids": [photo]},
            {422, 403},
        ),
        (
            "/orders",
            {"menu": "PUB", "category_code": "G0201", "spot_code": "SPOT1", "voice_id": voice},
            {422, 403},
        ),
        (f"/orders/{own}/add-photos", {"photo_ids": [photo]}, {422, 403, 404}),
        (f"/orders/{own}/assign", {"worker_id": api.scene.worker.id}, {403, 404, 409, 422}),
        (
            "/me/homes",
            {"home_id": foreign.ids["home_id"], "relation": "owner", "method": "register"},
            {422, 403, 409},
        ),
    ]
    for path, body, expected in tries:
        answer = phone.send(path, body)
        assert answer.status_code in expected, (path, answer.json)
    assert _contents() == before


def _emergency(home_id: object) -> dict[str, object]:
    return {"menu": "EMG", "category_code": "H0101", "text": "客厅的灯不亮了", "home_id": home_id}


def test_without_a_token_only_public_routes_answer(api, foreign):
    phone = api.phone()
    before = _contents()
    for route in ROUTES.values():
        for path in _walked(route, foreign):
            if route.who == PUBLIC or "<id:" in path or "<code:" in path:
                continue
            answer = phone.get(path) if route.method == "GET" else phone.send(path, {}, method=route.method)
            assert answer.status_code == 401, (path, answer.json)
    assert _contents() == before


def test_every_route_of_the_api_says_who(api):
    """The url map holds no route under /api/v1 but the declared ones, the document and its page."""
    known = {*ROUTES, "api_receipts.receipt", "openapi.spec", "api_docs.page", "api_docs.style"}
    ours = {rule.endpoint for rule in api.app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert ours == known
    for route in ROUTES.values():
        assert isinstance(route.who, frozenset)
        assert route.who <= HATS_ON_THE_PHONE | RESIDENT


def test_a_token_of_the_console_opens_no_api(api):
    scope = api.scene.by(Role.DSP)
    token = transact(
        lambda: sessions.open_session(
            scope.account_id, hat_id=scope.hat_id, channel="console", lives_for=timedelta(hours=1)
        )
    )
    phone = api.phone()
    phone.token = token
    assert phone.get("/me").status_code == 401


def test_a_hat_that_was_taken_off_is_dead_at_once(api):
    scope = api.scene.by(Role.DSP)
    phone = api.phone(Role.DSP)

    def take_off() -> None:
        db.session.get_one(Hat, scope.hat_id).ended_at = api.scene.at

    transact(take_off)
    assert phone.get("/desk/queues").status_code == 401


def test_somebody_without_any_home_sees_no_orders(api, foreign):
    phone = api.phone(resident_scope(make_account().id))
    assert phone.get("/orders").json == {"items": [], "next_cursor": None}


def test_instants_are_utc_with_milliseconds(api, foreign):
    line = api.phone(Role.RES).get("/orders").json["items"][-1]
    assert line["submitted_at"] == said(api.scene.order(foreign.orders[0]).submitted_at)
    assert line["submitted_at"].endswith("Z")
