"""代老人报修: messages go to the reporter and to the person for whom he reports (domain 3.8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.db import db, transact
from app.core.outbox import OutboxRow, dispatch_one
from app.core.roles import Role
from app.notifications.consents import add_consent
from app.notifications.models import Notification, WeChatDelivery
from app.orders import submitting
from app.orders.lifecycle import Menu
from app.orders.sweeping import sweep
from app.orders.whereabouts import OnBehalf, Submission
from app.reactions.table import REACTIONS
from tests.engines import both_engines
from tests.factories.people import make_account, make_resident
from tests.factories.scene import HOME_LAMP, make_scene

pytestmark = both_engines
PHONE, NAME = "19900000661", "王秀英"


@pytest.fixture
def scene(app_db):
    made = make_scene()
    clock.freeze(made.at)
    return made


@pytest.fixture
def relative(scene):
    return make_resident(scene.place.homes[1], relation="family", name="王小丽")


def react() -> None:
    """Run every waiting reaction twice over; none may fail."""
    while dispatch_one(REACTIONS):
        pass
    errors = select(OutboxRow.last_error).where(OutboxRow.last_error.is_not(None))
    assert db.session.scalars(errors).all() == []


def report(scene, relative, phone: str = PHONE) -> int:
    submission = Submission(
        menu=Menu.EMERGENCY,
        category_code=HOME_LAMP,
        text="卧室的灯不亮了",
        home_id=scene.place.homes[1].id,
        on_behalf=OnBehalf(NAME, phone, "电话里同意"),
    )
    by = resident_scope(relative.id)
    return scene.do(lambda: submitting.submit(submission, by=by)).order_id


def heard(account) -> list[Notification]:
    db.session.rollback()
    mine = select(Notification).where(Notification.account_id == account.id)
    return list(db.session.scalars(mine.order_by(Notification.id)))


def test_both_hear_the_steps_and_the_elder_reads_that_it_is_for_him(scene, relative):
    elder = make_account(phone=PHONE, name=NAME)
    order_id = report(scene, relative)
    scene.accept(order_id, after=timedelta(minutes=2))
    clock.freeze(scene.at)
    react()
    assert [row.title for row in heard(relative)] == ["已收到您的报修", "小区物业已接单"]
    for_him = heard(elder)
    assert [row.title for row in for_him] == ["已收到您的报修", "小区物业已接单"]
    assert all(row.body.startswith("家人替您报的修:") for row in for_him)
    assert not any(NAME in row.body or "201" in row.body for row in for_him)


def test_the_order_itself_does_not_open_to_him_so_the_message_names_none(scene, relative):
    elder = make_account(phone=PHONE)
    transact(lambda: add_consent(elder.id, "order_received", 2))
    report(scene, relative)
    react()
    assert {row.order_id for row in heard(elder)} == {None}
    delivery = db.session.scalars(select(WeChatDelivery).where(WeChatDelivery.account_id == elder.id)).one()
    assert delivery.page == "pages/messages/messages"
    assert delivery.fields["thing2"].startswith("替您报的:")


def test_who_has_no_account_is_told_by_nobody_here(scene, relative):
    report(scene, relative)
    react()
    accounts = set(db.session.scalars(select(Notification.account_id)))
    desk = {scene.by(role).account_id for role in (Role.DSP, Role.MGR)}
    assert accounts == {relative.id} | desk


def test_a_number_of_the_reporters_own_brings_no_second_message(scene, relative):
    report(scene, relative, phone=relative.phone)
    react()
    assert [row.title for row in heard(relative)] == ["已收到您的报修"]


def test_a_broken_promise_and_the_end_are_told_to_both(scene, relative):
    elder = make_account(phone=PHONE)
    order_id = report(scene, relative)
    scene.accept(order_id, after=timedelta(minutes=2))
    clock.freeze(scene.at + timedelta(minutes=40))
    sweep()
    react()
    assert "到场超时,已通知经理" in [row.title for row in heard(elder)]
    scene.at = clock.now()
    scene.assign(order_id)
    scene.check_in(order_id, after=timedelta(minutes=5))
    scene.finish(order_id, after=timedelta(hours=1))
    clock.freeze(scene.at)
    react()
    done = heard(elder)[-1]
    assert done.title == "已修好,请您评价"
    assert done.body.endswith("要评价、改时间或再报,请告诉替您报修的人。")


def test_an_order_for_oneself_is_told_once(scene):
    elder = make_resident(scene.place.homes[2], phone=PHONE)
    by = resident_scope(elder.id)
    plain = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "text": "卧室的灯不亮了"}
    submission = Submission(**plain, home_id=scene.place.homes[2].id)
    scene.do(lambda: submitting.submit(submission, by=by))
    react()
    assert len(heard(elder)) == 1
