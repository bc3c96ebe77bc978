"""Buttons of the console: right, twice, too late, forbidden, foreign."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import admin
from admin.views.order_commands import ACTIONS
from app.audit.models import AuditRecord
from app.core import clock
from app.core.db import db, transact
from app.core.receipts import CommandReceipt
from app.core.roles import Role
from app.orders import desk as orders_desk
from app.orders import extensions
from app.orders.lifecycle import Status
from app.orders.models import Order, OrderEvent
from tests.admin.conftest import Desk
from tests.engines import both_engines
from tests.factories import make_worker
from tests.factories.staffroom import ACCEPT_JSON


def status_of(order_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Order, order_id, populate_existing=True).status


def events_of(order_id: int) -> int:
    db.session.rollback()
    return db.session.scalar(
        select(func.count()).select_from(OrderEvent).where(OrderEvent.order_id == order_id)
    )


@both_engines
def test_accepting_and_dispatching_from_the_board(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    assert desk.act(order_id, "accept").json["status"] == "ACCEPTED"
    assert desk.act(order_id, "assign", worker_id=desk.scene.worker.id).json["status"] == "ASSIGNED"
    assert status_of(order_id) == Status.ASSIGNED


@both_engines
def test_the_same_request_again_gets_the_same_answer_and_does_nothing(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    url = f"/admin/order-commands/{order_id}/accept"
    first = desk.post(url, {}, request_id="a-request-of-mine")
    events = events_of(order_id)
    assert desk.post(url, {}, request_id="a-request-of-mine").json == first.json
    assert events_of(order_id) == events


def test_a_request_id_is_not_good_for_something_else(desk: Desk) -> None:
    first, second = desk.scene.submit().order_id, desk.scene.submit().order_id
    desk.post(f"/admin/order-commands/{first}/accept", {}, request_id="a-request-of-mine")
    answer = desk.post(f"/admin/order-commands/{second}/accept", {}, request_id="a-request-of-mine")
    assert (answer.status_code, answer.json["code"]) == (409, "request_id_reused")
    assert status_of(second) == Status.SUBMITTED


def test_the_loser_is_told_who_won_and_when(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    desk.act(order_id, "accept", Role.MGR)
    answer = desk.act(order_id, "accept", Role.DSP)
    assert answer.status_code == 409
    assert answer.json["fields"]["status"] == "ACCEPTED"
    assert "已由示经理接单" in answer.json["message"]
    assert f"{clock.in_china(clock.now()):%H:}" in answer.json["message"]


def test_after_the_limit_the_desk_is_told_that_the_hotline_has_it(desk: Desk) -> None:
    order_id = desk.scene.submit(at=clock.now() - timedelta(minutes=16)).order_id
    answer = desk.act(order_id, "accept")
    assert (answer.status_code, answer.json["code"]) == (409, "already_hotline")


def test_without_token_or_request_id_nothing_happens(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    url = f"/admin/order-commands/{order_id}/accept"
    no_token = desk.client().post(url, json={}, headers={**ACCEPT_JSON, "Idempotency-Key": "12345678"})
    assert (no_token.status_code, no_token.json["code"]) == (400, "csrf")
    headers = {**ACCEPT_JSON, "X-CSRFToken": desk.token(Role.DSP)}
    assert desk.client().post(url, json={}, headers=headers).status_code == 422
    foreign = {**headers, "X-CSRFToken": desk.token(Role.MGR), "Idempotency-Key": "12345678"}
    assert desk.client().post(url, json={}, headers=foreign).status_code == 400
    assert status_of(order_id) == Status.SUBMITTED


@pytest.mark.parametrize("role", [Role.CO, Role.BUR, Role.STR])
def test_who_only_looks_on_cannot_accept(desk: Desk, role: Role) -> None:
    order_id = desk.scene.submit().order_id
    assert desk.act(order_id, "accept", role).status_code == 403
    assert status_of(order_id) == Status.SUBMITTED


def test_what_needs_a_camera_is_sent_to_the_phone(desk: Desk) -> None:
    order_id = desk.scene.until_working()
    answer = desk.act(order_id, "finish", Role.MGR)
    assert answer.status_code == 409
    assert "手机" in answer.json["message"]


@pytest.mark.parametrize(
    "body", ["[]", '"x"', "{", '{"worker_id": "abc"}', '{"worker_id": true}', '{"worker_id": -1}']
)
def test_a_body_that_makes_no_sense_is_refused_in_words(desk: Desk, body: str) -> None:
    order_id = desk.scene.submit().order_id
    desk.scene.accept(order_id)
    headers = {**ACCEPT_JSON, "X-CSRFToken": desk.token(Role.DSP), "Idempotency-Key": "12345678"}
    url = f"/admin/order-commands/{order_id}/assign"
    answer = desk.client().post(url, data=body, content_type="application/json", headers=headers)
    assert answer.status_code == 422
    assert answer.json["message"]


def test_each_button_says_what_it_has_done() -> None:
    script = (Path(admin.__file__).parent / "static/js/order_actions.js").read_text()
    said = re.search(r"const DONE = \{(.*?)\};", script, re.DOTALL)[1]
    assert set(ACTIONS) == set(re.findall(r"(\w+): '", said))


def test_a_doubtful_worker_needs_a_reason(desk: Desk) -> None:
    idle = make_worker(
        desk.scene.place.office, district_id=desk.scene.place.district.id, skills=("G09",), online=False
    )
    order_id = desk.scene.submit(category_code="G1001", text="门厅没有打扫").order_id
    desk.scene.accept(order_id)
    refused = desk.act(order_id, "assign", worker_id=idle.id)
    assert (refused.status_code, "override_reason" in refused.json["fields"]) == (422, True)
    assert desk.act(order_id, "assign", worker_id=idle.id, override_reason="他就在现场").status_code == 200


def test_a_worker_without_the_certificate_cannot_be_sent_even_with_a_reason(desk: Desk) -> None:
    bare = make_worker(desk.scene.place.office, district_id=desk.scene.place.district.id, skills=("G02",))
    order_id = desk.scene.submit().order_id
    desk.scene.accept(order_id)
    answer = desk.act(order_id, "assign", worker_id=bare.id, override_reason="就派他")
    assert answer.status_code == 422
    assert status_of(order_id) == Status.ACCEPTED


def test_the_hotline_accepts_by_naming_whom_it_spoke_to_and_assigns(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    desk.scene.do(lambda: orders_desk.to_hotline(order_id, by=desk.scene.by(Role.DSP), reason="no_staff"))
    assert desk.act(order_id, "accept", Role.HOT).status_code == 422
    office = desk.scene.place.office.id
    assert (
        desk.act(order_id, "accept", Role.HOT, spoken_to="王经理", office_id=str(office)).status_code == 200
    )
    assert desk.act(order_id, "assign", Role.HOT, worker_id=desk.scene.worker.id).status_code == 200


def test_rejecting_and_handing_over_need_their_reasons(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    assert desk.act(order_id, "reject", reason="duplicate", text="太短").status_code == 422
    assert desk.act(order_id, "to_hotline", reason="").status_code == 422
    text = "与昨天的工单是同一件事,已在处理"
    assert desk.act(order_id, "reject", reason="duplicate", text=text).json["fields"].keys() == {"evidence"}
    unknown = desk.act(order_id, "reject", reason="duplicate", text=text, evidence="R1119-9942")
    assert unknown.json["message"] == "R1119-9942 不是这个小区的另一张工单,请核对编号"
    proof = {"evidence": desk.scene.submit().number}
    assert desk.act(order_id, "reject", reason="duplicate", text=text, **proof).json["status"] == "REJECTED"


def test_the_manager_decides_about_an_extension_that_the_worker_asked_for(desk: Desk) -> None:
    order_id = desk.scene.until_working()
    by, photos = desk.scene.by(Role.WRK), desk.scene.photos(Role.WRK)
    wanted = {"reason_code": "buying", "reason": "配件要三天到货", "photo_ids": photos}
    expected = desk.scene.at + timedelta(days=4)
    desk.scene.do(lambda: extensions.request(order_id, by=by, expected_at=expected, **wanted))
    assert "配件要三天到货" in desk.get(f"/admin/orders/{order_id}", Role.MGR).text
    assert desk.act(order_id, "approve_extension", Role.DSP).status_code == 403
    assert desk.act(order_id, "approve_extension", Role.MGR).status_code == 200
    assert desk.act(order_id, "approve_extension", Role.MGR).status_code == 409


def test_the_bureau_reopens_on_its_word(desk: Desk) -> None:
    order_id = desk.scene.until_done()
    assert desk.act(order_id, "reopen", Role.DSP, reason="没修好").status_code == 403
    assert desk.act(order_id, "reopen", Role.BUR, reason="回访时居民说灯又灭了").json["status"] == "WORKING"


@both_engines
def test_a_number_is_shown_for_a_reason_and_audited(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    phone = db.session.get_one(Order, order_id).contact_phone
    url = f"/admin/order-commands/{order_id}/contact"
    assert desk.post(url, {"reason": ""}).status_code == 422
    assert desk.post(url, {"reason": "约定上门时间"}).json["phone"] == phone
    db.session.rollback()
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "order.reveal_phone")).one()
    assert record.object_id == str(order_id)
    assert record.details == {"reason": "约定上门时间"}
    kept = db.session.scalars(select(CommandReceipt.answer)).all()
    assert phone not in str(kept)


@pytest.mark.parametrize("role", [Role.CO, Role.STR])
def test_the_company_and_the_street_never_see_the_number(desk: Desk, role: Role) -> None:
    order_id = desk.scene.submit().order_id
    answer = desk.post(f"/admin/order-commands/{order_id}/contact", {"reason": "想看看"}, role)
    assert answer.status_code == 403
    assert "data-reveal" not in desk.get(f"/admin/orders/{order_id}", role).text


@pytest.mark.parametrize("role", [Role.CO, Role.STR, Role.BUR])
def test_who_oversees_an_order_reads_its_notes_without_home_name_and_number(desk: Desk, role: Role) -> None:
    scene = desk.scene
    order_id = scene.submit().order_id
    name = db.session.get_one(Order, order_id).contact_name
    written = f"{name}在3号楼2单元1502室等,电话19900000778"
    assert desk.act(order_id, "log_call", result=written).status_code == 200
    assert desk.act(order_id, "accept").status_code == 200
    assert desk.act(order_id, "change_urgency", urgency="P1", reason=written).status_code == 200
    assert written in desk.get(f"/admin/orders/{order_id}").text
    shown = desk.get(f"/admin/orders/{order_id}", role)
    assert shown.status_code == 200
    assert "(电话略)" in shown.text
    assert not [secret for secret in (name, "1502", "19900000778") if secret in shown.text]


def test_a_call_is_kept_in_the_timeline(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    assert desk.act(order_id, "log_call", result="住户说晚上在家").status_code == 200
    assert "住户说晚上在家" in desk.get(f"/admin/orders/{order_id}").text
    assert transact(lambda: status_of(order_id)) == Status.SUBMITTED
