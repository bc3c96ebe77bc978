"""What a hold does to the figures: a clock that stands is not due; it falls due on the day to which it moved."""

from __future__ import annotations

from datetime import date, timedelta

from app.core import clock
from app.core.clock import china
from app.core.db import transact
from app.core.roles import Role
from app.orders import holds
from app.orders.sweeping import sweep
from app.supervision.live import open_now
from app.supervision.mending import mark_stale_days
from app.supervision.queries import Lens, total
from app.supervision.rolling_up import days_to_roll_up, roll_up
from tests.engines import both_engines
from tests.factories.scene import make_scene
from tests.orders.waiting import close_fund, hold_fund, need_fund, tell_fund, wait_for_firm

pytestmark = both_engines
T0, NINE = china(2026, 11, 20, 22, 10), china(2026, 11, 21, 9)
EVENING = china(2026, 11, 22, 18)


def catch_up() -> None:
    transact(mark_stale_days)
    for day in days_to_roll_up():
        transact(lambda day=day: roll_up(day))


def held(scene) -> int:
    order_id = scene.at_a_closed_door(at=T0)
    scene.hold(order_id, at=NINE)
    return order_id


def test_a_held_order_is_open_but_not_overdue_and_its_repair_is_not_due(app_db):
    scene = make_scene(T0)
    order_id = held(scene)
    slot = scene.slot_at(EVENING)
    scene.do(lambda: holds.choose_slot(order_id, by=scene.by(Role.RES), slot_id=slot))
    week = Lens(scene.by(Role.BUR), date(2026, 11, 20), date(2026, 11, 30))
    first_due = china(2026, 11, 23, 22, 10)
    with clock.frozen(first_due + timedelta(hours=2)):
        assert open_now(scene.by(Role.BUR))["overdue"] == 0
        catch_up()
        assert total(week)["c3_due"] == 0
    # Nobody swept for days: the hold ended at the slot all the same, and the 25th has been counted without it.
    moved_due = first_due + (EVENING - NINE)
    late = moved_due + timedelta(days=2)
    with clock.frozen(late):
        catch_up()
        assert total(week)["c3_due"] == 0
        while sweep():
            pass
        transact(mark_stale_days)
        assert clock.china_date(moved_due) in days_to_roll_up()
        catch_up()
        figures = total(week)
    assert (figures["c3_due"], figures["c3_met"]) == (1, 0)
    assert scene.order(order_id).late_repair


def test_nobody_home_twice_is_nobodys_failure_in_the_figures(app_db):
    scene = make_scene(T0)
    order_id = held(scene)
    worker = scene.by(Role.WRK)
    scene.do(lambda: holds.end_hold(order_id, by=worker, reason="约好现在上门"), after=timedelta(hours=1))
    for wait in (1, 5):
        scene.call(order_id, after=timedelta(minutes=wait))
    scene.hold(order_id, after=timedelta(minutes=1))
    week = Lens(scene.by(Role.BUR), date(2026, 11, 20), date(2026, 12, 10))
    with clock.frozen(china(2026, 12, 5, 9)):
        sweep()
        catch_up()
        figures = total(week)
    assert (figures["effective"], figures["c3_due"], figures["done"]) == (1, 0, 0)
    assert (figures["c1_met"], figures["c2_met"]) == (1, 1)


def test_what_the_owners_did_not_agree_to_counts_neither_as_kept_nor_as_solved(app_db):
    scene = make_scene(T0)
    kept, broken = waiting_for_money(scene, T0), waiting_for_money(scene, T0, late=True)
    for order_id in (kept, broken):
        close_fund(scene, order_id, at=china(2026, 12, 1, 9))
    weeks = Lens(scene.by(Role.BUR), date(2026, 11, 20), date(2026, 12, 10))
    with clock.frozen(china(2026, 12, 5, 9)):
        sweep()
        catch_up()
        figures = total(weeks)
    # The one that was overdue before it waited stays overdue; the other is nobody's failure.
    assert (figures["c3_due"], figures["c3_met"], figures["c3_done"], figures["done"]) == (1, 0, 0, 0)


def test_while_a_firm_is_waited_for_the_repair_is_not_due(app_db):
    scene = make_scene(T0)
    order_id = scene.until_working(at=T0)
    wait_for_firm(scene, order_id, at=NINE)
    week = Lens(scene.by(Role.BUR), date(2026, 11, 20), date(2026, 12, 10))
    with clock.frozen(china(2026, 12, 5, 9)):
        while sweep():
            pass
        catch_up()
        assert (total(week)["c3_due"], open_now(scene.by(Role.BUR))["overdue"]) == (0, 0)


def waiting_for_money(scene, at, *, late: bool = False) -> int:
    order_id = scene.until_working(at=at)
    decided = china(2026, 11, 24, 9) if late else NINE
    with clock.frozen(decided - timedelta(minutes=1)):
        sweep()
    need_fund(scene, order_id, at=decided)
    tell_fund(scene, order_id, after=timedelta(minutes=5))
    hold_fund(scene, order_id, after=timedelta(minutes=5))
    return order_id
