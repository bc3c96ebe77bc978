"""Two at the same moment: for the last place, for the end of a hold, for the same order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Refusal
from app.core.roles import Role
from app.orders import holds
from app.orders.lifecycle import Action, Status
from app.orders.models import OrderEvent
from app.orders.slot_models import BookingSlot
from app.orders.sweeping import sweep
from tests.engines import both_engines, in_parallel
from tests.orders.test_clock_vectors import promise

pytestmark = both_engines
MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
NINE = china(2026, 11, 21, 9)
EVENING = china(2026, 11, 22, 18)


def held(scene) -> int:
    order_id = scene.at_a_closed_door(at=T0)
    scene.hold(order_id, at=NINE)
    return order_id


def attempt(work) -> str:
    try:
        transact(work)
    except Refusal as refusal:
        return refusal.code
    return "ok"


def chosen(scene, order_id: int, slot_id: int) -> str:
    return attempt(lambda: holds.choose_slot(order_id, by=scene.by(Role.RES), slot_id=slot_id))


def count(action: Action) -> int:
    db.session.rollback()
    happened = select(func.count()).select_from(OrderEvent).where(OrderEvent.action == action.value)
    return db.session.scalar(happened) or 0


def test_the_last_place_of_a_slot_goes_to_one_of_two_held_orders(scene, app_db):
    orders = [held(scene), held(scene)]
    slot_id = scene.slot_at(EVENING)
    last = update(BookingSlot).where(BookingSlot.id == slot_id).values(booked=3)
    transact(lambda: db.session.execute(last))
    clock.freeze(NINE + MINUTE)
    outcomes = in_parallel(app_db, [lambda each=each: chosen(scene, each, slot_id) for each in orders])
    assert sorted(outcomes) == ["ok", "slot_full"]
    db.session.rollback()
    assert db.session.scalars(select(BookingSlot.booked).where(BookingSlot.id == slot_id)).one() == 4
    ends = sorted(scene.order(order_id).held_until for order_id in orders)
    assert ends == [EVENING, NINE + 72 * HOUR]


def test_one_resident_who_presses_two_slots_at_once_holds_one_place(scene, app_db):
    order_id = held(scene)
    slots = [scene.slot_at(EVENING), scene.slot_at(EVENING - 2 * HOUR)]
    clock.freeze(NINE + MINUTE)
    outcomes = in_parallel(app_db, [lambda each=each: chosen(scene, order_id, each) for each in slots])
    assert outcomes == ["ok", "ok"]
    db.session.rollback()
    booked = dict(db.session.execute(select(BookingSlot.begins_at, BookingSlot.booked)).all())
    assert {at: number for at, number in booked.items() if number} == {scene.order(order_id).held_until: 1}


def test_three_sweepers_end_a_hold_once(scene, app_db):
    order_id = held(scene)
    clock.freeze(NINE + 72 * HOUR + MS)
    fired = in_parallel(app_db, [sweep] * 3)
    assert sorted(fired) == [0, 0, 1]
    assert (count(Action.END_HOLD), scene.order(order_id).status) == (1, Status.WORKING)
    assert promise(order_id, "C3").due_at == china(2026, 11, 23, 22, 10) + 72 * HOUR


@pytest.mark.parametrize("late", [MS, HOUR])
def test_the_manager_and_the_sweep_end_a_hold_once_and_at_the_same_instant(scene, app_db, late):
    order_id = held(scene)
    by = scene.by(Role.MGR)
    clock.freeze(NINE + 72 * HOUR + late)
    works = [
        sweep,
        lambda: attempt(lambda: holds.end_hold(order_id, by=by, reason="居民来电,在家")),
    ]
    _, by_hand = in_parallel(app_db, works)
    assert by_hand in ("ok", "wrong_order_state")
    assert (count(Action.END_HOLD), scene.order(order_id).status) == (1, Status.WORKING)
    assert promise(order_id, "C3").due_at == china(2026, 11, 23, 22, 10) + 72 * HOUR


def test_a_worker_who_presses_twice_holds_once(scene, app_db):
    order_id = scene.at_a_closed_door(at=T0)
    worker = scene.by(Role.WRK)
    photos = [scene.photos(Role.WRK), scene.photos(Role.WRK)]
    clock.freeze(NINE)
    works = [
        lambda mine=mine: attempt(
            lambda: holds.hold(order_id, by=worker, reason="nobody_home", photo_ids=mine)
        )
        for mine in photos
    ]
    assert sorted(in_parallel(app_db, works)) == ["ok", "wrong_order_state"]
    assert (count(Action.HOLD), scene.order(order_id).holds) == (1, 1)
