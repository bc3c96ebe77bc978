"""Nobody home (T14, T17, domain 3.8): its proof, how the clock waits, how a hold ends, what the second time does.

T0 is Friday 2026-11-20 22:10:00.000 in China, as in the clock vectors of domain 3.6.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Conflict, Invalid
from app.core.roles import Role
from app.orders import booking, desk, evidence, feedback, holds, queries
from app.orders.clock_models import ClockEvent
from app.orders.errors import HeldTwice, HoldOver, MissingEvidence, NoLaterSlot, TooLate, WrongOrderState
from app.orders.hold_models import Hold
from app.orders.hold_offers import offer
from app.orders.lifecycle import Action, Menu, Status
from app.orders.models import Order, OrderEvent
from app.orders.slot_models import BookingSlot
from app.orders.sweeping import sweep
from tests.engines import both_engines
from tests.factories.scene import HOME_LAMP, Scene
from tests.orders.test_clock_vectors import promise, sweep_at

MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
NINE = china(2026, 11, 21, 9)
EVENING = china(2026, 11, 22, 18)


def at_nine(scene: Scene, **values) -> int:
    """Two calls before nine o'clock at a closed door; the next step is at nine."""
    order_id = scene.at_a_closed_door(at=T0, **values)
    scene.at = NINE
    return order_id


def held_at_nine(scene: Scene) -> int:
    order_id = at_nine(scene)
    scene.hold(order_id)
    return order_id


def choose(scene: Scene, order_id: int, slot_id: int, *, by: Role = Role.RES, **step) -> Order:
    who = scene.by(by)
    return scene.do(lambda: holds.choose_slot(order_id, by=who, slot_id=slot_id), **step)


def slot_of(scene: Scene, begins_at, *, capacity: int = 4) -> int:
    """A slot of the office that begins then, also outside the usual hours."""
    row = BookingSlot(
        office_id=scene.place.office.id,
        begins_at=begins_at,
        ends_at=begins_at + 2 * HOUR,
        capacity=capacity,
    )

    def write() -> int:
        db.session.add(row)
        db.session.flush()
        return row.id

    return transact(write)


def booked(slot_id: int) -> int:
    db.session.rollback()
    return db.session.scalars(select(BookingSlot.booked).where(BookingSlot.id == slot_id)).one()


def repair(order_id: int, level: str = "DUE", round_: int = 0):
    return promise(order_id, "C3", level, round_)


def actions(scene: Scene, order_id: int, role: Role) -> list[Action]:
    with clock.frozen(scene.at):
        return queries.order_line(order_id, scene.by(role)).actions


# ---- what proves it


def test_nobody_home_is_proved_by_two_calls_five_minutes_apart_and_a_photo_of_the_door(scene):
    order_id = held_at_nine(scene)
    order = scene.order(order_id)
    assert (order.status, order.held_until) == (Status.HOLD_RESIDENT, NINE + 72 * HOUR)
    assert (order.holds, order.no_shows) == (1, 1)
    assert (order.next_due_at, order.expected_at) == (None, None)
    assert {photo.step for photo in evidence.order_photos(order_id)} == {"site", "door"}
    assert evidence.timeline(order_id)[-1].note == "家里没人"


@pytest.mark.parametrize(
    ("apart", "sentence"),
    [(None, "先给住户打电话"), (5 * MINUTE - MS, "再打一次"), (timedelta(), "再打一次")],
)
def test_fewer_calls_or_calls_too_close_together_are_not_enough(scene, apart, sentence):
    home = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "spot_id": None}
    order_id = scene.until_working(at=T0, home_id=scene.place.homes[0].id, **home)
    if apart is not None:
        scene.call(order_id, after=MINUTE)
        scene.call(order_id, after=apart)
    with pytest.raises(MissingEvidence) as refused:
        scene.hold(order_id, after=MINUTE)
    assert list(refused.value.fields) == ["calls"]
    assert sentence in refused.value.sentence
    order = scene.order(order_id)
    assert (order.status, order.no_shows) == (Status.VERIFIED, 0)


def test_a_call_before_the_worker_came_proves_nothing(scene):
    home = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "spot_id": None}
    order_id = scene.submit(at=T0, home_id=scene.place.homes[0].id, **home).order_id
    scene.accept(order_id, after=MINUTE)
    scene.assign(order_id, after=MINUTE)
    scene.call(order_id, after=MINUTE)
    scene.check_in(order_id, after=10 * MINUTE)
    scene.call(order_id, after=MINUTE)
    with pytest.raises(MissingEvidence) as refused:
        scene.hold(order_id, after=MINUTE)
    assert "22:29" in refused.value.sentence


