"""Where the desk finds an order, what a resident sees of it, and what stops a clock and what does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core import clock
from app.core.clock import china
from app.core.roles import Role
from app.core.scope import Scope
from app.orders import desk, evidence, queries
from app.orders.lifecycle import Menu, Status
from app.orders.sweeping import sweep
from tests.engines import both_engines
from tests.factories.scene import HOME_LAMP, make_scene

MS = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)
LIMIT = timedelta(hours=72)


def queue(scope: Scope, name: str) -> list[int]:
    return [line.id for line in queries.queue_page(scope, name).items]


@both_engines
def test_a_new_order_waits_at_its_own_desk_and_leaves_the_queue_when_accepted(scene):
    order_id = scene.submit().order_id
    other_desk = make_scene(scene.at, place=None).by(Role.DSP)
    mine = scene.by(Role.DSP)
    assert (queue(mine, "unaccepted"), queue(other_desk, "unaccepted")) == ([order_id], [])
    scene.accept(order_id)
    assert (queue(mine, "unaccepted"), queue(mine, "to_assign")) == ([], [order_id])
    assert queries.queue_counts(mine)["unaccepted"] == 0


def test_the_resident_sees_who_accepted_and_when(scene):
    order_id = scene.submit().order_id
    scene.accept(order_id, after=3 * MINUTE)
    mine = queries.order_line(order_id, scene.by(Role.RES))
    assert (mine.status.resident, mine.accepted_at) == ("已接收", scene.at)
    accepted = evidence.timeline(order_id)[-1]
    assert (accepted.actor, accepted.at) == ("示调度", scene.at)


def test_an_emergency_stands_before_an_appointment(scene):
    home = {"spot_id": None, "home_id": scene.place.homes[0].id, "category_code": HOME_LAMP}
    tomorrow = china(2026, 11, 21, 10)
    booked = scene.submit(menu=Menu.BOOKING, slot_id=scene.slot_at(tomorrow), **home).order_id
    urgent = scene.submit(menu=Menu.EMERGENCY, **home).order_id
    for order_id in (booked, urgent):
        scene.accept(order_id, after=MINUTE)
    assert queue(scene.by(Role.DSP), "to_assign") == [urgent, booked]


def test_a_public_report_carries_no_home_and_costs_nothing(scene):
    order = scene.order(scene.submit().order_id)
    assert (order.home_id, order.pay_status) == (None, "免费")


def test_a_phone_call_alone_does_not_stop_the_visit_clock(scene):
    order_id = scene.submit().order_id
    scene.accept(order_id, after=MINUTE)
    scene.do(lambda: desk.log_call(order_id, by=scene.by(Role.DSP), result="已电话安抚住户"), after=MINUTE)
    with clock.frozen(scene.order(order_id).submitted_at + 30 * MINUTE + MS):
        sweep()
    visit = next(each for each in evidence.clocks(order_id) if each.clock == "C2")
    assert (visit.breached, visit.stopped_at) == (True, None)
    assert scene.order(order_id).late_visit


@pytest.mark.parametrize(("late", "breached"), [(timedelta(), False), (MS, True)])
def test_a_repair_at_72_hours_sharp_is_on_time_and_a_millisecond_later_overdue(scene, late, breached):
    order_id = scene.until_working()
    scene.finish(order_id, at=scene.order(order_id).submitted_at + LIMIT + late)
    repair = next(each for each in evidence.clocks(order_id) if each.clock == "C3")
    order = scene.order(order_id)
    assert (repair.breached, order.late_repair, order.status) == (breached, breached, Status.DONE)


def test_the_timeline_names_every_step_its_person_and_its_time(scene):
    order_id = scene.until_done()
    steps = evidence.timeline(order_id)
    assert [step.to_status.resident for step in steps] == [
        "未接收",
        "已接收",
        "已接收(师傅待确认)",
        "已现场核实",
        "已处理(请评价)",
    ]
    assert [step.seq for step in steps] == [1, 2, 3, 4, 5]
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert steps[0].actor == "报修人"
    assert steps[-1].actor == scene.worker.title
    assert {photo.step for photo in evidence.order_photos(order_id)} == {"site", "after"}


@pytest.mark.parametrize("role", [Role.CO, Role.BUR, Role.STR])
def test_words_with_a_home_and_a_number_are_read_whole_only_by_those_who_go_there(scene, role):
    order_id = scene.submit(text="1502室灯不亮,打19900000001").order_id
    assert queries.order_line(order_id, scene.by(role)).text == "住户家灯不亮,打(电话略)"
    assert "1502室" in queries.order_line(order_id, scene.by(Role.DSP)).text
