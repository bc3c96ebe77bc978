"""After a standstill everything that is due is fired by one scheduler, over several connections, each level once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.clock import china
from app.core.db import db
from app.core.outbox import OutboxRow
from app.orders.clock_models import Deadline
from app.orders.deadlines import FIRED
from app.orders.lifecycle import Status
from app.orders.models import Order, OrderEvent
from scheduler.jobs import sweep_deadlines as job
from tests.engines import both_engines
from tests.factories.scene import Scene, make_scene

pytestmark = both_engines
T0 = china(2026, 11, 20, 22, 10)
LATER = T0 + timedelta(minutes=20)
ORDERS = 7


@pytest.fixture
def scene(app_db: Flask) -> Scene:
    return make_scene()


@pytest.fixture
def left_behind(scene, monkeypatch) -> None:
    """Seven orders that nobody accepted while no scheduler ran, and batches of three."""
    monkeypatch.setattr(job, "BATCH", 3)
    for _ in range(ORDERS):
        scene.submit(at=T0)


def fired() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Deadline.state == FIRED)) or 0


def test_a_backlog_is_fired_whole_and_each_order_moves_once(left_behind):
    with clock.frozen(LATER):
        claimed = job.catch_up()
        assert job.catch_up() == 0
    assert claimed == fired() > job.BATCH * 2
    moves = db.session.execute(
        select(OrderEvent.order_id, func.count()).where(OrderEvent.code == "T3").group_by(OrderEvent.order_id)
    ).all()
    assert [row[1] for row in moves] == [1] * ORDERS
    told = select(func.count()).where(OutboxRow.name == "ClockReached")
    assert db.session.scalar(told) == claimed


def test_who_is_told_to_stop_begins_no_further_batch(left_behind):
    with clock.frozen(LATER):
        assert job.catch_up(lambda: True) == job.BATCH
    assert fired() == job.BATCH


def test_a_connection_that_fails_is_heard_of_and_loses_nothing(left_behind, monkeypatch):
    batches, sound = [], job.sweep

    def once_broken(limit: int) -> int:
        batches.append(limit)
        if len(batches) == 2:
            raise ConnectionError("gone")
        return sound(limit)

    monkeypatch.setattr(job, "sweep", once_broken)
    with clock.frozen(LATER):
        with pytest.raises(ConnectionError):
            job.catch_up()
        job.catch_up()
    db.session.rollback()
    hotline = select(func.count()).where(Order.status == Status.HOTLINE.value)
    assert db.session.scalar(hotline) == ORDERS
