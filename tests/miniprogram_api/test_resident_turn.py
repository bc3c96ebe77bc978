"""What the API says when it is the resident's turn: a new time to choose, and 修好了吗 a day after the repair."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.clock import china
from app.core.roles import Role
from app.orders.lifecycle import Menu
from app.orders.sweeping import sweep
from miniprogram_api.fields import said
from tests.miniprogram_api.steps import done, held, submitted

MS = timedelta(milliseconds=1)
EVENING = china(2026, 11, 22, 18)


def shown(api, order_id, role=Role.RES):
    answer = api.phone(role).get(f"/orders/{order_id}")
    assert answer.status_code == 200, answer.json
    return answer.json


def buttons(answer):
    return [each["action"] for each in answer["actions"]]


def held_now(api) -> int:
    """Held at the scene's instant, with slots to choose from."""
    order_id = held(api.scene)
    api.at(api.scene.at)
    return order_id


def test_a_held_order_says_why_until_when_and_which_times_can_be_chosen(api):
    order_id = held_now(api)
    answer = shown(api, order_id)
    hold = answer["hold"]
    assert (answer["status"], answer["status_label"], answer["no_shows"]) == ("HOLD_RESIDENT", "待您预约", 1)
    assert (hold["reason"], hold["reason_label"], hold["agreed"]) == ("nobody_home", "家里没人", None)
    assert hold["until"] == said(api.scene.at + timedelta(hours=72))
    assert [slot["begins_at"] for slot in hold["slots"]] == [
        said(china(2026, 11, 21, hour)) for hour in (8, 10, 14)
    ]
    assert all(slot["free"] == 4 for slot in hold["slots"])
    assert hold["more"] is True
    assert hold["words"] == "请选一个新的上门时间,11月23日 22:26 前选好"
    assert buttons(answer) == ["choose_slot", "ask_later", "add_photos"]
    repair = next(each for each in answer["promises"] if each["clock"] == "C3")
    assert (repair["state"], repair["words"]) == ("paused", "修复暂停计时")
    assert {each["clock"] for each in answer["promises"]} == {"C1", "C2", "C3"}


def test_a_chosen_time_is_said_as_the_status_and_in_the_list(api):
    order_id = held_now(api)
    phone = api.phone(Role.RES)
    slot = api.scene.slot_at(EVENING)
    answer = phone.send(f"/orders/{order_id}/choose-slot", {"slot_id": slot})
    assert answer.status_code == 200, answer.json
    hold = answer.json["hold"]
    assert hold["agreed"] == {"begins_at": said(EVENING), "ends_at": said(EVENING + timedelta(hours=2))}
    assert (hold["until"], hold["words"]) == (said(EVENING), "已约好 11月22日 18:00–20:00 上门,请家里留人")
    (line,) = phone.get("/orders", open="true").json["items"]
    assert (line["status_label"], line["slot_begins_at"]) == ("已约好上门时间", said(EVENING))
    (task,) = api.phone(Role.WRK).get("/tasks").json["items"]
    assert (task["id"], task["slot_begins_at"]) == (order_id, said(EVENING))
    api.at(EVENING + MS)
    assert sweep() == 1
    answer = shown(api, order_id)
    assert (answer["status"], answer["status_label"], answer["hold"]) == ("WORKING", "处理中", None)


def test_asking_for_later_times_shows_three_more(api):
    order_id = held_now(api)
    answer = api.phone(Role.RES).send(f"/orders/{order_id}/ask-later")
    assert len(answer.json["hold"]["slots"]) == 6


def test_the_desk_that_talks_with_the_resident_sees_every_free_time(api):
    order_id = held_now(api)
    hold = shown(api, order_id, Role.DSP)["hold"]
    assert (len(hold["slots"]), hold["more"]) == (15, False)
    latest = api.scene.at + timedelta(hours=72)
    assert max(slot["begins_at"] for slot in hold["slots"]) <= said(latest)