def test_a_hold_without_a_photo_of_the_door_or_with_an_unknown_reason_is_refused(scene):
    order_id = at_nine(scene)
    worker = scene.by(Role.WRK)
    with pytest.raises(MissingEvidence) as refused:
        scene.do(lambda: holds.hold(order_id, by=worker, reason="nobody_home"))
    assert list(refused.value.fields) == ["photo_ids"]
    with pytest.raises(Invalid) as refused:
        scene.do(lambda: holds.hold(order_id, by=worker, reason="tired"))
    assert list(refused.value.fields) == ["reason"]
    with pytest.raises(Invalid) as refused:
        scene.do(lambda: holds.hold(order_id, by=worker, reason="resident_asked", text=" "))
    assert list(refused.value.fields) == ["text"]


def test_a_resident_who_asks_for_a_later_time_is_quoted_and_needs_no_calls(scene):
    home = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "spot_id": None}
    order_id = scene.until_working(at=T0, home_id=scene.place.homes[0].id, **home)
    worker = scene.by(Role.WRK)
    words = "老人要午睡,请明天再来"
    scene.do(lambda: holds.hold(order_id, by=worker, reason="resident_asked", text=words), after=MINUTE)
    order = scene.order(order_id)
    assert (order.status, order.holds, order.no_shows) == (Status.HOLD_RESIDENT, 1, 0)
    assert evidence.timeline(order_id)[-1].note == f"居民要求改期:{words}"


def test_a_public_matter_is_never_held(scene):
    order_id = scene.until_working(at=T0)
    for wait in (MINUTE, 5 * MINUTE):
        scene.call(order_id, after=wait)
    assert Action.HOLD not in actions(scene, order_id, Role.WRK)
    with pytest.raises(WrongOrderState) as refused:
        scene.hold(order_id)
    assert "公区" in refused.value.sentence


def test_before_the_agreed_time_nobody_has_to_be_home(scene):
    begins = china(2026, 11, 21, 10)
    home = {"menu": Menu.BOOKING, "category_code": HOME_LAMP, "spot_id": None}
    order_id = scene.at_a_closed_door(at=T0, slot_id=scene.slot_at(begins), **home)
    with pytest.raises(WrongOrderState) as refused:
        scene.hold(order_id, at=begins - MS)
    assert "11月21日 10:00" in refused.value.sentence
    scene.hold(order_id, at=begins)
    assert scene.order(order_id).status == Status.HOLD_RESIDENT


@both_engines
@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE orders SET status = 'HOLD_RESIDENT'",
        "UPDATE orders SET status = 'HOLD_RESIDENT', holds = 1",
        "UPDATE orders SET holds = 3",
        "UPDATE orders SET status = 'CLOSED', closed_at = submitted_at, closed_how = 'unreachable'",
    ],
)
def test_the_database_itself_refuses_a_hold_without_its_evidence(scene, lie):
    at_nine(scene)
    with pytest.raises(Conflict):
        transact(lambda: db.session.execute(text(lie)))


# ---- how the clock waits


@both_engines
def test_k7_a_hold_from_nine_to_the_new_slot_shifts_the_promise_by_34_hours(scene):
    order_id = held_at_nine(scene)
    row = repair(order_id)
    assert (row.state, row.breached) == ("paused", False)
    new = china(2026, 11, 22, 19)
    choose(scene, order_id, slot_of(scene, new), after=HOUR)
    assert sweep_at(new) == 0
    assert sweep_at(new + MS) == 1
    order = scene.order(order_id)
    assert (order.status, order.held_until) == (Status.WORKING, None)
    assert repair(order_id).due_at == order.next_due_at == china(2026, 11, 25, 8, 10)
    assert repair(order_id, "W2").due_at == china(2026, 11, 25, 4, 10)
    assert repair(order_id, "L3").due_at == china(2026, 11, 28, 8, 10)


@both_engines
def test_the_clock_runs_on_from_the_slot_even_if_the_sweep_comes_hours_later(scene):
    order_id = held_at_nine(scene)
    choose(scene, order_id, scene.slot_at(EVENING))
    late = EVENING + 5 * HOUR
    assert sweep_at(late) == 1
    assert repair(order_id).due_at == china(2026, 11, 23, 22, 10) + (EVENING - NINE)
    last = evidence.timeline(order_id)[-1]
    assert (last.code, last.at, last.role, last.note) == ("T17", late, Role.SYS, "约好的时间到了")
    hold = db.session.scalars(select(Hold)).one()
    assert (hold.ended_at, hold.ended_how) == (EVENING, "slot")


