"""Emergency periods: what is sent within one has longer limits and carries its id (domain 3.7)."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from app.audit.service import ensure_head
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid, WrongState
from app.core.roles import Role
from app.orders import declarations
from tests.engines import both_engines
from tests.factories.places import make_place
from tests.orders.test_policy_changes import T0, H, M, due


@pytest.fixture
def audited(scene):
    """The log in which declarations stand."""
    transact(ensure_head)


def declare(scene, *, at=T0, begins_at=None, hours=6, **place):
    by = scene.by(Role.BUR)
    begins = begins_at or at
    return scene.do(
        lambda: (
            declarations.declare(
                by=by, begins_at=begins, ends_at=begins + hours * H, reason="暴雨红色预警", **place
            ).id
        ),
        at=at,
    )


@both_engines
def test_orders_of_an_emergency_period_carry_its_id_and_have_longer_limits(scene, audited):
    before = scene.submit(at=T0 - M).order_id
    declared = declare(scene, estate_id=scene.place.estate.id)
    within = scene.submit(at=T0 + M).order_id
    urgent = scene.submit(at=T0 + M, hazardous=True, photo_ids=scene.photos(Role.RES)).order_id
    scene.do(lambda: declarations.lift(declared, by=scene.by(Role.BUR)), at=T0 + 2 * M)
    after = scene.submit(at=T0 + 3 * M).order_id
    ids = [scene.order(each).declaration_id for each in (before, within, urgent, after)]
    assert ids == [None, declared, declared, None]
    assert (due(within, "C1"), due(within, "C2"), due(within, "C3")) == (
        T0 + 31 * M,
        T0 + 61 * M,
        T0 + M + 108 * H,
    )
    assert due(urgent, "C2") == T0 + 31 * M
    assert due(after, "C2") == T0 + 33 * M
    with pytest.raises(WrongState):
        scene.do(lambda: declarations.lift(declared, by=scene.by(Role.BUR)), at=T0 + 4 * M)


def test_a_period_of_another_street_changes_nothing_here(scene, audited):
    elsewhere = transact(make_place)
    with pytest.raises(Invalid):
        declare(scene, estate_id=elsewhere.estate.id)
    for wrong in ({"hours": 0}, {"hours": 24 * 31}, {"begins_at": T0 - H}):
        with pytest.raises(Invalid):
            declare(scene, **wrong)
    with pytest.raises(Forbidden):
        scene.do(
            lambda: declarations.declare(
                by=scene.by(Role.STR), begins_at=T0, ends_at=T0 + H, reason="暴雨红色预警"
            )
        )


def test_a_new_order_costs_no_statement_for_parameters_and_periods(scene, audited):
    scene.submit(at=T0)
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    scene.submit(at=T0 + M)
    assert [each for each in seen if "declarations" in each or "parameter_values" in each] == []
