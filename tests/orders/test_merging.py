"""Several reports of one problem become one order (T27, T28): whose promise counts, who hears of it, what undoes it.

T0 is Friday 2026-11-20 22:10:00.000 in China. The elder report is sent at T0, the younger five minutes later.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Conflict, Invalid, NotFound
from app.core.roles import Role
from app.orders import desk, evidence, feedback, following, merging, queries, submitting
from app.orders.clock_models import ClockEvent, Deadline
from app.orders.errors import MasterOver, WrongOrderState
from app.orders.follower_models import OrderFollower
from app.orders.lifecycle import Action, Menu, Status
from app.orders.models import Order, OrderEvent
from app.orders.rating_models import Rating
from app.orders.rules import ClockFact, read_clock
from app.orders.whereabouts import Submission
from tests.engines import both_engines
from tests.factories.places import make_building, make_spot
from tests.factories.scene import HOME_LAMP, LAMP, TILE, make_neighbour, make_scene
from tests.orders.test_clock_vectors import promise, sweep_at

MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
LATER = T0 + 5 * MINUTE


def by_neighbour(scene, neighbour, *, at, spot_id=None) -> int:
    lamp = Submission(Menu.REPORT, LAMP, text="灯又不亮了", spot_id=spot_id or scene.place.spot.id)
    return scene.do(lambda: submitting.submit(lamp, by=neighbour), at=at).order_id


def two(scene) -> tuple[int, int, object]:
    """The elder by the resident, the younger by his neighbour."""
    neighbour = make_neighbour(scene)
    elder = scene.submit(at=T0).order_id
    return elder, by_neighbour(scene, neighbour, at=LATER), neighbour


def merge(scene, order_id: int, master_id: int, *, by: Role = Role.DSP, **step) -> Order:
    who = scene.by(by)
    return scene.do(lambda: merging.merge(order_id, by=who, master_id=master_id), **step)


def unmerge(scene, order_id: int, **step) -> Order:
    who = scene.by(Role.MGR)
    return scene.do(lambda: merging.unmerge(order_id, by=who, reason="是另一盏灯"), **step)


def following_now(order_id: int) -> set[int]:
    db.session.rollback()
    return set(following.followers(order_id))


def agrees_with_its_events(order_id: int) -> bool:
    """Every promise that waits stands where its clock events put it."""
    rows = db.session.scalars(select(Deadline).where(Deadline.order_id == order_id, Deadline.level == "DUE"))
    for row in rows:
        mine = select(ClockEvent.kind, ClockEvent.at, ClockEvent.limit_ms).where(
            ClockEvent.order_id == order_id, ClockEvent.clock == row.clock, ClockEvent.round == row.round
        )
        facts = [ClockFact(*each) for each in db.session.execute(mine.order_by(ClockEvent.id))]
        if row.state == "pending" and read_clock(facts).due_at != row.due_at:
            return False
    return True


# ---- whose promise counts


@both_engines
def test_the_younger_joins_the_elder_whose_promises_stay(scene):
    elder, younger, neighbour = two(scene)
    before = [promise(elder, each).due_at for each in ("C1", "C2", "C3")]
    merge(scene, younger, elder, after=MINUTE)
    child = scene.order(younger)
    assert (child.status, child.master_id, child.next_due_at) == (Status.MERGED, elder, None)
    assert {promise(younger, each).state for each in ("C1", "C2", "C3")} == {"void"}
    assert [promise(elder, each).due_at for each in ("C1", "C2", "C3")] == before
    assert following_now(elder) == {neighbour.account_id}
    assert sweep_at(T0 + 30 * 24 * HOUR) > 0
    assert scene.order(younger).late_accept is False


@both_engines
def test_the_elder_into_the_younger_makes_the_younger_owe_the_earlier_promise(scene):
    elder, younger, _ = two(scene)
    merge(scene, elder, younger, after=MINUTE)
    assert promise(younger, "C1").due_at == T0 + 15 * MINUTE
    assert promise(younger, "C1", "W1").due_at == T0 + 10 * MINUTE
    assert promise(younger, "C2").due_at == T0 + 30 * MINUTE
    assert promise(younger, "C3").due_at == T0 + 72 * HOUR
    assert promise(younger, "C3", "L2").due_at == T0 + 96 * HOUR
    assert scene.order(younger).next_due_at == T0 + 15 * MINUTE
    assert agrees_with_its_events(younger)
    assert sweep_at(T0 + 15 * MINUTE + MS) == 2
    assert scene.order(younger).status == Status.HOTLINE


def test_a_promise_that_was_kept_or_broken_is_not_judged_again(scene):
    elder = scene.submit(at=T0).order_id
    scene.accept(elder, after=10 * MINUTE)
    younger = scene.submit(at=T0 + 40 * MINUTE).order_id
    sweep_at(scene.at)
    scene.accept(younger, after=MINUTE)
    merge(scene, elder, younger, after=MINUTE)
    assert (promise(younger, "C1").state, promise(younger, "C1").due_at) == ("met", T0 + 55 * MINUTE)
    assert promise(elder, "C2").breached is True
    assert promise(younger, "C2").due_at == T0 + 30 * MINUTE
    sweep_at(scene.at + MINUTE)
    assert (promise(younger, "C2").breached, scene.order(younger).late_visit) == (True, True)


def test_an_accepted_report_does_not_make_an_unaccepted_one_late(scene):
    elder = scene.submit(at=T0).order_id
    scene.accept(elder, after=10 * MINUTE)
    younger = scene.submit(at=T0 + 20 * MINUTE).order_id
    merge(scene, elder, younger, after=MINUTE)
    assert promise(younger, "C1").due_at == T0 + 35 * MINUTE


def test_a_paused_clock_takes_the_earlier_start_when_it_runs_again(scene):
    elder, younger, _ = two(scene)
    scene.accept(younger, after=MINUTE)
    order = scene.order(younger)
    scene.do(lambda: merging.deadlines.pause(order, merging.Clock.REPAIR, at=scene.at, reason="等信息"))
    merge(scene, elder, younger, after=MINUTE)
    order = scene.order(younger)
    begun = scene.at
    assert promise(younger, "C3").state == "paused"
    scene.do(
        lambda: merging.deadlines.resume(order, merging.Clock.REPAIR, at=scene.at, reason="来了"), after=HOUR
    )
    assert promise(younger, "C3").due_at == T0 + 72 * HOUR + (scene.at - begun) + MINUTE


def test_the_higher_urgency_counts_with_its_stricter_clocks(scene):
    elder, younger, _ = two(scene)
    db.session.rollback()
    transact(lambda: db.session.execute(text(f"UPDATE orders SET urgency = 'P0' WHERE id = {younger}")))
    merge(scene, younger, elder, after=MINUTE)
    master = scene.order(elder)
    assert master.urgency == "P0"
    assert promise(elder, "C1").due_at == T0 + 6 * MINUTE + 3 * MINUTE
    assert promise(elder, "C2").due_at == T0 + 15 * MINUTE
    assert promise(elder, "C3", "W0").due_at == T0 + 24 * HOUR
    assert agrees_with_its_events(elder)


# ---- what is the same problem


def test_only_the_same_problem_at_the_same_place_is_merged(scene):
    elder = scene.submit(at=T0).order_id
    tile = scene.submit(category_code=TILE).order_id
    elsewhere = make_spot(scene.place.estate, building=make_building(scene.place.estate))
    there = scene.submit(spot_id=elsewhere.id).order_id
    for other, sentence in ((tile, "类别不同"), (there, "不在同一栋楼")):
        with pytest.raises(Invalid) as refused:
            merge(scene, other, elder)
        assert sentence in refused.value.sentence
        assert list(refused.value.fields) == ["master_id"]
    with pytest.raises(Invalid):
        merge(scene, elder, elder)


def test_fifty_metres_outdoors_are_one_place_and_sixty_are_two(scene):
    gate, near, far = (
        make_spot(scene.place.estate, latitude=39.9 + metres / 111_195, longitude=116.65)
        for metres in (0, 45, 60)
    )
    orders = [scene.submit(at=T0, spot_id=spot.id).order_id for spot in (gate, near, far)]
    assert merge(scene, orders[1], orders[0]).status == Status.MERGED
    with pytest.raises(Invalid):
        merge(scene, orders[2], orders[0])


def test_homes_are_never_merged(scene):
    home = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "spot_id": None}
    one = scene.submit(at=T0, home_id=scene.place.homes[0].id, **home).order_id
    other = scene.submit(home_id=scene.place.homes[0].id, **home).order_id
    with pytest.raises(WrongOrderState):
        merge(scene, one, other)
    with clock.frozen(scene.at):
        assert Action.MERGE not in queries.order_line(one, scene.by(Role.DSP)).actions


def test_what_has_ended_or_was_merged_itself_takes_nothing_in(scene):
    elder, younger, neighbour = two(scene)
    third = by_neighbour(scene, neighbour, at=LATER)
    merge(scene, younger, elder, after=MINUTE)
    with pytest.raises(MasterOver) as refused:
        merge(scene, third, younger)
    assert refused.value.fields["status"] == "MERGED"
    scene.do(lambda: feedback.cancel(elder, by=scene.by(Role.RES), reason="自己好了"))
    scene.do(
        lambda: desk.reject(third, by=scene.by(Role.DSP), reason="untrue", text="x" * 10, evidence="巡查记录")
    )
    with pytest.raises(WrongOrderState):
        merge(scene, third, elder)


def test_another_offices_order_is_not_found_on_either_side(scene):
    elder, younger, _ = two(scene)
    other = make_scene(at=scene.at)
    with pytest.raises(NotFound):
        merge(other, younger, elder)
    theirs = other.submit().order_id
    with pytest.raises(NotFound):
        merge(scene, younger, theirs)


def test_the_desk_is_offered_what_it_may_be_merged_into_the_oldest_first(scene):
    elder, younger, _ = two(scene)
    scene.submit(category_code=TILE)
    third = scene.submit().order_id
    scene.accept(elder)
    with clock.frozen(scene.at):
        found = merging.choices(third, scene.by(Role.DSP))
    assert [(each.id, each.status) for each in found] == [(elder, "ACCEPTED"), (younger, "SUBMITTED")]


@both_engines
def test_the_database_refuses_a_merged_order_without_its_master(scene):
    elder, _, _ = two(scene)
    with pytest.raises(Conflict):
        transact(lambda: db.session.execute(text(f"UPDATE orders SET status = 'MERGED' WHERE id = {elder}")))


# ---- people


def test_whoever_had_joined_the_merged_report_comes_along_and_may_rate_once(scene):
    elder, younger, neighbour = two(scene)
    joined = scene.by(Role.RES)
    scene.do(lambda: following.follow(younger, by=joined), after=MINUTE)
    merge(scene, elder, younger, after=MINUTE)
    assert following_now(younger) == {scene.resident.id}
    for step in (scene.accept, scene.assign, scene.check_in, scene.finish):
        step(younger, after=MINUTE)
    scene.do(lambda: following.rate_followed(younger, by=joined, stars=5), after=MINUTE)
    assert db.session.scalars(select(Rating.stars)).all() == [5]
    assert neighbour.account_id not in following_now(younger)


def test_merging_a_master_takes_its_children_along(scene):
    elder, younger, neighbour = two(scene)
    third = scene.submit(at=LATER + MINUTE).order_id
    merge(scene, third, younger, after=MINUTE)
    merge(scene, younger, elder, after=MINUTE)
    assert {scene.order(each).master_id for each in (younger, third)} == {elder}
    assert following_now(elder) == {neighbour.account_id}


# ---- it was another problem


@both_engines
def test_undone_the_report_has_its_own_clocks_again_with_what_was_missed_meanwhile(scene):
    elder, younger, _ = two(scene)
    scene.accept(younger, after=MINUTE)
    merge(scene, younger, elder, after=MINUTE)
    unmerge(scene, younger, at=T0 + 2 * HOUR)
    child = scene.order(younger)
    assert (child.status, child.master_id) == (Status.ACCEPTED, None)
    assert promise(younger, "C1").state == "met"
    assert promise(younger, "C3").due_at == LATER + 72 * HOUR == child.next_due_at + 72 * HOUR - 30 * MINUTE
    assert following_now(elder) == set()
    sweep_at(T0 + 2 * HOUR + MS)
    late = promise(younger, "C2")
    assert (late.breached, late.due_at) == (True, LATER + 30 * MINUTE)
    assert agrees_with_its_events(younger)


def test_undone_before_its_limit_nothing_is_late_and_after_it_the_acceptance_is(scene):
    elder, younger, _ = two(scene)
    merge(scene, younger, elder, after=MINUTE)
    unmerge(scene, younger, at=LATER + 15 * MINUTE)
    assert (promise(younger, "C1").state, scene.order(younger).late_accept) == ("met", False)
    merge(scene, younger, elder, after=MINUTE)
    third = scene.submit(at=T0 + HOUR).order_id
    merge(scene, third, elder, after=MINUTE)
    unmerge(scene, third, at=T0 + HOUR + 15 * MINUTE + MS)
    assert (promise(third, "C1").breached, scene.order(third).late_accept) == (True, True)


def test_who_was_brought_by_two_reports_stays_until_both_have_gone(scene):
    elder, younger, neighbour = two(scene)
    again = by_neighbour(scene, neighbour, at=LATER)
    merge(scene, younger, elder, after=MINUTE)
    merge(scene, again, elder, after=MINUTE)
    unmerge(scene, younger, after=MINUTE)
    assert following_now(elder) == {neighbour.account_id}
    unmerge(scene, again, after=MINUTE)
    assert following_now(elder) == set()


def test_who_had_joined_by_himself_stays(scene):
    elder, younger, neighbour = two(scene)
    scene.do(lambda: following.follow(elder, by=neighbour), after=MINUTE)
    merge(scene, younger, elder, after=MINUTE)
    unmerge(scene, younger, after=MINUTE)
    assert following_now(elder) == {neighbour.account_id}
    assert db.session.scalars(select(OrderFollower.merged_from)).all() == [None]


def test_only_what_is_merged_is_undone_and_the_reason_is_kept(scene):
    elder, younger, _ = two(scene)
    with pytest.raises(WrongOrderState):
        unmerge(scene, younger)
    merge(scene, younger, elder)
    unmerge(scene, younger, after=MINUTE)
    last = db.session.scalars(
        select(OrderEvent).where(OrderEvent.order_id == younger).order_by(OrderEvent.seq.desc()).limit(1)
    ).one()
    assert (last.code, last.note, last.data["master_id"]) == ("T28", "是另一盏灯", elder)


# ---- what the master's own timeline says


def steps_of(order_id: int, *actions: Action) -> list[evidence.EventLine]:
    return [each for each in evidence.timeline(order_id) if each.action in actions]


@both_engines
def test_the_master_says_on_its_timeline_what_was_merged_into_it_and_what_left_again(scene):
    elder, younger, _ = two(scene)
    before = scene.order(elder).version
    merge(scene, younger, elder, after=MINUTE)
    unmerge(scene, younger, after=MINUTE)
    number = merging.number_of(scene.order(younger))
    taken, released = steps_of(elder, Action.TAKE_IN, Action.LET_GO)
    assert (taken.code, taken.action, taken.note) == ("T27", "take_in", f"{number} 并入")
    assert (released.code, released.action, released.note) == ("T28", "let_go", f"{number} 不再并入")
    assert (taken.to_status, released.to_status) == ("SUBMITTED", "SUBMITTED")
    assert scene.order(elder).version == before + 2


def test_its_reporter_reads_of_a_neighbour_and_of_no_number(scene):
    elder, younger, _ = two(scene)
    merge(scene, younger, elder, after=MINUTE)
    unmerge(scene, younger, after=MINUTE)
    told = [
        merging.told_to_reporter(each.action, each.data)
        for each in steps_of(elder, Action.TAKE_IN, Action.LET_GO)
    ]
    assert told == ["另有一位邻居也报了这件事", "查明不是同一件事"]


def test_who_has_reported_twice_himself_reads_of_no_neighbour(scene):
    elder = scene.submit(at=T0).order_id
    again = scene.submit(at=LATER).order_id
    merge(scene, again, elder, after=MINUTE)
    [taken] = steps_of(elder, Action.TAKE_IN)
    assert merging.told_to_reporter(taken.action, taken.data) == "您报过两次,已放在一起处理"


@pytest.mark.parametrize("ended", ["rejected", "done"])
def test_a_report_leaves_a_master_that_has_ended_meanwhile(scene, ended):
    elder, younger, _ = two(scene)
    merge(scene, younger, elder, after=MINUTE)
    if ended == "rejected":
        by = scene.by(Role.DSP)
        scene.do(lambda: desk.reject(elder, by=by, reason="untrue", text="x" * 10, evidence="巡查记录"))
    else:
        for step in (scene.accept, scene.assign, scene.check_in, scene.finish):
            step(elder, after=MINUTE)
    unmerge(scene, younger, after=MINUTE)
    assert scene.order(younger).status == Status.ACCEPTED
    assert len(steps_of(elder, Action.LET_GO)) == 1
