"""Whom the desk telephones: the crew in an emergency, who cancels late, and whom no message has reached."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.outgoing import OutgoingState
from app.core.roles import Role
from app.media.signing import use_signing_key
from app.notifications.consents import add_consent
from app.notifications.models import Notification, WeChatDelivery
from app.notifications.service import mark_all_read
from app.orders import feedback, field_work
from app.orders.call_lists import call_first, call_list, unheard, unheard_count
from tests.engines import both_engines
from tests.factories.scene import make_scene
from tests.orders.test_responding import react, told

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
T0 = china(2026, 11, 20, 22, 10)


@pytest.fixture
def scene(app_db):
    use_signing_key(b"a signing key for tests only")
    return make_scene(T0)


def numbers(scene, at, role: Role = Role.DSP) -> list[tuple[int, int]]:
    db.session.rollback()
    return [(each.order_id, each.count) for each in unheard(scene.by(role), at=at)]


@both_engines
def test_a_message_that_nobody_read_for_half_an_hour_stands_on_the_call_list(scene):
    order_id = scene.submit(at=T0).order_id
    react(T0)
    assert numbers(scene, T0 + 29 * MINUTE) == []
    assert numbers(scene, T0 + 30 * MINUTE) == [(order_id, 1)]
    scene.accept(order_id, after=MINUTE)
    react(scene.at)
    later = T0 + 31 * MINUTE
    (line,) = unheard(scene.by(Role.DSP), at=later)
    assert (line.title, line.count) == ("小区物业已接单", 2)
    assert unheard_count(scene.by(Role.DSP), at=later) == 2


@both_engines
def test_who_has_read_it_or_was_called_or_got_it_in_wechat_is_not_on_the_list(scene):
    resident = scene.by(Role.RES).account_id
    later = T0 + 40 * MINUTE
    transact(lambda: add_consent(resident, "order_received"))
    order_id = scene.submit(at=T0).order_id
    react(T0)
    assert numbers(scene, later) == [(order_id, 1)]
    sent = update(WeChatDelivery).values(state=OutgoingState.DONE.value)
    transact(lambda: db.session.execute(sent))
    assert numbers(scene, later) == []
    second = scene.submit(at=T0).order_id
    react(T0)
    assert numbers(scene, later) == [(second, 1)]
    scene.call(second, by=Role.DSP, after=35 * MINUTE)
    assert numbers(scene, later) == []
    third = scene.submit(at=T0).order_id
    react(T0)
    assert numbers(scene, later) == [(third, 1)]
    with clock.frozen(later):
        transact(lambda: mark_all_read(scene.by(Role.RES)))
    assert numbers(scene, later) == []


def test_messages_of_the_company_and_of_other_offices_are_not_counted(scene):
    scene.submit(at=T0)
    react(T0)
    later = T0 + 40 * MINUTE
    kinds = set(db.session.scalars(select(Notification.template)))
    assert "desk_new" in kinds
    assert unheard_count(scene.by(Role.DSP), at=later) == 1
    assert unheard_count(make_scene(T0).by(Role.DSP), at=later) == 0
    assert numbers(scene, T0 + 8 * DAY) == []


def test_in_an_emergency_the_desk_has_the_numbers_of_managers_and_crew_and_nobody_else_has(scene):
    order = scene.order(scene.submit(category_code="G0203", text="电线露出来了").order_id)
    found = call_list(order, scene.by(Role.DSP), at=T0)
    assert [(each.name, each.post) for each in found] == [
        ("示范小区经理", "小区经理"),
        (scene.worker.title, "在班"),
    ]
    assert all(len(each.phone) == 11 for each in found)
    for role in (Role.CO, Role.HOT, Role.BUR):
        assert call_list(order, scene.by(role), at=T0) == ()
    plain = scene.order(scene.submit().order_id)
    assert call_list(plain, scene.by(Role.DSP), at=T0) == ()


@both_engines
def test_who_cancelled_four_times_after_somebody_had_set_off_is_called_first(scene):
    worker, resident = scene.by(Role.WRK), scene.by(Role.RES)
    first = ""
    for number in range(5):
        order_id = scene.submit(at=T0 + number * 60 * MINUTE).order_id
        first = call_first(scene.order(order_id), at=scene.at)
        assert bool(first) == (number > 3)
        scene.accept(order_id, after=MINUTE)
        scene.assign(order_id, after=MINUTE)
        scene.do(lambda o=order_id: field_work.depart(o, by=worker), after=MINUTE)
        scene.do(lambda o=order_id: feedback.cancel(o, by=resident, reason="不用了"), after=MINUTE)
    assert "4 次" in first
    later = scene.order(scene.submit(at=T0 + 31 * DAY).order_id)
    assert call_first(later, at=scene.at) == ""


def test_cancelling_before_anybody_set_off_is_nobodys_trouble(scene):
    resident = scene.by(Role.RES)
    for _ in range(5):
        order_id = scene.submit().order_id
        scene.do(lambda o=order_id: feedback.cancel(o, by=resident, reason="不用了"))
    assert call_first(scene.order(scene.submit().order_id), at=scene.at) == ""


# ---- what is told at once


@both_engines
def test_people_in_danger_are_told_to_everybody_on_shift_and_to_the_authorities_at_once(scene):
    number = scene.submit(at=T0, category_code="G0203", text="电线露出来了").number
    react(T0)
    assert told(scene, Role.WRK) == [f"紧急工单 {number}"]
    for role in (Role.STR, Role.BUR):
        assert told(scene, role) == [f"紧急工单 {number}"]
    for role in (Role.DSP, Role.MGR):
        assert told(scene, role) == [f"紧急!新工单 {number}"]


def test_a_plain_report_wakes_nobody_of_the_crew(scene):
    scene.submit(at=T0)
    react(T0)
    assert told(scene, Role.WRK) == told(scene, Role.BUR) == []


def test_the_third_urge_is_the_managers(scene):
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id)
    by = scene.by(Role.RES)
    for _ in range(3):
        scene.do(lambda: feedback.urge(order_id, by=by), after=timedelta(hours=4))
    react(scene.at)
    assert told(scene, Role.MGR).count("多次催办,请经理回电") == 1
    assert told(scene, Role.MGR).count("居民催办") == 2
    assert told(scene, Role.DSP)[-1] == "居民多次催办"


def test_the_third_reopening_reaches_street_and_bureau_and_sends_the_manager(scene):
    order_id, by = scene.until_done(at=T0), scene.by(Role.RES)
    for _ in range(3):
        photos = scene.photos(Role.RES)
        scene.do(lambda p=photos: feedback.reopen(order_id, by=by, reason="还是不亮", photo_ids=p))
        react(scene.at)
        scene.check_in(order_id)
        scene.finish(order_id)
    bodies = select(Notification.body).where(Notification.account_id == scene.by(Role.MGR).account_id)
    attends = [body for body in db.session.scalars(bodies) if "亲自到现场" in body]
    assert len(attends) == 2
    assert told(scene, Role.STR) == ["多次没修好,请协调"]
    assert told(scene, Role.BUR).count("没修好,重新处理") == 2
