"""The answers that keep the live board alive."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.accounts.models import AuthSession
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.media.models import Photo
from app.orders import desk as orders_desk
from app.orders.lifecycle import Menu
from app.orders.models import Order
from tests.admin.conftest import Desk

LIST = "/admin/board/data/list"
VERSION = "/admin/board/data/version"


def at_home(desk: Desk, **values):
    home = {"home_id": desk.scene.place.homes[0].id, "spot_id": None, "category_code": "H0101"}
    return desk.scene.submit(menu=Menu.EMERGENCY, **{**home, **values})


def test_a_new_order_changes_the_version_and_stands_in_the_list(desk: Desk) -> None:
    before = desk.get(VERSION).json["version"]
    submitted = desk.scene.submit()
    assert desk.get(VERSION).json["version"] != before
    answer = desk.get(LIST).json
    assert [row["number"] for row in answer["rows"]] == [submitted.number]
    assert [order["id"] for order in answer["waiting"]] == [submitted.order_id]
    assert {queue["key"]: queue["count"] for queue in answer["queues"]}["unaccepted"] == 1


def test_a_row_says_which_promise_breaks_next_and_when_it_warns(desk: Desk) -> None:
    submitted = desk.scene.submit()
    row = desk.get(LIST).json["rows"][0]
    begin = round(submitted.submitted_at.timestamp() * 1000)
    assert (row["clock"], row["due"] - begin, row["warn"] - begin) == ("接单", 15 * 60_000, 10 * 60_000)


def test_what_nobody_has_taken_stands_above_promises_already_broken(desk: Desk) -> None:
    old = desk.scene.submit(at=clock.now() - timedelta(days=2))
    desk.scene.accept(old.order_id, after=timedelta(minutes=2))
    new = desk.scene.submit(at=clock.now())
    assert [row["id"] for row in desk.get(LIST).json["rows"]] == [new.order_id, old.order_id]


def test_the_most_urgent_promise_comes_first(desk: Desk) -> None:
    later = desk.scene.submit(at=clock.now() - timedelta(minutes=1))
    sooner = desk.scene.submit(at=clock.now() - timedelta(minutes=6))
    rows = desk.get(f"{LIST}?queue=unaccepted").json["rows"]
    assert [row["id"] for row in rows] == [sooner.order_id, later.order_id]


@pytest.mark.parametrize("queue", ["nonsense", "in_hand", ""])
def test_a_queue_that_this_hat_does_not_have_is_refused_or_replaced(desk: Desk, queue: str) -> None:
    assert desk.get(f"{LIST}?queue={queue}").status_code == (422 if queue else 200)


def test_no_answer_of_the_board_carries_a_whole_number_or_name(desk: Desk) -> None:
    order_id = at_home(desk).order_id
    order = db.session.get_one(Order, order_id)
    for role in (Role.DSP, Role.MGR, Role.CO):
        for url in (LIST, f"/admin/board/data/orders/{order_id}", f"/admin/orders/{order_id}"):
            text = desk.get(url, role).get_data(as_text=True)
            assert order.contact_phone not in text
            assert order.contact_name not in text


def test_the_company_sees_the_building_where_the_desk_sees_the_home(desk: Desk) -> None:
    at_home(desk)
    assert desk.get(LIST).json["rows"][0]["place"].endswith("101")
    company = desk.get(LIST, Role.CO).json["rows"][0]["place"]
    assert company.endswith("号楼")


def test_the_hotline_sees_its_queue_and_nothing_before(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    assert desk.get(LIST, Role.HOT).json["rows"] == []
    assert desk.get(f"/admin/board/data/orders/{order_id}", Role.HOT).status_code == 404
    desk.scene.do(lambda: orders_desk.to_hotline(order_id, by=desk.scene.by(Role.DSP), reason="no_staff"))
    answer = desk.get(LIST, Role.HOT).json
    assert [row["id"] for row in answer["rows"]] == [order_id]
    assert answer["queues"][0]["key"] == "hotline"
    assert "与谁通过话" in desk.get(f"/admin/board/data/orders/{order_id}", Role.HOT).text


def test_the_panel_says_why_each_worker_is_suggested(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    desk.scene.accept(order_id)
    panel = desk.get(f"/admin/board/data/orders/{order_id}").text
    assert desk.scene.worker.title in panel
    for reason in ("会修这类问题", "低压电工证有效", "在岗", "手上0单", "位置未知"):
        assert reason in panel


def test_the_panel_offers_what_can_be_done_now_and_nothing_else(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    panel = desk.get(f"/admin/board/data/orders/{order_id}").text
    assert 'data-action="accept"' in panel
    assert 'data-action="assign"' not in panel
    assert "data-action=" not in desk.get(f"/admin/board/data/orders/{order_id}", Role.CO).text


def test_words_of_residents_cannot_become_markup(desk: Desk) -> None:
    order_id = desk.scene.submit(text="<img src=x onerror=alert(1)> 灯坏了").order_id
    panel = desk.get(f"/admin/board/data/orders/{order_id}").text
    assert "<img src=x" not in panel
    assert "&lt;img" in panel


def test_a_risky_photo_is_shown_nowhere(desk: Desk) -> None:
    photos = desk.scene.photos(Role.RES)
    order_id = desk.scene.submit(photo_ids=photos).order_id
    assert f"/media/{photos[0]}/" in desk.get(f"/admin/board/data/orders/{order_id}").text
    transact(lambda: setattr(db.session.get_one(Photo, photos[0]), "check_state", "risky"))
    assert f"/media/{photos[0]}/" not in desk.get(f"/admin/board/data/orders/{order_id}").text
    assert desk.get(LIST).json["rows"][0]["thumb"] is None


def test_fifty_orders_cost_as_many_statements_as_one(desk: Desk) -> None:
    desk.scene.submit()
    pages = (LIST, VERSION, "/admin/orders/", "/admin/handover/", "/admin/board/")
    before = [desk.statements(url) for url in pages]
    for _ in range(49):
        desk.scene.submit()
    assert [desk.statements(url) for url in pages] == before
    assert before[1] <= 6


def test_asking_by_itself_does_not_count_as_a_hand_on_the_desk(desk: Desk) -> None:
    client = desk.client()
    db.session.rollback()
    seen = db.session.query(AuthSession.seen_at).scalar()
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        client.get(VERSION)
        db.session.rollback()
        assert db.session.query(AuthSession.seen_at).scalar() == seen
        client.get(VERSION, headers={"X-Person-Present": "1"})
        db.session.rollback()
        assert db.session.query(AuthSession.seen_at).scalar() > seen


def test_an_order_is_found_by_number_and_by_telephone(desk: Desk) -> None:
    submitted = at_home(desk)
    phone = db.session.get_one(Order, submitted.order_id).contact_phone
    for wanted in (submitted.number, submitted.number.lower(), phone):
        rows = desk.post("/admin/board/data/find", {"q": wanted}).json["rows"]
        assert [row["id"] for row in rows] == [submitted.order_id]
    assert desk.post("/admin/board/data/find", {"q": "R0101-0001"}).json["rows"] == []
    assert desk.post("/admin/board/data/find", {"q": "灯"}).status_code == 422


def test_the_hand_over_sheet_lists_every_open_promise(desk: Desk) -> None:
    numbers = [desk.scene.submit().number for _ in range(3)]
    sheet = desk.get("/admin/handover/").text
    assert all(number in sheet for number in numbers)
    assert "交班人签名" in sheet
