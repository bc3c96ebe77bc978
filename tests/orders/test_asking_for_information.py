"""补充信息 (U6): asked once, the repair clock stands and no other, an answer or 24 hours let it run on.

T0 is Friday 2026-11-20 22:10:00.000 in China.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Conflict, Invalid
from app.core.roles import Role
from app.orders import evidence, feedback, queries, questions
from app.orders.errors import MissingEvidence, WrongOrderState
from app.orders.lifecycle import Action, Status
from app.orders.models import Order
from app.orders.sweeping import sweep
from tests.engines import both_engines, in_parallel
from tests.orders.test_clock_vectors import promise, sweep_at
from tests.orders.waiting import ask

MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
DUE = china(2026, 11, 23, 22, 10)


def asked(scene) -> int:
    """Five minutes after the report."""
    order_id = scene.submit(at=T0).order_id
    ask(scene, order_id, after=5 * MINUTE)
    return order_id


def answer(scene, order_id, *, words="3号楼2单元门厅", photos=0, **step):
    by = scene.by(Role.RES)
    sent = scene.photos(Role.RES, photos) if photos else []
    return scene.do(lambda: questions.give(order_id, by=by, text=words, photo_ids=sent), **step)


def actions(scene, order_id, role):
    with clock.frozen(scene.at):
        return queries.order_line(order_id, scene.by(role)).actions


@both_engines
def test_the_repair_clock_stands_and_those_of_accepting_and_visiting_do_not(scene):
    order_id = asked(scene)
    order = scene.order(order_id)
    assert (order.status, order.info_asked_at) == (Status.SUBMITTED, T0 + 5 * MINUTE)
    assert promise(order_id, "C3").state == "paused"
    assert [promise(order_id, which).state for which in ("C1", "C2")] == ["pending"] * 2
    assert order.next_due_at == T0 + 15 * MINUTE
    sweep_at(T0 + 15 * MINUTE + MS)
    assert scene.order(order_id).status == Status.HOTLINE
    assert promise(order_id, "C2").due_at == T0 + 30 * MINUTE


def test_who_was_asked_may_answer_also_while_the_hotline_has_the_order(scene):
    order_id = asked(scene)
    sweep_at(T0 + 15 * MINUTE + MS)
    assert Action.GIVE_INFO in actions(scene, order_id, Role.RES)
    answer(scene, order_id, at=T0 + 65 * MINUTE)
    order = scene.order(order_id)
    assert (order.status, order.info_open) == (Status.HOTLINE, False)
    assert promise(order_id, "C3").due_at == DUE + HOUR


@both_engines
def test_an_answer_gives_back_exactly_the_time_that_it_took(scene):
    order_id = asked(scene)
    scene.accept(order_id, after=MINUTE)
    answer(scene, order_id, at=T0 + 3 * HOUR + 5 * MINUTE + 7 * MS)
    assert promise(order_id, "C3").due_at == DUE + 3 * HOUR + 7 * MS
    order = scene.order(order_id)
    assert (order.status, order.info_open) == (Status.ACCEPTED, False)
    last = evidence.timeline(order_id)[-1]
    assert (last.code, last.role, last.note) == ("U6", Role.RES, "3号楼2单元门厅")
    assert sweep_at(T0 + 25 * HOUR) == 2  # both levels of the visit, and nothing of the question


@both_engines
def test_24_hours_of_silence_let_the_clock_run_on_from_their_end_whenever_the_sweep_comes(scene):
    order_id = asked(scene)
    scene.accept(order_id, after=MINUTE)
    until = T0 + 24 * HOUR + 5 * MINUTE
    sweep_at(until)
    assert promise(order_id, "C3").state == "paused"
    assert sweep_at(until + 3 * HOUR) == 1
    assert promise(order_id, "C3").due_at == DUE + 24 * HOUR
    assert not scene.order(order_id).info_open
    assert sweep_at(until + 4 * HOUR) == 0
    with pytest.raises(WrongOrderState):
        answer(scene, order_id, at=until + 4 * HOUR)


def test_an_answer_after_the_24_hours_is_taken_if_the_sweep_was_late_and_wins_no_time(scene):
    order_id = asked(scene)
    scene.accept(order_id, after=MINUTE)
    answer(scene, order_id, at=T0 + 30 * HOUR)
    assert promise(order_id, "C3").due_at == DUE + 24 * HOUR


def test_it_is_asked_once_by_the_desk_before_the_visit(scene):
    order_id = asked(scene)
    assert Action.ASK_INFO not in actions(scene, order_id, Role.DSP)
    assert Action.GIVE_INFO in actions(scene, order_id, Role.RES)
    answer(scene, order_id, after=MINUTE)
    assert not {Action.ASK_INFO, Action.GIVE_INFO} & set(actions(scene, order_id, Role.RES))
    with pytest.raises(WrongOrderState):
        ask(scene, order_id, by=Role.MGR)
    with pytest.raises(WrongOrderState):
        answer(scene, order_id)
    visited = scene.until_working(at=T0)
    assert Action.ASK_INFO not in actions(scene, visited, Role.DSP)
    with pytest.raises(WrongOrderState):
        ask(scene, visited)


def test_who_reported_by_telephone_is_called_instead(scene):
    order_id = scene.submit(at=T0).order_id
    nobody = update(Order).where(Order.id == order_id).values(reporter_id=None)
    transact(lambda: db.session.execute(nobody))
    with pytest.raises(WrongOrderState) as refused:
        ask(scene, order_id)
    assert "打电话" in refused.value.sentence


def test_an_answer_is_words_or_photos_and_never_nothing(scene):
    order_id = asked(scene)
    with pytest.raises(MissingEvidence) as refused:
        answer(scene, order_id, words=" ")
    assert list(refused.value.fields) == ["text"]
    answer(scene, order_id, words="", photos=2)
    assert evidence.timeline(order_id)[-1].note == "补充2张照片"
    assert [photo.step for photo in evidence.order_photos(order_id)] == ["info", "info"]


def test_a_question_is_a_question(scene):
    order_id = scene.submit(at=T0).order_id
    with pytest.raises(Invalid) as refused:
        scene.do(lambda: questions.ask(order_id, by=scene.by(Role.DSP), question="在哪"))
    assert list(refused.value.fields) == ["question"]


@both_engines
def test_whoever_comes_to_see_for_himself_waits_for_nothing_any_more(scene):
    order_id = asked(scene)
    scene.accept(order_id, after=MINUTE)
    scene.assign(order_id, after=MINUTE)
    scene.check_in(order_id, at=T0 + 25 * MINUTE)
    assert promise(order_id, "C3").due_at == DUE + 20 * MINUTE
    assert not scene.order(order_id).info_open
    scene.finish(order_id, at=DUE + 20 * MINUTE)
    assert not scene.order(order_id).late_repair


@both_engines
def test_a_cancelled_order_is_not_woken_by_the_silence(scene):
    order_id = asked(scene)
    scene.do(lambda: feedback.cancel(order_id, by=scene.by(Role.RES), reason="已经好了"), after=MINUTE)
    sweep_at(T0 + 25 * HOUR)
    assert (scene.order(order_id).status, promise(order_id, "C3").state) == (Status.CANCELLED, "void")
    assert scene.order(order_id).next_due_at is None


@both_engines
def test_the_answer_and_the_sweep_at_once_resume_the_clock_once(scene, app_db):
    order_id = asked(scene)
    scene.accept(order_id, after=MINUTE)
    sweep_at(T0 + 24 * HOUR)
    by = scene.by(Role.RES)
    clock.freeze(T0 + 24 * HOUR + 6 * MINUTE)

    def reply():
        try:
            transact(lambda: questions.give(order_id, by=by, text="3号楼"))
        except WrongOrderState as refusal:
            return refusal.code
        return "ok"

    outcomes = in_parallel(app_db, [reply, sweep])
    assert outcomes[0] in ("ok", "wrong_order_state")
    assert promise(order_id, "C3").due_at == DUE + 24 * HOUR
    assert not scene.order(order_id).info_open


@both_engines
@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE order_questions SET ended_how = 'answered'",
        "UPDATE order_questions SET ended_how = 'answered', ended_at = asked_at",
        "INSERT INTO order_questions (order_id, question, asked_by, asked_at, ends_at, answer, photos, ended_how)"
        " SELECT order_id, question, asked_by, asked_at, ends_at, '', 0, '' FROM order_questions",
    ],
)
def test_the_database_keeps_one_question_and_no_answer_without_content(scene, lie):
    asked(scene)
    with pytest.raises(Conflict):
        transact(lambda: db.session.execute(text(lie)))
