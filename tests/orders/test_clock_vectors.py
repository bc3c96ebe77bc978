"""The clock vectors K1-K5, K10 and K11 of domain 3.6, to the millisecond, on both engines.

T0 is Friday 2026-11-20 22:10:00.000 in China. K6-K9 are pure and stand in test_rules.py.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Refusal
from app.core.outbox import OutboxRow
from app.core.roles import Role
from app.orders import desk, extensions, feedback
from app.orders.clock_models import Deadline
from app.orders.errors import AlreadyHotline, OverdueAlready, WrongOrderState
from app.orders.lifecycle import Status
from app.orders.sweeping import sweep
from tests.engines import both_engines, in_parallel
from tests.factories.scene import TILE

pytestmark = both_engines
T0 = china(2026, 11, 20, 22, 10)
MS = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)


def promise(order_id: int, which: str, level: str = "DUE", round_: int = 0) -> Deadline:
    db.session.rollback()
    return db.session.scalars(
        select(Deadline).where(
            Deadline.order_id == order_id,
            Deadline.clock == which,
            Deadline.level == level,
            Deadline.round == round_,
        )
    ).one()


def sweep_at(instant) -> int:
    with clock.frozen(instant):
        return sweep()


def test_k1_acceptance_at_15_minutes_sharp_is_on_time(scene):
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, at=T0 + 15 * MINUTE)
    row = promise(order_id, "C1")
    assert (row.state, row.breached, row.stopped_at) == ("met", False, T0 + 15 * MINUTE)
    assert not scene.order(order_id).late_accept


def test_k2_nobody_accepts_and_the_order_is_with_the_hotline_one_millisecond_later(scene):
    order_id = scene.submit(at=T0).order_id
    sweep_at(T0 + 15 * MINUTE)
    assert scene.order(order_id).status == Status.SUBMITTED
    sweep_at(T0 + 15 * MINUTE + MS)
    order = scene.order(order_id)
    assert (order.status, order.hotline_at) == (Status.HOTLINE, T0 + 15 * MINUTE + MS)
    assert order.late_accept
    with pytest.raises(AlreadyHotline) as refused:
        scene.accept(order_id, at=china(2026, 11, 20, 22, 25) + timedelta(seconds=30))
    assert refused.value.status == 409
    assert "962121" in refused.value.sentence


def test_k2_acceptance_after_the_limit_is_refused_even_before_the_sweep(scene):
    order_id = scene.submit(at=T0).order_id
    with pytest.raises(AlreadyHotline):
        scene.accept(order_id, at=T0 + 15 * MINUTE + MS)
    assert scene.order(order_id).status == Status.SUBMITTED
    sweep_at(T0 + 15 * MINUTE + 2 * MS)
    assert scene.order(order_id).status == Status.HOTLINE


@pytest.mark.parametrize(("late_by", "breached"), [(timedelta(), False), (MS, True)])
def test_k3_a_visit_at_30_minutes_sharp_is_on_time_and_a_millisecond_later_a_breach(scene, late_by, breached):
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, at=T0 + MINUTE)
    scene.assign(order_id, at=T0 + 2 * MINUTE)
    scene.check_in(order_id, at=T0 + 30 * MINUTE + late_by)
    row = promise(order_id, "C2")
    assert row.breached is breached
    assert row.stopped_at == T0 + 30 * MINUTE + late_by
    assert scene.order(order_id).late_visit is breached


def test_k3_a_breach_found_by_the_visit_is_told_once_even_if_the_sweep_comes_later(scene):
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, at=T0 + MINUTE)
    scene.assign(order_id, at=T0 + 2 * MINUTE)
    scene.check_in(order_id, at=T0 + 30 * MINUTE + MS)
    sweep_at(T0 + 40 * MINUTE)
    told = db.session.scalars(select(OutboxRow.payload).where(OutboxRow.name == "ClockReached")).all()
    assert [each["level"] for each in told if each["clock"] == "C2"] == ["DUE"]


def test_k4_the_repair_is_due_on_monday_and_with_an_extension_on_wednesday(scene):
    order_id = scene.submit(at=T0).order_id
    assert promise(order_id, "C3").due_at == china(2026, 11, 23, 22, 10)
    scene.accept(order_id, at=T0 + MINUTE)
    scene.assign(order_id, after=MINUTE)
    scene.check_in(order_id, after=MINUTE)
    ask(scene, order_id, at=T0 + timedelta(hours=30))
    assert promise(order_id, "C3").due_at == china(2026, 11, 23, 22, 10)
    scene.do(lambda: extensions.decide(order_id, by=scene.by(Role.MGR), grant=True), after=MINUTE)
    assert promise(order_id, "C3").due_at == china(2026, 11, 25, 22, 10)
    assert promise(order_id, "C3", "W2").due_at == china(2026, 11, 25, 18, 10)
    assert promise(order_id, "C3", "L3").due_at == china(2026, 11, 28, 22, 10)


def ask(scene, order_id, *, at):
    photos = scene.photos(Role.WRK)
    return scene.do(
        lambda: extensions.request(
            order_id,
            by=scene.by(Role.WRK),
            reason_code="obsolete",
            reason="灯管型号已停产,正在找替代型号",
            expected_at=at + timedelta(hours=40),
            photo_ids=photos,
        ),
        at=at,
    )


def test_k5_an_extension_asked_one_millisecond_after_the_due_instant_is_refused(scene):
    order_id = scene.until_working(at=T0)
    with pytest.raises(OverdueAlready) as refused:
        ask(scene, order_id, at=china(2026, 11, 23, 22, 10) + MS)
    assert refused.value.status == 409
    assert "已超期" in refused.value.sentence


def test_an_extension_asked_in_time_but_granted_after_the_due_instant_is_refused(scene):
    order_id = scene.until_working(at=T0)
    ask(scene, order_id, at=china(2026, 11, 23, 22, 10))
    with pytest.raises(OverdueAlready):
        scene.do(lambda: extensions.decide(order_id, by=scene.by(Role.MGR), grant=True), after=MS)


def test_k10_after_a_stop_of_the_scheduler_the_transfer_is_late_but_the_breach_counts_from_its_due_instant(
    scene,
):
    order_id = scene.submit(at=T0).order_id
    sweep_at(china(2026, 11, 20, 22, 50))
    row = promise(order_id, "C1")
    assert row.due_at == china(2026, 11, 20, 22, 25)
    assert row.fired_at == china(2026, 11, 20, 22, 50)
    assert row.breached
    assert scene.order(order_id).hotline_at == china(2026, 11, 20, 22, 50)
    told = db.session.scalars(select(OutboxRow.payload).where(OutboxRow.name == "ClockReached")).all()
    assert {(each["clock"], each["level"]) for each in told} == {
        ("C1", "W1"),
        ("C1", "DUE"),
        ("C2", "W1"),
        ("C2", "DUE"),
    }


def test_k11_of_two_dispatchers_in_the_same_second_one_wins_and_the_other_is_told(scene, app_db):
    order_id = scene.submit(at=T0).order_id
    clock.freeze(T0 + MINUTE)
    works = [lambda role=role: _accepted(order_id, scene.by(role)) for role in (Role.DSP, Role.MGR)]
    outcomes = in_parallel(app_db, works)
    assert sorted(str(outcome) for outcome in outcomes) == ["409", "ok"]


def _accepted(order_id, by) -> str:
    try:
        transact(lambda: desk.accept(order_id, by=by))
    except WrongOrderState as refusal:
        return str(refusal.status)
    except Refusal as refusal:
        return refusal.code
    return "ok"


def test_a_hazardous_visit_stops_the_clock_only_with_a_photo_of_the_protection(scene):
    order_id = scene.submit(at=T0, category_code=TILE, hazardous=True).order_id
    scene.accept(order_id, at=T0 + MINUTE)
    scene.assign(order_id, after=MINUTE)
    with pytest.raises(Refusal) as refused:
        scene.check_in(order_id, after=MINUTE)
    assert "protection_photo_ids" in refused.value.fields
    assert promise(order_id, "C2").stopped_at is None
    scene.check_in(order_id, protected=True, after=MINUTE)
    assert promise(order_id, "C2").state == "met"


@pytest.mark.parametrize(("late", "state"), [(timedelta(), "void"), (MS, "fired")])
def test_a_breach_that_no_sweep_has_seen_is_not_erased_by_cancelling(scene, late, state):
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, at=T0 + timedelta(minutes=5))
    by, at = scene.by(Role.RES), T0 + timedelta(minutes=30) + late
    scene.do(lambda: feedback.cancel(order_id, by=by, reason="自己好了"), at=at)
    row = promise(order_id, "C2")
    assert (row.state, row.breached, row.due_at) == (state, bool(late), T0 + timedelta(minutes=30))
    assert scene.order(order_id).late_visit is bool(late)
    assert sweep_at(at + timedelta(days=9)) == 0
