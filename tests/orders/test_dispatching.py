"""Who is suggested, who is refused, and the reason that is kept (S2-18, S2-19, S2-21)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.companies.models import Staff
from app.core.clock import china, china_date
from app.core.db import db, transact
from app.core.roles import Role
from app.orders import desk, dispatching
from app.orders.crew_facts import WorkerFacts
from app.orders.dispatching import judge
from app.orders.errors import NotDispatchable
from app.orders.lifecycle import Menu, Status
from app.orders.models import Assignment
from tests.engines import both_engines
from tests.factories.people import make_certificate, make_shift, make_worker
from tests.factories.places import make_place

ELECTRICIAN = "低压电工"
GOOD = WorkerFacts(
    worker_id=1,
    name="示范师傅",
    online=True,
    on_shift=True,
    skilled=True,
    certificate="valid",
    load=0,
    max_parallel=3,
    distance_m=300,
)


@pytest.mark.parametrize(
    ("worse", "doubt"),
    [
        ({"skilled": False}, "没有登记这项技能"),
        ({"online": False, "on_shift": False}, "现在不在班"),
        ({"load": 3}, "手上3单,已满"),
    ],
)
def test_a_doubt_costs_rank_and_is_named(worse, doubt):
    doubtful = judge(replace(GOOD, **worse), needs=ELECTRICIAN)
    assert doubtful.doubts == (doubt,)
    assert not doubtful.blocked
    assert doubtful.score < judge(GOOD, needs=ELECTRICIAN).score


@pytest.mark.parametrize("better", [{"distance_m": 10_000}, {"distance_m": None}, {"load": 1}])
def test_of_two_who_can_go_the_nearer_and_the_freer_comes_first(better):
    further = judge(replace(GOOD, **better), needs=ELECTRICIAN)
    assert further.doubts == ()
    assert further.score < judge(GOOD, needs=ELECTRICIAN).score


@pytest.mark.parametrize(
    ("certificate", "reason"), [("missing", "没有低压电工证"), ("expired", "上门时低压电工证已过期")]
)
def test_without_a_valid_certificate_nobody_is_dispatched_however_near(certificate, reason):
    blocked = judge(replace(GOOD, certificate=certificate, distance_m=0), needs=ELECTRICIAN)
    far_and_busy = judge(replace(GOOD, distance_m=None, load=3, skilled=False), needs=ELECTRICIAN)
    assert blocked.blocked == reason
    assert blocked.score < far_and_busy.score


def test_a_matter_that_needs_no_certificate_blocks_nobody():
    assert judge(replace(GOOD, certificate="not_needed"), needs=None).blocked == ""


def colleague(scene, *, valid_for_days: int | None = 30, **values):
    worker = make_worker(scene.place.office, district_id=scene.place.district.id, **values)
    if valid_for_days is not None:
        last_day = china_date(scene.at) + timedelta(days=valid_for_days)
        make_certificate(worker, ELECTRICIAN, valid_to=last_day)
    return worker


def suggested(scene, order_id):
    return dispatching.candidates(scene.order(order_id), at=scene.at)


@both_engines
def test_the_workers_of_the_office_are_ranked_and_nobody_elses(scene):
    order_id = scene.submit().order_id
    near = {"latitude": scene.place.estate.latitude, "longitude": scene.place.estate.longitude}
    nearest = colleague(scene, **near)
    unskilled = colleague(scene, skills=("H02",), **near)
    expired = colleague(scene, valid_for_days=-1, **near)
    elsewhere = make_place()
    make_worker(elsewhere.office, district_id=elsewhere.district.id, **near)
    found = [each.worker_id for each in suggested(scene, order_id)]
    assert found == [nearest.id, scene.worker.id, unskilled.id, expired.id]


def test_a_shift_counts_like_being_online(scene):
    order_id = scene.submit().order_id
    resting, planned = colleague(scene, online=False), colleague(scene, online=False)
    make_shift(db.session.get_one(Staff, planned.staff_id), scene.at - timedelta(hours=1))
    doubts = {each.worker_id: each.doubts for each in suggested(scene, order_id)}
    assert (doubts[resting.id], doubts[planned.id]) == (("现在不在班",), ())


def test_open_work_is_counted_but_not_the_order_in_hand(scene):
    first, second = scene.submit().order_id, scene.submit().order_id
    scene.accept(first)
    scene.assign(first)
    loads = {order_id: suggested(scene, order_id)[0].explanation["load"] for order_id in (first, second)}
    assert loads == {first: 0, second: 1}


def test_an_expired_certificate_is_refused_by_the_desk_and_leaves_the_order_alone(scene):
    order_id = scene.submit().order_id
    scene.accept(order_id)
    expired = colleague(scene, valid_for_days=-1)
    with pytest.raises(NotDispatchable) as refused:
        scene.do(
            lambda: desk.assign(
                order_id, by=scene.by(Role.DSP), worker_id=expired.id, override_reason="只有他在"
            )
        )
    assert "证已过期" in refused.value.sentence
    assert scene.order(order_id).status == Status.ACCEPTED


def test_a_certificate_must_hold_on_the_day_of_the_appointment(scene):
    tomorrow = china(2026, 11, 21, 10)
    values = {"spot_id": None, "home_id": scene.place.homes[0].id, "category_code": "H0101"}
    order_id = scene.submit(menu=Menu.BOOKING, slot_id=scene.slot_at(tomorrow), **values).order_id
    ends_today = colleague(scene, valid_for_days=0)
    found = {each.worker_id: each.blocked for each in suggested(scene, order_id)}
    assert found[ends_today.id] == "上门时低压电工证已过期"


def test_a_doubt_is_overridden_with_a_reason_and_both_are_kept(scene):
    order_id = scene.submit().order_id
    scene.accept(order_id)
    resting = colleague(scene, online=False)
    by = scene.by(Role.DSP)
    with pytest.raises(NotDispatchable) as refused:
        scene.do(lambda: desk.assign(order_id, by=by, worker_id=resting.id))
    assert list(refused.value.fields) == ["override_reason"]
    scene.do(lambda: desk.assign(order_id, by=by, worker_id=resting.id, override_reason="他愿意加班"))
    kept = transact(
        lambda: db.session.scalars(select(Assignment).where(Assignment.order_id == order_id)).one()
    )
    assert kept.override_reason == "他愿意加班"
    assert kept.explanation["doubts"] == ["现在不在班"]
    assert "低压电工证有效" in kept.explanation["reasons"]


def test_somebody_elses_worker_is_not_found(scene):
    order_id = scene.submit().order_id
    scene.accept(order_id)
    elsewhere = make_place()
    stranger = make_worker(elsewhere.office, district_id=elsewhere.district.id)
    with pytest.raises(NotDispatchable, match="没有找到"):
        scene.do(lambda: desk.assign(order_id, by=scene.by(Role.DSP), worker_id=stranger.id))
