"""上门单: what a worker takes along and what was noted on site."""

from __future__ import annotations

from datetime import timedelta

from app.core.roles import Role
from app.orders import feedback
from miniprogram_api.fields import said
from tests.factories.sounds import sound
from tests.miniprogram_api.steps import asked_for_time, assigned, done


def test_a_worker_reads_in_his_list_what_to_bring(api):
    assigned(api.scene)
    (task,) = api.phone(Role.WRK).get("/tasks").json["items"]
    assert task["tools"]
    assert task["category_code"] == "G0201"


def test_the_sheet_says_where_to_go_and_what_was_found_and_done(api):
    order_id = done(api.scene)
    sheet = api.phone(Role.WRK).get(f"/orders/{order_id}/site").json
    assert sheet["latitude"] == api.scene.place.estate.latitude
    assert [visit["finding"] for visit in sheet["visits"]] == ["灯管烧坏"]
    assert len(sheet["repairs"]) == 1
    assert sheet["extension"] is None


def test_the_manager_reads_the_extension_that_waits_and_the_worker_that_it_is_his(api):
    order_id = asked_for_time(api.scene)
    asked = api.phone(Role.MGR).get(f"/orders/{order_id}/site").json["extension"]
    assert (asked["reason_label"], asked["reason"], asked["mine"]) == ("采购困难", "配件三天后到货", False)
    assert api.phone(Role.WRK).get(f"/orders/{order_id}/site").json["extension"]["mine"]


def test_a_resident_has_no_such_sheet_and_a_foreign_order_does_not_exist(api):
    order_id = done(api.scene)
    assert api.phone(Role.RES).get(f"/orders/{order_id}/site").status_code == 403
    assert api.phone(Role.WRK).get("/orders/999999/site").status_code == 404


def test_a_worker_whose_hands_are_dirty_speaks_his_finding(api):
    order_id = assigned(api.scene)
    phone = api.phone(Role.WRK)
    body = {
        "voice_id": phone.record(sound(8_000)).json["id"],
        "hazardous": False,
        "expected_at": said(api.scene.at + timedelta(hours=3)),
        "contact_result": "已电话告知报修人",
        "photo_ids": api.scene.photos(Role.WRK),
        "spot_code": api.scene.place.spot.code,
    }
    shown = phone.send(f"/orders/{order_id}/check-in", body)
    assert shown.status_code == 200, shown.json
    assert [(voice["step"], voice["duration_ms"]) for voice in shown.json["voices"]] == [("site", 8_000)]
    (visit,) = phone.get(f"/orders/{order_id}/site").json["visits"]
    assert visit["finding"] == "现场情况见录音"


def test_a_check_in_without_words_and_voice_is_refused(api):
    order_id = assigned(api.scene)
    body = {
        "hazardous": False,
        "expected_at": said(api.scene.at + timedelta(hours=3)),
        "contact_result": "已电话告知报修人",
        "photo_ids": api.scene.photos(Role.WRK),
    }
    refused = api.phone(Role.WRK).send(f"/orders/{order_id}/check-in", body)
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["finding"])


def test_the_timeline_tells_a_first_visit_from_one_after_a_reopening(api):
    scene = api.scene
    order_id = done(scene)
    photos = scene.photos(Role.RES)
    scene.do(lambda: feedback.reopen(order_id, by=scene.by(Role.RES), reason="还是不亮", photo_ids=photos))
    scene.check_in(order_id)
    events = api.phone(Role.RES).get(f"/orders/{order_id}/timeline").json["items"]
    visits = [event["label"] for event in events if event["action"] == "check_in"]
    assert visits == ["已到现场核实", "重开后已到现场复查"]
