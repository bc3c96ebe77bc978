"""What each role reads of a person and his home (domain 3.3, 5.1-P11, P13), and revealing with a reason."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.core.db import db
from app.core.roles import Role
from app.orders import contacts
from app.orders.lifecycle import Menu
from tests.factories.scene import HOME_LAMP

TEXT = "厨房灯不亮,电话19900000777"


def _emergency(api) -> int:
    """An emergency in the resident's home, assigned and on its way."""
    scene = api.scene
    home = scene.place.homes[0]
    order_id = scene.submit(
        menu=Menu.EMERGENCY, category_code=HOME_LAMP, text=TEXT, home_id=home.id, spot_id=None
    ).order_id
    scene.accept(order_id)
    scene.assign(order_id)
    return order_id


def _seen(api, role, order_id) -> str:
    return json.dumps(api.phone(role).get(f"/orders/{order_id}").json, ensure_ascii=False)


@pytest.mark.parametrize("role", [Role.CO, Role.BUR, Role.STR, Role.COM])
def test_company_and_authorities_read_neither_number_nor_name_nor_home(api, role):
    order_id = _emergency(api)
    seen = _seen(api, role, order_id)
    place = api.phone(role).get(f"/orders/{order_id}").json["place"]
    assert place.endswith("号楼")
    for secret in (api.scene.resident.phone, "19900000777", "示范居民", "1单元101"):
        assert secret not in seen


@pytest.mark.parametrize("role", [Role.DSP, Role.MGR])
def test_the_desk_reads_the_home_but_the_number_only_after_a_reason(api, role):
    order_id = _emergency(api)
    shown = api.phone(role).get(f"/orders/{order_id}").json
    assert shown["place"].endswith("1单元101")
    assert shown["contact"] == {"name": "示***", "phone": f"199****{api.scene.resident.phone[-4:]}"} | {
        "masked": True,
        "can_reveal": True,
        "on_behalf": False,
    }
    told = api.phone(role).send(f"/orders/{order_id}/reveal", {"reason": "师傅找不到门"}).json
    assert told == {"name": "示范居民", "phone": api.scene.resident.phone}


def test_a_worker_reads_the_number_while_the_order_is_his_and_for_a_day_after(api):
    order_id = _emergency(api)
    phone, number = api.phone(Role.WRK), api.scene.resident.phone
    assert phone.get(f"/orders/{order_id}").json["contact"]["phone"] == number
    api.scene.check_in(order_id)
    api.scene.finish(order_id)
    api.later(hours=24)
    assert phone.get(f"/orders/{order_id}").json["contact"]["phone"] == number
    api.later(seconds=1)
    seen = _seen(api, Role.WRK, order_id)
    for secret in (number, "19900000777", "示范居民", "1单元101"):
        assert secret not in seen


def test_a_worker_who_declined_reads_nothing_more(api):
    order_id = _emergency(api)
    phone = api.phone(Role.WRK)
    assert phone.send(f"/orders/{order_id}/decline", {"reason": "busy"}).status_code == 200
    assert phone.get(f"/orders/{order_id}").status_code == 404
    assert phone.get("/tasks").json["items"] == []


def test_the_reporter_reads_what_is_his_own(api):
    order_id = _emergency(api)
    contact = api.phone(Role.RES).get(f"/orders/{order_id}").json["contact"]
    assert contact == {
        "name": "示范居民",
        "phone": api.scene.resident.phone,
        "masked": False,
        "can_reveal": False,
        "on_behalf": False,
    }


WRITTEN = "示范居民在1单元101室等,电话19900000778"
SECRETS = ("示范居民", "101室", "19900000778")


