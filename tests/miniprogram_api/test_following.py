"""我也遇到 on the phone: asked before sending, joined with one tap, followed without seeing whose it is."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.scopes import resident_scope
from app.core.db import db, transact
from app.core.outbox import dispatch_one
from app.core.roles import Role
from app.media.models import CheckState, Photo
from app.orders.lifecycle import Menu
from app.reactions.table import REACTIONS
from tests.factories.people import make_account, make_resident
from tests.factories.places import make_place
from tests.factories.scene import HOME_LAMP, LAMP, make_neighbour, make_stranger
from tests.miniprogram_api.phones import Api, Phone, counted_statements

SECRET_WORDS = "找示范居民19900000777,101室"


@pytest.fixture
def neighbour(api: Api) -> Phone:
    return api.phone(make_neighbour(api.scene))


def asked(api: Api, phone: Phone, **query: Any) -> list[dict[str, Any]]:
    where = query or {"home_id": api.scene.place.homes[1].id}
    answer = phone.get("/similar", category_code=LAMP, **where)
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def test_before_sending_a_neighbour_learns_that_the_house_has_reported_it_and_joins(api, neighbour):
    order_id = api.scene.submit(text=SECRET_WORDS, place_note="张三家101室门口").order_id
    [found] = asked(api, neighbour)
    assert (found["id"], found["words"], found["status_label"]) == (order_id, "楼里已有 1 户反映", "未接收")
    assert (found["submitted_words"], found["mine"], found["following"]) == ("今天 22:10", False, False)
    joined = neighbour.send(f"/orders/{order_id}/follow", {})
    assert (joined.status_code, joined.json["words"]) == (200, "共 2 户反映")
    assert [found["following"] for found in asked(api, neighbour)] == [True]
    assert asked(api, neighbour)[0]["words"] == "楼里已有 2 户反映"


def test_nothing_that_a_follower_reads_names_a_person_a_home_or_the_words_as_written(api, neighbour):
    note = "示范居民家101室门口19900000777"
    order_id = api.scene.submit(text=SECRET_WORDS, place_note=note).order_id
    neighbour.send(f"/orders/{order_id}/follow", {})
    api.scene.accept(order_id)
    read = [
        asked(api, neighbour),
        neighbour.get("/following").json,
        neighbour.get(f"/following/{order_id}").json,
    ]
    told = json.dumps(read, ensure_ascii=False)
    for secret in (
        "示范居民",
        "19900000777",
        api.scene.resident.phone,
        "101室",
        "contact",
        '"text"',
        "voice",
    ):
        assert secret not in told
    assert neighbour.get(f"/orders/{order_id}").status_code == 404
    assert neighbour.get(f"/orders/{order_id}/timeline").status_code == 404


def test_a_follower_reads_steps_promises_and_buttons(api, neighbour):
    order_id = api.scene.submit().order_id
    neighbour.send(f"/orders/{order_id}/follow", {})
    api.scene.accept(order_id, after=timedelta(minutes=2))
    shown = neighbour.get(f"/following/{order_id}").json
    assert [(step["label"], step["actor"]) for step in shown["timeline"]] == [
        ("已提交", "报修人"),
        ("小区物业已接单", "示调度"),
    ]
    assert [each["clock"] for each in shown["promises"]] == ["C1", "C2", "C3"]
    assert shown["actions"] == [{"action": "unfollow", "label": "不再关注"}]
    assert shown["next_due_words"] == "今天 22:40 前"


def test_the_list_follows_the_order_to_its_end_and_stars_may_be_given_once(api, neighbour):
    order_id = api.scene.submit().order_id
    neighbour.send(f"/orders/{order_id}/follow", {})
    early = neighbour.send(f"/following/{order_id}/rate", {"stars": 5})
    assert (early.status_code, early.json["code"]) == (409, "wrong_order_state")
    for step in (api.scene.accept, api.scene.assign, api.scene.check_in, api.scene.finish):
        step(order_id)
    [line] = neighbour.get("/following").json["items"]
    assert [button["action"] for button in line["actions"]] == ["rate", "unfollow"]
    rated = neighbour.send(f"/following/{order_id}/rate", {"stars": 4, "tags": ["修得好"]})
    assert (rated.status_code, rated.json["status"], rated.json["rated"]) == (200, "DONE", True)
    again = neighbour.send(f"/following/{order_id}/rate", {"stars": 1})
    assert (again.status_code, again.json["code"]) == (409, "rated_already")
    reporter = api.phone(Role.RES).get(f"/orders/{order_id}").json
    assert (reporter["status"], reporter["also_reported"]) == ("DONE", 1)
    assert "rate" in [button["action"] for button in reporter["actions"]]
    assert not {"follow", "rate_followed"} & {button["action"] for button in reporter["actions"]}


@pytest.mark.parametrize("body", [{"stars": 6}, {"stars": 5, "tags": ["没有这个"]}, {}])
def test_stars_that_are_none_are_refused_by_their_field(api, neighbour, body):
    order_id = api.scene.submit().order_id
    neighbour.send(f"/orders/{order_id}/follow", {})
    assert neighbour.send(f"/following/{order_id}/rate", body).status_code == 422


def test_leaving_takes_the_order_out_of_the_list(api, neighbour):
    order_id = api.scene.submit().order_id
    neighbour.send(f"/orders/{order_id}/follow", {})
    for _ in range(2):
        left = neighbour.send(f"/orders/{order_id}/unfollow")
        assert (left.status_code, left.json["message"]) == (200, "已不再关注,这张报修的消息不会再发给您")
    assert neighbour.get("/following").json == {"items": [], "next_cursor": None}
    assert neighbour.get(f"/following/{order_id}").status_code == 404
    assert api.phone(Role.RES).get(f"/orders/{order_id}").json["also_reported"] == 0


def test_the_same_request_twice_is_one_follower_and_one_answer(api, neighbour):
    order_id = api.scene.submit().order_id
    first = neighbour.send(f"/orders/{order_id}/follow", {}, key="one-and-the-same-tap")
    again = neighbour.send(f"/orders/{order_id}/follow", {}, key="one-and-the-same-tap")
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert api.phone(Role.RES).get(f"/orders/{order_id}").json["also_reported"] == 1


def test_refusals_say_what_to_do(api, neighbour):
    order_id = api.scene.submit().order_id
    own = api.phone(Role.RES).send(f"/orders/{order_id}/follow", {})
    assert (own.status_code, own.json["code"]) == (409, "own_order")
    for step in (api.scene.accept, api.scene.assign, api.scene.check_in, api.scene.finish):
        step(order_id)
    late = neighbour.send(f"/orders/{order_id}/follow", {})
    assert (late.status_code, late.json["code"]) == (409, "followed_too_late")
    assert late.json["fields"] == {"status": "DONE"}
    assert "请您重新报一次" in late.json["message"]


def test_foreign_places_and_orders_are_404(api):
    order_id = api.scene.submit().order_id
    indoors = api.scene.submit(
        menu=Menu.EMERGENCY, category_code=HOME_LAMP, home_id=api.scene.place.homes[0].id, spot_id=None
    ).order_id
    other = make_place()
    stranger = api.phone(resident_scope(make_resident(other.homes[0]).id))
    place = api.scene.place
    for where in (
        {"home_id": place.homes[0].id},
        {"building_id": place.building.id},
        {"spot_id": place.spot.id},
        {"estate_id": place.estate.id},
        {"spot_code": "NOWHERE"},
        {"spot_code": other.spot.code, "estate_id": place.estate.id},
        {"building_id": 2**63 - 1},
        {},
    ):
        answer = stranger.get("/similar", category_code=LAMP, **where)
        assert answer.status_code == 404, where
    for wanted in (order_id, indoors, 987_654_321, 2**63 - 1):
        for body in ({}, {"spot_code": other.spot.code}):
            assert stranger.send(f"/orders/{wanted}/follow", body).status_code == 404
        assert stranger.send(f"/orders/{wanted}/unfollow").status_code == 404
        assert stranger.get(f"/following/{wanted}").status_code == 404
        assert stranger.send(f"/following/{wanted}/rate", {"stars": 1}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"category_code": "灯"},
        {"category_code": "G02%"},
        {"category_code": LAMP, "home_id": "1_0"},
        {"category_code": LAMP, "home_id": "0"},
        {"category_code": LAMP, "estate_id": str(2**63)},
        {"category_code": LAMP, "spot_code": "' OR 1=1"},
        {"category_code": LAMP, "nonsense": "1"},
    ],
)
def test_questions_that_make_no_sense_are_refused_by_their_field(api, neighbour, query):
    answer = neighbour.get("/similar", **query)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert answer.json["fields"]


@pytest.mark.parametrize("path", ["0", "-1", "1_0", str(2**63), "1e3", "%00"])
def test_ids_that_no_row_can_have_lead_nowhere(api, neighbour, path):
    assert neighbour.get(f"/following/{path}").status_code == 404
    assert neighbour.send(f"/orders/{path}/follow", {}).status_code == 404


def test_a_passer_by_joins_by_the_sign_and_no_other_way(api):
    order_id, code = api.scene.submit().order_id, api.scene.place.spot.code
    passer_by = api.phone(make_stranger())
    assert [found["id"] for found in asked(api, passer_by, spot_code=code)] == [order_id]
    assert passer_by.send(f"/orders/{order_id}/follow", {}).status_code == 404
    assert passer_by.send(f"/orders/{order_id}/follow", {"spot_code": code}).status_code == 200
    assert passer_by.get(f"/following/{order_id}").json["households"] == 2


@pytest.mark.parametrize("role", [Role.DSP, Role.WRK, Role.HOT, Role.BUR])
def test_staff_join_nothing_under_their_hats(api, role):
    order_id = api.scene.submit().order_id
    phone = api.phone(role)
    assert phone.send(f"/orders/{order_id}/follow", {}).status_code == 403
    for path in ("/similar", "/following", f"/following/{order_id}"):
        assert phone.get(path).status_code == 403


def test_nobody_joins_before_he_has_agreed_to_the_privacy_notice(api):
    order_id = api.scene.submit().order_id
    phone = api.phone(resident_scope(make_account(consented=False).id))
    refused = phone.send(f"/orders/{order_id}/follow", {"spot_code": api.scene.place.spot.code})
    assert (refused.status_code, refused.json["code"]) == (403, "privacy_consent_needed")


def test_pictures_wait_for_the_content_check(api, neighbour):
    photos = api.scene.photos(Role.RES)
    order_id = api.scene.submit(photo_ids=photos).order_id
    neighbour.send(f"/orders/{order_id}/follow", {})
    assert asked(api, neighbour)[0]["thumb"] is None
    assert neighbour.get(f"/following/{order_id}").json["photos"] == []

    def passed() -> None:
        db.session.scalars(select(Photo)).one().check_state = CheckState.PASS

    transact(passed)
    shown = neighbour.get(f"/following/{order_id}").json
    assert [photo["step"] for photo in shown["photos"]] == ["submit"]
    for link in (asked(api, neighbour)[0]["thumb"], shown["thumb"], shown["photos"][0]["thumb"]):
        assert link.startswith(f"/media/{photos[0]}/thumb?")


def test_messages_about_followed_orders_say_so(api, neighbour):
    order_id = api.scene.submit().order_id
    neighbour.send(f"/orders/{order_id}/follow", {})
    api.scene.accept(order_id)
    while dispatch_one(REACTIONS):
        pass
    [message] = neighbour.get("/messages").json["items"]
    assert (message["order_id"], message["followed"]) == (order_id, True)
    assert message["title"] == "您关注的报修:小区物业已接单"
    assert {each["followed"] for each in api.phone(Role.RES).get("/messages").json["items"]} == {False}


@pytest.mark.parametrize("path", ["/following", "/similar"])
def test_lists_cost_the_same_few_statements(api, neighbour, path):
    query = {"home_id": api.scene.place.homes[1].id, "category_code": LAMP} if path == "/similar" else {}
    counts = []
    for _ in range(2):
        for _ in range(6):
            neighbour.send(f"/orders/{api.scene.submit().order_id}/follow", {})
        with counted_statements() as seen:
            assert neighbour.get(path, **query).json["items"]
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6
