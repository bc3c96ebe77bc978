"""What another limit would have cost (issue 4, part 6): judged again from the recorded events."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.core.clock import china
from app.core.errors import Invalid
from app.core.roles import Role
from app.orders.policies import DAY, HOUR, MINUTE
from app.supervision.what_if import Fact, Outcome, Promise, Question, ask, judge, recompute
from tests.engines import both_engines
from tests.factories.scene import make_scene
from tests.feedback import doing

T0 = china(2026, 11, 20, 22, 10)
NOW = china(2026, 12, 5)
M = timedelta(minutes=1)


def visit(took, limit=30, *middle, reason=""):
    stop = [] if took is None else [Fact("stop", T0 + took * M, None, reason)]
    return [Fact("start", T0, limit * MINUTE), *middle, *stop]


@pytest.mark.parametrize(
    ("took", "before", "after"),
    [
        (20, Outcome.MET, Outcome.MET),
        (20.1, Outcome.MET, Outcome.BROKEN),
        (30, Outcome.MET, Outcome.BROKEN),
        (30.1, Outcome.BROKEN, Outcome.BROKEN),
        (None, Outcome.BROKEN, Outcome.BROKEN),
    ],
)
def test_twenty_minutes_instead_of_thirty(took, before, after):
    facts = visit(took)
    assert judge(facts, now=NOW) is before
    assert judge(facts, now=NOW, limit_ms=20 * MINUTE) is after


def test_paused_time_is_given_back_under_the_other_limit_too():
    held = (Fact("pause", T0 + 5 * M), Fact("resume", T0 + 65 * M))
    assert judge(visit(80, 30, *held), now=NOW, limit_ms=20 * MINUTE) is Outcome.MET
    assert judge(visit(80.1, 30, *held), now=NOW, limit_ms=20 * MINUTE) is Outcome.BROKEN


def test_a_pause_after_the_shorter_limit_does_not_save_the_promise():
    held = (Fact("pause", T0 + 25 * M), Fact("resume", T0 + 600 * M))
    assert judge(visit(602, 30, *held), now=NOW) is Outcome.MET
    assert judge(visit(602, 30, *held), now=NOW, limit_ms=20 * MINUTE) is Outcome.BROKEN


def test_an_extension_that_was_granted_counts_as_it_was():
    facts = visit(100, 30, Fact("extend", T0 + 10 * M, 120 * MINUTE))
    assert judge(facts, now=NOW, limit_ms=20 * MINUTE) is Outcome.MET


def test_what_no_longer_applied_is_no_promise_kept_but_may_have_been_one_broken():
    facts = visit(25, reason="不再适用")
    assert judge(facts, now=NOW) is Outcome.VOID
    assert judge(facts, now=NOW, limit_ms=20 * MINUTE) is Outcome.BROKEN
    assert judge(visit(None), now=T0 + 10 * M) is Outcome.OPEN


def test_lines_by_office_and_what_had_another_limit_apart():
    promises = [
        Promise(1, visit(25)),
        Promise(1, visit(10)),
        Promise(2, visit(40)),
        Promise(2, visit(10, 15)),
        Promise(2, visit(10, 30, Fact("policy", T0 + M, 25 * MINUTE))),
    ]
    names = {1: "甲管理处", 2: "乙管理处"}
    lines, apart = recompute(promises, from_ms=30 * MINUTE, to_ms=20 * MINUTE, now=NOW, names=names)
    first, second = lines
    assert (first.name, first.met_before, first.met_after, first.newly_broken) == ("甲管理处", 2, 1, 1)
    assert (second.broken_before, second.broken_after, second.newly_broken) == (1, 1, 0)
    assert apart == 2
    lines, _ = recompute(promises, from_ms=30 * MINUTE, to_ms=45 * MINUTE, now=NOW, names=names)
    assert [line.newly_met for line in lines] == [0, 1] or [line.newly_met for line in lines] == [1, 0]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4),
    st.integers(0, 200),
    st.integers(1, 100),
    st.integers(1, 100),
)
def test_a_longer_limit_never_breaks_what_a_shorter_one_keeps(pauses, last, one, other):
    at, middle = T0, []
    for gap, held in pauses:
        middle += [Fact("pause", at + gap * M), Fact("resume", at + (gap + held) * M)]
        at += (gap + held) * M
    facts = [Fact("start", T0, one * MINUTE), *middle, Fact("stop", at + last * M)]
    running = (at + last * M - T0) - sum((held * M for _, held in pauses), timedelta())
    for limit in (one, other):
        expected = Outcome.MET if running <= limit * M else Outcome.BROKEN
        assert judge(facts, now=NOW, limit_ms=limit * MINUTE) is expected


@both_engines
def test_a_month_of_a_district_is_judged_again_and_another_district_not(app_db):
    scene, stranger = make_scene(), make_scene()
    quick = scene.submit(at=T0).order_id
    slow = scene.submit(at=T0 + M).order_id
    for order_id, minutes in ((quick, 10), (slow, 25)):
        scene.accept(order_id, at=T0 + 2 * M)
        scene.assign(order_id, at=T0 + 3 * M)
        scene.check_in(order_id, at=scene.order(order_id).submitted_at + minutes * M)
    stranger.submit(at=T0)
    question = Question("C2", 30 * MINUTE, 20 * MINUTE, date(2026, 11, 1))
    with clock.frozen(T0 + timedelta(days=3)):
        answer = ask(question, scene.by(Role.BUR))
        elsewhere = ask(question, stranger.by(Role.BUR))
        assert ask(question, scene.by(Role.BUR), at_most=1).is_cut
    assert (answer.total.met_before, answer.total.met_after, answer.total.newly_broken) == (2, 1, 1)
    assert [line.id for line in answer.lines] == [scene.place.office.id]
    assert (elsewhere.total.judged_before, elsewhere.total.broken_before) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [("C9", MINUTE, HOUR), ("C2", 0, HOUR), ("C2", MINUTE, 0), ("C2", HOUR, HOUR)],
)
def test_a_question_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(Invalid):
        Question(*wrong, date(2026, 11, 1))


def test_a_shorter_limit_of_snaps_is_tried_on_those_that_were_sent(app_db):
    scene = make_scene(china(2026, 10, 5, 9))
    at = scene.at
    early, late = doing.send(scene, at=at), doing.send(scene, at=at)
    doing.reply(scene, early, at=at + timedelta(days=3))
    doing.reply(scene, late, at=at + timedelta(days=8))
    never = doing.send(scene, at=at)
    doing.sweep_at(at + timedelta(days=10, milliseconds=1))
    assert doing.snap(never).status == "EXPIRED"
    question = Question("C6", 10 * DAY, 7 * DAY, date(2026, 10, 1))
    with clock.frozen(china(2026, 11, 20)):
        answer = ask(question, scene.by(Role.BUR))
    total = answer.total
    assert (total.met_before, total.broken_before, total.met_after, total.broken_after) == (2, 1, 1, 2)
    assert (total.newly_broken, answer.apart) == (1, 0)


def test_a_limit_in_working_days_is_tried_by_the_calendar():
    friday, day = china(2026, 11, 20, 10), timedelta(days=1)

    def monday_of(begins, limit_ms):
        return (china(2026, 11, 24) - begins) // timedelta(milliseconds=1) if limit_ms == DAY else 5 * DAY

    limit = monday_of(friday, DAY)
    promise = Promise(1, [Fact("start", friday, limit), Fact("stop", friday + 4 * day)])
    lines, apart = recompute(
        [promise], from_ms=DAY, to_ms=2 * DAY, now=friday + 30 * day, names={}, measure=monday_of
    )
    assert (apart, lines[0].newly_met) == (0, 1)
    assert recompute([promise], from_ms=DAY, to_ms=2 * DAY, now=friday, names={})[1] == 1, (
        "without the calendar"
    )
