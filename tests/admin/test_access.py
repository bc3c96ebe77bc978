"""Every route of the console with every hat and with another company's ids: nothing is readable, nothing changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.routing import Rule

import admin
from admin.security import CONTENT_SECURITY_POLICY
from admin.views.order_commands import ACTIONS
from app.accounts.models import Hat, HomeBinding
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.orders.lifecycle import Menu
from app.orders.models import Order, OrderEvent
from tests.admin.conftest import Desk
from tests.factories import make_account, make_binding, make_credential, make_hat
from tests.factories.places import make_place
from tests.factories.scene import Scene, make_scene
from tests.factories.staffroom import sign_in

FINE = {200, 302}
ROLES = [Role.DSP, Role.MGR, Role.CO, Role.HOT, Role.BUR, Role.STR, Role.COM]
TEMPLATES = Path(admin.__file__).parent / "templates"


def view_of(desk: Desk, rule: Rule) -> Any:
    views = {view.endpoint: view for view in desk.app.extensions["admin"][0]._views}
    return views[rule.endpoint.split(".")[0]]


def console_rules(desk: Desk) -> Iterator[Rule]:
    for rule in desk.app.url_map.iter_rules():
        if rule.rule.startswith("/admin") and not rule.endpoint.endswith("static"):
            yield rule


def test_the_console_serves_every_role_that_may_sign_in(desk: Desk) -> None:
    assert {role.value for role in ROLES} == set(desk.logins) - {Role.WRK.value}


def address(desk: Desk, rule: Rule, **known: Any) -> str:
    plain = {"rest": "nowhere", "export_type": "csv", "action": "accept", "code": "K01", "key": "x"}
    plain |= {"verb": "review", "step": "issue"}
    values = {name: {**plain, **known}.get(name, known["any_id"]) for name in rule.arguments}
    with desk.app.test_request_context():
        return desk.app.url_map.bind("localhost").build(
            rule.endpoint, values, "GET" if "GET" in rule.methods else "POST"
        )


def ask(desk: Desk, rule: Rule, url: str, role: Role) -> int:
    """GET a page, or send an empty command with a valid token."""
    if "GET" in (rule.methods or set()):
        return desk.get(url, role).status_code
    return desk.post(url, {}, role).status_code


def test_every_view_says_for_whom_it_is(desk: Desk) -> None:
    silent = {
        rule.endpoint
        for rule in console_rules(desk)
        if not (
            view_of(desk, rule).roles or view_of(desk, rule).is_public or view_of(desk, rule).is_own_affair
        )
    }
    assert silent == set()


def test_without_a_session_every_route_leads_to_the_door(desk: Desk) -> None:
    client = desk.app.test_client()
    for rule in console_rules(desk):
        if rule.endpoint.startswith("entrance.") or "GET" not in rule.methods:
            continue
        answer = client.get(address(desk, rule, any_id=1))
        assert answer.status_code == 302, rule
        assert answer.location.startswith("/admin/sign-in"), rule


@pytest.mark.parametrize("role", ROLES)
def test_a_hat_opens_its_own_pages_and_no_others(desk: Desk, role: Role) -> None:
    for rule in console_rules(desk):
        view = view_of(desk, rule)
        if "GET" not in rule.methods or rule.arguments or rule.endpoint.startswith("entrance."):
            continue
        status = desk.get(address(desk, rule, any_id=1), role).status_code
        if view.is_own_affair or role in view.roles:
            assert status in FINE | {400, 404, 422}, (rule, status)
        else:
            assert status == 403, (rule, status)


def foreign_world(desk: Desk) -> tuple[Scene, int, HomeBinding]:
    """Another district, another company, with an order and a request for a home."""
    other = make_scene(clock.now(), place=make_place())
    order_id = other.submit(
        menu=Menu.EMERGENCY, category_code="H0101", home_id=other.place.homes[0].id, spot_id=None
    ).order_id
    binding = make_binding(make_account(), other.place.homes[2], status="pending")
    return other, order_id, binding


def picture_of(order_id: int, binding_id: int) -> tuple[Any, ...]:
    db.session.rollback()
    order = db.session.get_one(Order, order_id, populate_existing=True)
    binding = db.session.get_one(HomeBinding, binding_id, populate_existing=True)
    events = db.session.scalar(
        select(func.count()).select_from(OrderEvent).where(OrderEvent.order_id == order_id)
    )
    return order.status, order.version, order.worker_id, events, binding.status, binding.slot


DECIDED_BY_FEWER = frozenset({"payees.decide", "finance_vouchers.reverse"})
"""Commands of a page that more roles may read: who may not decide is told so before anything is looked up."""


@pytest.mark.parametrize("role", ROLES)
def test_ids_of_another_company_read_nothing_and_change_nothing(desk: Desk, role: Role) -> None:
    other, order_id, binding = foreign_world(desk)
    before = picture_of(order_id, binding.id)
    known = {
        "order_id": order_id,
        "binding_id": binding.id,
        "estate_id": other.place.estate.id,
        "session_id": 999,
        "any_id": 999_999,
    }
    wrong = []
    for rule in console_rules(desk):
        if not rule.arguments or rule.endpoint.startswith("entrance."):
            continue
        view = view_of(desk, rule)
        for action in ACTIONS if "action" in rule.arguments else ("",):
            url = address(desk, rule, **{**known, "action": action or "accept"})
            status = ask(desk, rule, url, role)
            allowed = view.is_own_affair or role in view.roles
            if rule.endpoint == "front_desk.spots" and allowed:
                assert desk.get(url, role).json == []
            elif rule.endpoint.endswith(".export"):
                assert status in {302, 403}, (url, status)
            else:
                possible = {404, 422} if allowed else {403}
                if status not in possible | ({403} if rule.endpoint in DECIDED_BY_FEWER else set()):
                    wrong.append((url, status))
    assert wrong == []
    assert picture_of(order_id, binding.id) == before


@pytest.mark.parametrize("page", ["workers", "staff"])
@pytest.mark.parametrize("row_id", ["1,2", "abc", "", "-1", "9" * 30, "1.5", "１"])
def test_a_malformed_id_of_a_list_is_not_found(desk: Desk, page: str, row_id: str) -> None:
    status = desk.get(f"/admin/{page}/details/", query_string={"id": row_id}).status_code
    assert status in {302, 404}, status


def test_the_worker_of_another_company_is_not_found_by_his_id(desk: Desk) -> None:
    other = make_scene(clock.now(), place=make_place())
    assert desk.get(f"/admin/workers/details/?id={desk.scene.worker.id}").status_code == 200
    assert desk.get(f"/admin/workers/details/?id={other.worker.id}").status_code == 404
    assert desk.get(f"/admin/staff/details/?id={other.worker.staff_id}").status_code == 404
    assert other.worker.title not in desk.get("/admin/workers/").text


@pytest.mark.parametrize("path", ["new/", "edit/?id=1", "export/csv/"])
def test_lists_cannot_be_written_or_exported(desk: Desk, path: str) -> None:
    answer = desk.get(f"/admin/workers/{path}")
    assert answer.status_code in {302, 404}
    assert "text/csv" not in answer.content_type


def test_a_list_cannot_be_deleted_from(desk: Desk) -> None:
    client = desk.client()
    data = {"csrf_token": desk.token(Role.DSP), "id": desk.scene.worker.id}
    client.post("/admin/workers/delete/", data=data)
    client.post("/admin/workers/action/", data={**data, "action": "delete", "rowid": desk.scene.worker.id})
    assert desk.get(f"/admin/workers/details/?id={desk.scene.worker.id}").status_code == 200


def test_a_hat_that_was_taken_off_opens_nothing_more(desk: Desk) -> None:
    client = desk.client()
    hat_id = desk.scene.by(Role.DSP).hat_id
    transact(lambda: setattr(db.session.get_one(Hat, hat_id), "ended_at", clock.now()))
    assert client.get("/admin/board/").status_code == 302


def test_every_page_forbids_what_is_inline_or_foreign(desk: Desk) -> None:
    for rule in console_rules(desk):
        if "GET" in rule.methods and not rule.arguments:
            answer = desk.get(address(desk, rule, any_id=1))
            assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY, rule
            assert answer.headers["Cache-Control"] == "no-store", rule
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_no_template_holds_script_or_style_of_its_own() -> None:
    forbidden = re.compile(
        r"\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)|javascript:|https?://", re.IGNORECASE
    )
    for path in TEMPLATES.rglob("*.html"):
        found = forbidden.search(path.read_text(encoding="utf-8"))
        assert found is None, (path.name, found and found.group())


def test_an_address_that_does_not_exist_is_told_in_words(desk: Desk) -> None:
    answer = desk.get("/admin/does/not/exist")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text


def test_the_audit_administrator_reads_the_log_and_nothing_else(desk: Desk) -> None:
    account = make_account(name="示范审计")
    make_hat(Role.AUA, account=account)
    make_credential(account, login_name="aua")
    client = desk.app.test_client()
    assert sign_in(client, "aua").status_code == 302
    assert client.get("/admin/").location == "/admin/audit/"
    assert client.get("/admin/audit/").status_code == 200
    for hidden in ("/admin/board/", "/admin/orders/", "/admin/workers/", "/admin/front-desk/"):
        assert client.get(hidden).status_code == 403
