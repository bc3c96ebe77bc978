"""The desk corrects how urgent an order is (U7) and what it is (U8). T0 is Friday 2026-11-20 22:10:00.000 in China."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.core.clock import china
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.roles import Role
from app.orders import evidence, sorting
from app.orders.clock_models import ClockEvent
from app.orders.errors import WrongOrderState
from app.orders.lifecycle import Menu
from app.orders.rules import ClockFact, read_clock
from tests.factories.scene import HOME_LAMP, make_scene
from tests.orders.test_clock_vectors import promise, sweep_at

MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
WHY = "现场电话说线头露着"


def change(scene, order_id: int, urgency: str, *, by: Role = Role.DSP, reason: str = WHY, **step):
    who = scene.by(by)
    return scene.do(lambda: sorting.change_urgency(order_id, by=who, urgency=urgency, reason=reason), **step)


def recategorise(scene, order_id: int, code: str, *, by: Role = Role.DSP, **step):
    who = scene.by(by)
    return scene.do(lambda: sorting.recategorise(order_id, by=who, category_code=code, reason=WHY), **step)


def due(order_id: int, which: str, level: str = "DUE"):
    return promise(order_id, which, level).due_at


def test_raised_in_time_the_stricter_limits_count_from_the_report(scene):
    order_id = scene.submit(at=T0).order_id
    change(scene, order_id, "P0", at=T0 + 2 * MINUTE)
    assert (due(order_id, "C1"), due(order_id, "C1", "W1")) == (T0 + 3 * MINUTE, T0 + MINUTE)
    assert (due(order_id, "C2"), due(order_id, "C2", "W1")) == (T0 + 15 * MINUTE, T0 + 10 * MINUTE)
    assert due(order_id, "C3") == T0 + 72 * HOUR
    assert due(order_id, "C3", "W0") == T0 + 24 * HOUR
    order = scene.order(order_id)
    assert (order.urgency, order.next_due_at) == ("P0", T0 + 3 * MINUTE)


def test_raised_late_nothing_that_was_kept_becomes_a_breach(scene):
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, at=T0 + 10 * MINUTE)
    raised = T0 + 20 * MINUTE
    change(scene, order_id, "P0", at=raised)
    assert (promise(order_id, "C1").state, due(order_id, "C1")) == ("met", T0 + 15 * MINUTE)
    assert due(order_id, "C2") == T0 + 30 * MINUTE
    sweep_at(raised + MS)
    assert not scene.order(order_id).late_visit
    facts = [
        ClockFact(*row)
        for row in db.session.execute(
            select(ClockEvent.kind, ClockEvent.at, ClockEvent.limit_ms)
            .where(ClockEvent.clock == "C2")
            .order_by(ClockEvent.id)
        )
    ]
    assert read_clock(facts).due_at == due(order_id, "C2")


def test_raised_at_ten_minutes_a_new_limit_begins_then_because_three_have_passed(scene):
    order_id = scene.submit(at=T0).order_id
    change(scene, order_id, "P0", at=T0 + 10 * MINUTE)
    assert due(order_id, "C1") == T0 + 13 * MINUTE
    assert due(order_id, "C2") == T0 + 15 * MINUTE
    assert sweep_at(T0 + 13 * MINUTE) == 2  # the warnings of the stricter limits
    assert not scene.order(order_id).late_accept


def test_a_broken_promise_stays_broken_when_the_order_becomes_more_urgent(scene):
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, after=MINUTE)
    sweep_at(T0 + 31 * MINUTE)
    change(scene, order_id, "P0", at=T0 + 40 * MINUTE)
    row = promise(order_id, "C2")
    assert (row.breached, row.due_at) == (True, T0 + 30 * MINUTE)


def test_lowering_gives_no_time_back_and_the_bureau_reads_it(scene):
    order_id = scene.submit(at=T0, hazardous=True).order_id
    change(scene, order_id, "P0", after=MINUTE)
    before = [due(order_id, which) for which in ("C1", "C2", "C3")]
    change(scene, order_id, "P2", by=Role.MGR, reason="电话核实没有危险", after=MINUTE)
    assert [due(order_id, which) for which in ("C1", "C2", "C3")] == before
    (record,) = db.session.scalars(select(AuditRecord)).all()
    assert (record.action, record.object_id, record.role) == (sorting.LOWERED, str(order_id), "MGR")
    assert record.business_district_id == scene.place.district.id
    assert (record.details["from"], record.details["to"], record.details["reason"]) == (
        "P0",
        "P2",
        "电话核实没有危险",
    )
    last = evidence.timeline(order_id)[-1]
    assert (last.note, last.data["seen_by_bureau"]) == ("危急改为一般:电话核实没有危险", True)


def test_what_is_lowered_among_the_calm_ones_needs_no_bureau(scene):
    order_id = scene.submit(at=T0).order_id
    change(scene, order_id, "P3", after=MINUTE)
    assert db.session.scalars(select(AuditRecord)).all() == []


def test_urgency_is_the_desks_and_needs_a_reason_and_a_change(scene):
    order_id = scene.submit(at=T0).order_id
    for urgency, reason, field in (("P9", WHY, "urgency"), ("P0", "急", "reason"), ("P2", WHY, "urgency")):
        with pytest.raises(Invalid) as refused:
            change(scene, order_id, urgency, reason=reason)
        assert list(refused.value.fields) == [field]
    for role in (Role.RES, Role.WRK, Role.BUR):
        with pytest.raises((Forbidden, NotFound)):
            change(scene, order_id, "P0", by=role)
    with pytest.raises(NotFound):
        change(make_scene(at=scene.at), order_id, "P0")
    done = scene.until_done(at=T0)
    with pytest.raises(WrongOrderState):
        change(scene, done, "P0")


def test_a_more_dangerous_kind_of_trouble_makes_the_order_as_urgent(scene):
    order_id = scene.submit(at=T0).order_id
    recategorise(scene, order_id, "G0203", after=MINUTE)
    order = scene.order(order_id)
    assert (order.category_code, order.urgency, order.hazardous) == ("G0203", "P0", True)
    assert due(order_id, "C1") == T0 + 3 * MINUTE
    renamed, raised = evidence.timeline(order_id)[-2:]
    assert renamed.note == f"楼道灯不亮改为公共线路裸露/漏电:{WHY}"
    assert (raised.action, raised.note) == ("change_urgency", "一般改为危急:公共线路裸露/漏电属于这一级")
    recategorise(scene, order_id, "G0201", after=MINUTE)
    assert scene.order(order_id).urgency == "P0"


def test_a_kind_of_the_other_menu_or_an_unknown_one_or_the_same_is_refused(scene):
    order_id = scene.submit(at=T0).order_id
    for code in (HOME_LAMP, "G9999", "G0201"):
        with pytest.raises(Invalid) as refused:
            recategorise(scene, order_id, code)
        assert list(refused.value.fields) == ["category_code"]
    home = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "spot_id": None}
    inside = scene.submit(home_id=scene.place.homes[0].id, **home).order_id
    with pytest.raises(Invalid):
        recategorise(scene, inside, "G0201")
    with pytest.raises(WrongOrderState):
        recategorise(scene, scene.until_done(at=T0), "G0202")
