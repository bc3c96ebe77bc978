"""A recording at the desk: marked in the list, played on the order's page, heard by nobody who reads masked words."""

from __future__ import annotations

import pytest

from app.core.db import db, transact
from app.core.roles import Role
from app.media.models import Voice
from app.orders import desk as orders_desk
from tests.admin.conftest import Desk

LIST = "/admin/board/data/list"


def spoken(desk: Desk, **values) -> int:
    """An order that was reported by voice alone."""
    return desk.scene.submit(text="", voice_id=desk.scene.voice(Role.RES), **values).order_id


def pages(order_id: int) -> tuple[str, str]:
    return f"/admin/board/data/orders/{order_id}", f"/admin/orders/{order_id}"


@pytest.mark.parametrize("role", [Role.DSP, Role.MGR])
def test_the_desk_hears_it_on_the_board_and_on_the_orders_page(desk: Desk, role: Role) -> None:
    for page in pages(spoken(desk)):
        text = desk.get(page, role).text
        assert "报修语音 12 秒" in text
        assert '<audio controls preload="metadata" src="/media/voice/' in text


def test_the_hotline_hears_what_was_handed_over(desk: Desk) -> None:
    order_id = spoken(desk)
    by = desk.scene.by(Role.DSP)
    desk.scene.do(lambda: orders_desk.to_hotline(order_id, by=by, reason="no_staff"))
    assert "<audio" in desk.get(pages(order_id)[0], Role.HOT).text


@pytest.mark.parametrize("role", [Role.CO, Role.BUR])
def test_company_and_bureau_learn_that_there_is_one_and_hear_nothing(desk: Desk, role: Role) -> None:
    text = desk.get(pages(spoken(desk))[1], role).text
    assert "报修人附了语音" in text
    assert "<audio" not in text
    assert "/media/voice/" not in text


def test_rows_say_which_orders_have_a_voice(desk: Desk) -> None:
    silent, with_voice = desk.scene.submit().order_id, spoken(desk)
    rows = {row["id"]: row["voice"] for row in desk.get(LIST).json["rows"]}
    assert rows == {silent: False, with_voice: True}
    assert desk.get("/admin/orders/").text.count("有语音") == 1
    assert desk.get("/admin/handover/").text.count("有语音") == 1


def test_fifty_voices_cost_as_many_statements_as_one(desk: Desk) -> None:
    spoken(desk)
    addresses = (LIST, "/admin/orders/", "/admin/handover/")
    before = [desk.statements(url) for url in addresses]
    for _ in range(49):
        spoken(desk)
    assert [desk.statements(url) for url in addresses] == before


def test_a_risky_recording_plays_nowhere(desk: Desk) -> None:
    order_id = spoken(desk)
    voice_id = db.session.query(Voice.id).scalar()
    transact(lambda: setattr(db.session.get_one(Voice, voice_id), "check_state", "risky"))
    for page in pages(order_id):
        text = desk.get(page).text
        assert "<audio" not in text
        assert "这段语音未通过内容检查" in text


def test_the_policy_lets_pages_play_our_own_sound_and_no_other(desk: Desk) -> None:
    policy = desk.get("/admin/board/").headers["Content-Security-Policy"]
    assert "media-src 'self'" in policy.split("; ")
