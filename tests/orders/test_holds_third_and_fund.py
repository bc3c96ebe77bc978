"""Waiting for a firm (T15), for the owners' money (T16, T30, C4), and going on (T17): K6 and K7 to the millisecond.

T0 is Friday 2026-11-20 22:10:00.000 in China, as in the clock vectors of domain 3.6.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.outbox import OutboxRow
from app.core.roles import Role
from app.orders import evidence, fund, holds, queries
from app.orders.clock_models import Deadline
from app.orders.errors import MissingEvidence, WrongOrderState
from app.orders.fund_rules import PAYERS, call_due
from app.orders.hold_models import Hold
from app.orders.lifecycle import Action, Menu, Status
from app.orders.standstill import standstill
from app.orders.third_party import ThirdParty
from tests.engines import both_engines, in_parallel
from tests.factories.scene import HOME_LAMP
from tests.orders.test_clock_vectors import promise, sweep_at
from tests.orders.waiting import LEAK, close_fund, hold_fund, need_fund, tell_fund, wait_for_firm

MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
NINE, TEN = china(2026, 11, 21, 9), china(2026, 11, 21, 10)
DUE = china(2026, 11, 23, 22, 10)


def end(scene, order_id, *, by=Role.MGR, **step):
    who = scene.by(by)
    return scene.do(lambda: holds.end_hold(order_id, by=who, reason="可以接着修了"), **step)


def actions(scene, order_id, role):
    with clock.frozen(scene.at):
        return queries.order_line(order_id, scene.by(role)).actions


def waiting_for_money(scene) -> int:
    """K6: decided at half past eight, told at nine, suspended at ten."""
    order_id = scene.until_working(at=T0, **LEAK)
    need_fund(scene, order_id, at=china(2026, 11, 21, 8, 30))
    tell_fund(scene, order_id, at=NINE)
    hold_fund(scene, order_id, at=TEN)
    return order_id


# ---- the clock


@both_engines
def test_k6_a_consultation_of_19_days_leaves_60_hours_and_10_minutes(scene):
    order_id = waiting_for_money(scene)
    assert (promise(order_id, "C3").state, scene.order(order_id).next_due_at) == ("paused", None)
    assert sweep_at(china(2026, 12, 10, 8, 59)) == 0
    end(scene, order_id, at=china(2026, 12, 10, 9))
    order = scene.order(order_id)
    assert order.status == Status.WORKING
    assert promise(order_id, "C3").due_at == order.next_due_at == china(2026, 12, 12, 21, 10)
    assert promise(order_id, "C3", "W2").due_at == china(2026, 12, 12, 17, 10)
    sweep_at(china(2026, 12, 12, 21, 10))
    assert not scene.order(order_id).late_repair
    sweep_at(china(2026, 12, 12, 21, 10) + MS)
    assert scene.order(order_id).late_repair


@both_engines
def test_k7_the_same_34_hours_of_a_firm_shift_the_promise_by_34_hours(scene):
    order_id = scene.until_working(at=T0)
    wait_for_firm(scene, order_id, at=NINE)
    end(scene, order_id, at=china(2026, 11, 22, 19))
    assert promise(order_id, "C3").due_at == china(2026, 11, 25, 8, 10)
    assert promise(order_id, "C3", "L3").due_at == china(2026, 11, 28, 8, 10)


def test_a_breach_from_before_the_hold_stays(scene):
    order_id = scene.until_working(at=T0)
    sweep_at(DUE + MS)
    wait_for_firm(scene, order_id, at=DUE + HOUR)
    end(scene, order_id, after=10 * HOUR)
    row = promise(order_id, "C3")
    assert (row.breached, row.due_at, scene.order(order_id).late_repair) == (True, DUE, True)
    assert promise(order_id, "C3", "L2").due_at == DUE + 34 * HOUR


# ---- a firm


@pytest.mark.parametrize(
    ("party", "field"),
    [
        (ThirdParty("nobody", "自来水公司", ticket="W1"), "party"),
        (ThirdParty("utility", " ", ticket="W1"), "party_name"),
        (ThirdParty("utility", "自来水公司"), "ticket"),
        (ThirdParty("utility", "自来水公司", ticket="9" * 61), "ticket"),
    ],
)
def test_who_is_waited_for_is_named_with_a_ticket_or_a_call(scene, party, field):
    order_id = scene.until_working(at=T0)
    with pytest.raises(Invalid) as refused:
        wait_for_firm(scene, order_id, party=party)
    assert list(refused.value.fields) == [field]
    assert scene.order(order_id).status == Status.VERIFIED


def test_a_call_is_as_good_as_a_ticket_and_the_culprit_is_not_named(scene):
    order_id = scene.until_working(at=T0)
    culprit = ThirdParty("liable", "示范肇事人", call_record="已电话联系,答应明天修")
    wait_for_firm(scene, order_id, party=culprit)
    note = evidence.timeline(order_id)[-1].note
    assert note == "等造成损坏的责任人处理:二次供水泵故障。临时安全措施:已在门厅放置临时水桶"
    assert "示范肇事人" not in standstill(scene.order(order_id)).words
    hold = db.session.scalars(select(Hold)).one()
    assert (hold.kind, hold.party_name, hold.ends_at) == ("THIRD", "示范肇事人", None)


@both_engines
@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE holds SET ticket = ''",
        "UPDATE holds SET safety = ''",
        "UPDATE holds SET party_name = ''",
        "UPDATE holds SET kind = 'WHIM'",
        "UPDATE orders SET status = 'HOLD_FUND'",
        "UPDATE orders SET status = 'CLOSED', closed_at = submitted_at, closed_how = 'fund_failed'",
    ],
)
def test_the_database_itself_refuses_a_hold_without_its_evidence(scene, lie):
    wait_for_firm(scene, scene.until_working(at=T0))
    with pytest.raises(Conflict):
        transact(lambda: db.session.execute(text(lie)))


@both_engines
def test_the_manager_is_asked_to_follow_up_every_24_hours_each_time_once(scene):
    order_id = scene.until_working(at=T0)
    wait_for_firm(scene, order_id, at=NINE)
    fired = []
    for hour in range(1, 80):
        for late in (timedelta(), MS):
            fired += [hour] * sweep_at(NINE + hour * HOUR + late)
    assert fired == [24, 48, 72]
    told = db.session.scalars(select(OutboxRow.payload).where(OutboxRow.name == "ClockReached")).all()
    levels = [each["level"] for each in told if each["clock"] == "FOLLOW"]
    assert levels == ["F1", "F2", "F3"]
    end(scene, order_id, at=NINE + 80 * HOUR)
    assert sweep_at(NINE + 97 * HOUR) == 0


def test_after_days_without_a_scheduler_one_reminder_is_enough_and_the_rhythm_stays(scene):
    order_id = scene.until_working(at=T0)
    wait_for_firm(scene, order_id, at=NINE)
    assert sweep_at(NINE + 75 * HOUR) == 1
    assert sweep_at(NINE + 96 * HOUR) == 0
    assert sweep_at(NINE + 96 * HOUR + MS) == 1


def test_a_second_wait_has_follow_ups_of_its_own(scene):
    order_id = scene.until_working(at=T0)
    wait_for_firm(scene, order_id, at=NINE)
    sweep_at(NINE + 25 * HOUR)
    end(scene, order_id, at=NINE + 26 * HOUR)
    wait_for_firm(scene, order_id, after=HOUR)
    assert sweep_at(NINE + 51 * HOUR) == 0
    assert sweep_at(NINE + 51 * HOUR + MS) == 1
    rows = db.session.execute(
        select(Deadline.level, Deadline.state).where(Deadline.clock == "FOLLOW").order_by(Deadline.id)
    ).all()
    assert [tuple(row) for row in rows] == [
        ("F1", "fired"),
        ("F2", "void"),
        ("F3", "fired"),
        ("F4", "pending"),
    ]


# ---- who may end which


def test_only_the_manager_ends_what_waits_for_a_firm_or_for_money(scene):
    order_id = scene.until_working(at=T0)
    wait_for_firm(scene, order_id)
    assert Action.END_HOLD not in actions(scene, order_id, Role.WRK)
    assert Action.END_HOLD in actions(scene, order_id, Role.MGR)
    with pytest.raises(WrongOrderState):
        end(scene, order_id, by=Role.WRK)
    with pytest.raises(Forbidden):
        end(scene, order_id, by=Role.DSP)
    assert sweep_at(T0 + 1000 * HOUR) == 1  # the follow-up, and nothing that ends it
    assert scene.order(order_id).status == Status.HOLD_THIRD


def test_holds_of_all_kinds_are_numbered_together_and_a_resident_still_has_his_two(scene):
    home = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "spot_id": None}
    order_id = scene.until_working(at=T0, home_id=scene.place.homes[0].id, **home)
    wait_for_firm(scene, order_id, after=HOUR)
    end(scene, order_id, after=HOUR)
    for _ in range(2):
        scene.hold(order_id, reason="resident_asked", text="请改天再来", after=HOUR)
        end(scene, order_id, by=Role.WRK, after=HOUR)
    assert [hold.number for hold in db.session.scalars(select(Hold).order_by(Hold.id))] == [1, 2, 3]
    assert scene.order(order_id).holds == 2
    levels = select(Deadline.level, Deadline.state).where(Deadline.clock == "HOLD").order_by(Deadline.id)
    assert [tuple(row) for row in db.session.execute(levels)] == [("H1", "void"), ("H2", "void")]


@both_engines
def test_two_managers_end_a_hold_once(scene, app_db):
    order_id = scene.until_working(at=T0)
    wait_for_firm(scene, order_id, at=NINE)
    by = scene.by(Role.MGR)
    clock.freeze(NINE + HOUR)

    def attempt():
        try:
            transact(lambda: holds.end_hold(order_id, by=by, reason="已经修好"))
        except WrongOrderState as refusal:
            return refusal.code
        return "ok"

    assert sorted(in_parallel(app_db, [attempt] * 2)) == ["ok", "wrong_order_state"]
    assert promise(order_id, "C3").due_at == DUE + HOUR


# ---- who pays, and who is told


@pytest.mark.parametrize("payer", [code for code, each in PAYERS.items() if not each.needs_the_owners])
def test_what_somebody_else_pays_never_reaches_the_owners_money(scene, payer):
    order_id = scene.until_working(at=T0)
    with pytest.raises(Invalid) as refused:
        need_fund(scene, order_id, payer=payer)
    assert refused.value.sentence == PAYERS[payer].instead
    assert scene.order(order_id).fund_needed_at is None


def test_the_decision_needs_evidence_and_a_public_matter_and_is_made_once(scene):
    order_id = scene.until_working(at=T0)
    with pytest.raises(MissingEvidence):
        scene.do(
            lambda: fund.need(order_id, by=scene.by(Role.MGR), payer="fund", reason="过保修期", scope="东墙")
        )
    need_fund(scene, order_id)
    with pytest.raises(WrongOrderState):
        need_fund(scene, order_id)
    home = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "spot_id": None}
    inside = scene.until_working(at=T0, home_id=scene.place.homes[0].id, **home)
    assert Action.NEED_FUND not in actions(scene, inside, Role.MGR)
    with pytest.raises(WrongOrderState):
        need_fund(scene, inside)


def test_without_a_word_to_the_reporter_nothing_is_suspended(scene):
    order_id = scene.until_working(at=T0)
    with pytest.raises(MissingEvidence):
        hold_fund(scene, order_id)
    need_fund(scene, order_id, at=NINE)
    assert Action.HOLD_FUND not in actions(scene, order_id, Role.MGR)
    assert Action.TELL_FUND in actions(scene, order_id, Role.DSP)
    with pytest.raises(MissingEvidence) as refused:
        hold_fund(scene, order_id)
    assert list(refused.value.fields) == ["fund_told_at"]
    tell_fund(scene, order_id, after=HOUR)
    assert evidence.timeline(order_id)[-1].note == "电话告知报修人:已说明要先征询业主意见"
    with pytest.raises(WrongOrderState):
        tell_fund(scene, order_id)
    hold_fund(scene, order_id)
    assert scene.order(order_id).status == Status.HOLD_FUND


@both_engines
@pytest.mark.parametrize(("late_by", "breached"), [(timedelta(), False), (MS, True)])
def test_c4_two_hours_sharp_is_in_time_and_a_millisecond_later_a_breach(scene, late_by, breached):
    order_id = scene.until_working(at=T0, **LEAK)
    need_fund(scene, order_id, at=NINE)
    assert promise(order_id, "C4", "W1").due_at == NINE + HOUR
    assert scene.order(order_id).next_due_at == NINE + 2 * HOUR
    tell_fund(scene, order_id, at=NINE + 2 * HOUR + late_by)
    row = promise(order_id, "C4")
    assert (row.breached, row.stopped_at) == (breached, NINE + 2 * HOUR + late_by)
    hold_fund(scene, order_id, after=MINUTE)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (china(2026, 11, 21, 21, 59), china(2026, 11, 21, 23, 59)),
        (china(2026, 11, 21, 22), china(2026, 11, 22, 9)),
        (china(2026, 11, 22, 0, 30), china(2026, 11, 22, 9)),
        (china(2026, 11, 22, 7, 59), china(2026, 11, 22, 9)),
        (china(2026, 11, 22, 8), china(2026, 11, 22, 10)),
        (china(2026, 11, 30, 23), china(2026, 12, 1, 9)),
    ],
)
def test_what_is_decided_at_night_is_told_by_nine_in_the_morning(scene, at, due):
    assert (call_due(at) or at + 2 * HOUR) == due
    order_id = scene.until_working(at=at - HOUR, **LEAK)
    need_fund(scene, order_id, at=at)
    assert promise(order_id, "C4").due_at == due
    assert promise(order_id, "C4", "W1").due_at == due - HOUR


def test_a_repair_that_needs_no_money_after_all_leaves_no_call_to_make(scene):
    order_id = scene.until_working(at=T0)
    need_fund(scene, order_id, at=NINE)
    scene.finish(order_id, after=HOUR)
    assert promise(order_id, "C4").state == "void"
    sweep_at(NINE + 3 * HOUR)
    assert not promise(order_id, "C4").breached


# ---- the owners did not agree


@both_engines
def test_a_failed_consultation_closes_the_order_without_a_verdict(scene):
    order_id = waiting_for_money(scene)
    close_fund(scene, order_id, at=china(2026, 12, 10, 9))
    order, row = scene.order(order_id), promise(order_id, "C3")
    assert (order.status, order.closed_how, order.finished_at) == (Status.CLOSED, "fund_failed", None)
    assert (row.state, row.breached, order.next_due_at) == ("void", False, None)
    hold = db.session.scalars(select(Hold)).one()
    assert (hold.ended_how, hold.ended_at) == ("closed", china(2026, 12, 10, 9))
    assert {photo.step for photo in evidence.order_photos(order_id)} == {"site", "fund", "fund_result"}
    assert actions(scene, order_id, Role.RES) == []
    assert sweep_at(china(2027, 3, 1)) == 0


def test_the_result_needs_words_and_evidence(scene):
    order_id = waiting_for_money(scene)
    by = scene.by(Role.MGR)
    with pytest.raises(Invalid):
        scene.do(lambda: fund.close(order_id, by=by, result="没过"))
    with pytest.raises(MissingEvidence):
        scene.do(lambda: fund.close(order_id, by=by, result="征询没有通过"))
    assert scene.order(order_id).status == Status.HOLD_FUND
