"""随手拍 over the API: each command with its right person, a stranger, a wrong state and bad bodies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.privacy import PRIVACY
from app.accounts.scopes import resident_scope
from app.accounts.service import withdraw_consent
from app.core.db import transact
from app.core.roles import Role
from app.feedback.lifecycle import Kind, Status
from miniprogram_api.routing import ROUTES
from tests.factories.people import make_resident
from tests.factories.scene import LAMP, Scene, make_neighbour, make_scene
from tests.feedback import doing

RISKY_WORD, REVIEW_WORD = "违禁词测试", "待复核测试"


@dataclass(frozen=True)
class Step:
    """A command on a 随手拍."""

    name: str
    role: Role
    before: Status
    after: Status
    impossible: Status
    body: dict[str, Any] | None = None
    bad: tuple[Any, ...] = ()


STEPS = (
    Step("open", Role.DSP, Status.SUBMITTED, Status.ACCEPTED, Status.CLOSED),
    Step(
        "reply",
        Role.MGR,
        Status.ACCEPTED,
        Status.ANSWERED,
        Status.ANSWERED,
        {"text": "谢谢您,已转告保安队"},
        (
            {},
            {"text": "好"},
            {"text": "长" * 501},
            {"text": "已处理", "photo_ids": [987654321]},
            {"words": "已处理"},
        ),
    ),
    Step(
        "follow-up",
        Role.RES,
        Status.ANSWERED,
        Status.ASKED,
        Status.ACCEPTED,
        {"text": "只修了一半"},
        ({}, {"text": "好"}, {"text": "长" * 301}, {"words": "没修好"}),
    ),
    Step(
        "reply-again",
        Role.MGR,
        Status.ASKED,
        Status.ANSWERED,
        Status.ANSWERED,
        {"text": "今天下午全部修好"},
        ({}, {"text": "好"}, {"text": "长" * 501}, {"text": "已处理", "photo_ids": [987654321]}),
    ),
    Step(
        "decline",
        Role.MGR,
        Status.SUBMITTED,
        Status.HOTLINE,
        Status.HOTLINE,
        {"reason": "不是本小区的地方"},
        ({}, {"reason": ""}, {"reason": "长" * 201}),
    ),
    Step(
        "convert",
        Role.MGR,
        Status.ACCEPTED,
        Status.CONVERTED,
        Status.CONVERTED,
        {"category_code": LAMP},
        (
            {},
            {"category_code": "H0101"},
            {"category_code": "lamp"},
            {"category_code": LAMP, "hazardous": "no"},
        ),
    ),
    Step(
        "rate",
        Role.RES,
        Status.ANSWERED,
        Status.CLOSED,
        Status.CLOSED,
        {"stars": 5, "text": "很满意"},
        ({}, {"stars": 0}, {"stars": 6}, {"stars": "5"}, {"stars": 5, "text": "长" * 301}),
    ),
)


@pytest.fixture(params=STEPS, ids=lambda step: step.name)
def step(request):
    return request.param


def path(step: Step, snap_id: int) -> str:
    return f"/snaps/{snap_id}/{step.name}"


def sent(scene: Scene, **values: Any) -> dict[str, Any]:
    plain = {
        "kind": "PROBLEM",
        "topic": "CLEAN",
        "text": "楼道堆着杂物",
        "photo_ids": scene.photos(Role.RES),
        "spot_code": scene.place.spot.code,
    }
    return {**plain, **values}


def test_the_choices_are_three_kinds_and_eight_topics(api):
    answer = api.phone(Role.RES).get("/snaps/choices").json
    assert [(each["label"], each["photo_required"]) for each in answer["kinds"]] == [
        ("表扬", False),
        ("建议", False),
        ("反映问题", True),
    ]
    topics = [each["label"] for each in answer["topics"]]
    assert topics[:4] == ["秩序维护", "环境卫生", "绿化养护", "客服接待"]
    assert (topics[-1], len(topics)) == ("其他", 8)


def test_a_resident_sends_a_problem_and_reads_his_promise(api):
    phone = api.phone(Role.RES)
    answer = phone.send("/snaps", sent(api.scene))
    card = answer.json
    assert answer.status_code == 201
    assert (card["status"], card["status_label"], card["number"][:6]) == ("SUBMITTED", "未接收", "S1120-")
    assert card["due_at"] == "2026-11-30T14:10:00.000Z"
    assert card["message"] == f"已收到,编号 {card['number']}。小区物业 11月30日 22:10 前回复您"
    shown = phone.get(f"/snaps/{card['snap_id']}").json
    assert (shown["kind_label"], shown["topic_label"], shown["due_words"]) == (
        "反映问题",
        "环境卫生",
        "还剩 10 天",
    )
    assert (shown["actions"], shown["reply"], shown["order"], shown["late"]) == ([], None, None, False)
    assert [(photo["step"], bool(photo["thumb"])) for photo in shown["photos"]] == [("submit", True)]
    assert shown["contact"] == {
        "name": api.scene.resident.name,
        "phone": api.scene.resident.phone,
        "masked": False,
    }
    assert [each["id"] for each in phone.get("/snaps", open="true").json["items"]] == [card["snap_id"]]
    assert phone.get("/snaps", open="false").json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "RUMOUR"},
        {"topic": "CATS"},
        {"text": "脏"},
        {"photo_ids": []},
        {"photo_ids": [987654321]},
        {"spot_code": "NOWHERE"},
        {"spot_code": None, "estate_id": 987654321, "place_note": "东门"},
        {"place_note": "长" * 41},
        {"stars": 5},
    ],
    ids=str,
)
def test_a_bad_sending_is_422_names_the_field_and_keeps_nothing(api, wrong):
    phone = api.phone(Role.RES)
    answer = phone.send("/snaps", sent(api.scene, **wrong))
    assert answer.status_code == 422, answer.json
    assert answer.json["fields"]
    assert phone.get("/snaps").json["items"] == []


def test_without_the_privacy_consent_nothing_is_taken(api):
    account_id = api.scene.by(Role.RES).account_id
    transact(lambda: withdraw_consent(account_id, PRIVACY))
    answer = api.phone(Role.RES).send("/snaps", sent(api.scene))
    assert (answer.status_code, answer.json["code"]) == (403, "privacy_consent_needed")


def test_risky_words_are_refused_and_doubtful_ones_marked(wechat_api, sandbox):
    scene = wechat_api.scene
    account = make_resident(scene.place.homes[2], openid=sandbox.openid("王阿姨"))
    sandbox.code("王阿姨")
    known = wechat_api.phone(resident_scope(account.id))
    plain = sent(scene, kind="PRAISE", photo_ids=[])
    risky = known.send("/snaps", {**plain, "text": f"保洁{RISKY_WORD}"})
    assert (risky.status_code, risky.json["code"]) == (422, "text_refused")
    doubt = known.send("/snaps", {**plain, "place_note": REVIEW_WORD})
    good = known.send("/snaps", plain)
    shown = [known.get(f"/snaps/{each.json['snap_id']}").json["text_check"] for each in (doubt, good)]
    assert shown == ["review", "pass"]


def test_a_safe_read_by_the_desk_takes_nothing_but_opening_does(api):
    snap_id = doing.send(api.scene)
    desk = api.phone(Role.MGR)
    assert [each["action"] for each in desk.get(f"/snaps/{snap_id}").json["actions"]] == [
        "open",
        "reply",
        "decline",
    ]
    assert desk.get(f"/snaps/{snap_id}").json["status"] == "SUBMITTED"
    opened = desk.send(f"/snaps/{snap_id}/open").json
    assert (opened["status"], opened["opened_by"][-2:]) == ("ACCEPTED", "经理")
    again = desk.send(f"/snaps/{snap_id}/open").json
    assert (again["version"], [each["action"] for each in again["actions"]]) == (2, ["reply", "decline"])


def test_the_right_person_at_the_right_time_succeeds_and_a_repeat_changes_nothing(api, step):
    snap_id = doing.in_status(api.scene, step.before)
    phone = api.phone(step.role)
    first = phone.send(path(step, snap_id), step.body, key="once-and-again-1")
    assert (first.status_code, first.json["status"]) == (200, step.after.value), first.json
    assert first.headers["Cache-Control"] == "no-store"
    version = doing.snap(snap_id).version
    second = phone.send(path(step, snap_id), step.body, key="once-and-again-1")
    assert (second.status_code, second.json) == (200, first.json)
    assert doing.snap(snap_id).version == version


def test_a_stranger_under_the_same_hat_gets_404_and_changes_nothing(api, step):
    snap_id = doing.in_status(api.scene, step.before)
    before = doing.snap(snap_id).version
    stranger = make_scene(at=api.scene.at)
    for scope in (stranger.by(step.role), *([make_neighbour(api.scene)] if step.role is Role.RES else [])):
        answer = api.phone(scope).send(path(step, snap_id), step.body)
        assert (answer.status_code, answer.json["code"]) == (404, "snap_not_found")
    assert doing.snap(snap_id).version == before


def test_the_wrong_state_is_409_and_names_the_present_one(api, step):
    snap_id = doing.in_status(api.scene, step.impossible)
    answer = api.phone(step.role).send(path(step, snap_id), step.body)
    if step.name == "open":
        assert (answer.status_code, answer.json["status"]) == (200, step.impossible.value)
        return
    assert (answer.status_code, answer.json["code"]) == (409, "wrong_snap_state")
    assert answer.json["fields"] == {"status": step.impossible.value}


def test_a_bad_body_is_422_and_names_the_field(api, step):
    snap_id = doing.in_status(api.scene, step.before)
    for body in step.bad:
        answer = api.phone(step.role).send(path(step, snap_id), body)
        assert answer.status_code == 422, (body, answer.json)
        assert answer.json["fields"]
    assert doing.snap(snap_id).status == step.before


def test_a_hat_that_can_never_do_it_is_403_and_a_worker_reads_none(api, step):
    snap_id = doing.in_status(api.scene, step.before)
    route = next(each for each in ROUTES.values() if each.path == f"/snaps/<id:snap_id>/{step.name}")
    for role in {Role.BUR, Role.COM, Role.WRK} - route.who:
        assert api.phone(role).send(path(step, snap_id), step.body).status_code == 403
    for wanted in ("/snaps", f"/snaps/{snap_id}"):
        assert api.phone(Role.WRK).get(wanted).status_code == 403


def test_every_command_on_a_snap_is_in_the_table():
    commands = {
        route.path.rpartition("/")[2]
        for route in ROUTES.values()
        if route.command and route.path.startswith("/snaps/")
    }
    assert commands == {step.name for step in STEPS}


def test_after_ten_days_an_answer_is_refused_with_the_reason(api):
    snap_id = doing.send(api.scene)
    api.at(api.scene.at + timedelta(days=10, milliseconds=1))
    answer = api.phone(Role.MGR).send(f"/snaps/{snap_id}/reply", {"text": "来晚了,抱歉"})
    assert (answer.status_code, answer.json["code"]) == (409, "snap_over")
    shown = api.phone(Role.RES).get(f"/snaps/{snap_id}").json
    assert (shown["late"], shown["due_words"]) == (True, "已超过 不到 1 分钟")


def test_the_office_lists_what_waits_by_what_is_left_and_pages_through_it(api):
    ids = [doing.send(api.scene) for _ in range(3)]
    api.at(api.scene.at + timedelta(hours=1))
    ids.append(doing.send(api.scene))
    doing.reply(api.scene, ids[1])
    desk = api.phone(Role.DSP)
    first = desk.get("/snaps", open="true", limit=2).json
    rest = desk.get("/snaps", open="true", limit=2, cursor=first["next_cursor"]).json
    assert [each["id"] for each in first["items"] + rest["items"]] == [ids[0], ids[2], ids[3]]
    assert rest["next_cursor"] is None
    assert [each["id"] for each in desk.get("/snaps", open="false").json["items"]] == [ids[1]]
    for cursor in ("nonsense", first["next_cursor"][:-3]):
        assert desk.get("/snaps", open="true", cursor=cursor).status_code == 422


def test_staff_read_a_masked_number_and_the_bureau_no_door(api):
    snap_id = doing.send(api.scene, text="3号楼502室太吵,请打19900000301")
    for role in (Role.MGR, Role.CO, Role.BUR, Role.STR, Role.COM):
        shown = api.phone(role).get(f"/snaps/{snap_id}").json
        assert (shown["contact"]["masked"], "****" in shown["contact"]["phone"]) == (True, True)
        assert ("502" in shown["text"]) == (role is Role.MGR)


def test_a_converted_problem_names_its_repair_and_the_resident_opens_it(api):
    snap_id = doing.send(api.scene, Kind.PROBLEM)
    shown = api.phone(Role.MGR).send(f"/snaps/{snap_id}/convert", {"category_code": LAMP}).json
    order = api.phone(Role.RES).get(f"/orders/{shown['order']['id']}").json
    assert (order["number"], order["status"], order["channel"]) == (
        shown["order"]["number"],
        "SUBMITTED",
        "随手拍",
    )
    line = api.phone(Role.RES).get(f"/orders/{order['id']}/timeline").json["items"][0]
    assert shown["number"] in line["note"]
    praise = doing.send(api.scene, Kind.PRAISE)
    refused = api.phone(Role.MGR).send(f"/snaps/{praise}/convert", {"category_code": LAMP})
    assert (refused.status_code, refused.json["code"]) == (409, "not_a_problem")


def test_a_message_of_a_snap_names_it_so_that_a_tap_can_open_it(api):
    snap_id = doing.send(api.scene)
    doing.reply(api.scene, snap_id)
    doing.tell_all(api.scene.at)
    (message,) = api.phone(Role.RES).get("/messages").json["items"]
    assert (message["snap_id"], message["order_id"], message["title"]) == (snap_id, None, "物业已回复")
