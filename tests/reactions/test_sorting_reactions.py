"""Merged, handed over, appealed, judged anew: who hears what, through the outbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.companies.hats import scope_of
from app.core import clock
from app.core.calendar_days import install_standard, known_calendar
from app.core.clock import china
from app.core.db import db, transact
from app.core.outbox import OutboxRow, dispatch_one
from app.core.roles import Role
from app.notifications.models import Notification
from app.orders import appeals, desk, following, merging, sorting, submitting, transferring
from app.orders.lifecycle import Menu
from app.orders.rules import order_number
from app.orders.sweeping import sweep
from app.orders.whereabouts import Submission
from app.reactions.table import REACTIONS
from tests.factories.people import make_hat
from tests.factories.places import make_office
from tests.factories.scene import LAMP, make_neighbour, make_scene

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)


@pytest.fixture
def scene(app_db):
    found = make_scene(T0)
    transact(install_standard)
    known_calendar.forget()
    return found


def told(scene, *whom) -> list[list[tuple[str, str]]]:
    """What each of them has been told since the last time, titles and texts; the reactions run first."""
    with clock.frozen(scene.at):
        while dispatch_one(REACTIONS):
            pass
    db.session.rollback()
    assert (
        db.session.scalars(select(OutboxRow.last_error).where(OutboxRow.last_error.is_not(None))).all() == []
    )
    found = []
    for who in whom:
        account_id = (scene.by(who) if isinstance(who, Role) else who).account_id
        rows = db.session.execute(
            select(Notification.title, Notification.body)
            .where(Notification.account_id == account_id)
            .order_by(Notification.id)
        ).all()
        found.append([tuple(row) for row in rows])
    transact(lambda: db.session.execute(Notification.__table__.delete()))
    return found


def number(scene, order_id: int) -> str:
    order = scene.order(order_id)
    return order_number(order.id, order.menu, order.submitted_at)


def two(scene):
    """The elder by the resident, the younger by his neighbour; a third person follows the younger."""
    neighbour, third = make_neighbour(scene), make_neighbour(scene)
    lamp = Submission(Menu.REPORT, LAMP, text="灯又不亮了", spot_id=scene.place.spot.id)
    elder = scene.submit(at=T0).order_id
    younger = scene.do(lambda: submitting.submit(lamp, by=neighbour), after=MINUTE).order_id
    scene.do(lambda: following.follow(younger, by=third), after=MINUTE)
    return elder, younger, neighbour, third


def test_who_reported_or_followed_a_merged_order_hears_of_it_and_then_of_everything(scene):
    elder, younger, neighbour, third = two(scene)
    told(scene)
    dsp = scene.by(Role.DSP)
    scene.do(lambda: merging.merge(younger, by=dsp, master_id=elder))
    for heard in told(scene, neighbour, third):
        ((title, body),) = heard
        assert title == f"已并入 {number(scene, elder)}"
        assert body.endswith(f"已并入 {number(scene, elder)},有进展一起告诉您。")
    scene.accept(elder, after=MINUTE)
    his, theirs, also = told(scene, Role.RES, neighbour, third)
    assert [title for title, _ in his] == ["小区物业已接单"]
    assert [title for title, _ in theirs] == [title for title, _ in also] == ["您关注的报修:小区物业已接单"]
    manager = scene.by(Role.MGR)
    scene.do(lambda: merging.unmerge(younger, by=manager, reason="是另一盏灯"), after=MINUTE)
    assert [title for title, _ in told(scene, neighbour)[0]] == ["单独处理"]
    scene.assign(elder, after=MINUTE)
    assert told(scene, neighbour, third) == [[], []]


def test_a_reporter_without_an_account_is_called_by_the_desk(scene):
    elder = scene.submit(at=T0).order_id
    phone = {"channel": "电话", "consent_note": "电话里同意", "contact_phone": "19900000123"}
    younger = scene.submit(by=Role.DSP, **phone).order_id
    told(scene)
    manager = scene.by(Role.MGR)
    scene.do(lambda: merging.merge(younger, by=manager, master_id=elder))
    assert [title for title, _ in told(scene, Role.DSP)[0]] == ["请打电话告诉报修人"]


def test_a_transfer_is_told_to_the_asked_desk_and_its_end_to_everybody_it_concerns(scene):
    office = make_office()
    place = {"company_id": office.company_id, "office_id": office.id}
    other = scope_of(make_hat(Role.DSP, **place))
    order_id = scene.submit(at=T0).order_id
    dsp = scene.by(Role.DSP)
    told(scene)
    why = "这是他们的片区"
    scene.do(lambda: transferring.ask(order_id, by=dsp, office_id=office.id, reason=why), after=MINUTE)
    theirs, his = told(scene, other, Role.RES)
    assert ([title for title, _ in theirs], his) == ([f"请求转单 {number(scene, order_id)}"], [])
    assert why in theirs[0][1]
    scene.do(lambda: transferring.send_back(order_id, by=other, reason="不是我们的片区"), after=MINUTE)
    mine, his = told(scene, Role.DSP, Role.RES)
    assert ([title for title, _ in mine], his) == (["没有转走,仍由你们处理"], [])
    scene.do(lambda: transferring.ask(order_id, by=dsp, office_id=office.id, reason=why), after=MINUTE)
    scene.do(lambda: transferring.receive(order_id, by=other), after=MINUTE)
    his, mine = told(scene, Role.RES, Role.DSP)
    assert [title for title, _ in mine] == ["对方已接收"]
    assert [body for _, body in his] == [
        f"{number(scene, order_id)} 已转给{office.name},由他们负责处理,答应您的时限不变。"
    ]


def test_a_worker_whose_order_goes_to_another_office_hears_that_he_need_not_go(scene):
    office = make_office()
    other = scope_of(make_hat(Role.DSP, company_id=office.company_id, office_id=office.id))
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, after=MINUTE)
    scene.assign(order_id, after=MINUTE)
    dsp = scene.by(Role.DSP)
    scene.do(lambda: transferring.ask(order_id, by=dsp, office_id=office.id, reason="这是他们的片区"))
    told(scene)
    scene.do(lambda: transferring.receive(order_id, by=other), after=MINUTE)
    assert [title for title, _ in told(scene, Role.WRK)[0]] == ["工单已转走,不用去了"]


def test_an_appeal_goes_to_street_and_bureau_and_its_answer_to_resident_and_office(scene):
    order_id = scene.submit(at=T0).order_id
    dsp, resident, street = (scene.by(role) for role in (Role.DSP, Role.RES, Role.STR))
    words = "这是户内线路,不属于公区"
    scene.do(
        lambda: desk.reject(order_id, by=dsp, reason="not_our_service", text=words, evidence="合同第5条"),
        after=MINUTE,
    )
    (his,) = told(scene, Role.RES)
    assert "11月23日 22:11 前可以申诉" in his[-1][1]
    scene.do(lambda: appeals.appeal(order_id, by=resident, text="灯在楼道里"), after=HOUR)
    his, of_street, of_bureau, of_manager = told(scene, Role.RES, Role.STR, Role.BUR, Role.MGR)
    assert "11月23日 23:59 前答复您" in his[0][1]
    assert [title for title, _ in of_street] == [title for title, _ in of_bureau] != []
    assert [title for title, _ in of_manager] == ["居民申诉"]
    due = "照片显示是楼道灯"
    scene.do(lambda: appeals.decide(order_id, by=street, uphold=True, reason=due), after=HOUR)
    his, of_desk, of_manager = told(scene, Role.RES, Role.DSP, Role.MGR)
    assert his[0][0] == "申诉成立,重新处理"
    assert [title for title, _ in of_desk] == [f"重新受理 {number(scene, order_id)}"]
    assert "申诉成立" in [title for title, _ in of_manager]


def test_an_appeal_that_nobody_answers_is_the_streets_matter_alone(scene):
    order_id = scene.submit(at=T0).order_id
    dsp, resident = scene.by(Role.DSP), scene.by(Role.RES)
    scene.do(lambda: desk.reject(order_id, by=dsp, reason="untrue", text="x" * 10, evidence="巡查记录"))
    scene.do(lambda: appeals.appeal(order_id, by=resident, text="灯在楼道里"), after=HOUR)
    told(scene)
    scene.do(lambda: None, at=china(2026, 11, 24, 0, 1))
    with clock.frozen(scene.at):
        sweep()
    of_street, of_desk, of_company, his = told(scene, Role.STR, Role.DSP, Role.CO, Role.RES)
    assert [title for title, _ in of_street] == [f"申诉超时未答复 {number(scene, order_id)}"]
    assert (of_desk, of_company, his) == ([], [], [])


def test_after_an_upheld_appeal_the_same_warnings_are_told_once_more(scene):
    order_id = scene.submit(at=T0).order_id
    dsp, resident, bureau = (scene.by(role) for role in (Role.DSP, Role.RES, Role.BUR))
    with clock.frozen(T0 + 11 * MINUTE):
        sweep()
    words = "现场看过,灯是亮着的没有坏"
    scene.do(
        lambda: desk.reject(order_id, by=dsp, reason="untrue", text=words, evidence="巡查记录"),
        at=T0 + 12 * MINUTE,
    )
    assert "接单快到时限" in [title for title, _ in told(scene, Role.DSP)[0]]
    scene.do(lambda: appeals.appeal(order_id, by=resident, text="灯在楼道里"), after=HOUR)
    scene.do(lambda: appeals.decide(order_id, by=bureau, uphold=True, reason="照片显示坏了"), after=HOUR)
    told(scene)
    scene.do(lambda: None, after=11 * MINUTE)
    with clock.frozen(scene.at):
        sweep()
    assert [title for title, _ in told(scene, Role.DSP)[0]] == ["接单快到时限"]


def test_a_lowered_urgency_is_told_to_the_bureau_and_a_raised_one_to_the_worker(scene):
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, after=MINUTE)
    scene.assign(order_id, after=MINUTE)
    dsp, why = scene.by(Role.DSP), "现场电话说线头露着"
    told(scene)
    scene.do(lambda: sorting.change_urgency(order_id, by=dsp, urgency="P0", reason=why), after=MINUTE)
    of_worker, of_bureau = told(scene, Role.WRK, Role.BUR)
    assert [title for title, _ in of_worker] == ["紧急程度调高", f"紧急工单 {number(scene, order_id)}"]
    assert [title for title, _ in of_bureau] == [f"紧急工单 {number(scene, order_id)}"]
    scene.do(
        lambda: sorting.change_urgency(order_id, by=dsp, urgency="P2", reason="线头已包好"), after=MINUTE
    )
    of_worker, of_bureau = told(scene, Role.WRK, Role.BUR)
    assert (of_worker, [title for title, _ in of_bureau]) == ([], [f"紧急程度调低 {number(scene, order_id)}"])


def test_an_order_that_becomes_an_emergency_is_broadcast_like_one_that_was_sent_as_such(scene):
    order_id = scene.submit(at=T0).order_id
    dsp, roles = scene.by(Role.DSP), (Role.WRK, Role.STR, Role.BUR)
    told(scene)
    why = "居民说有电线垂下来"
    scene.do(lambda: sorting.recategorise(order_id, by=dsp, category_code="G0203", reason=why), after=MINUTE)
    alarm = [f"紧急工单 {number(scene, order_id)}"]
    assert [[title for title, _ in each] for each in told(scene, *roles)] == [alarm, alarm, alarm]