@both_engines
def test_without_a_choice_the_hold_ends_after_72_hours_exactly_once(scene):
    order_id = held_at_nine(scene)
    limit = NINE + 72 * HOUR
    assert sweep_at(limit) == 0
    assert scene.order(order_id).status == Status.HOLD_RESIDENT
    assert sweep_at(limit + MS) == 1
    assert sweep_at(limit + MS) == 0
    assert scene.order(order_id).status == Status.WORKING
    assert repair(order_id).due_at == china(2026, 11, 23, 22, 10) + 72 * HOUR
    ends = select(OrderEvent.note).where(OrderEvent.action == Action.END_HOLD.value)
    assert db.session.scalars(ends).all() == ["72小时没有约好时间"]


def test_nothing_of_the_repair_clock_fires_while_it_stands(scene):
    order_id = held_at_nine(scene)
    assert sweep_at(NINE + 71 * HOUR) == 0
    assert not scene.order(order_id).late_repair


def test_a_breach_from_before_the_hold_stays_and_is_told_even_if_the_sweep_was_late(scene):
    order_id = at_nine(scene)
    due = repair(order_id).due_at
    scene.call(order_id, at=due)
    scene.call(order_id, after=5 * MINUTE)
    scene.hold(order_id, after=MINUTE)
    row = repair(order_id)
    assert (row.state, row.due_at) == ("pending", due)
    with clock.frozen(scene.at + MINUTE):
        sweep()
    row, order = repair(order_id), scene.order(order_id)
    assert (row.breached, row.due_at, order.late_repair) == (True, due, True)
    scene.do(lambda: holds.end_hold(order_id, by=scene.by(Role.MGR), reason="有人在家了"), after=10 * HOUR)
    assert (repair(order_id).due_at, repair(order_id).breached) == (due, True)
    assert repair(order_id, "L2").due_at == due + 24 * HOUR + 10 * HOUR


def test_two_holds_give_back_the_sum_of_both(scene):
    order_id = held_at_nine(scene)
    manager, worker = scene.by(Role.MGR), scene.by(Role.WRK)
    scene.do(lambda: holds.end_hold(order_id, by=manager, reason="有人在家了"), after=3 * HOUR + 7 * MS)
    words = "要去接孩子,晚上再来"
    scene.do(lambda: holds.hold(order_id, by=worker, reason="resident_asked", text=words), after=HOUR)
    scene.do(lambda: holds.end_hold(order_id, by=worker, reason="居民已经回来"), after=2 * HOUR + 5 * MS)
    assert repair(order_id).due_at == china(2026, 11, 23, 22, 10) + 5 * HOUR + 12 * MS
    kinds = db.session.scalars(select(ClockEvent.kind).where(ClockEvent.clock == "C3"))
    assert list(kinds) == ["start", "pause", "resume", "pause", "resume"]


# ---- the resident chooses


def test_the_resident_is_offered_three_free_slots_and_three_more_when_he_asks(scene):
    order_id = held_at_nine(scene)
    first = scene.slot_at(china(2026, 11, 21, 10))
    transact(lambda: db.session.execute(update(BookingSlot).where(BookingSlot.id == first).values(booked=4)))

    def shown():
        with clock.frozen(scene.at):
            found = offer(scene.order(order_id), at=scene.at)
        return [f"{clock.in_china(slot.begins_at):%d %H}" for slot in found.slots], found.more

    assert shown() == (["21 14", "21 16", "21 18"], True)
    resident = scene.by(Role.RES)
    scene.do(lambda: holds.ask_later(order_id, by=resident), after=MINUTE)
    assert shown() == (["21 14", "21 16", "21 18", "22 08", "22 10", "22 14"], True)
    for _ in range(3):
        scene.do(lambda: holds.ask_later(order_id, by=resident))
    slots, more = shown()
    assert (slots[-1], more) == ("24 08", False)
    with pytest.raises(NoLaterSlot) as refused:
        scene.do(lambda: holds.ask_later(order_id, by=resident))
    assert refused.value.fields == {"status": "HOLD_RESIDENT"}


