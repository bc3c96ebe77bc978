"""Half an hour before an appointment the desk hears of it only while the worker has not set off (C2-APT)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.clock import china
from app.core.db import db
from app.core.outbox import dispatch_one
from app.core.roles import Role
from app.notifications.models import Notification
from app.orders import field_work
from app.orders.lifecycle import Menu
from app.orders.sweeping import sweep
from app.reactions.table import REACTIONS
from tests.factories.scene import HOME_LAMP, make_scene

SLOT = china(2026, 11, 23, 10)


@pytest.fixture
def booked(app_db):
    scene = make_scene()
    values = {"category_code": HOME_LAMP, "spot_id": None, "home_id": scene.place.homes[0].id}
    order_id = scene.submit(menu=Menu.BOOKING, slot_id=scene.slot_at(SLOT), **values).order_id
    scene.accept(order_id, after=timedelta(minutes=2))
    scene.assign(order_id, after=timedelta(minutes=1))
    return scene, order_id


def warnings_at(instant) -> list[str]:
    with clock.frozen(instant):
        while sweep():
            pass
        while dispatch_one(REACTIONS):
            pass
    db.session.rollback()
    return list(db.session.scalars(select(Notification.title).where(Notification.template == "desk_warning")))


def test_a_worker_who_has_not_set_off_is_called_half_an_hour_before(booked):
    assert warnings_at(SLOT - timedelta(minutes=30)) == []
    assert set(warnings_at(SLOT - timedelta(minutes=30) + timedelta(milliseconds=1))) == {"按约上门快到时限"}


def test_a_worker_on_his_way_is_left_in_peace(booked):
    scene, order_id = booked
    scene.do(lambda: field_work.depart(order_id, by=scene.by(Role.WRK)), at=SLOT - timedelta(hours=1))
    assert warnings_at(SLOT - timedelta(minutes=29)) == []
