"""没解决,再问一次: the sender asks once after the answer, and nothing closes before he is answered (domain 3.12)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Invalid
from app.core.roles import Role
from app.feedback import queries
from app.feedback.errors import WrongSnapState
from app.feedback.lifecycle import Action, Status
from app.notifications.consents import add_consent, stock
from app.notifications.models import WeChatDelivery
from tests.engines import both_engines
from tests.feedback import doing

T0 = china(2026, 11, 20, 9, 0)
DAY, MS = timedelta(days=1), timedelta(milliseconds=1)


def buttons(scene, snap_id: int, role: Role) -> set[Action]:
    db.session.rollback()
    return set(queries.snap_line(snap_id, scene.by(role)).actions)


def asked(scene) -> int:
    snap_id = doing.send(scene, at=T0)
    doing.reply(scene, snap_id, at=T0 + DAY)
    doing.ask_again(scene, snap_id, at=T0 + 2 * DAY)
    return snap_id


@both_engines
def test_a_question_after_the_answer_is_answered_and_then_rated(scene):
    snap_id = asked(scene)
    assert buttons(scene, snap_id, Role.MGR) == {Action.REPLY_AGAIN}
    doing.reply_again(scene, snap_id, at=T0 + 3 * DAY)
    row = doing.snap(snap_id)
    assert (row.status, row.question, row.again) == ("ANSWERED", "只修了一半", "今天都修好了")
    assert (row.reply, row.answered_at) == ("谢谢,已安排", T0 + DAY), "the first answer counts for K20"
    doing.rate(scene, snap_id, at=T0 + 4 * DAY)
    assert [action for _, action, _ in doing.events(snap_id)] == [
        "submit",
        "reply",
        "follow_up",
        "reply_again",
        "rate",
    ]


def test_it_may_be_asked_long_after_the_ten_days_and_waits_for_the_desk_until_it_is_answered(scene):
    snap_id = doing.send(scene, at=T0)
    doing.reply(scene, snap_id, at=T0 + 9 * DAY)
    doing.ask_again(scene, snap_id, at=T0 + 15 * DAY)
    assert doing.sweep_at(T0 + 60 * DAY) == 0
    waiting = queries.snaps_page(scene.by(Role.MGR), open_=True).items
    assert [line.id for line in waiting] == [snap_id]
    doing.reply_again(scene, snap_id, at=T0 + 60 * DAY)
    assert doing.sweep_at(T0 + 67 * DAY) == 0
    assert doing.sweep_at(T0 + 67 * DAY + MS) == 1
    assert doing.snap(snap_id).status == Status.CLOSED


def test_one_asks_once(scene):
    snap_id = asked(scene)
    doing.reply_again(scene, snap_id)
    assert buttons(scene, snap_id, Role.RES) == {Action.RATE}
    with pytest.raises(WrongSnapState, match="已经再问过一次"):
        doing.ask_again(scene, snap_id)


def test_who_does_not_want_to_wait_rates_at_once(scene):
    snap_id = asked(scene)
    doing.rate(scene, snap_id, stars=1)
    assert doing.snap(snap_id).status == Status.CLOSED


def test_a_question_needs_words(scene):
    snap_id = doing.in_status(scene, Status.ANSWERED)
    with pytest.raises(Invalid):
        doing.ask_again(scene, snap_id, text=" ")


def test_the_hotline_hears_of_a_question_about_its_own_answer(scene):
    snap_id = doing.in_status(scene, Status.HOTLINE)
    doing.reply(scene, snap_id, role=Role.HOT)
    doing.ask_again(scene, snap_id)
    doing.tell_all(scene.at)
    for role in (Role.HOT, Role.DSP, Role.MGR):
        assert doing.titles(scene.by(role).account_id)[-1] == "居民再问随手拍"
    doing.reply_again(scene, snap_id, role=Role.HOT)
    doing.tell_all(scene.at)
    assert doing.titles(scene.resident.id)[-1] == "物业再次回复"


def test_an_answer_is_told_in_wechat_where_it_was_agreed_to_and_not_at_night(scene):
    account = scene.resident.id
    transact(lambda: add_consent(account, "snap_answered"))
    snap_id = doing.send(scene, at=T0)
    late = china(2026, 11, 20, 22, 0)
    doing.reply(scene, snap_id, at=late)
    doing.tell_all(late)
    db.session.rollback()
    (letter,) = db.session.scalars(select(WeChatDelivery)).all()
    assert (letter.template, letter.page) == ("snap_answered", f"more/snap/snap?id={snap_id}")
    assert letter.fields["thing2"] == "建议:环境卫生"
    assert letter.next_at == china(2026, 11, 21, 8, 0)
    assert stock(account)["snap_answered"] == 0
