"""Submitting: the promise card, risky words, WeChat away, menus, slots, places."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.db import db
from app.core.parameter_models import ParameterValue
from app.core.parameters import known_values
from app.core.roles import Role
from app.orders.models import Order
from tests.factories.people import make_resident
from tests.factories.scene import make_scene
from tests.miniprogram_api.phones import counted_statements

RISKY_WORD, REVIEW_WORD = "违禁词测试", "待复核测试"
"""What the sandbox judges so."""


def _lamp(api, **values):
    return {
        "menu": "PUB",
        "category_code": "G0201",
        "text": "门厅的灯不亮了",
        "spot_id": api.scene.place.spot.id,
        **values,
    }


def _orders() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Order))


@pytest.fixture
def known(wechat_api, sandbox):
    """A resident whom WeChat knows."""
    account = make_resident(wechat_api.scene.place.homes[2], openid=sandbox.openid("王阿姨"))
    sandbox.code("王阿姨")
    return wechat_api.phone(resident_scope(account.id))


def test_the_card_names_number_and_promise(api):
    answer = api.phone(Role.RES).send("/orders", _lamp(api))
    assert answer.status_code == 201
    assert answer.json["message"] == f"已收到,编号 {answer.json['number']}。小区物业 今天 22:25 前答复您"
    assert [promise["clock"] for promise in answer.json["promises"]] == ["C1", "C2", "C3"]


def test_the_same_key_twice_is_one_order_and_the_same_card(api):
    phone, body = api.phone(Role.RES), _lamp(api)
    first = phone.send("/orders", body, key="one-order-only")
    second = phone.send("/orders", body, key="one-order-only")
    assert (second.status_code, second.json) == (201, first.json)
    assert _orders() == 1


def test_risky_words_are_refused_and_nothing_is_written(wechat_api, known):
    answer = known.send("/orders", _lamp(wechat_api, text=f"门厅的灯{RISKY_WORD}"))
    assert (answer.status_code, answer.json["code"]) == (422, "text_refused")
    assert "您填写的内容还在" in answer.json["message"]
    assert _orders() == 0


def test_words_in_doubt_go_on_with_a_mark(wechat_api, known):
    answer = known.send("/orders", _lamp(wechat_api, place_note=REVIEW_WORD))
    order_id = answer.json["order_id"]
    assert known.get(f"/orders/{order_id}").json["text_check"] == "review"


def test_good_words_pass(wechat_api, known):
    order_id = known.send("/orders", _lamp(wechat_api)).json["order_id"]
    assert known.get(f"/orders/{order_id}").json["text_check"] == "pass"


def test_an_order_is_accepted_while_wechat_is_away(wechat_api, sandbox, known):
    sandbox.fault("/wxa/msg_sec_check", "http_500", times=5)
    answer = known.send("/orders", _lamp(wechat_api))
    assert answer.status_code == 201
    assert known.get(f"/orders/{answer.json['order_id']}").json["text_check"] == "pending"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"category_code": "G0999"}, "category_code"),
        ({"category_code": "nonsense"}, "category_code"),
        ({"text": "灯"}, "text"),
        ({"text": "灯" * 501}, "text"),
        ({"text": "门厅\x00的灯不亮"}, "text"),
        ({"menu": "APT"}, "category_code"),
        ({"spot_id": 0}, "spot_id"),
        ({"spot_id": 2**63}, "spot_id"),
        ({"spot_id": 999_999}, "spot_id"),
        ({"photo_ids": list(range(1, 11))}, "photo_ids"),
        ({"photo_ids": [999_999]}, "photo_ids"),
        ({"hazardous": 1}, "hazardous"),
        ({"reporter_id": 1}, "reporter_id"),
    ],
)
def test_a_bad_report_is_422_and_names_the_field(api, values, field):
    answer = api.phone(Role.RES).send("/orders", _lamp(api, **values))
    assert answer.status_code == 422
    assert any(name.startswith(field) for name in answer.json["fields"]), answer.json


def test_a_foreign_home_is_refused(api):
    home = make_scene(at=api.scene.at).place.homes[0].id
    body = {"menu": "EMG", "category_code": "H0101", "text": "客厅的灯不亮", "home_id": home}
    answer = api.phone(Role.RES).send("/orders", body)
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["home_id"])


def test_staff_do_not_report_through_this_door(api):
    assert api.phone(Role.DSP).send("/orders", _lamp(api)).status_code == 403


def test_there_are_exactly_three_menus_and_a_plain_estate_has_one_of_them_on(api):
    estate = api.scene.place.estate
    shown = api.phone(Role.RES).get("/menus", estate_id=estate.id).json["items"]
    assert [(menu["label"], menu["enabled"]) for menu in shown] == [
        ("服务预约", True),
        ("公区报事", True),
        ("应急维修", True),
    ]
    other = make_scene(at=api.scene.at)

    def close() -> None:
        other.place.estate.is_pilot = False
        db.session.merge(other.place.estate)

    other.do(close)
    shown = api.phone(Role.RES).get("/menus", estate_id=other.place.estate.id).json["items"]
    assert [menu["enabled"] for menu in shown] == [False, True, False]
    assert "公区报事" in shown[0]["reason"]


def test_a_booking_takes_a_place_of_its_slot_and_a_full_slot_is_409(api):
    slot_id = api.scene.slot_at(clock.china(2026, 11, 21, 8))
    home = api.scene.place.homes[0].id
    phone = api.phone(Role.RES)
    body = {
        "menu": "APT",
        "category_code": "H0101",
        "text": "请来看客厅的灯",
        "home_id": home,
        "slot_id": slot_id,
    }
    before = phone.get("/slots", home_id=home).json["items"]
    free = next(slot["free"] for slot in before if slot["id"] == slot_id)
    for _ in range(free):
        assert phone.send("/orders", body).status_code == 201
    answer = phone.send("/orders", body)
    assert (answer.status_code, answer.json["code"]) == (409, "slot_full")
    after = phone.get("/slots", home_id=home).json["items"]
    assert next(slot["free"] for slot in after if slot["id"] == slot_id) == 0


def test_a_spot_is_found_by_its_code_and_the_public_list_is_clean(api):
    spot = api.scene.place.spot
    phone = api.phone(Role.RES)
    assert phone.get(f"/spots/{spot.code.lower()}").json["id"] == spot.id
    assert phone.get("/spots/NOSUCH").status_code == 404
    note = {
        "spot_id": None,
        "estate_id": api.scene.place.estate.id,
        "place_note": "找王师傅19900000423,301室门口",
    }
    phone.send("/orders", _lamp(api, **note))
    shown = api.phone().get(f"/estates/{api.scene.place.estate.id}/repairs")
    assert shown.status_code == 200
    place = shown.json["items"][0]["place"]
    assert "19900000423" not in place
    assert "301" not in place


def test_places_lead_from_the_estate_to_the_home(api):
    place, phone = api.scene.place, api.phone(Role.RES)
    assert phone.get("/estates", q=place.estate.name).json["items"][0]["id"] == place.estate.id
    assert phone.get(f"/estates/{place.estate.id}/buildings").json["items"][0]["id"] == place.building.id
    assert phone.get(f"/buildings/{place.building.id}/units").json["items"][0]["id"] == place.unit.id
    homes = phone.get(f"/units/{place.unit.id}/homes").json["items"]
    assert [home["number"] for home in homes] == ["101", "201", "301", "401"]
    assert phone.get("/estates/999999/buildings").status_code == 404


def test_words_suggest_a_category(api):
    answer = api.phone(Role.RES).get("/categories/guess", menu="PUB", text="楼道灯不亮了")
    assert answer.json["category"]["code"] == "G0201"


@pytest.mark.parametrize("count", [1, 50])
def test_my_orders_cost_the_same_few_statements(api, count):
    for _ in range(count):
        api.scene.submit()
    phone = api.phone(Role.RES)
    with counted_statements() as seen:
        answer = phone.get("/orders", limit=50)
    assert len(answer.json["items"]) == count
    assert len(seen) <= 4, seen


@pytest.mark.parametrize("path", ["/desk/orders", "/tasks", "/messages", "/desk/queues"])
def test_lists_of_staff_cost_a_fixed_number_of_statements(api, path):
    role = Role.WRK if path == "/tasks" else Role.DSP
    phone = api.phone(role)
    with counted_statements() as few:
        assert phone.get(path).status_code == 200
    for _ in range(12):
        api.scene.accept(api.scene.submit().order_id)
    with counted_statements() as many:
        assert phone.get(path).status_code == 200
    assert len(many) == len(few) <= 7


def test_pages_follow_each_other_without_gaps(api):
    wanted = [api.scene.submit().order_id for _ in range(7)]
    phone, seen, cursor = api.phone(Role.RES), [], None
    while True:
        page = phone.get("/orders", limit=3, **({"cursor": cursor} if cursor else {})).json
        seen += [line["id"] for line in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == wanted[::-1]
    assert phone.get("/orders", cursor="bm9uc2Vuc2U").status_code == 422
    assert phone.get("/orders", limit=101).status_code == 422
    assert phone.get("/orders", limit="1_0").status_code == 422
    assert phone.get("/orders", nonsense="1").status_code == 422


def test_a_resident_reads_before_sending_that_the_night_defers_the_visit(api):
    def notes() -> list[str]:
        shown = api.phone(Role.RES).get("/menus", estate_id=api.scene.place.estate.id).json["items"]
        return [menu["note"] for menu in shown]

    assert notes() == ["", "", ""]
    on = {"key": "night_deferral", "value": "on", "valid_from": api.scene.at, "proposal_id": 1}
    api.scene.do(lambda: db.session.add(ParameterValue(**on)))
    known_values.forget()
    booking, report, emergency = notes()
    assert (booking, emergency) == ("", "")
    assert "07:30 前" in report


def test_who_was_found_wrong_five_times_reads_what_he_can_do_and_danger_is_let_through(api):
    scene, phone = api.scene, api.phone(Role.RES)
    for _ in range(5):
        order_id = phone.send("/orders", _lamp(api)).json["order_id"]
        words = {"text": "到现场没有发现问题,电话核实过", "evidence": "巡查记录"}
        answer = api.phone(Role.DSP).send(f"/orders/{order_id}/reject", {"reason": "untrue", **words})
        assert answer.status_code == 200
    number = answer.json["number"]
    refused = phone.send("/orders", _lamp(api))
    assert (refused.status_code, refused.json["code"]) == (429, "one_order_a_day")
    assert refused.json["message"] == (
        f"您近30天有5件报事被核实为不实,现在每天可以报1件,今天已报过 {number}。"
        "请明天再报;急事请打物业电话或962121,有危险随时可以报。"
        "如果判断有误,请在那张工单里申诉,或请房管局解除限制"
    )
    assert "Retry-After" not in refused.headers
    assert phone.send("/orders", _lamp(api, hazardous=True)).status_code == 201
    desk_entry = scene.submit(by=Role.DSP, channel="电话", consent_note="来电同意", contact_name="示范居民")
    assert desk_entry.order_id
