"""A report by telephone or in person: the same order, the same clocks."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.roles import Role
from app.orders.clock_models import Deadline
from app.orders.models import Order
from tests.admin.conftest import Desk
from tests.factories import make_place, make_resident

REPORTS = "/admin/front-desk/data/reports"
UNKNOWN = "19900000998"


def report(desk: Desk, **values: Any) -> dict[str, Any]:
    plain = {
        "phone": UNKNOWN,
        "category_code": "G0201",
        "estate_id": desk.scene.place.estate.id,
        "place_note": "门厅",
        "channel": "电话",
        "consent_note": "来电人同意登记",
    }
    return {**plain, **values}


def order_of(answer: Any) -> Order:
    db.session.rollback()
    return db.session.get_one(Order, answer.json["order_id"])


def test_a_report_by_telephone_gets_a_number_and_the_clocks_of_any_other(desk: Desk) -> None:
    answer = desk.post(REPORTS, report(desk))
    assert answer.status_code == 200
    assert len(answer.json["promises"]) == 3
    order = order_of(answer)
    assert (order.channel, order.consent_note, order.status) == ("电话", "来电人同意登记", "SUBMITTED")
    assert order.text == "来电报修:楼道灯不亮"
    clocks = select(Deadline.clock).where(Deadline.order_id == order.id, Deadline.level == "DUE")
    assert set(db.session.scalars(clocks)) == {"C1", "C2", "C3"}


def test_a_known_caller_finds_the_order_among_his_own(desk: Desk) -> None:
    resident = desk.scene.resident
    home = desk.scene.place.homes[0].id
    answer = desk.post(REPORTS, report(desk, phone=resident.phone, category_code="H0101", home_id=home))
    order = order_of(answer)
    assert (order.reporter_id, order.menu, order.contact_name) == (resident.id, "EMG", resident.name)


def test_entering_twice_makes_one_order(desk: Desk) -> None:
    first = desk.post(REPORTS, report(desk), request_id="same-report")
    assert desk.post(REPORTS, report(desk), request_id="same-report").json == first.json
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Order)) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"phone": "1990000"}, "phone"),
        ({"category_code": ""}, "category"),
        ({"category_code": "H0101"}, "home_id"),
        ({"place_note": ""}, "spot_id"),
        ({"channel": "小程序"}, "channel"),
        ({"consent_note": " "}, "consent_note"),
        ({"hazardous": "yes"}, "hazardous"),
    ],
)
def test_what_is_missing_is_named(desk: Desk, wrong: dict[str, Any], field: str) -> None:
    answer = desk.post(REPORTS, report(desk, **wrong))
    assert answer.status_code in {404, 422}
    assert any(name.startswith(field) for name in answer.json["fields"]), answer.json


def test_a_home_or_an_estate_of_another_company_cannot_be_used(desk: Desk) -> None:
    other = make_place()
    at_home = report(desk, category_code="H0101", home_id=other.homes[0].id)
    assert desk.post(REPORTS, at_home).status_code == 422
    assert desk.post(REPORTS, report(desk, estate_id=other.estate.id)).status_code == 422


def test_the_number_brings_up_homes_and_orders_of_this_desk_only(desk: Desk) -> None:
    resident = desk.scene.resident
    submitted = desk.scene.submit()
    other = make_place()
    stranger = make_resident(other.homes[0])
    found = desk.post("/admin/front-desk/data/caller", {"phone": resident.phone}).json
    assert [home["id"] for home in found["homes"]] == [desk.scene.place.homes[0].id]
    assert [order["number"] for order in found["open_orders"]] == [submitted.number]
    assert found["name"] == "示***"
    unknown = desk.post("/admin/front-desk/data/caller", {"phone": stranger.phone}).json
    assert unknown == {"known": False, "name": "", "homes": [], "open_orders": [], "earlier": []}


def test_finished_orders_of_the_number_are_the_last_visits(desk: Desk) -> None:
    desk.scene.at = clock.now()
    order_id = desk.scene.until_done()
    found = desk.post("/admin/front-desk/data/caller", {"phone": desk.scene.resident.phone}).json
    assert [order["id"] for order in found["earlier"]] == [order_id]


def test_homes_are_found_as_callers_say_them(desk: Desk) -> None:
    building = desk.scene.place.building.number
    found = desk.post("/admin/front-desk/data/homes", {"q": f"{building}-1-101"}).json
    assert [home["id"] for home in found] == [desk.scene.place.homes[0].id]


def test_categories_come_with_their_pinyin_and_spoken_words(desk: Desk) -> None:
    categories = {each["code"]: each for each in desk.get("/admin/front-desk/data/categories").json}
    assert categories["G0201"]["pinyin"] == "lddbl"
    assert "楼道黑" in categories["G0201"]["words"]
    assert categories["H0101"]["in_home"] is True


@pytest.mark.parametrize("role", [Role.CO, Role.HOT, Role.BUR])
def test_only_the_desk_enters_reports(desk: Desk, role: Role) -> None:
    assert desk.post(REPORTS, report(desk), role).status_code == 403
