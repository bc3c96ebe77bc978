"""Limits and parameters as dated rows of two persons, running orders, emergency periods, the night (domain 3.7)."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError

from app.audit.models import AuditRecord
from app.audit.service import ensure_head
from app.companies.hats import scope_of
from app.core import clock
from app.core.calendar_days import install_standard as install_calendar
from app.core.calendar_days import known_calendar
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid, NotFound, WrongState
from app.core.parameter_models import ParameterValue
from app.core.parameters import NIGHT_DEFERRAL, PARAMETERS, checked, value_of
from app.core.parameters import install_standard as install_parameters
from app.core.roles import Role
from app.notifications.models import Notification
from app.orders import appeals, desk, holds, proposals
from app.orders.clock_models import ClockEvent, Deadline, DeadlinePolicy
from app.orders.field_work import CheckIn, check_in
from app.orders.models import SiteVisit
from app.orders.policies import DAY, HOUR, MINUTE
from app.orders.policy_changes import NewLimit, take_running_orders_along
from app.orders.proposal_models import Proposal
from app.orders.sweeping import sweep
from tests.engines import both_engines, in_parallel
from tests.factories.people import make_hat
from tests.factories.places import make_place
from tests.factories.scene import make_scene
from tests.feedback import doing

T0 = china(2026, 11, 20, 22, 10)
SATURDAY = date(2026, 11, 21)
MIDNIGHT = china(2026, 11, 21)
M = timedelta(minutes=1)
H = timedelta(hours=1)


@pytest.fixture
def second(scene):
    """Another person of the bureau."""
    transact(ensure_head)
    return transact(lambda: scope_of(make_hat(Role.BUR, district_id=scene.place.district.id)))


def due(order_id, which="C2", level="DUE"):
    db.session.rollback()
    mine = (Deadline.order_id == order_id) & (Deadline.clock == which) & (Deadline.level == level)
    return db.session.scalars(select(Deadline).where(mine)).one().due_at


def propose(scene, *, limit=20 * MINUTE, name="C2", at=T0 - H, on=SATURDAY, **keys):
    wanted = NewLimit(name, limit, **keys)
    by = scene.by(Role.BUR)
    return scene.do(
        lambda: proposals.propose_limit(wanted, valid_on=on, reason="夜间也要快", by=by).id, at=at
    )


def grant(scene, second, proposal_id, *, at=T0 - H):
    return scene.do(lambda: proposals.decide(proposal_id, grant=True, by=second), at=at)


def changed(scene, second, **keys):
    proposal_id = propose(scene, **keys)
    grant(scene, second, proposal_id)
    return proposal_id


def along(at):
    with clock.frozen(at):
        return take_running_orders_along()


@both_engines
def test_a_granted_change_counts_from_its_day_on_and_the_old_row_stays(scene, second):
    before = db.session.scalar(select(func.count()).select_from(DeadlinePolicy))
    changed(scene, second)
    assert db.session.scalar(select(func.count()).select_from(DeadlinePolicy)) == before + 1
    old = scene.submit(at=MIDNIGHT - timedelta(milliseconds=1)).order_id
    new = scene.submit(at=MIDNIGHT).order_id
    assert due(old) == MIDNIGHT - timedelta(milliseconds=1) + 30 * M
    assert due(new) == MIDNIGHT + 20 * M
    assert due(new, level="W1") == MIDNIGHT + timedelta(minutes=20 * 20 / 30)
    assert along(MIDNIGHT + M) == 0
    assert due(old) == MIDNIGHT - timedelta(milliseconds=1) + 30 * M
    actions = set(db.session.scalars(select(AuditRecord.action)))
    assert {"proposal.propose", "proposal.grant"} <= actions


def test_nobody_grants_his_own_change_and_the_database_says_so_too(scene, second):
    proposal_id = propose(scene)
    with pytest.raises(proposals.SameProposer):
        grant(scene, scene.by(Role.BUR), proposal_id)
    proposal = db.session.get_one(Proposal, proposal_id)
    proposal.granted, proposal.decided_at, proposal.decided_by = True, T0, proposal.proposed_by
    with pytest.raises((IntegrityError, OperationalError)):
        db.session.flush()
    db.session.rollback()


def test_the_others_of_the_bureau_hear_of_a_proposal_and_the_proposer_of_its_end(scene, second):
    def titles(account_id):
        mine = select(Notification.title).where(Notification.account_id == account_id)
        return db.session.scalars(mine.order_by(Notification.id)).all()

    proposal_id = propose(scene)
    assert titles(second.account_id) == ["有时限或参数改动等您批准"]
    grant(scene, second, proposal_id)
    assert titles(scene.by(Role.BUR).account_id) == ["您提出的改动有结论了"]


def test_a_proposer_may_take_his_change_back_and_then_nobody_grants_it(scene, second):
    proposal_id, by = propose(scene), scene.by(Role.BUR)
    scene.do(lambda: proposals.decide(proposal_id, grant=False, note="写错了", by=by))
    with pytest.raises(WrongState):
        grant(scene, second, proposal_id)


def test_a_change_whose_day_has_come_is_granted_no_more(scene, second):
    proposal_id = propose(scene)
    with pytest.raises(WrongState):
        grant(scene, second, proposal_id, at=MIDNIGHT)


def test_another_district_sees_no_proposal_and_another_hat_makes_none(scene, second):
    proposal_id = propose(scene)
    stranger = transact(lambda: scope_of(make_hat(Role.BUR, district_id=make_place().district.id)))
    with pytest.raises(NotFound):
        grant(scene, stranger, proposal_id)
    for role in (Role.STR, Role.CO, Role.MGR):
        with pytest.raises(Forbidden):
            grant(scene, scene.by(role), proposal_id)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "C2-APT"}, "clock"),
        ({"limit": 1}, "limit"),
        ({"limit": 30 * MINUTE}, "limit"),
        ({"on": date(2026, 11, 20)}, "valid_on"),
        ({"estate_id": 99_999}, "estate_id"),
        ({"name": "C3", "limit": 48 * HOUR, "extended_ms": 24 * HOUR}, "extended"),
        ({"name": "C12", "also_running": True}, "also_running"),
        ({"urgency": "P9"}, "menu"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_by_its_field(scene, second, wrong, field):
    with pytest.raises(Invalid) as refused:
        propose(scene, **wrong)
    assert field in refused.value.fields


@both_engines
def test_running_orders_follow_where_the_change_says_so_and_their_paused_time_stays(scene, second):
    changed(scene, second, name="C3", limit=48 * HOUR, extended_ms=96 * HOUR, also_running=True)
    plain = scene.submit(at=T0 - H).order_id
    held = scene.at_a_closed_door(at=T0 - H)
    scene.hold(held, at=T0)
    assert along(MIDNIGHT + M) == 2
    assert due(plain, "C3") == T0 - H + 48 * H
    ended = MIDNIGHT + 10 * M
    scene.do(lambda: holds.end_hold(held, by=scene.by(Role.WRK), reason="居民提前回来了"), at=ended)
    assert due(held, "C3") == T0 - H + 48 * H + (ended - T0)
    assert due(held, "C3", "W2") == due(held, "C3") - 4 * H
    assert along(MIDNIGHT + 20 * M) == 0
    kinds = db.session.scalars(select(ClockEvent.kind).where(ClockEvent.order_id == plain)).all()
    assert kinds.count("policy") == 1


@both_engines
def test_two_schedulers_give_each_order_the_new_limit_once(scene, second, app_db):
    changed(scene, second, name="C3", limit=48 * HOUR, also_running=True)
    orders = [scene.submit(at=T0 + number * M).order_id for number in range(5)]
    clock.freeze(MIDNIGHT + M)
    done = in_parallel(app_db, [lambda: take_running_orders_along(2)] * 2)
    assert sum(done) == 5
    db.session.rollback()
    policy = select(func.count()).where(ClockEvent.kind == "policy", ClockEvent.order_id.in_(orders))
    assert db.session.scalar(policy) == 5


def test_no_order_is_late_by_a_change_alone(scene, second):
    changed(scene, second, name="C3", limit=1 * HOUR, extended_ms=2 * HOUR, also_running=True)
    old = scene.submit(at=MIDNIGHT - 2 * H).order_id
    young = scene.submit(at=MIDNIGHT - 30 * M).order_id
    assert along(MIDNIGHT + M) == 1
    assert due(old, "C3") == MIDNIGHT + 70 * H
    assert due(young, "C3") == MIDNIGHT + 30 * M
    with clock.frozen(MIDNIGHT + 30 * M):
        while sweep():
            pass
    assert not scene.order(young).late_repair
    assert scene.order(young).next_due_at is not None


def test_a_breach_on_record_stays_and_is_not_taken_along(scene, second):
    late = scene.submit(at=MIDNIGHT - H).order_id
    scene.accept(late, after=M)
    with clock.frozen(MIDNIGHT - 20 * M):
        sweep()
    changed_at = propose(scene, limit=90 * MINUTE, also_running=True)
    grant(scene, second, changed_at)
    along(MIDNIGHT + M)
    assert scene.order(late).late_visit
    assert due(late) == MIDNIGHT - 30 * M


def test_a_parameter_is_changed_like_a_limit(scene, second):
    by = scene.by(Role.BUR)
    proposal_id = scene.do(
        lambda: (
            proposals.propose_value(
                NIGHT_DEFERRAL, "ON", valid_on=SATURDAY, reason="居民夜里要睡觉", by=by
            ).id
        ),
        at=T0 - H,
    )
    here = scene.place.district.id
    assert value_of(NIGHT_DEFERRAL, MIDNIGHT, here) == "off"
    grant(scene, second, proposal_id)
    assert value_of(NIGHT_DEFERRAL, MIDNIGHT - M, here) == "off"
    assert value_of(NIGHT_DEFERRAL, MIDNIGHT, here) == "on"
    assert [value_of(NIGHT_DEFERRAL, MIDNIGHT, other) for other in (None, here + 1)] == ["off", "off"]
    before = scene.submit(at=MIDNIGHT - M).order_id
    night = scene.submit(at=MIDNIGHT + M).order_id
    danger = scene.submit(at=MIDNIGHT + M, hazardous=True, photo_ids=scene.photos(Role.RES)).order_id
    assert due(before) == MIDNIGHT + 29 * M
    assert due(night) == china(2026, 11, 21, 7, 30)
    assert due(night, "C1") == MIDNIGHT + 16 * M
    assert due(danger) == MIDNIGHT + 31 * M
    with pytest.raises(Invalid):
        scene.do(
            lambda: proposals.propose_value("c9", "1", valid_on=SATURDAY, reason="没有这个", by=by),
            at=T0 - H,
        )


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("gps_radius_m", "49"),
        ("gps_radius_m", "2001"),
        ("quiet_hours", "21-8"),
        ("quiet_hours", "25:00-08:00"),
    ],
)
def test_a_value_that_a_parameter_cannot_have_is_explained(key, wrong):
    with pytest.raises(Invalid) as refused:
        checked(key, wrong)
    assert PARAMETERS[key].label in refused.value.sentence


def test_a_check_in_is_judged_by_the_distance_that_counted_when_the_order_was_sent(scene, second):
    estate = scene.place.estate
    north = estate.latitude + (math.sqrt(float(estate.area_m2) / math.pi) + 400) / 111_195
    by = scene.by(Role.BUR)
    wider = scene.do(
        lambda: (
            proposals.propose_value(
                "gps_radius_m", "500", valid_on=SATURDAY, reason="高楼里定位不准", by=by
            ).id
        ),
        at=T0 - H,
    )
    grant(scene, second, wider)
    flagged = []
    for at in (MIDNIGHT - M, MIDNIGHT + M):
        order_id = scene.submit(at=at).order_id
        scene.accept(order_id, after=M)
        scene.assign(order_id, after=M)
        visit = CheckIn(
            finding="灯管烧坏",
            hazardous=False,
            expected_at=at + 5 * H,
            contact_result="已电话告知报修人",
            photo_ids=scene.photos(Role.WRK),
            latitude=north,
            longitude=estate.longitude,
        )
        scene.do(
            lambda order_id=order_id, visit=visit: check_in(order_id, visit, by=scene.by(Role.WRK)), after=M
        )
        row = db.session.scalars(select(SiteVisit).where(SiteVisit.order_id == order_id)).one()
        flagged.append(row.flagged)
    assert flagged == [True, False]


def test_a_night_that_one_district_defers_is_not_deferred_in_another(scene, second):
    by = scene.by(Role.BUR)
    words = {"valid_on": SATURDAY, "reason": "居民夜里要睡觉", "by": by}
    asked = scene.do(lambda: proposals.propose_value(NIGHT_DEFERRAL, "on", **words).id, at=T0 - H)
    grant(scene, second, asked)
    other = make_scene(at=scene.at)
    assert due(scene.submit(at=MIDNIGHT + M).order_id) == china(2026, 11, 21, 7, 30)
    assert due(other.submit(at=MIDNIGHT + M).order_id) == MIDNIGHT + 31 * M


def test_the_values_with_which_an_instance_begins_are_rows_for_all_and_installing_twice_is_once(scene):
    assert transact(install_parameters) == len(PARAMETERS)
    assert transact(install_parameters) == 0
    rows = db.session.execute(select(ParameterValue.key, ParameterValue.value, ParameterValue.district_id))
    assert {tuple(row) for row in rows} == {(key, each.default, None) for key, each in PARAMETERS.items()}


def test_the_limit_of_a_snap_is_a_dated_row_like_every_other(scene, second):
    old = doing.send(scene, at=MIDNIGHT - M)
    changed(scene, second, name="C6", limit=5 * DAY)
    new = doing.send(scene, at=MIDNIGHT)
    assert doing.snap(old).due_at == MIDNIGHT - M + timedelta(days=10)
    assert doing.snap(new).due_at == MIDNIGHT + timedelta(days=5)
    assert doing.sweep_at(MIDNIGHT + timedelta(days=2, hours=12, milliseconds=1)) == 1, "half of it is over"
    doing.tell_all(MIDNIGHT + timedelta(days=2, hours=12, milliseconds=1))
    assert doing.titles(scene.by(Role.MGR).account_id)[-1] == "随手拍已2天12小时未回复"
    end = MIDNIGHT + timedelta(days=5, milliseconds=1)
    doing.sweep_at(end)
    doing.tell_all(end)
    assert doing.snap(new).status == "EXPIRED"
    assert doing.titles(scene.resident.id)[-1] == "5天没有回复"


def test_the_limit_of_a_snap_knows_neither_kind_of_order_nor_urgency_and_leaves_what_was_sent(scene, second):
    for keys in ({"menu": "PUB"}, {"urgency": "P1"}, {"also_running": True}):
        with pytest.raises(Invalid):
            propose(scene, name="C6", limit=5 * DAY, **keys)


def test_an_appeal_is_answered_within_the_working_days_of_its_row(scene, second):
    transact(install_calendar)
    known_calendar.forget()
    changed(scene, second, name="C11", limit=3 * DAY)
    with pytest.raises(Invalid, match="整天"):
        propose(scene, name="C11", limit=DAY + HOUR)
    order_id = scene.submit(at=MIDNIGHT + 10 * H).order_id
    by = scene.by(Role.DSP)
    words = {"text": "这是户内线路,不属于公区", "evidence": "合同第5条"}
    scene.do(lambda: desk.reject(order_id, by=by, reason="not_our_service", **words), after=M)
    by = scene.by(Role.RES)
    asked = scene.do(lambda: appeals.appeal(order_id, by=by, text="灯在楼道里").due_at, after=M)
    # A Saturday; the third working day after it is Wednesday.
    assert asked == china(2026, 11, 26) - timedelta(milliseconds=1)
    assert due(order_id, which="C11") == asked
