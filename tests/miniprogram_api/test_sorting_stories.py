"""Stories Z9 and Z13 of domain 4.8 over the API, and what each person reads on the way.

T0 is Friday 2026-11-20 22:10:00.000 in China.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.accounts.scopes import resident_scope
from app.core.calendar_days import install_standard, known_calendar
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.orders.sweeping import sweep
from app.supervision.facts import facts
from app.supervision.indicators import Cohort
from tests.factories.people import make_resident
from tests.factories.places import make_home, make_spot
from tests.miniprogram_api.sorting_steps import appealed, asked_a_third_time, asked_of_us, merged, rejected

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def calendar(api):
    transact(install_standard)
    known_calendar.forget()


def send(api, who, order_id: int, name: str, body=None):
    answer = api.phone(who).send(f"/orders/{order_id}/{name}", body)
    assert answer.status_code in (200, 201), answer.json
    return answer.json


def counted(api, cohort: Cohort, counter: str) -> int:
    db.session.rollback()
    span = {"begin": api.scene.at - 30 * DAY, "until": api.scene.at + 30 * DAY}
    return sum(int(row[counter]) for row in db.session.execute(facts(cohort, SYSTEM, **span)).mappings())


def report(api, who, spot) -> int:
    body = {"menu": "PUB", "category_code": "G0202", "text": "东门的灯不亮了", "spot_id": spot.id}
    answer = api.phone(who).send("/orders", body)
    assert answer.status_code == 201, answer.json
    return answer.json["order_id"]


def test_z9_five_reports_of_the_same_gate_lamp_are_one_order_with_five_reporters(api):
    scene = api.scene
    spot = make_spot(scene.place.estate, name="东门", latitude=39.9, longitude=116.65)
    near = make_spot(scene.place.estate, name="东门岗亭", latitude=39.9 + 40 / 111_195, longitude=116.65)
    people = [resident_scope(make_resident(make_home(scene.place.unit)).id) for _ in range(5)]
    orders = []
    for place, person in enumerate(people):
        orders.append(report(api, person, near if place % 2 else spot))
        api.later(minutes=1)
    first, *others = orders
    for child in others:
        shown = api.phone(Role.DSP).get(f"/orders/{child}/merge-choices").json["items"]
        assert shown[0]["id"] == first
        answer = send(api, Role.DSP, child, "merge", {"master_id": first})
        assert (answer["status"], answer["merged_into"]["order_id"]) == ("MERGED", first)
    master = api.phone(Role.DSP).get(f"/orders/{first}").json
    assert master["also_reported"] == 4
    for who, told in ((people[0], "另有一位邻居也报了这件事"), (Role.DSP, f"{answer['number']} 并入")):
        steps = api.phone(who).get(f"/orders/{first}/timeline").json["items"]
        assert [each["action"] for each in steps].count("take_in") == 4
        assert (steps[-1]["label"], steps[-1]["note"]) == ("同类报事已并入", told)
    scene.at += MINUTE
    scene.accept(first)
    scene.assign(first, after=MINUTE)
    scene.check_in(first, after=5 * MINUTE)
    scene.finish(first, after=2 * HOUR)
    api.at(scene.at)
    for person, child in zip(people[1:], others, strict=True):
        seen = api.phone(person).get(f"/orders/{child}").json["merged_into"]
        assert (seen["order_id"], seen["following"], seen["status"]) == (first, True, "DONE")
        assert seen["words"] == f"已并入 {master['number']},有进展一起告诉您"
        assert api.phone(person).get(f"/following/{first}").status_code == 200
        assert api.phone(person).get(f"/orders/{first}").status_code == 404
        rated = api.phone(person).send(f"/following/{first}/rate", {"stars": 5, "tags": [], "text": ""})
        assert rated.status_code == 200, rated.json
    assert counted(api, Cohort.SUBMITTED, "new") == 1
    assert [counted(api, Cohort.ACCEPT, name) for name in ("c1_due", "c1_met")] == [1, 1]
    assert [counted(api, Cohort.REPAIR, name) for name in ("c3_due", "c3_met")] == [1, 1]
    assert counted(api, Cohort.FINISHED, "done") == 1
    assert counted(api, Cohort.RATED, "ratings") == 4


def test_z13_a_wrong_rejection_is_upheld_on_appeal_and_counted_as_wrong(api):
    scene = api.scene
    order_id = scene.submit().order_id
    api.later(minutes=8)
    body = {"reason": "not_our_service", "text": "这是住户家里的户内线路,不归物业管"}
    refused = api.phone(Role.DSP).send(f"/orders/{order_id}/reject", body)
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["evidence"])
    answer = send(api, Role.DSP, order_id, "reject", {**body, "evidence": "合同第5条"})
    assert answer["status"] == "REJECTED"
    mine = api.phone(Role.RES).get(f"/orders/{order_id}").json
    assert [each["action"] for each in mine["actions"]] == ["appeal"]
    assert counted(api, Cohort.SUBMITTED, "rejected") == 1
    api.later(hours=12)
    shown = send(api, Role.RES, order_id, "appeal", {"text": "灯在楼道里,不在我家"})["appeal"]
    assert shown["words"] == "已申诉,街道或房管局 11月23日 23:59 前答复"
    api.later(hours=1)
    street = api.phone(Role.STR).get(f"/orders/{order_id}").json
    assert [each["action"] for each in street["actions"]] == ["uphold_appeal", "dismiss_appeal"]
    assert street["appeal"]["text"] == "灯在楼道里,不在我家"
    answer = send(api, Role.STR, order_id, "uphold-appeal", {"reason": "照片显示是楼道灯"})
    assert (answer["status"], answer["appeal"]) == ("SUBMITTED", None)
    promised = {each["clock"]: each["due_at"] for each in answer["promises"]}
    assert set(promised) == {"C1", "C2", "C3"}
    assert counted(api, Cohort.SUBMITTED, "rejected") == 0
    assert counted(api, Cohort.SUBMITTED, "wrong_rejected") == 1
    scene.accept(order_id, at=scene.at + 10 * MINUTE)
    sweep()
    assert scene.order(order_id).late_accept is False


def test_a_dismissed_appeal_is_answered_with_its_reason(api):
    order_id = appealed(api.scene)
    send(api, Role.BUR, order_id, "dismiss-appeal", {"reason": "现场照片显示灯是亮的"})
    shown = api.phone(Role.RES).get(f"/orders/{order_id}").json
    assert (shown["appeal"]["upheld"], shown["appeal"]["reason"]) == (False, "现场照片显示灯是亮的")
    assert (shown["status"], shown["actions"]) == ("REJECTED", [])


def test_who_reported_one_of_several_may_withdraw_but_the_others_are_not_left_alone(api):
    scene = api.scene
    child = merged(scene)
    master = scene.order(child).master_id
    answer = send(api, Role.RES, master, "cancel", {"reason": "自己换好了"})
    assert answer["status"] == "SUBMITTED"
    assert "还有别的住户" in api.phone(Role.RES).get(f"/orders/{master}/timeline").json["items"][-1]["note"]


def test_the_asked_desk_reads_the_request_but_not_the_order_until_it_receives_it(api):
    order_id = asked_of_us(api.scene)
    phone = api.phone(Role.DSP)
    assert phone.get(f"/orders/{order_id}").status_code == 404
    (shown,) = phone.get("/desk/transfers").json["items"]
    assert shown["order_id"] == order_id
    assert [each["clock"] for each in shown["promises"]] == ["C1", "C2", "C3"]
    assert not {"text", "contact", "photos", "voices"} & set(shown)
    send(api, Role.DSP, order_id, "receive")
    assert phone.get("/desk/transfers").json["items"] == []
    assert phone.get(f"/orders/{order_id}").json["office"] == api.scene.place.office.name


def test_the_third_request_stands_in_the_list_of_street_and_bureau_alone(api):
    order_id = asked_a_third_time(api.scene)
    for role in (Role.STR, Role.BUR):
        assert [each["order_id"] for each in api.phone(role).get("/desk/transfers").json["items"]] == [
            order_id
        ]
        assert "decide_transfer" in [
            each["action"] for each in api.phone(role).get(f"/orders/{order_id}").json["actions"]
        ]
    assert api.phone(Role.RES).get(f"/orders/{order_id}").json["transfer"] is None
    shown = api.phone(Role.BUR).get(f"/orders/{order_id}").json["transfer"]
    assert shown["decided_by_regulator"] is True


def test_the_offices_to_choose_from_leave_out_the_present_one(api):
    order_id = rejected(api.scene)
    asked_of_us(api.scene)
    items = api.phone(Role.DSP).get(f"/orders/{order_id}/transfer-offices").json["items"]
    names = [each["name"] for each in items]
    assert len(names) == 1
    assert api.scene.place.office.name not in names
