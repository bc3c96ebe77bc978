"""What the desk does with a 随手拍, and what the sender hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Invalid
from app.core.roles import Role
from app.feedback import answering
from app.feedback.errors import NotAProblem, SnapOver
from app.feedback.lifecycle import Kind
from app.feedback.queries import order_of, snap_of_order, timeline
from app.notifications.models import Notification
from app.orders import evidence
from app.orders.clock_models import Deadline
from app.orders.rules import Clock, Level
from tests.factories.scene import LAMP
from tests.feedback import doing

DAY, MS = timedelta(days=1), timedelta(milliseconds=1)


def test_looking_takes_it_once_with_viewer_and_time_and_a_list_does_not(scene):
    snap_id = doing.send(scene)
    doing.open_(scene, snap_id, role=Role.DSP, after=timedelta(hours=2))
    seen = scene.at
    doing.open_(scene, snap_id, role=Role.MGR, after=timedelta(hours=1))
    row = doing.snap(snap_id)
    assert (row.status, row.opened_at, row.opened_by) == ("ACCEPTED", seen, scene.by(Role.DSP).account_id)
    assert doing.events(snap_id) == [(1, "submit", "SUBMITTED"), (2, "open", "ACCEPTED")]


def test_an_answer_reaches_the_sender_with_its_words_and_photo(scene):
    snap_id = doing.send(scene)
    photos = scene.photos(Role.MGR)
    by = scene.by(Role.MGR)
    scene.do(
        lambda: answering.reply(snap_id, by=by, text="已请保洁每天多拖一次", photo_ids=photos).id, after=DAY
    )
    row = doing.snap(snap_id)
    assert (row.status, row.reply, row.answered_at) == ("ANSWERED", "已请保洁每天多拖一次", scene.at)
    assert (row.opened_at, row.opened_by) == (scene.at, by.account_id)
    doing.tell_all(scene.at)
    assert doing.titles(scene.resident.id) == ["物业已回复"]
    assert [step.actor[-2:] for step in timeline(snap_id)] == ["居民", "经理"]


def test_what_is_not_taken_goes_to_the_hotline_with_the_reason(scene):
    snap_id = doing.send(scene)
    doing.decline(scene, snap_id)
    row = doing.snap(snap_id)
    assert (row.status, row.decline_reason) == ("HOTLINE", "不属于本小区")
    doing.tell_all(scene.at)
    assert doing.titles(scene.resident.id) == ["已转962121热线"]
    assert [title[:5] for title in doing.titles(scene.by(Role.HOT).account_id)] == ["转来随手拍"]
    doing.reply(scene, snap_id, role=Role.HOT, text="已转相邻小区物业,他们明天来清理")
    assert doing.snap(snap_id).status == "ANSWERED"


def test_a_reason_or_an_answer_without_words_is_refused(scene):
    snap_id = doing.send(scene)
    for act in (
        lambda: answering.decline(snap_id, by=scene.by(Role.MGR), reason=" "),
        lambda: answering.reply(snap_id, by=scene.by(Role.MGR), text="好"),
        lambda: answering.reply(snap_id, by=scene.by(Role.MGR), text="长" * 501),
    ):
        with pytest.raises(Invalid):
            scene.do(act)
    assert doing.snap(snap_id).version == 1


def test_a_problem_becomes_a_repair_of_the_same_sender_and_both_know_of_each_other(scene):
    sent = scene.at
    snap_id = doing.send(scene, Kind.PROBLEM, text="灯坏了", place_note="进门左手")
    doing.convert(scene, snap_id, after=2 * DAY)
    row = doing.snap(snap_id)
    order = scene.order(row.order_id)
    assert (row.status, row.submitted_at, row.closed_at) == ("CONVERTED", sent, scene.at)
    assert (order.menu, order.status, order.category_code) == ("PUB", "SUBMITTED", LAMP)
    assert (order.reporter_id, order.contact_phone) == (scene.resident.id, scene.resident.phone)
    assert (order.channel, order.submitted_at, "进门左手" in order.place_full) == ("随手拍", scene.at, True)
    assert [photo.step for photo in evidence.order_photos(order.id)] == ["submit"]
    assert evidence.timeline(order.id)[0].note.endswith("11月20日 22:10 提交")
    assert order_of(row)[0] == order.id
    assert snap_of_order(order.id, scene.by(Role.MGR)).id == snap_id
    doing.tell_all(scene.at)
    assert "已转为报修" in doing.titles(scene.resident.id)


def test_the_clocks_of_the_repair_run_from_the_conversion(scene):
    snap_id = doing.send(scene, Kind.PROBLEM)
    doing.convert(scene, snap_id, after=2 * DAY)
    due = {
        row.clock: row.due_at - scene.at
        for row in db.session.scalars(select(Deadline).where(Deadline.level == Level.DUE.value))
    }
    assert due == {
        Clock.ACCEPT: timedelta(minutes=15),
        Clock.VISIT: timedelta(minutes=30),
        Clock.REPAIR: timedelta(hours=72),
    }
    assert doing.sweep_at(scene.at + 20 * DAY) == 0


def test_praise_does_not_become_a_repair_and_an_unknown_category_changes_nothing(scene):
    praise, problem = doing.send(scene, Kind.PRAISE), doing.send(scene, Kind.PROBLEM)
    with pytest.raises(NotAProblem):
        doing.convert(scene, praise)
    with pytest.raises(Invalid) as refused:
        doing.convert(scene, problem, code="H0101")
    assert list(refused.value.fields) == ["category_code"]
    assert (doing.snap(problem).status, doing.snap(problem).order_id) == ("SUBMITTED", None)


def test_a_rating_closes_it_and_a_bad_one_is_told_to_the_manager(scene):
    snap_id = doing.send(scene)
    doing.reply(scene, snap_id)
    with pytest.raises(Invalid):
        doing.rate(scene, snap_id, stars=6)
    doing.rate(scene, snap_id, stars=2)
    row = doing.snap(snap_id)
    assert (row.status, row.stars, row.closed_how, row.closed_at) == ("CLOSED", 2, "rated", scene.at)
    doing.tell_all(scene.at)
    assert "随手拍收到差评" in doing.titles(scene.by(Role.MGR).account_id)
    assert "随手拍收到差评" not in doing.titles(scene.by(Role.DSP).account_id)


def test_at_the_due_instant_an_answer_counts_and_a_millisecond_later_it_is_refused_before_any_sweep(scene):
    on_time, late = doing.send(scene), doing.send(scene)
    t0 = scene.at
    doing.reply(scene, on_time, at=t0 + 10 * DAY)
    assert doing.snap(on_time).status == "ANSWERED"
    for act in (doing.reply, doing.decline):
        with pytest.raises(SnapOver):
            act(scene, late, at=t0 + 10 * DAY + MS)


def test_messages_name_no_home_and_no_number(scene):
    snap_id = doing.send(scene)
    doing.reply(scene, snap_id, text="已到3号楼502室看过,请打19900000302")
    doing.tell_all(scene.at)
    bodies = db.session.scalars(select(Notification.body)).all()
    assert len(bodies) == 3
    assert not any("502" in body or "19900000302" in body for body in bodies)
