"""The named orders of domain 4.8 end as the specification says."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.notifications.models import Notification
from app.orders.clock_models import Deadline
from app.orders.hold_models import Hold
from app.orders.models import Order, OrderEvent, OrderPhoto
from app.orders.rating_models import Rating
from app.orders.rules import Clock, Level

HOUR = timedelta(hours=1)


def due_of(order: Order, which: Clock, round_: int = 0) -> Deadline:
    return db.session.scalars(
        select(Deadline).where(
            Deadline.order_id == order.id,
            Deadline.clock == which.value,
            Deadline.round == round_,
            Deadline.level == Level.DUE.value,
        )
    ).one()


def actions_of(order: Order) -> list[str]:
    return list(
        db.session.scalars(
            select(OrderEvent.action).where(OrderEvent.order_id == order.id).order_by(OrderEvent.seq)
        )
    )


def stars_of(order: Order) -> int | None:
    return db.session.scalar(
        select(Rating.stars).where(Rating.order_id == order.id, Rating.round == order.round)
    )


def test_z1_the_lamp_of_the_elderly_couple_is_free_and_gets_five_stars(demo):
    order = demo.story("Z1")
    assert (order.menu, order.status, order.pay_status) == ("EMG", "CLOSED", "免费")
    assert order.finished_at - order.submitted_at == timedelta(minutes=20)
    assert (stars_of(order), order.place_public, order.reporter.elder_mode) == (5, "5号楼", True)


def test_z2_the_loose_tile_is_verified_with_a_sign_and_done_at_noon(demo):
    order = demo.story("Z2")
    local = [clock.in_china(at) for at in (order.submitted_at, order.verified_at, order.finished_at)]
    assert [f"{at:%H:%M}" for at in local] == ["14:29", "14:58", "12:00"]
    assert (local[2].date() - local[0].date()).days == 1
    steps = db.session.scalars(select(OrderPhoto.step).where(OrderPhoto.order_id == order.id)).all()
    assert order.hazardous
    assert "protection" in steps
    assert not any(due_of(order, which).breached for which in (Clock.ACCEPT, Clock.VISIT, Clock.REPAIR))


def test_z3_the_road_lamp_is_done_in_forty_hours(demo):
    order = demo.story("Z3")
    assert order.finished_at - order.submitted_at == 40 * HOUR
    assert (order.status, due_of(order, Clock.REPAIR).breached) == ("CLOSED", False)


def test_z4_the_extended_order_is_on_time_at_a_hundred_hours(demo):
    order = demo.story("Z4")
    assert (order.finished_at - order.submitted_at, order.extended, order.late_repair) == (
        100 * HOUR,
        True,
        False,
    )
    assert due_of(order, Clock.REPAIR).due_at == order.submitted_at + 120 * HOUR


def test_z6_nobody_accepts_and_the_hotline_assigns_at_22_minutes(demo):
    order = demo.story("Z6")
    assert (order.late_accept, order.assigned_at - order.submitted_at) == (True, timedelta(minutes=22))
    waited = order.hotline_at - order.submitted_at
    assert timedelta(minutes=15) < waited < timedelta(minutes=16)
    assert actions_of(order)[:4] == ["submit", "to_hotline", "accept", "assign"]


def test_z7_nobody_is_home_at_the_first_visit_and_the_tap_is_mended_at_the_second(demo):
    order = demo.story("Z7")
    assert (order.status, order.holds, order.no_shows, order.pay_status) == ("CLOSED", 1, 1, "免费")
    steps = ["log_call", "log_call", "hold", "choose_slot", "end_hold", "finish", "rate"]
    assert actions_of(order)[-len(steps) :] == steps
    held = db.session.scalars(select(Hold).where(Hold.order_id == order.id)).one()
    assert (held.ended_how, held.ended_at) == ("slot", order.slot_begins_at)
    repair = due_of(order, Clock.REPAIR)
    assert repair.due_at == order.submitted_at + 72 * HOUR + (held.ended_at - held.begun_at)
    assert not repair.breached


def test_z8_the_blocked_drain_is_reopened_once_and_mended(demo):
    order = demo.story("Z8")
    assert (order.status, order.round, actions_of(order).count("finish")) == ("CLOSED", 1, 2)
    voided = select(Rating.void).where(Rating.order_id == order.id).order_by(Rating.round)
    assert db.session.scalars(voided).all() == [True, False]


def test_z9_the_second_report_of_the_gate_lamp_is_part_of_the_first(demo):
    first, second = demo.story("Z9"), demo.story("Z9b")
    assert (second.status, second.master_id) == ("MERGED", first.id)
    assert (first.status, second.next_due_at) == ("CLOSED", None)


def test_z15_the_missed_slot_is_a_breach_and_an_apology(demo):
    order = demo.story("Z15")
    assert due_of(order, Clock.APPOINTMENT).breached
    assert order.verified_at > order.slot_ends_at
    titles = db.session.scalars(select(Notification.title).where(Notification.order_id == order.id))
    assert "对不起,师傅失约了" in set(titles)