@both_engines
def test_choosing_again_gives_the_earlier_place_back_and_moves_the_end(scene):
    order_id = held_at_nine(scene)
    morning, evening = scene.slot_at(china(2026, 11, 22, 8)), scene.slot_at(EVENING)
    choose(scene, order_id, morning)
    choose(scene, order_id, evening, by=Role.DSP, after=MINUTE)
    assert (booked(morning), booked(evening)) == (0, 1)
    order = scene.order(order_id)
    assert (order.held_until, order.slot_begins_at, order.slot_id) == (EVENING, EVENING, None)
    assert sweep_at(EVENING - HOUR) == 0
    choose(scene, order_id, evening, after=MINUTE)
    assert booked(evening) == 1


def test_a_slot_beyond_the_72_hours_or_one_that_has_begun_is_refused(scene):
    order_id = held_at_nine(scene)
    beyond = scene.slot_at(china(2026, 11, 24, 10))
    with pytest.raises(Invalid) as refused:
        choose(scene, order_id, beyond)
    assert (refused.value.code, list(refused.value.fields)) == ("slot_too_late", ["slot_id"])
    assert booked(beyond) == 0
    begun = scene.slot_at(china(2026, 11, 21, 10))
    with pytest.raises(Invalid) as refused:
        choose(scene, order_id, begun, at=china(2026, 11, 21, 10))
    assert refused.value.code == "slot_past"


def test_a_choice_one_millisecond_after_the_end_is_refused_even_before_the_sweep(scene):
    order_id = held_at_nine(scene)
    later = slot_of(scene, NINE + 73 * HOUR)
    scene.at = NINE + 72 * HOUR + MS
    assert actions(scene, order_id, Role.RES) == [Action.ADD_PHOTOS]
    with pytest.raises(HoldOver) as refused:
        choose(scene, order_id, later)
    assert refused.value.fields == {"status": "HOLD_RESIDENT"}


def test_each_hat_finds_its_buttons_on_a_held_order(scene):
    order_id = held_at_nine(scene)
    assert actions(scene, order_id, Role.RES) == [Action.CHOOSE_SLOT, Action.ASK_LATER, Action.ADD_PHOTOS]
    assert Action.END_HOLD in actions(scene, order_id, Role.WRK)
    assert {Action.CHOOSE_SLOT, Action.END_HOLD} <= set(actions(scene, order_id, Role.MGR))
    assert Action.END_HOLD not in actions(scene, order_id, Role.DSP)
    assert Action.FINISH not in actions(scene, order_id, Role.WRK)


# ---- worker or manager go on before it


def test_going_on_early_frees_the_place_and_the_clock_runs_from_that_millisecond(scene):
    order_id = held_at_nine(scene)
    evening = scene.slot_at(EVENING)
    choose(scene, order_id, evening)
    early = NINE + 4 * HOUR + 3 * MS
    worker = scene.by(Role.WRK)
    scene.do(lambda: holds.end_hold(order_id, by=worker, reason="居民来电,现在在家"), at=early)
    order = scene.order(order_id)
    assert (order.status, order.slot_begins_at, booked(evening)) == (Status.WORKING, None, 0)
    assert repair(order_id).due_at == china(2026, 11, 23, 22, 10) + 4 * HOUR + 3 * MS
    assert sweep_at(EVENING + MS) == 0


def test_a_booking_keeps_its_first_slot_and_has_it_again_when_the_new_one_falls_away(scene):
    first = china(2026, 11, 21, 10)
    home = {"menu": Menu.BOOKING, "category_code": HOME_LAMP, "spot_id": None}
    slot = scene.slot_at(first)
    order_id = scene.at_a_closed_door(at=T0, slot_id=slot, **home)
    scene.hold(order_id, at=first + HOUR)
    choose(scene, order_id, scene.slot_at(EVENING))
    order = scene.order(order_id)
    assert (order.slot_id, order.slot_begins_at) == (slot, EVENING)
    scene.do(lambda: holds.end_hold(order_id, by=scene.by(Role.MGR), reason="居民说现在就来"), after=HOUR)
    order = scene.order(order_id)
    assert (order.slot_id, order.slot_begins_at, booked(slot)) == (slot, first, 1)
    assert repair(order_id).due_at == first + 73 * HOUR


# ---- the second time


def second_visit(scene: Scene, order_id: int, *, at=None) -> None:
    """The agreed time has come; again two calls at a closed door."""
    with clock.frozen(EVENING + MS):
        sweep()
    scene.call(order_id, at=at or EVENING + 10 * MINUTE)
    scene.call(order_id, after=5 * MINUTE)


