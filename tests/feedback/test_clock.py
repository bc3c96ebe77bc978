"""C6 on both engines: reminders on day 5 and 9, the end after ten days, each exactly once, whoever sweeps when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Refusal
from app.core.roles import Role
from app.feedback import answering
from app.feedback.lifecycle import Status
from app.feedback.models import Snap, SnapDeadline, SnapEvent
from app.feedback.moving import FIRED, PENDING, STOPPED
from app.feedback.sweeping import sweep
from app.notifications.models import Notification
from tests.engines import both_engines, in_parallel
from tests.feedback import doing

pytestmark = both_engines
T0 = china(2026, 11, 20, 22, 10)
DAY, MS = timedelta(days=1), timedelta(milliseconds=1)
END = T0 + 10 * DAY


def states(snap_id: int) -> dict[str, str]:
    db.session.rollback()
    rows = db.session.execute(
        select(SnapDeadline.level, SnapDeadline.state).where(SnapDeadline.snap_id == snap_id)
    )
    return {row.level: row.state for row in rows}


def told(title: str) -> int:
    db.session.rollback()
    counted = select(func.count()).select_from(Notification).where(Notification.title == title)
    return db.session.scalar(counted) or 0


def test_k8_read_on_the_25th_and_never_answered_it_completes_itself_on_the_30th_at_ten_past_ten(scene):
    snap_id = doing.send(scene, at=T0)
    doing.open_(scene, snap_id, at=china(2026, 11, 25, 9, 0))
    for at in (T0 + 5 * DAY + MS, T0 + 9 * DAY + MS, END):
        doing.sweep_at(at)
        assert doing.snap(snap_id).status == "ACCEPTED"
    doing.sweep_at(END + MS)
    row = doing.snap(snap_id)
    assert (row.status, row.closed_how, row.answered_at) == ("EXPIRED", "expired", None)
    assert row.due_at == china(2026, 11, 30, 22, 10)
    assert doing.events(snap_id)[-1] == (3, "expire", "EXPIRED")
    doing.tell_all(END + MS)
    assert doing.titles(scene.resident.id) == ["物业已接收", "10天没有回复"]
    assert told("随手拍超过10天未回复") == 3


def test_nobody_even_looked_and_it_completes_itself_all_the_same(scene):
    snap_id = doing.send(scene, at=T0)
    doing.sweep_at(END + MS)
    assert doing.snap(snap_id).status == "EXPIRED"


def test_desk_and_manager_are_reminded_once_on_day_5_and_once_on_day_9(scene):
    doing.send(scene, at=T0)
    for title, at in (("随手拍已5天未回复", T0 + 5 * DAY), ("随手拍最后1天", T0 + 9 * DAY)):
        assert doing.sweep_at(at) == 0
        assert [doing.sweep_at(at + MS) for _ in range(3)] == [1, 0, 0]
        for _ in range(2):
            doing.tell_all(at + MS)
        people = [scene.by(role).account_id for role in (Role.DSP, Role.MGR)]
        assert [title in doing.titles(each) for each in people] == [True, True]
        assert told(title) == 2


def test_an_answer_stops_the_reminders_and_the_end(scene):
    snap_id = doing.send(scene, at=T0)
    doing.sweep_at(T0 + 5 * DAY + MS)
    doing.reply(scene, snap_id, at=T0 + 6 * DAY)
    assert states(snap_id) == {"W1": FIRED, "W2": STOPPED, "DUE": STOPPED, "CLOSE": PENDING}
    assert doing.sweep_at(T0 + 11 * DAY) == 0
    doing.tell_all(T0 + 11 * DAY)
    assert told("随手拍已5天未回复") == 0, "the answer came before the reminder was delivered"


def test_an_answer_that_nobody_rates_closes_after_seven_days(scene):
    snap_id = doing.send(scene, at=T0)
    doing.reply(scene, snap_id, at=T0 + 9 * DAY)
    assert doing.sweep_at(T0 + 16 * DAY) == 0
    assert doing.sweep_at(T0 + 16 * DAY + MS) == 1
    row = doing.snap(snap_id)
    assert (row.status, row.closed_how, row.stars) == ("CLOSED", "auto", None)
    doing.tell_all(T0 + 16 * DAY + MS)
    assert doing.titles(scene.resident.id)[-1] == "已办结"


def test_what_the_hotline_did_not_answer_either_completes_itself(scene):
    snap_id = doing.send(scene, at=T0)
    doing.decline(scene, snap_id, at=T0 + DAY)
    doing.sweep_at(T0 + 5 * DAY + MS)
    doing.tell_all(T0 + 5 * DAY + MS)
    assert "随手拍已5天未回复" in doing.titles(scene.by(Role.HOT).account_id)
    assert told("随手拍已5天未回复") == 1
    doing.sweep_at(END + MS)
    assert doing.snap(snap_id).status == "EXPIRED"


def test_after_schedulers_were_down_for_two_weeks_everything_is_caught_up_once_and_no_stale_reminder_is_sent(
    scene,
):
    snap_id = doing.send(scene, at=T0)
    back = T0 + 14 * DAY
    assert [doing.sweep_at(back), doing.sweep_at(back)] == [3, 0]
    doing.tell_all(back)
    row = doing.snap(snap_id)
    assert (row.status, row.closed_at, row.due_at) == ("EXPIRED", back, END)
    assert [told(title) for title in ("随手拍已5天未回复", "随手拍最后1天")] == [0, 0]


def test_batches_of_one_end_where_a_batch_of_all_ends(scene):
    ids = [doing.send(scene, at=T0) for _ in range(3)]
    with clock.frozen(END + MS):
        done = 0
        while fired := sweep(1):
            done += fired
    assert done == 9
    assert {doing.snap(each).status for each in ids} == {Status.EXPIRED}


@pytest.mark.parametrize("sweepers", [4])
def test_many_sweepers_at_once_fire_each_level_once(scene, app_db, sweepers):
    ids = [doing.send(scene, at=T0) for _ in range(12)]
    clock.freeze(END + MS)
    outcomes = in_parallel(app_db, [_until_empty] * sweepers)
    assert sum(outcomes) == 36
    for each in ids:
        assert doing.events(each) == [(1, "submit", "SUBMITTED"), (2, "expire", "EXPIRED")]
    doing.tell_all(END + MS)
    assert told("10天没有回复") == 12


def _until_empty() -> int:
    done, idle = 0, 0
    while idle < 3:
        fired = sweep(5)
        done, idle = done + fired, 0 if fired else idle + 1
    return done


def _attempt(work) -> str:
    try:
        transact(lambda: work().id)
    except Refusal as refusal:
        return refusal.code
    return "ok"


def test_two_who_answer_at_the_same_moment_are_told_apart(scene, app_db):
    snap_id = doing.send(scene, at=T0)
    clock.freeze(T0 + DAY)
    works = [
        lambda by=by: _attempt(lambda: answering.reply(snap_id, by=by, text="谢谢您的建议"))
        for by in (scene.by(Role.DSP), scene.by(Role.MGR))
    ]
    assert sorted(in_parallel(app_db, works)) == ["ok", "wrong_snap_state"]
    assert [action for _, action, _ in doing.events(snap_id)] == ["submit", "reply"]


def test_two_who_look_at_the_same_moment_take_it_once(scene, app_db):
    snap_id = doing.send(scene, at=T0)
    clock.freeze(T0 + DAY)
    works = [
        lambda by=by: _attempt(lambda: answering.open_(snap_id, by=by))
        for by in (scene.by(Role.DSP), scene.by(Role.MGR))
    ]
    assert in_parallel(app_db, works) == ["ok", "ok"]
    assert [action for _, action, _ in doing.events(snap_id)] == ["submit", "open"]


def test_an_answer_in_the_last_instant_and_the_sweep_never_both_win(scene, app_db):
    ids = [doing.send(scene, at=T0) for _ in range(6)]
    clock.freeze(END)
    by = scene.by(Role.MGR)
    works = [lambda each=each: _attempt(lambda: answering.reply(each, by=by, text="已处理")) for each in ids]

    def sweeper() -> int:
        return sweep()

    in_parallel(app_db, [*works, sweeper])
    clock.freeze(END + MS)
    sweep()
    db.session.rollback()
    ends = db.session.execute(
        select(Snap.status, func.count(SnapEvent.id))
        .join(SnapEvent, SnapEvent.snap_id == Snap.id)
        .group_by(Snap.id, Snap.status)
    ).all()
    assert [tuple(row) for row in ends] == [("ANSWERED", 2)] * 6
