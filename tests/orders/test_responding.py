"""C12: an offer waits five minutes for the worker's answer, two for P0 and P1; then somebody else is asked (T6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.companies.dispatch_choice import choose_dispatching
from app.companies.errors import OfficeUnknown
from app.companies.models import Dispatching, Staff
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid
from app.core.outbox import OutboxRow, dispatch_one
from app.core.roles import Role
from app.notifications.models import Notification
from app.orders import desk, evidence, feedback, field_work
from app.orders.errors import NotDispatchable
from app.orders.lifecycle import Action, Menu, Status
from app.orders.models import Assignment, OrderEvent
from app.orders.sweeping import sweep
from app.reactions.table import REACTIONS
from tests.engines import both_engines, in_parallel
from tests.factories.people import make_certificate, make_shift, make_worker
from tests.factories.places import make_place
from tests.factories.scene import HOME_LAMP
from tests.orders.test_clock_vectors import promise, sweep_at

MS, MINUTE = timedelta(milliseconds=1), timedelta(minutes=1)
T0 = china(2026, 11, 20, 22, 10)
WIRES = "G0203"


def react(at) -> None:
    """Run every waiting reaction at that instant; none may fail."""
    with clock.frozen(at):
        while dispatch_one(REACTIONS):
            pass
    assert (
        db.session.scalars(select(OutboxRow.last_error).where(OutboxRow.last_error.is_not(None))).all() == []
    )


def titles(account_id: int) -> list[str]:
    db.session.rollback()
    mine = Notification.account_id == account_id
    return list(db.session.scalars(select(Notification.title).where(mine).order_by(Notification.id)))


def told(scene, role: Role) -> list[str]:
    return titles(scene.by(role).account_id)


def offers(order_id: int) -> list[tuple[int, str]]:
    db.session.rollback()
    rows = select(Assignment.worker_id, Assignment.outcome).where(Assignment.order_id == order_id)
    return [tuple(row) for row in db.session.execute(rows.order_by(Assignment.id))]


def choose(scene, mode: str) -> None:
    by = scene.by(Role.MGR)
    scene.do(lambda: choose_dispatching(scene.place.office.id, by=by, mode=mode))


def colleague(scene, **values):
    near = {"latitude": scene.place.estate.latitude, "longitude": scene.place.estate.longitude}
    worker = make_worker(
        scene.place.office, district_id=scene.place.district.id, skills=("G02", "H01"), **{**near, **values}
    )
    make_certificate(worker, "低压电工", valid_to=china(2099, 1, 1).date())
    return worker


def offered(scene, **values) -> int:
    """Assigned by the desk at T0 + 2 minutes."""
    order_id = scene.submit(at=T0, **values).order_id
    scene.accept(order_id, after=MINUTE)
    scene.assign(order_id, after=MINUTE)
    return order_id


# ---- the clock


@both_engines
def test_an_offer_that_nobody_answers_within_five_minutes_goes_back_once(scene):
    order_id = offered(scene)
    due = T0 + 7 * MINUTE
    row = promise(order_id, "C12")
    assert (row.due_at, row.state) == (due, "pending")
    assert sweep_at(due) == 0
    assert scene.order(order_id).status == Status.ASSIGNED
    assert sweep_at(due + MS) == 1
    assert sweep_at(due + MS) == 0
    order = scene.order(order_id)
    assert (order.status, order.worker_id, order.assigned_at) == (Status.ACCEPTED, None, None)
    assert offers(order_id) == [(scene.worker.id, "timed_out")]
    last = evidence.timeline(order_id)[-1]
    assert (last.code, last.role, last.note) == ("T6", Role.SYS, "没有及时确认")
    assert (last.data["reason"], last.data["misses"]) == ("timed_out", 1)
    row = promise(order_id, "C12")
    assert (row.state, row.breached, row.stopped_at) == ("fired", True, due + MS)


def test_people_in_danger_wait_two_minutes(scene):
    order_id = offered(scene, category_code=WIRES)
    assert promise(order_id, "C12").due_at == T0 + 4 * MINUTE


@pytest.mark.parametrize("answer", ["take", "depart", "check_in", "decline"])
def test_any_answer_stops_the_clock(scene, answer):
    order_id = offered(scene)
    worker = scene.by(Role.WRK)
    acts = {
        "take": lambda: field_work.take(order_id, by=worker),
        "depart": lambda: field_work.depart(order_id, by=worker),
        "decline": lambda: field_work.decline(order_id, by=worker, reason="busy"),
    }
    if answer == "check_in":
        scene.check_in(order_id, after=5 * MINUTE)
    else:
        scene.do(acts[answer], after=5 * MINUTE)
    assert (promise(order_id, "C12").state, promise(order_id, "C12").breached) == ("met", False)
    assert sweep_at(scene.at + MINUTE) == 0


def test_an_answer_that_comes_before_the_sweep_counts_however_late(scene):
    order_id = offered(scene)
    worker = scene.by(Role.WRK)
    scene.do(lambda: field_work.take(order_id, by=worker), after=5 * MINUTE + MS)
    row = promise(order_id, "C12")
    assert (row.state, row.breached) == ("fired", True)
    assert sweep_at(scene.at + MINUTE) == 0
    assert scene.order(order_id).status == Status.ASSIGNED
    assert offers(order_id) == [(scene.worker.id, "taken")]


def test_each_offer_has_five_minutes_of_its_own(scene):
    order_id = offered(scene)
    other = colleague(scene)
    by = scene.by(Role.DSP)
    scene.do(lambda: desk.assign(order_id, by=by, worker_id=other.id), after=3 * MINUTE)
    assert promise(order_id, "C12").state == "met"
    assert promise(order_id, "C12", round_=1).due_at == T0 + 10 * MINUTE
    assert sweep_at(T0 + 8 * MINUTE) == 0
    assert offers(order_id) == [(scene.worker.id, "replaced"), (other.id, "waiting")]


def test_a_cancelled_order_is_offered_to_nobody_any_more(scene):
    order_id = offered(scene)
    by = scene.by(Role.RES)
    scene.do(lambda: feedback.cancel(order_id, by=by, reason="自己修好了"), after=MINUTE)
    assert sweep_at(T0 + 8 * MINUTE) == 0
    assert scene.order(order_id).status == Status.CANCELLED


def test_the_clock_of_the_crew_is_no_promise_to_the_resident(scene):
    order_id = offered(scene)
    assert [each.clock.value for each in evidence.clocks(order_id)] == ["C1", "C2", "C3"]
    assert scene.order(order_id).next_due_at == T0 + 30 * MINUTE


@both_engines
def test_three_sweepers_pass_a_worker_over_once(scene, app_db):
    order_id = offered(scene)
    clock.freeze(T0 + 8 * MINUTE)
    assert sorted(in_parallel(app_db, [sweep] * 3)) == [0, 0, 1]
    db.session.rollback()
    declines = select(func.count()).where(OrderEvent.action == Action.DECLINE.value)
    assert db.session.scalar(declines) == 1
    assert offers(order_id) == [(scene.worker.id, "timed_out")]


@both_engines
def test_the_worker_who_answers_in_the_moment_of_the_sweep_has_it_or_has_lost_it(scene, app_db):
    order_id = offered(scene)
    worker = scene.by(Role.WRK)
    clock.freeze(T0 + 7 * MINUTE + MS)
    in_parallel(app_db, [sweep, lambda: transact(lambda: field_work.take(order_id, by=worker))])
    (outcome,) = [outcome for _, outcome in offers(order_id)]
    status = scene.order(order_id).status
    assert (status, outcome) in {(Status.ASSIGNED, "taken"), (Status.ACCEPTED, "timed_out")}


# ---- what the office has chosen


@both_engines
def test_an_office_on_automatic_offers_to_the_best_and_then_to_the_next(scene):
    choose(scene, Dispatching.AUTO)
    near = colleague(scene)
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, after=MINUTE)
    react(T0 + MINUTE)
    assert offers(order_id) == [(near.id, "waiting")]
    assert evidence.timeline(order_id)[-1].role == Role.SYS
    sweep_at(T0 + 7 * MINUTE)
    react(T0 + 7 * MINUTE)
    assert offers(order_id) == [(near.id, "timed_out"), (scene.worker.id, "waiting")]
    assert titles(near.account_id)[-1] == "任务已另派"
    assert "请另派师傅" not in told(scene, Role.DSP)


@both_engines
def test_after_two_misses_dispatcher_and_manager_are_told_to_take_the_telephone(scene):
    choose(scene, Dispatching.AUTO)
    colleague(scene), colleague(scene)
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, after=MINUTE)
    react(T0 + MINUTE)
    for minute in (7, 13):
        sweep_at(T0 + minute * MINUTE)
        react(T0 + minute * MINUTE)
    assert [outcome for _, outcome in offers(order_id)] == ["timed_out", "timed_out", "waiting"]
    for role in (Role.DSP, Role.MGR):
        assert told(scene, role).count("师傅都没接,请打电话") == 1


@both_engines
def test_with_nobody_there_the_dispatcher_hears_at_once_and_the_manager_after_five_minutes(scene):
    choose(scene, Dispatching.AUTO)
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, after=MINUTE)
    transact(lambda: db.session.merge(scene.worker).__setattr__("online", False))
    react(T0 + MINUTE)
    assert (offers(order_id), told(scene, Role.DSP)[-1]) == ([], "没有可派的师傅")
    assert "没有可派的师傅" not in told(scene, Role.MGR)
    assert sweep_at(T0 + 6 * MINUTE) == 0
    sweep_at(T0 + 6 * MINUTE + MS)
    react(T0 + 6 * MINUTE + MS)
    assert told(scene, Role.MGR)[-1] == "没有师傅可派,请经理处理"


def test_the_manager_is_left_alone_when_somebody_was_found_in_time(scene):
    choose(scene, Dispatching.AUTO)
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, after=MINUTE)
    transact(lambda: db.session.merge(scene.worker).__setattr__("online", False))
    react(T0 + MINUTE)
    by = scene.by(Role.DSP)
    why = "电话叫他回来"
    scene.do(
        lambda: desk.assign(order_id, by=by, worker_id=scene.worker.id, override_reason=why), after=MINUTE
    )
    scene.do(lambda: field_work.take(order_id, by=scene.by(Role.WRK)), after=MINUTE)
    sweep_at(T0 + 7 * MINUTE)
    react(T0 + 7 * MINUTE)
    assert "没有师傅可派,请经理处理" not in told(scene, Role.MGR)


@both_engines
def test_the_manager_hears_five_minutes_after_the_only_one_who_was_found_has_declined(scene):
    choose(scene, Dispatching.AUTO)
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, after=MINUTE)
    transact(lambda: db.session.merge(scene.worker).__setattr__("online", False))
    react(T0 + MINUTE)
    by, worker = scene.by(Role.DSP), scene.worker.id
    scene.do(lambda: desk.assign(order_id, by=by, worker_id=worker, override_reason="电话叫他"), after=MINUTE)
    scene.do(lambda: field_work.decline(order_id, by=scene.by(Role.WRK), reason="far"), after=MINUTE)
    react(T0 + 3 * MINUTE)
    sweep_at(T0 + 8 * MINUTE)
    react(T0 + 8 * MINUTE)
    assert "没有师傅可派,请经理处理" not in told(scene, Role.MGR)
    sweep_at(T0 + 8 * MINUTE + MS)
    react(T0 + 8 * MINUTE + MS)
    assert told(scene, Role.MGR).count("没有师傅可派,请经理处理") == 1


def test_by_turns_the_longest_without_an_order_comes_first_and_the_reason_is_kept(scene):
    first = scene.submit(at=T0).order_id
    scene.accept(first)
    scene.assign(first)
    choose(scene, Dispatching.ROTATE)
    far = colleague(scene, latitude=40.5)
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id)
    react(T0)
    assert offers(order_id) == [(far.id, "waiting")]
    kept = db.session.scalars(select(Assignment).where(Assignment.order_id == order_id)).one()
    assert (kept.explanation["by_turn"], kept.explanation["last_order_at"]) == (True, None)
    assert kept.explanation["reasons"][0] == "轮到他了"


def test_an_office_that_dispatches_by_hand_is_asked_to_find_another(scene):
    order_id = offered(scene)
    sweep_at(T0 + 8 * MINUTE)
    react(T0 + 8 * MINUTE)
    assert told(scene, Role.DSP)[-1] == "请另派师傅"
    assert scene.order(order_id).status == Status.ACCEPTED


@both_engines
def test_what_a_worker_finds_unsafe_waits_for_the_manager_and_counts_against_nobody(scene):
    choose(scene, Dispatching.AUTO)
    colleague(scene, latitude=40.5)
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id)
    react(T0)
    worker = scene.by(Role.WRK)
    scene.do(
        lambda: field_work.decline(order_id, by=worker, reason="safety", text="电缆还带电"), after=MINUTE
    )
    react(scene.at)
    assert offers(order_id) == [(scene.worker.id, "unsafe")]
    last = evidence.timeline(order_id)[-1]
    assert (last.data["unsafe"], last.data["misses"]) == (True, 0)
    assert told(scene, Role.MGR)[-1] == told(scene, Role.DSP)[-1] == "安全隐患,请经理处理"


def test_only_manager_and_company_choose_and_only_for_their_own_office(scene):
    office = scene.place.office.id
    with pytest.raises(Forbidden):
        scene.do(lambda: choose_dispatching(office, by=scene.by(Role.DSP), mode="auto"))
    with pytest.raises(Invalid):
        scene.do(lambda: choose_dispatching(office, by=scene.by(Role.CO), mode="lottery"))
    with pytest.raises(OfficeUnknown):
        scene.do(lambda: choose_dispatching(make_place().office.id, by=scene.by(Role.CO), mode="auto"))


# ---- gas, and who has been here before


def test_nobody_of_the_company_is_sent_to_a_gas_leak_but_to_cordon_it_off(scene):
    order_id = scene.submit(category_code="G1301", text="楼道里有煤气味").order_id
    scene.accept(order_id)
    by = scene.by(Role.DSP)

    def send(reason: str):
        scene.do(lambda: desk.assign(order_id, by=by, worker_id=scene.worker.id, override_reason=reason))

    for reason in ("", "他会修"):
        with pytest.raises(NotDispatchable) as refused:
            send(reason)
        assert "燃气公司" in refused.value.sentence
    send("警戒疏散")
    assert scene.order(order_id).status == Status.ASSIGNED


def test_a_gas_leak_is_never_offered_by_itself(scene):
    choose(scene, Dispatching.AUTO)
    order_id = scene.submit(at=T0, category_code="G1301", text="楼道里有煤气味").order_id
    scene.accept(order_id)
    react(T0)
    assert offers(order_id) == []


def test_of_two_equals_the_one_who_knows_the_home_comes_first_and_the_reason_says_when(scene):
    home = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "spot_id": None}
    home["home_id"] = scene.place.homes[0].id
    colleague(scene)
    scene.until_done(at=T0 - timedelta(days=3), **home)
    order_id = scene.submit(at=T0, **home).order_id
    choose(scene, Dispatching.AUTO)
    scene.accept(order_id)
    react(T0)
    assert offers(order_id) == [(scene.worker.id, "waiting")]
    kept = db.session.scalars(select(Assignment).where(Assignment.order_id == order_id)).one()
    assert "来过这户(2026年11月17日)" in kept.explanation["reasons"]
    assert kept.explanation["last_here"]


def test_a_shift_makes_a_worker_available_for_the_machine_too(scene):
    choose(scene, Dispatching.AUTO)
    transact(lambda: db.session.merge(scene.worker).__setattr__("online", False))
    make_shift(db.session.get_one(Staff, scene.worker.staff_id), T0 - timedelta(hours=1))
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id)
    react(T0)
    assert offers(order_id) == [(scene.worker.id, "waiting")]