@pytest.mark.parametrize("role", [Role.CO, Role.BUR, Role.STR, Role.COM])
def test_what_was_written_with_a_step_reaches_authorities_without_home_name_and_number(api, role):
    order_id = _emergency(api)
    api.phone(Role.DSP).send(f"/orders/{order_id}/log-call", {"result": WRITTEN})
    answer = api.phone(role).get(f"/orders/{order_id}/timeline")
    told = json.dumps(answer.json, ensure_ascii=False)
    assert answer.status_code == 200
    assert "log_call" in told
    assert not [secret for secret in SECRETS if secret in told]
    desk = json.dumps(api.phone(Role.DSP).get(f"/orders/{order_id}/timeline").json, ensure_ascii=False)
    assert WRITTEN in desk


@pytest.mark.parametrize("role", [Role.CO, Role.BUR, Role.STR, Role.COM])
def test_what_the_reporter_typed_of_the_place_reaches_authorities_without_a_home(api, role):
    order_id = api.scene.submit(place_note="示例家1502室门口,19900000778").order_id
    assert "1502" in api.phone(Role.DSP).get(f"/orders/{order_id}").json["place"]
    place = api.phone(role).get(f"/orders/{order_id}").json["place"]
    assert place
    assert not [secret for secret in ("1502", "19900000778") if secret in place]


def test_a_reveal_stands_in_the_audit_log_with_its_reason_and_without_the_number(api):
    order_id = _emergency(api)
    api.phone(Role.DSP).send(f"/orders/{order_id}/reveal", {"reason": "确认地址,尾号19900000778"})
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == contacts.REVEALED)).one()
    assert (record.object_id, record.role) == (str(order_id), "DSP")
    assert "确认地址" in record.details["reason"]
    assert "19900000778" not in json.dumps(record.details)
    assert record.business_district_id == api.scene.place.district.id


def test_thirty_reveals_a_day_are_enough(api):
    order_id = _emergency(api)
    phone = api.phone(Role.DSP)
    for _ in range(contacts.PER_DAY):
        assert phone.send(f"/orders/{order_id}/reveal", {"reason": "回访"}).status_code == 200
    refused = phone.send(f"/orders/{order_id}/reveal", {"reason": "回访"})
    assert (refused.status_code, refused.json["code"]) == (429, "revealed_enough")
    api.later(days=1)
    phone = api.phone(Role.DSP)
    assert phone.send(f"/orders/{order_id}/reveal", {"reason": "回访"}).status_code == 200


@pytest.mark.parametrize("role", [Role.CO, Role.STR, Role.WRK, Role.RES])
def test_others_reveal_nothing(api, role):
    order_id = _emergency(api)
    assert api.phone(role).send(f"/orders/{order_id}/reveal", {"reason": "想知道"}).status_code == 403


def test_the_timeline_names_titles_and_hides_the_companys_own_notes(api):
    order_id = _emergency(api)
    called = api.phone(Role.DSP).send(f"/orders/{order_id}/log-call", {"result": "住户说晚上再来"})
    declined = {"reason": "busy", "text": "今天太多了"}
    assert called.status_code == 200
    assert api.phone(Role.WRK).send(f"/orders/{order_id}/decline", declined).status_code == 200
    resident = json.dumps(api.phone(Role.RES).get(f"/orders/{order_id}/timeline").json, ensure_ascii=False)
    desk = json.dumps(api.phone(Role.DSP).get(f"/orders/{order_id}/timeline").json, ensure_ascii=False)
    for note in ("住户说晚上再来", "今天太多了"):
        assert note not in resident
        assert note in desk
    assert "示范居民" not in desk


def test_the_answer_carries_buttons_and_promises_in_words(api):
    order_id = api.scene.submit().order_id
    shown = api.phone(Role.DSP).get(f"/orders/{order_id}").json
    assert {"action": "accept", "label": "接单"} in shown["actions"]
    assert shown["promises"][0]["words"] == "今天 22:25 前接单"
    api.later(minutes=20)
    late = api.phone(Role.DSP).get(f"/orders/{order_id}").json
    assert late["promises"][0]["words"] == "接单超时 5 分钟"
    assert late["next_due_words"] == "已超 5 分钟"
    assert "accept" not in [button["action"] for button in late["actions"]]
