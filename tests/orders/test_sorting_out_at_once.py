"""Two at the same moment: merging in a circle, merging into what is just ending, receiving twice, deciding twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.companies.hats import scope_of
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Refusal
from app.core.roles import Role
from app.orders import appeals, desk, feedback, field_work, merging, transferring
from app.orders.clock_models import Deadline
from app.orders.lifecycle import Action, Status
from app.orders.models import OrderEvent
from app.orders.sweeping import sweep
from tests.engines import both_engines, in_parallel
from tests.factories.people import make_hat
from tests.factories.places import make_office

pytestmark = both_engines
MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)


def attempt(work) -> str:
    try:
        transact(work)
    except Refusal as refusal:
        return refusal.code
    return "ok"


def count(action: Action) -> int:
    db.session.rollback()
    happened = select(func.count()).select_from(OrderEvent).where(OrderEvent.action == action.value)
    return db.session.scalar(happened) or 0


def merging_(scene, order_id: int, master_id: int):
    return lambda: attempt(lambda: merging.merge(order_id, by=scene.by(Role.DSP), master_id=master_id))


def test_two_who_merge_two_orders_into_each_other_leave_one_open(scene, app_db):
    one, other = scene.submit(at=T0).order_id, scene.submit().order_id
    clock.freeze(T0 + MINUTE)
    outcomes = in_parallel(app_db, [merging_(scene, one, other), merging_(scene, other, one)])
    assert sorted(outcomes)[1] == "ok"
    assert sorted(outcomes)[0] in ("master_over", "wrong_order_state")
    statuses = sorted(scene.order(each).status for each in (one, other))
    assert statuses == [Status.MERGED, Status.SUBMITTED]


def test_three_in_a_ring_never_all_vanish(scene, app_db):
    ring = [scene.submit(at=T0).order_id for _ in range(3)]
    clock.freeze(T0 + MINUTE)
    works = [merging_(scene, order_id, ring[place - 1]) for place, order_id in enumerate(ring)]
    in_parallel(app_db, works)
    orders = [scene.order(each) for each in ring]
    (left,) = [order for order in orders if order.status == Status.SUBMITTED]
    assert {order.master_id for order in orders} - {None} == {left.id}


def test_a_merge_and_the_end_of_its_master_agree(scene, app_db):
    master = scene.until_done(at=T0)
    child = scene.submit(at=T0 + 4 * HOUR).order_id
    scene.do(lambda: feedback.reopen(master, by=scene.by(Role.STR), reason="还是不亮"))
    scene.check_in(master, after=MINUTE)
    photos = scene.photos(Role.WRK)
    clock.freeze(scene.at + MINUTE)

    def finish() -> str:
        by = scene.by(Role.WRK)
        return attempt(lambda: field_work.finish(master, by=by, result="已换", photo_ids=photos))

    merged, finished = in_parallel(app_db, [merging_(scene, child, master), finish])
    assert finished == "ok"
    assert merged in ("ok", "master_over")
    assert (scene.order(child).status == Status.MERGED) is (merged == "ok")


def test_a_merge_and_the_sweep_that_would_hand_the_child_over_agree(scene, app_db):
    child, master = scene.submit(at=T0).order_id, scene.submit(at=T0 + 10 * MINUTE).order_id
    clock.freeze(T0 + 15 * MINUTE + MS)
    merged, _ = in_parallel(app_db, [merging_(scene, child, master), sweep])
    order = scene.order(child)
    assert (order.status, merged) in ((Status.MERGED, "ok"), (Status.HOTLINE, "already_hotline"))
    sweep()
    breached = select(Deadline.order_id).where(Deadline.clock == "C1", Deadline.breached)
    db.session.rollback()
    followed = [master] if merged == "ok" else []  # it took over the earlier limit, which had passed
    assert sorted(db.session.scalars(breached)) == [child, *followed]


def test_of_two_at_the_receiving_desk_one_receives(scene, app_db):
    office = make_office()
    place = {"company_id": office.company_id, "office_id": office.id}
    desks = [scope_of(make_hat(role, **place)) for role in (Role.DSP, Role.MGR)]
    order_id = scene.submit(at=T0).order_id
    scene.do(
        lambda: transferring.ask(
            order_id, by=scene.by(Role.DSP), office_id=office.id, reason="这是他们的片区"
        )
    )
    clock.freeze(T0 + MINUTE)
    works = [lambda by=by: attempt(lambda: transferring.receive(order_id, by=by)) for by in desks]
    assert sorted(in_parallel(app_db, works)) == ["ok", "transfer_over"]
    assert (count(Action.RECEIVE), scene.order(order_id).transfers) == (1, 1)


@pytest.mark.parametrize("uphold", [True, False])
def test_street_and_bureau_who_decide_at_once_decide_once(scene, app_db, uphold):
    order_id = scene.submit(at=T0).order_id
    scene.do(
        lambda: desk.reject(
            order_id,
            by=scene.by(Role.DSP),
            reason="untrue",
            text="现场看过,灯是亮着的没有坏",
            evidence="巡查记录",
        )
    )
    scene.do(lambda: appeals.appeal(order_id, by=scene.by(Role.RES), text="灯确实不亮"), after=MINUTE)
    clock.freeze(T0 + HOUR)
    works = [
        lambda role=role, up=up: attempt(
            lambda: appeals.decide(order_id, by=scene.by(role), uphold=up, reason="看过照片")
        )
        for role, up in ((Role.STR, uphold), (Role.BUR, True))
    ]
    assert sorted(in_parallel(app_db, works)) == ["ok", "wrong_order_state"]
    assert count(Action.UPHOLD_APPEAL) + count(Action.DISMISS_APPEAL) == 1
