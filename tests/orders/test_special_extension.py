"""特延 (T19): asked with a plan, decided by street or bureau, due at exactly the approved date; a breach stays.

T0 is Friday 2026-11-20 22:10:00.000 in China.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.outbox import OutboxRow
from app.core.roles import Role
from app.orders import evidence, extensions, queries, special
from app.orders.errors import MissingEvidence, WrongOrderState
from app.orders.explaining import explain
from app.orders.extension_models import Extension
from app.orders.ladder import clock_steps
from app.orders.lifecycle import Action
from app.supervision.mending import mark_stale_days
from app.supervision.queries import Lens, total
from app.supervision.rolling_up import days_to_roll_up, roll_up
from tests.engines import both_engines, in_parallel
from tests.orders.test_clock_vectors import ask as ask_normal
from tests.orders.test_clock_vectors import promise, sweep_at
from tests.orders.test_holds_third_and_fund import end
from tests.orders.waiting import ask_special, wait_for_firm

MS, HOUR, DAY = timedelta(milliseconds=1), timedelta(hours=1), timedelta(days=1)
T0 = china(2026, 11, 20, 22, 10)
NINE = china(2026, 11, 21, 9)
DUE = china(2026, 11, 23, 22, 10)
WANTED = china(2026, 12, 9, 18)


def asked(scene) -> int:
    order_id = scene.until_working(at=T0)
    ask_special(scene, order_id, WANTED, at=NINE)
    return order_id


def approve(scene, order_id, *, by=Role.BUR, until=None, force_majeure=False, **step):
    who = scene.by(by)
    return scene.do(
        lambda: special.approve(order_id, by=who, note="情况属实", until=until, force_majeure=force_majeure),
        **step,
    )


def actions(scene, order_id, role):
    with clock.frozen(scene.at):
        return queries.order_line(order_id, scene.by(role)).actions


@both_engines
@pytest.mark.parametrize("by", [Role.STR, Role.BUR])
def test_the_promise_moves_to_exactly_the_approved_date(scene, by):
    order_id = asked(scene)
    assert promise(order_id, "C3").due_at == DUE
    approve(scene, order_id, by=by, after=HOUR)
    order = scene.order(order_id)
    assert promise(order_id, "C3").due_at == order.next_due_at == order.expected_at == WANTED
    assert promise(order_id, "C3", "W2").due_at == WANTED - 4 * HOUR
    assert (order.special, order.special_asked_by, order.extended) == (True, None, False)
    sweep_at(WANTED)
    assert not scene.order(order_id).late_repair
    sweep_at(WANTED + MS)
    assert scene.order(order_id).late_repair


def test_the_time_of_a_hold_before_it_is_counted_and_one_after_it_shifts_the_new_date(scene):
    order_id = scene.until_working(at=T0)
    wait_for_firm(scene, order_id, at=NINE)
    end(scene, order_id, after=5 * HOUR + 3 * MS)
    ask_special(scene, order_id, WANTED, after=HOUR)
    approve(scene, order_id, after=HOUR)
    assert promise(order_id, "C3").due_at == WANTED
    wait_for_firm(scene, order_id, after=HOUR)
    end(scene, order_id, after=7 * HOUR)
    assert promise(order_id, "C3").due_at == WANTED + 7 * HOUR


@both_engines
def test_it_may_follow_the_ordinary_extension(scene):
    order_id = scene.until_working(at=T0)
    ask_normal(scene, order_id, at=NINE)
    scene.do(lambda: extensions.decide(order_id, by=scene.by(Role.MGR), grant=True), after=HOUR)
    with pytest.raises(Invalid):
        ask_special(scene, order_id, china(2026, 11, 25, 22, 10))
    ask_special(scene, order_id, WANTED)
    assert extensions.pending(scene.order(order_id)) is None
    approve(scene, order_id, after=HOUR)
    assert promise(order_id, "C3").due_at == WANTED
    kinds = db.session.scalars(select(Extension.kind).where(Extension.granted).order_by(Extension.id)).all()
    assert kinds == ["NORMAL", "SPECIAL"]


def test_after_it_the_ordinary_extension_is_refused_and_moves_nothing_back(scene):
    order_id = asked(scene)
    ask_normal(scene, order_id, at=NINE + MS)
    approve(scene, order_id, after=HOUR)
    with pytest.raises(WrongOrderState):
        scene.do(lambda: extensions.decide(order_id, by=scene.by(Role.MGR), grant=True), at=DUE + DAY)
    with pytest.raises(WrongOrderState):
        ask_normal(scene, order_id, at=scene.at)
    assert promise(order_id, "C3").due_at == WANTED
    assert not scene.order(order_id).extended
    with clock.frozen(scene.at):
        offered = {*actions(scene, order_id, Role.MGR), *actions(scene, order_id, Role.DSP)}
    assert not offered & {Action.REQUEST_EXTENSION, Action.APPROVE_EXTENSION}


def test_the_resident_reads_the_new_date_and_who_has_approved_it(scene):
    order_id = asked(scene)
    approve(scene, order_id, by=Role.STR, after=HOUR)
    said = explain(clock_steps(order_id), round_=0, now=scene.at)
    assert said == "特别延期,已延至12月9日 18:00,由街道示批准"


@both_engines
def test_after_the_due_instant_the_breach_stays_and_the_ladder_waits_for_the_new_date(scene):
    order_id = scene.until_working(at=T0)
    sweep_at(DUE + MS)
    ask_special(scene, order_id, WANTED, at=DUE + HOUR)
    approve(scene, order_id, after=HOUR)
    row = promise(order_id, "C3")
    assert (row.breached, row.due_at, scene.order(order_id).late_repair) == (True, DUE, True)
    assert scene.order(order_id).expected_at == WANTED
    assert promise(order_id, "C3", "L2").due_at == WANTED + 24 * HOUR
    assert sweep_at(WANTED) == 0


def test_a_breach_that_no_sweep_has_seen_is_recorded_and_told_before_the_date_moves(scene):
    order_id = scene.until_working(at=T0)
    ask_special(scene, order_id, WANTED, at=DUE + HOUR)
    approve(scene, order_id, after=HOUR)
    row = promise(order_id, "C3")
    assert (row.breached, row.due_at, row.fired_at) == (True, DUE, DUE + 2 * HOUR)
    assert scene.order(order_id).late_repair
    sweep_at(DUE + 3 * HOUR)
    told = db.session.scalars(select(OutboxRow.payload).where(OutboxRow.name == "ClockReached")).all()
    assert [each["clock"] for each in told if each["level"] == "DUE"].count("C3") == 1


def test_street_or_bureau_may_grant_less_but_never_more(scene):
    order_id = asked(scene)
    with pytest.raises(Invalid) as refused:
        approve(scene, order_id, until=WANTED + MS)
    assert list(refused.value.fields) == ["until"]
    with pytest.raises(Invalid):
        approve(scene, order_id, until=DUE)
    approve(scene, order_id, until=WANTED - 2 * DAY)
    assert promise(order_id, "C3").due_at == WANTED - 2 * DAY


def test_only_the_bureau_finds_force_majeure(scene):
    order_id = asked(scene)
    with pytest.raises(Invalid) as refused:
        approve(scene, order_id, by=Role.STR, force_majeure=True)
    assert list(refused.value.fields) == ["force_majeure"]
    approve(scene, order_id, force_majeure=True)
    assert db.session.scalars(select(Extension.force_majeure)).one() is True
    assert "不可抗力" in evidence.timeline(order_id)[-1].note


@pytest.mark.parametrize("until", [NINE, DUE, NINE + 90 * DAY + MS])
def test_a_date_that_is_no_extension_or_beyond_all_measure_is_refused(scene, until):
    order_id = scene.until_working(at=T0)
    with pytest.raises(Invalid) as refused:
        ask_special(scene, order_id, until, at=NINE)
    assert list(refused.value.fields) == ["until"]


def test_it_needs_a_reason_a_plan_and_a_photo(scene):
    order_id = scene.until_working(at=T0)
    by = scene.by(Role.MGR)
    full = {"reason": "曳引机要返厂大修", "plan": "12月8日装回", "until": WANTED}
    for lacking in ("reason", "plan"):
        with pytest.raises(Invalid) as refused:
            scene.do(lambda lacking=lacking: special.request(order_id, by=by, **{**full, lacking: " "}))
        assert list(refused.value.fields) == [lacking]
    with pytest.raises(MissingEvidence):
        scene.do(lambda: special.request(order_id, by=by, **full))


def test_it_is_asked_once_at_a_time_by_the_manager_and_decided_by_an_authority(scene):
    order_id = asked(scene)
    assert Action.REQUEST_SPECIAL not in actions(scene, order_id, Role.MGR)
    for role in (Role.STR, Role.BUR):
        assert {Action.APPROVE_SPECIAL, Action.REFUSE_SPECIAL} <= set(actions(scene, order_id, role))
    with pytest.raises(WrongOrderState):
        ask_special(scene, order_id, WANTED)
    for role in (Role.MGR, Role.CO):
        with pytest.raises(Forbidden):
            approve(scene, order_id, by=role)
    approve(scene, order_id)
    with pytest.raises(WrongOrderState):
        approve(scene, order_id)
    with pytest.raises(WrongOrderState):
        ask_special(scene, order_id, WANTED + DAY)
    assert Action.REQUEST_SPECIAL not in actions(scene, order_id, Role.MGR)


def test_a_refusal_has_a_reason_leaves_the_promise_and_may_be_asked_again(scene):
    order_id = asked(scene)
    by = scene.by(Role.STR)
    with pytest.raises(Invalid):
        scene.do(lambda: special.refuse(order_id, by=by, note=" "))
    scene.do(lambda: special.refuse(order_id, by=by, note="请先用备用配件恢复"))
    assert (promise(order_id, "C3").due_at, scene.order(order_id).special) == (DUE, False)
    ask_special(scene, order_id, WANTED - DAY, after=HOUR)
    approve(scene, order_id)
    assert promise(order_id, "C3").due_at == WANTED - DAY


@both_engines
def test_street_and_bureau_at_once_decide_once(scene, app_db):
    order_id = asked(scene)
    clock.freeze(NINE + HOUR)

    def decide(role):
        by = scene.by(role)
        try:
            transact(lambda: special.approve(order_id, by=by, note="情况属实"))
        except WrongOrderState as refusal:
            return refusal.code
        return "ok"

    outcomes = in_parallel(app_db, [lambda: decide(Role.STR), lambda: decide(Role.BUR)])
    assert sorted(outcomes) == ["ok", "wrong_order_state"]


@both_engines
@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE extensions SET granted = 1, decided_by = 99999",
        "UPDATE extensions SET plan = ''",
        "UPDATE extensions SET force_majeure = 1",
        "UPDATE extensions SET decided_by = requested_by",
    ],
)
def test_the_database_itself_refuses_a_grant_without_date_plan_or_second_person(scene, lie):
    asked(scene)
    with pytest.raises(Conflict):
        transact(lambda: db.session.execute(text(lie)))


@both_engines
@pytest.mark.parametrize("force_majeure", [False, True])
def test_it_is_not_counted_as_on_time_unless_it_was_force_majeure(scene, force_majeure):
    order_id = asked(scene)
    approve(scene, order_id, force_majeure=force_majeure, after=HOUR)
    scene.finish(order_id, at=WANTED - HOUR)
    month = Lens(scene.by(Role.BUR), date(2026, 11, 20), date(2026, 12, 20))
    with clock.frozen(china(2026, 12, 19, 9)):
        transact(mark_stale_days)
        for day in days_to_roll_up():
            transact(lambda day=day: roll_up(day))
        figures = total(month)
    assert (figures["c3_due"], figures["c3_done"]) == (1, 1)
    assert (figures["c3_met"], figures["c3_strict_met"]) == (int(force_majeure), 0)