def test_without_any_free_time_the_resident_is_asked_to_call(api):
    order_id = api.scene.at_a_closed_door()
    api.scene.hold(order_id)
    api.at(api.scene.at)
    hold = shown(api, order_id)["hold"]
    assert (hold["slots"], hold["more"], hold["words"]) == ([], False, "请打电话给物业,约一个新的上门时间")


def test_a_second_no_show_is_answered_with_the_closed_order(api):
    order_id = held_now(api)
    worker = api.phone(Role.WRK)
    worker.send(f"/orders/{order_id}/end-hold", {"reason": "约好了现在上门"})
    assert shown(api, order_id, Role.WRK)["no_shows"] == 1
    for wait in (1, 5):
        api.later(minutes=wait)
        assert worker.send(f"/orders/{order_id}/log-call", {"result": "没人接"}).status_code == 200
    body = {"reason": "nobody_home", "photo_ids": api.scene.photos(Role.WRK)}
    answer = worker.send(f"/orders/{order_id}/hold", body)
    assert (answer.status_code, answer.json["status"], answer.json["hold"]) == (200, "CLOSED", None)
    assert buttons(shown(api, order_id)) == ["reopen"]


def test_a_hold_without_calls_names_what_is_lacking(api):
    order_id = api.scene.at_a_closed_door()
    api.at(api.scene.at + timedelta(minutes=1))
    other = api.scene.until_working(
        menu=Menu.EMERGENCY, category_code="H0101", spot_id=None, home_id=api.scene.place.homes[0].id
    )
    api.at(api.scene.at)
    body = {"reason": "nobody_home", "photo_ids": api.scene.photos(Role.WRK)}
    answer = api.phone(Role.WRK).send(f"/orders/{other}/hold", body)
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["calls"])
    assert "5分钟" in answer.json["message"]
    assert shown(api, order_id)["hold"] is None


def test_a_public_matter_cannot_be_held(api):
    order_id = api.scene.until_working()
    api.at(api.scene.at)
    body = {"reason": "resident_asked", "text": "明天再来"}
    answer = api.phone(Role.WRK).send(f"/orders/{order_id}/hold", body)
    assert (answer.status_code, answer.json["fields"]) == (409, {"status": "VERIFIED"})


@pytest.mark.parametrize(("after", "asks"), [(timedelta(hours=24) - MS, False), (timedelta(hours=24), True)])
def test_whether_it_is_mended_is_asked_from_24_hours_after_the_repair(api, after, asks):
    order_id = done(api.scene)
    api.at(api.scene.at + after)
    answer = shown(api, order_id)
    assert answer["asks_if_fixed"] is asks
    assert {"confirm", "reopen"} <= set(buttons(answer))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("confirm", None),
        ("rate", {"stars": 5}),
        ("reopen", {"reason": "还是不亮"}),
    ],
)
def test_the_question_is_gone_once_it_is_answered(api, name, body):
    order_id = done(api.scene)
    api.later(hours=30)
    assert shown(api, order_id)["asks_if_fixed"] is True
    if name == "reopen":
        body = {**body, "photo_ids": api.scene.photos(Role.RES)}
    answer = api.phone(Role.RES).send(f"/orders/{order_id}/{name}", body)
    assert (answer.status_code, answer.json["asks_if_fixed"]) == (200, False)


def test_the_question_is_the_reporters_alone_and_ends_when_the_order_closes_by_itself(api):
    order_id = done(api.scene)
    api.later(hours=25)
    for role in (Role.DSP, Role.MGR, Role.WRK, Role.CO):
        assert shown(api, order_id, role)["asks_if_fixed"] is False
    api.later(hours=50)
    sweep()
    answer = shown(api, order_id)
    assert (answer["status"], answer["asks_if_fixed"]) == ("CLOSED", False)


def test_an_order_that_nobody_finished_asks_nothing(api):
    order_id = submitted(api.scene)
    answer = shown(api, order_id)
    assert (answer["asks_if_fixed"], answer["hold"], answer["no_shows"]) == (False, None, 0)
