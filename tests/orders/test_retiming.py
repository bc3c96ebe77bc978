"""Clocks that are made stricter while they run, beside the extensions that they were given (T18, T19, T27).

T0 is Friday 2026-11-20 22:10:00.000 in China.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.audit.service import ensure_head
from app.companies.hats import scope_of
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.roles import Role
from app.orders import extensions, feedback, merging, proposals, sorting
from app.orders.clock_models import DeadlinePolicy
from app.orders.policies import HOUR as HOUR_MS
from app.orders.policies import known_policies
from app.orders.policy_changes import NewLimit, take_running_orders_along
from tests.engines import both_engines
from tests.factories.people import make_hat
from tests.orders.test_clock_vectors import ask as ask_normal
from tests.orders.test_clock_vectors import promise
from tests.orders.test_holds_third_and_fund import end
from tests.orders.test_special_extension import approve
from tests.orders.waiting import ask_special, wait_for_firm

HOUR = timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
WANTED = china(2026, 12, 9, 18)


def raise_urgency(scene, order_id: int, urgency: str = "P0", **step) -> None:
    by = scene.by(Role.DSP)
    scene.do(lambda: sorting.change_urgency(order_id, by=by, urgency=urgency, reason="有人差点摔倒"), **step)


def merge_an_older_report(scene, order_id: int, older: int, **step) -> None:
    by = scene.by(Role.DSP)
    scene.do(lambda: merging.merge(older, by=by, master_id=order_id), **step)


def extend(scene, order_id: int, **step) -> None:
    ask_normal(scene, order_id, at=scene.at + step["after"])
    by = scene.by(Role.MGR)
    scene.do(lambda: extensions.decide(order_id, by=by, grant=True))


def stand_still(scene, order_id: int, length: timedelta) -> None:
    wait_for_firm(scene, order_id, after=HOUR)
    end(scene, order_id, after=length)


def two_days_for_p0() -> None:
    def write() -> None:
        db.session.add(
            DeadlinePolicy(
                clock="C3R",
                urgency="P0",
                valid_from=china(2026, 1, 1),
                limit_ms=48 * HOUR_MS,
                extended_ms=120 * HOUR_MS,
                levels=[{"level": "DUE", "anchor": "due", "offset_ms": 0}],
            )
        )

    transact(write)
    known_policies.forget()


def reopened_after(scene, *, special: bool) -> int:
    """An order that was extended and finished, and is not mended after all."""
    order_id = scene.until_working(at=T0)
    if special:
        ask_special(scene, order_id, WANTED, after=HOUR)
        approve(scene, order_id, after=HOUR)
    else:
        extend(scene, order_id, after=HOUR)
    scene.finish(order_id, after=HOUR)
    photos, by = scene.photos(Role.RES), scene.by(Role.RES)
    scene.do(lambda: feedback.reopen(order_id, by=by, reason="又不亮了", photo_ids=photos), after=HOUR)
    return order_id


changes = st.lists(st.sampled_from(["raise", "merge", "hold"]), min_size=1, max_size=3, unique=True)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=changes, extended=st.booleans(), urgency=st.sampled_from(["P0", "P1"]), after=st.integers(1, 300)
)
def test_nothing_but_a_standstill_moves_the_date_that_an_authority_has_approved(
    scene, changes, extended, urgency, after
):
    older = scene.submit(at=T0 - 5 * HOUR).order_id
    order_id = scene.until_working(at=T0)
    if extended:
        extend(scene, order_id, after=HOUR)
    ask_special(scene, order_id, WANTED, after=HOUR)
    approve(scene, order_id, after=HOUR)
    scene.at += after * HOUR
    stood = timedelta(hours=7)
    for change in changes:
        if change == "raise":
            raise_urgency(scene, order_id, urgency, after=HOUR)
        elif change == "merge":
            merge_an_older_report(scene, order_id, older, after=HOUR)
        else:
            stand_still(scene, order_id, stood)
    moved = stood if "hold" in changes else timedelta()
    row = promise(order_id, "C3")
    assert (row.due_at, row.state, row.breached) == (WANTED + moved, "pending", False)
    assert scene.order(order_id).next_due_at == WANTED + moved
    scene.finish(order_id, after=HOUR)  # the worker's hands are free for the next example


@both_engines
def test_an_order_without_a_special_extension_takes_the_earlier_start_of_the_older_report(scene):
    older = scene.submit(at=T0 - 5 * HOUR).order_id
    order_id = scene.until_working(at=T0)
    merge_an_older_report(scene, order_id, older, after=HOUR)
    assert promise(order_id, "C3").due_at == T0 + 67 * HOUR


@both_engines
@pytest.mark.parametrize("special", [False, True])
def test_an_extension_of_an_earlier_round_does_not_lengthen_the_clock_of_the_next(scene, special):
    order_id = reopened_after(scene, special=special)
    begun = scene.at
    assert promise(order_id, "C3", round_=1).due_at == begun + 72 * HOUR
    two_days_for_p0()
    raise_urgency(scene, order_id, after=HOUR)
    assert promise(order_id, "C3", round_=1).due_at == begun + 48 * HOUR


def bureau_changes(scene, clock_name: str, hours: int, extended: int | None = None) -> int:
    """A new limit from Monday on that takes running orders along; returns how many clocks it changed."""
    second = transact(lambda: scope_of(make_hat(Role.BUR, district_id=scene.place.district.id)))
    wanted = NewLimit(
        clock_name, hours * HOUR_MS, extended_ms=extended and extended * HOUR_MS, also_running=True
    )
    by, monday = scene.by(Role.BUR), date(2026, 11, 23)
    proposal_id = scene.do(
        lambda: proposals.propose_limit(wanted, valid_on=monday, reason="汛期都要快一些", by=by).id
    )
    scene.do(lambda: proposals.decide(proposal_id, grant=True, by=second))
    with clock.frozen(china(2026, 11, 23, 0, 1)):
        return take_running_orders_along()


@both_engines
def test_a_changed_limit_leaves_the_approved_date_and_moves_the_ordinary_extension(scene):
    transact(ensure_head)
    special, extended = scene.until_working(at=T0), scene.until_working(at=T0)
    ask_special(scene, special, WANTED, after=HOUR)
    approve(scene, special, after=HOUR)
    extend(scene, extended, after=HOUR)
    assert bureau_changes(scene, "C3", 60, 100) == 1
    assert promise(special, "C3").due_at == WANTED
    assert promise(extended, "C3").due_at == T0 + 100 * HOUR


@pytest.mark.parametrize("special", [False, True])
def test_a_changed_limit_takes_a_reopened_order_along_whatever_its_first_round_was_given(scene, special):
    transact(ensure_head)
    order_id = reopened_after(scene, special=special)
    begun = scene.at
    assert bureau_changes(scene, "C3R", 60, 100) == 1
    assert promise(order_id, "C3", round_=1).due_at == begun + 60 * HOUR
