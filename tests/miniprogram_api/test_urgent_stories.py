"""Stories Z12 (lift entrapment) and Z15 (missed appointment) of domain 4.8 over the API; offers that a crew takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.companies.dispatch_choice import choose_dispatching
from app.companies.hats import scope_of
from app.core import clock
from app.core.clock import china
from app.core.db import db
from app.core.outbox import OutboxRow, dispatch_one
from app.core.roles import Role
from app.notifications.models import Notification
from app.orders.ladder import ladder
from app.orders.sweeping import sweep
from app.reactions.table import REACTIONS
from miniprogram_api.fields import said
from tests.factories.people import make_certificate, make_hat, make_worker
from tests.factories.scene import HOME_LAMP, make_scene
from tests.miniprogram_api.steps import accepted, open_to_all

MINUTE = timedelta(minutes=1)
LIFT = "G0101"


def react() -> None:
    """Sweep and run every waiting reaction; none may fail."""
    sweep()
    while dispatch_one(REACTIONS):
        pass
    db.session.rollback()
    assert (
        db.session.scalars(select(OutboxRow.last_error).where(OutboxRow.last_error.is_not(None))).all() == []
    )


def bodies(account_id: int) -> list[str]:
    db.session.rollback()
    mine = Notification.account_id == account_id
    return list(db.session.scalars(select(Notification.body).where(mine).order_by(Notification.id)))


def titles(scene, role: Role) -> list[str]:
    db.session.rollback()
    mine = Notification.account_id == scene.by(role).account_id
    return list(db.session.scalars(select(Notification.title).where(mine).order_by(Notification.id)))


def lift_firm(scene):
    """A worker who may open a lift."""
    worker = make_worker(scene.place.office, district_id=scene.place.district.id, skills=("G01",))
    make_certificate(worker, "电梯修理", valid_to=china(2099, 1, 1).date())
    place = {"company_id": worker.company_id, "office_id": worker.office_id}
    return worker, scope_of(make_hat(Role.WRK, account=worker.account, worker_id=worker.id, **place))


def photos_of(api, scope) -> list[int]:
    api.scene.scopes[Role.THIRD] = scope
    return api.scene.photos(Role.THIRD)


def arrival(api, photos, protection, finding: str) -> dict:
    return {
        "finding": finding,
        "hazardous": True,
        "expected_at": said(api.scene.at + timedelta(hours=1)),
        "contact_result": "已和轿厢里的人通话",
        "photo_ids": photos,
        "protection_photo_ids": protection,
        "spot_code": api.scene.place.spot.code,
    }


def sent(answer, status: int = 200):
    assert answer.status_code == status, answer.json
    return answer.json


def test_z12_somebody_is_trapped_in_a_lift_and_the_bureau_reads_every_minute_of_it(api):
    scene = api.scene
    worker, firm = lift_firm(scene)
    started = scene.at
    body = {"menu": "PUB", "category_code": LIFT, "text": "有人困在电梯里", "spot_id": scene.place.spot.id}
    card = sent(api.phone(Role.RES).send("/orders", body), 201)
    due = {promise["clock"]: promise["due_at"] for promise in card["promises"]}
    assert (due["C1"], due["C2"]) == (said(started + 3 * MINUTE), said(started + 15 * MINUTE))
    order_id = card["order_id"]
    react()
    for role in (Role.WRK, Role.STR, Role.BUR):
        assert titles(scene, role) == [f"紧急工单 {card['number']}"]

    api.later(minutes=2)
    desk = api.phone(Role.DSP)
    sent(desk.send(f"/orders/{order_id}/accept", {}))
    offered = {each["worker_id"]: each for each in sent(desk.get(f"/orders/{order_id}/candidates"))["items"]}
    assert offered[scene.worker.id]["blocked"] == "没有电梯修理证"
    refused = desk.send(f"/orders/{order_id}/assign", {"worker_id": scene.worker.id})
    assert (refused.status_code, refused.json["code"]) == (422, "not_dispatchable")
    api.later(minutes=1)
    sent(desk.send(f"/orders/{order_id}/assign", {"worker_id": worker.id}))

    api.later(minutes=1)
    firm_phone = api.phone(firm)
    sent(firm_phone.send(f"/orders/{order_id}/depart"))
    api.later(minutes=8)
    manager = api.phone(Role.MGR)
    there = arrival(api, scene.photos(Role.MGR), scene.photos(Role.MGR), "电梯停在5层,轿厢里一人,安抚中")
    sent(manager.send(f"/orders/{order_id}/check-in", there))
    assert scene.order(order_id).late_visit is False

    api.later(minutes=12)
    sent(firm_phone.send(f"/orders/{order_id}/start"))
    api.later(minutes=11)
    done = {"result": "已平层开门,人已安全出来,电梯停用检修", "photo_ids": photos_of(api, firm)}
    sent(firm_phone.send(f"/orders/{order_id}/finish", done))
    react()

    steps = sent(api.phone(Role.BUR).get(f"/orders/{order_id}/timeline"))["items"]
    begun = clock.in_china(started)
    minutes = {each["action"]: each["at"] for each in steps}
    assert minutes["accept"] == said(begun + 2 * MINUTE)
    assert minutes["check_in"] == said(begun + 12 * MINUTE)
    assert minutes["start"] == said(begun + 24 * MINUTE)
    assert minutes["finish"] == said(begun + 35 * MINUTE)
    climbed = {(rung.clock, rung.what): rung.state for rung in ladder(order_id, scene.by(Role.BUR))}
    assert climbed["接单", "到期(L1)"] == climbed["到场核实", "到期(L1)"] == "按时做到"
    assert climbed["师傅确认", "到期(L1)"] == "按时做到"


def test_z12_with_nobody_at_the_desk_the_hotline_has_it_after_three_minutes(api):
    scene = api.scene
    body = {"menu": "PUB", "category_code": LIFT, "text": "有人困在电梯里", "spot_id": scene.place.spot.id}
    order_id = sent(api.phone(Role.RES).send("/orders", body), 201)["order_id"]
    api.later(minutes=3, milliseconds=1)
    react()
    assert sent(api.phone(Role.HOT).get(f"/orders/{order_id}"))["status"] == "HOTLINE"


def booked(api, begins) -> int:
    body = {
        "menu": "APT",
        "category_code": HOME_LAMP,
        "text": "客厅的灯不亮",
        "home_id": api.scene.place.homes[0].id,
        "slot_id": api.scene.slot_at(begins),
    }
    return sent(api.phone(Role.RES).send("/orders", body), 201)["order_id"]


def test_z15_a_missed_appointment_is_apologised_for_breached_and_explained(api):
    scene = api.scene
    begins, ends = china(2026, 11, 21, 8), china(2026, 11, 21, 10)
    order_id = booked(api, begins)
    sent(api.phone(Role.DSP).send(f"/orders/{order_id}/accept", {}))
    sent(api.phone(Role.DSP).send(f"/orders/{order_id}/assign", {"worker_id": scene.worker.id}))
    sent(api.phone(Role.WRK).send(f"/orders/{order_id}/take"))
    api.at(begins - 29 * MINUTE)
    react()
    assert "按约上门快到时限" in titles(scene, Role.WRK)
    api.at(ends)
    react()
    assert scene.order(order_id).late_visit is False
    api.at(ends + timedelta(milliseconds=1))
    react()
    assert scene.order(order_id).late_visit is True
    assert titles(scene, Role.RES)[-1] == "对不起,师傅失约了"
    assert "让您白等了" in bodies(scene.by(Role.RES).account_id)[-1]
    for role in (Role.WRK, Role.DSP, Role.MGR, Role.CO):
        assert titles(scene, role)[-1] == "按约上门超时"
    seen = sent(api.phone(Role.RES).get(f"/orders/{order_id}"))
    assert (seen["explanation"], seen["late"]) == ("到场已超时,已通知主管", True)


# ---- what a crew may take


def test_an_open_offer_is_taken_over_the_api_and_a_repeated_key_takes_it_once(api):
    order_id = open_to_all(api.scene)
    phone = api.phone(Role.WRK)
    (offer,) = sent(phone.get("/offers"))["items"]
    assert (offer["id"], offer["place"]) == (order_id, api.scene.order(order_id).place_public)
    assert not {"text", "contact", "phone"} & set(offer)
    first = sent(phone.send(f"/orders/{order_id}/grab", key="grab-once-only"))
    again = sent(phone.send(f"/orders/{order_id}/grab", key="grab-once-only"))
    assert (first["status"], first["version"]) == (again["status"], again["version"]) == ("ASSIGNED", 3)
    assert sent(phone.get("/offers"))["items"] == []
    second = phone.send(f"/orders/{order_id}/grab")
    assert (second.status_code, second.json["code"]) == (409, "grabbed_already")
    assert [each["id"] for each in sent(phone.get("/tasks"))["items"]] == [order_id]
    react()
    assert "师傅已安排" in titles(api.scene, Role.RES)


@pytest.mark.parametrize("role", [Role.DSP, Role.RES])
def test_nobody_but_the_crew_reads_offers_or_takes_them(api, role):
    order_id = open_to_all(api.scene)
    assert api.phone(role).get("/offers").status_code == 403
    assert api.phone(role).send(f"/orders/{order_id}/grab").status_code == 403


def test_another_crew_and_an_office_that_dispatches_by_hand_see_no_offers(api):
    open_to_all(api.scene)
    stranger = make_scene(at=api.scene.at)
    assert sent(api.phone(stranger.by(Role.WRK)).get("/offers"))["items"] == []
    by = api.scene.by(Role.MGR)
    api.scene.do(lambda: choose_dispatching(api.scene.place.office.id, by=by, mode="assign"))
    assert sent(api.phone(Role.WRK).get("/offers"))["items"] == []


def test_an_order_that_goes_its_way_needs_no_explanation(api):
    order_id = accepted(api.scene)
    seen = sent(api.phone(Role.RES).get(f"/orders/{order_id}"))
    assert (seen["explanation"], seen["marks"]) == ("", [])
    asked = sent(api.phone(Role.DSP).get(f"/orders/{order_id}/candidates"))
    assert asked["call_first"] == ""