@both_engines
def test_nobody_home_a_second_time_closes_the_order_without_a_verdict(scene):
    order_id = held_at_nine(scene)
    choose(scene, order_id, scene.slot_at(EVENING))
    second_visit(scene, order_id)
    scene.hold(order_id, after=MINUTE)
    order = scene.order(order_id)
    assert (order.status, order.closed_how, order.closed_at) == (Status.CLOSED, "unreachable", scene.at)
    assert (order.holds, order.no_shows, order.finished_at, order.next_due_at) == (1, 2, None, None)
    assert (repair(order_id).state, repair(order_id).breached) == ("void", False)
    assert evidence.timeline(order_id)[-1].action == Action.UNREACHABLE
    assert sweep_at(scene.at + 200 * HOUR) == 0


def test_calls_of_the_first_visit_do_not_prove_the_second(scene):
    order_id = held_at_nine(scene)
    choose(scene, order_id, scene.slot_at(EVENING))
    with clock.frozen(EVENING + MS):
        sweep()
    with pytest.raises(MissingEvidence) as refused:
        scene.hold(order_id, at=EVENING + 10 * MINUTE)
    assert list(refused.value.fields) == ["calls"]


def test_what_was_closed_because_nobody_was_home_is_not_rated_but_reopened_within_15_days(scene):
    order_id = held_at_nine(scene)
    choose(scene, order_id, scene.slot_at(EVENING))
    second_visit(scene, order_id)
    scene.hold(order_id, after=MINUTE)
    closed, resident = scene.at, scene.by(Role.RES)
    assert actions(scene, order_id, Role.RES) == [Action.REOPEN]
    with pytest.raises(WrongOrderState):
        scene.do(lambda: feedback.rate(order_id, by=resident, stars=1))
    photos = scene.photos(Role.RES)

    def reopen(at):
        words = "我回来了,请再来一次"
        return scene.do(lambda: feedback.reopen(order_id, by=resident, reason=words, photo_ids=photos), at=at)

    with pytest.raises(TooLate):
        reopen(closed + timedelta(days=15) + MS)
    reopen(closed + timedelta(days=15))
    order = scene.order(order_id)
    assert (order.status, order.round, order.holds, order.no_shows) == (Status.WORKING, 1, 0, 0)
    assert repair(order_id, round_=1).due_at == closed + timedelta(days=18)
    assert Action.HOLD not in actions(scene, order_id, Role.WRK)
    scene.check_in(order_id, after=HOUR)
    assert Action.HOLD in actions(scene, order_id, Role.WRK)


def test_an_order_is_held_twice_at_most(scene):
    order_id = at_nine(scene)
    worker = scene.by(Role.WRK)
    words = "今天不方便,改天吧"
    for _ in range(2):
        scene.do(lambda: holds.hold(order_id, by=worker, reason="resident_asked", text=words), after=HOUR)
        scene.do(lambda: holds.end_hold(order_id, by=worker, reason="居民打电话来"), after=HOUR)
    assert Action.HOLD not in actions(scene, order_id, Role.WRK)
    with pytest.raises(HeldTwice) as refused:
        scene.do(lambda: holds.hold(order_id, by=worker, reason="resident_asked", text=words))
    assert refused.value.fields == {"status": "WORKING"}


# ---- where the desk finds it


@both_engines
def test_a_held_order_waits_in_a_queue_of_its_own_and_changes_the_board(scene):
    order_id = at_nine(scene)
    mine = scene.by(Role.DSP)
    before = queries.board_version(mine)
    scene.hold(order_id)
    assert queries.board_version(mine) != before
    counts = queries.queue_counts(mine)
    assert (counts["on_hold"], counts["working"], counts["open"], counts["in_hand"]) == (1, 0, 1, 1)
    assert [line.id for line in queries.queue_page(mine, "on_hold").items] == [order_id]
    assert [line.id for line in queries.tasks(scene.by(Role.WRK))] == [order_id]


def test_a_hold_does_not_fill_the_workers_hands(scene):
    order_id = held_at_nine(scene)
    other = scene.submit().order_id
    scene.accept(other, after=MINUTE)
    loads = [
        each.explanation["load"] for each in desk.dispatching.candidates(scene.order(other), at=scene.at)
    ]
    assert loads == [0]
    assert scene.order(order_id).worker_id == scene.worker.id


def test_the_places_of_an_office_are_opened_for_a_week_so_that_a_hold_finds_some(scene):
    order_id = held_at_nine(scene)
    assert offer(scene.order(order_id), at=NINE).slots == []
    transact(lambda: booking.open_slots(scene.place.office.id, today=clock.china_date(NINE)))
    assert len(offer(scene.order(order_id), at=NINE).slots) == 3
