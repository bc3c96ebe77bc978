"""What surrounds every request: errors in one shape, headers, limits, health, the document; homes and inbox."""

from __future__ import annotations

import pytest
import structlog
from sqlalchemy import text

from app.core import clock, shared_values
from app.core.db import db, transact
from app.core.outbox import publish
from app.core.roles import Role
from app.estates.service import invite
from app.notifications.service import notify
from app.orders.events import OrderMoved
from app.payments.invariants import Broken, Finding
from app.reconciliation.money_check import keep
from miniprogram_api.session import address
from tests.miniprogram_api.phones import build_app


def test_an_unknown_address_and_a_wrong_method_keep_the_shape(api):
    client = api.phone().client
    lost = client.get("/api/v1/nowhere")
    assert (lost.status_code, set(lost.json)) == (404, {"code", "message", "fields"})
    wrong = client.delete("/api/v1/orders")
    assert (wrong.status_code, wrong.json["code"]) == (405, "method_not_allowed")
    assert set(wrong.headers["Allow"].replace(" ", "").split(",")) >= {"GET", "POST"}
    assert client.get(f"/api/v1/orders/{2**63}").status_code == 404
    assert client.get("/api/v1/orders/0").status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Bearer wrong", "Bearer " + "x" * 200])
def test_a_bad_token_is_401(api, header):
    answer = api.phone().client.get("/api/v1/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json["message"]) == (401, "请重新登录")


def test_a_surprise_shows_only_its_number(api):
    phone = api.phone(Role.RES)
    transact(lambda: db.session.execute(text("ALTER TABLE notifications RENAME TO hidden_for_a_moment")))
    api.app.logger.disabled = True
    with structlog.testing.capture_logs() as logged:
        answer = phone.client.get(
            "/api/v1/messages",
            headers={"Authorization": f"Bearer {phone.token}", "X-Request-Id": "my-own-number-1"},
        )
    assert answer.status_code in (500, 503)
    assert answer.headers["X-Request-Id"] == "my-own-number-1"
    assert "notifications" not in answer.get_data(as_text=True)
    assert any(line["log_level"] == "error" for line in logged)


def test_a_failing_commit_is_never_a_success(api):
    """A deferred constraint fails at COMMIT itself: the client reads an error and the order is not there."""
    order_id = api.scene.submit().order_id
    phone = api.phone(Role.DSP)

    def plant() -> None:
        db.session.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        db.session.execute(
            text("CREATE TABLE child (id INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)")
        )
        db.session.execute(
            text("CREATE TRIGGER spoil AFTER UPDATE ON orders BEGIN INSERT INTO child (id) VALUES (7); END")
        )

    transact(plant)
    answer = phone.send(f"/orders/{order_id}/accept", {})
    assert answer.status_code >= 400
    assert api.scene.order(order_id).status == "SUBMITTED"


def test_answers_carry_the_headers_that_browsers_obey(api):
    answer = api.phone(Role.RES).get("/me")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_the_access_log_holds_the_pattern_and_the_role_and_nobody(api):
    order_id = api.scene.submit().order_id
    phone = api.phone(Role.RES)
    with structlog.testing.capture_logs() as logged:
        phone.get(f"/orders/{order_id}")
    line = next(line for line in logged if line["event"] == "request")
    assert (line["path"], line["status"], line["role"]) == ("/api/v1/orders/<id:order_id>", 200, "RES")
    assert set(line) == {"event", "log_level", "method", "path", "status", "ms", "role"}


def test_too_many_tries_are_429_with_a_time_to_come_back(api):
    limits = api.app.extensions["miniprogram_api.rates"]
    limits.replace({"login": "2/minute"})
    try:
        client, of_its_own = api.phone().client, {"REMOTE_ADDR": "198.51.100.92"}
        tries = [client.post("/api/v1/login", json={"code": "x"}, environ_base=of_its_own) for _ in range(4)]
    finally:
        limits.replace({"login": "100000/minute"})
    assert [each.status_code for each in tries] == [503, 503, 429, 429]
    assert tries[-1].json["code"] == "too_many"
    assert int(tries[-1].headers["Retry-After"]) == 60


def test_health_needs_a_scheduler_that_lives_and_an_outbox_that_moves(api):
    client = api.phone().client
    assert client.get("/healthz").status_code == 503
    transact(lambda: shared_values.write("scheduler.heartbeat", clock.now().isoformat()))
    well = client.get("/healthz")
    assert (well.status_code, well.json) == (
        200,
        {
            "status": "ok",
            "database": "ok",
            "scheduler_age_s": 0.0,
            "outbox_age_s": 0.0,
            "money_check": None,
        },
    )
    transact(lambda: publish(OrderMoved(1, 1, "T1", "submit", None, "SUBMITTED", None, "RES")))
    api.later(minutes=6)
    transact(lambda: shared_values.write("scheduler.heartbeat", clock.now().isoformat()))
    stuck = client.get("/healthz")
    assert (stuck.status_code, stuck.json["outbox_age_s"]) == (503, 360.0)


def test_health_says_when_money_was_looked_at_and_how_much_did_not_hold_and_no_more(api):
    transact(lambda: shared_values.write("scheduler.heartbeat", clock.now().isoformat()))
    company_id = api.scene.place.company.id
    broken = [Broken("lines", "支付金额与明细不符", (Finding("A26112200000001", company_id),))]
    at = transact(lambda: keep(broken)).at
    answer = api.phone().client.get("/healthz")
    assert answer.status_code == 200, "a node that can serve is not to be taken away for it"
    assert answer.json["money_check"] == {"at": at.isoformat(timespec="seconds"), "findings": 1}
    assert "A261122" not in answer.text
    transact(lambda: keep([]))
    assert api.phone().client.get("/healthz").json["money_check"]["findings"] == 0


def test_the_documents_page_loads_nothing_from_elsewhere(api):
    client = api.phone().client
    page = client.get("/api/v1/docs")
    body = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "提交报修" in body
    assert "<script" not in body
    assert "//" not in body.partition("<body>")[0]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert client.get("/api/v1/docs.css").mimetype == "text/css"
    assert client.get("/api/v1/openapi.json").json["openapi"].startswith("3.1")


def test_only_routes_of_the_api_stand_in_the_document(api):
    paths = api.phone().client.get("/api/v1/openapi.json").json["paths"]
    assert paths
    assert all(path.startswith("/api/v1/") for path in paths)


def test_the_address_of_a_caller_is_believed_from_trusted_proxies_only(tmp_path, sqlite_template):
    for hops, expected in ((0, "127.0.0.1"), (1, "203.0.113.9")):
        app = build_app(f"sqlite:///{tmp_path / f'{hops}.db'}", tmp_path, trusted_proxies=hops)
        seen = []
        app.before_request_funcs.setdefault(None, []).append(lambda seen=seen: seen.append(_address()))
        app.test_client().get("/api/v1/nowhere", headers={"X-Forwarded-For": "203.0.113.9"})
        assert seen == [expected]


def _address() -> str:
    return address()


def test_a_home_is_bound_with_an_invitation_and_let_go_again(api):
    scene = api.scene
    home = scene.place.homes[1]
    code = scene.do(lambda: invite(home.id, "family", scene.by(Role.MGR)))
    phone = api.phone(Role.RES)
    wrong = {"home_id": home.id, "relation": "family", "method": "invite", "invite_code": "AAAAAAAAAA"}
    assert phone.send("/me/homes", wrong).json["code"] == "proof_mismatch"
    bound = phone.send("/me/homes", {**wrong, "invite_code": code})
    assert (bound.status_code, bound.json["status"]) == (201, "active")
    assert phone.send("/me/homes", {**wrong, "invite_code": code}).json["code"] == "already_bound"
    path = f"/me/homes/{bound.json['binding_id']}"
    assert phone.send(path, method="DELETE").status_code == 200
    assert phone.send(path, method="DELETE").status_code == 409
    assert [home["place"] for home in phone.get("/me/homes").json["items"]] == [
        f"{scene.place.building.number}号楼1单元101"
    ]


def test_a_fourth_home_is_refused(api):
    phone = api.phone(Role.RES)
    codes = []
    for home in api.scene.place.homes[1:]:
        body = {"home_id": home.id, "relation": "owner", "method": "review"}
        codes.append(phone.send("/me/homes", body).status_code)
    assert codes == [201, 201, 409]
    assert phone.send("/me/homes", {"home_id": 1, "relation": "king", "method": "review"}).status_code == 422


def test_the_inbox_is_read(api):
    resident = api.scene.by(Role.RES).account_id
    for number in range(3):
        told = {"template": "order_done", "title": "已修好", "body": "请评价"}
        transact(lambda n=number, told=told: notify(resident, unique_key=f"m{n}", **told))
    phone = api.phone(Role.RES)
    assert phone.get("/messages/unread-count").json == {"unread": 3}
    newest = phone.get("/messages", limit=2).json
    assert (len(newest["items"]), newest["unread"]) == (2, 3)
    first = newest["items"][0]["id"]
    assert phone.send(f"/messages/{first}/read").status_code == 200
    assert phone.send("/messages/read-all").json["message"] == "2条消息已标为已读"
    assert phone.send("/messages/987654321/read").status_code == 404
    assert phone.get("/messages/unread-count").json == {"unread": 0}


def test_spots_are_chosen_from_a_paged_list_that_keeps_their_codes(api):
    place, phone = api.scene.place, api.phone(Role.RES)
    path = f"/estates/{place.estate.id}/spots"
    page = phone.get(path, limit=1).json
    assert set(page["items"][0]) == {"id", "place", "building_id"}
    seen = [page["items"][0]["id"]]
    while page["next_cursor"]:
        page = phone.get(path, limit=1, cursor=page["next_cursor"]).json
        seen += [each["id"] for each in page["items"]]
    assert len(seen) == len(set(seen)) == len(phone.get(path).json["items"])
    of_building = phone.get(path, building_id=place.building.id).json["items"]
    assert {each["building_id"] for each in of_building} == {place.building.id}
    assert phone.get("/estates/999999/spots").status_code == 404
