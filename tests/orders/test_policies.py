"""The standard parameters: written once, completed after an upgrade, never edited in place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from app.core.clock import china
from app.core.db import db, transact
from app.orders.clock_models import DeadlinePolicy
from app.orders.policies import MINUTE, STANDARD, install_standard, known_policies
from tests.engines import both_engines
from tests.orders.test_clock_vectors import promise
from tests.orders.waiting import need_fund

T0 = china(2026, 11, 20, 14, 10)
SINCE_THE_WHOLE_LIFECYCLE = ("C4", "C12")


def count(*clocks: str) -> int:
    db.session.rollback()
    rows = select(func.count()).select_from(DeadlinePolicy)
    return db.session.scalar(rows.where(DeadlinePolicy.clock.in_(clocks)) if clocks else rows)


@pytest.fixture
def older_instance(scene):
    """The parameters as the first version wrote them; somebody has made C1 shorter since."""

    def age() -> None:
        db.session.execute(delete(DeadlinePolicy).where(DeadlinePolicy.clock.in_(SINCE_THE_WHOLE_LIFECYCLE)))
        first = (DeadlinePolicy.clock == "C1") & DeadlinePolicy.urgency.is_(None)
        db.session.execute(update(DeadlinePolicy).where(first).values(limit_ms=12 * MINUTE))

    transact(age)
    known_policies.forget()
    return scene


def test_a_second_time_writes_nothing(scene):
    assert count() == len(STANDARD)
    assert transact(install_standard) == 0
    assert count() == len(STANDARD)


@both_engines
def test_after_an_upgrade_the_rows_of_new_clocks_come_and_the_others_stay_as_they_are(older_instance):
    new = sum(row[0] in SINCE_THE_WHOLE_LIFECYCLE for row in STANDARD)
    assert transact(install_standard) == new
    assert (count(), count(*SINCE_THE_WHOLE_LIFECYCLE)) == (len(STANDARD), new)
    limits = select(DeadlinePolicy.limit_ms).where(
        DeadlinePolicy.clock == "C1", DeadlinePolicy.urgency.is_(None)
    )
    assert db.session.scalars(limits).all() == [12 * MINUTE]


def test_an_order_from_before_the_upgrade_has_the_new_clock_when_it_needs_one(older_instance):
    scene = older_instance
    order_id = scene.until_working(at=T0)
    transact(install_standard)
    need_fund(scene, order_id, after=timedelta(minutes=5))
    assert promise(order_id, "C4").due_at == scene.at + timedelta(hours=2)
