"""Quiet hours: the WeChat copy of what is not urgent waits, the inbox and every clock do not (domain 3.13)."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.outbox import dispatch_one
from app.core.parameter_models import ParameterValue
from app.core.parameters import known_values
from app.core.roles import Role
from app.integrations.wechat.templates import TEMPLATES
from app.notifications.consents import add_consent
from app.notifications.models import Notification, WeChatDelivery
from app.notifications.quiet import end_of_quiet
from app.orders.clock_models import Deadline
from app.reactions.message import CAN_WAIT
from app.reactions.table import REACTIONS
from tests.factories.scene import make_scene

NINE, EIGHT = time(21), time(8)
LATE = china(2026, 11, 20, 22, 10)
MORNING = china(2026, 11, 21, 8)
MS, MINUTE = timedelta(milliseconds=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        (china(2026, 11, 20, 21) - MS, None),
        (china(2026, 11, 20, 21), MORNING),
        (LATE, MORNING),
        (china(2026, 11, 21), MORNING),
        (MORNING - MS, MORNING),
        (MORNING, None),
    ],
)
def test_quiet_hours_over_midnight(at, ends):
    assert end_of_quiet(at, NINE, EIGHT) == ends


def test_quiet_hours_of_one_day():
    assert end_of_quiet(china(2026, 11, 20, 13), time(12), time(14)) == china(2026, 11, 20, 14)
    assert end_of_quiet(china(2026, 11, 20, 14), time(12), time(14)) is None


@pytest.fixture
def scene(app_db):
    made = make_scene()

    def reachable() -> None:
        resident = db.session.merge(made.resident)
        resident.openid = "openid-resident"
        for template in TEMPLATES:
            add_consent(resident.id, template, 5)

    made.do(reachable, at=LATE - timedelta(hours=3))
    return made


def sent(scene) -> dict[str, object]:
    """Template -> when WeChat is called, for the resident."""
    with clock.frozen(scene.at):
        while dispatch_one(REACTIONS):
            pass
    db.session.rollback()
    mine = select(WeChatDelivery).where(WeChatDelivery.account_id == scene.resident.id)
    return {row.template: row.next_at for row in db.session.scalars(mine)}


def finished_at_night(scene, **values):
    order_id = scene.until_working(at=LATE - timedelta(hours=2), **values)
    scene.finish(order_id, at=LATE)
    return order_id


def test_the_end_of_a_repair_is_told_in_the_morning_and_stands_in_the_inbox_at_once(scene):
    order_id = finished_at_night(scene)
    told = sent(scene)
    assert told["order_done"] == MORNING
    assert told["order_received"] == scene.at
    titles = db.session.scalars(select(Notification.title).where(Notification.order_id == order_id)).all()
    assert "已修好,请您评价" in titles


def test_quiet_hours_move_no_clock(scene):
    order_id = finished_at_night(scene)
    sent(scene)
    confirm = select(Deadline.due_at).where(
        Deadline.order_id == order_id, Deadline.clock == "C5", Deadline.level == "DUE"
    )
    assert db.session.scalars(confirm).one() == LATE + timedelta(hours=72)


def test_an_urgent_order_and_a_worker_on_his_way_are_told_at_once(scene):
    order_id = finished_at_night(
        scene, hazardous=True, photo_ids=scene.photos(Role.RES), category_code="G0201"
    )
    assert scene.order(order_id).urgency == "P1"
    assert sent(scene)["order_done"] == LATE
    assert {
        "order_on_way",
        "order_received",
        "order_assigned",
        "order_hotline",
        "slot_missed",
    } & CAN_WAIT == set()


def test_where_quiet_hours_are_off_everything_is_told_at_once(scene):
    off = {"key": "quiet_hours", "value": "off", "valid_from": LATE - timedelta(hours=3), "proposal_id": 1}
    transact(lambda: db.session.add(ParameterValue(**off)))
    known_values.forget()
    finished_at_night(scene)
    assert sent(scene)["order_done"] == LATE
