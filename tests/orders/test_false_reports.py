"""Five reports in thirty days that nobody found true: one order a day, and the bureau may lift it (domain 3.8).

T0 is Friday 2026-11-20 22:10:00.000 in China; the five are sent and rejected in the morning of that day.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import make_transient

from app.audit.models import AuditRecord
from app.audit.service import ensure_head, verify_chain
from app.core import clock
from app.core.calendar_days import install_standard, known_calendar
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid, NotFound, WrongState
from app.core.roles import Role
from app.notifications.models import Notification
from app.orders import appeals, desk, false_reports, submitting
from app.orders.errors import OneOrderADay
from app.orders.lifecycle import Menu
from app.orders.models import Order
from app.orders.whereabouts import Submission
from tests.engines import both_engines, in_parallel
from tests.factories.people import make_account
from tests.factories.scene import LAMP, make_neighbour, make_scene
from tests.miniprogram_api.phones import counted_statements

MS, MINUTE, DAY = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(days=1)
MORNING = china(2026, 11, 20, 9)
TOMORROW = china(2026, 11, 21)
LIFT_TRAPPED = "G0101"


@pytest.fixture(autouse=True)
def bureau(scene):
    transact(ensure_head)
    transact(install_standard)
    known_calendar.forget()


def rejected(scene, *, code: str = "untrue", at=None, **values) -> int:
    order_id = scene.submit(at=at or scene.at, **values).order_id
    by = scene.by(Role.DSP)
    scene.do(
        lambda: desk.reject(
            order_id, by=by, reason=code, text="到现场没有发现问题,电话核实过", evidence="巡查记录"
        ),
        after=MINUTE,
    )
    return order_id


def limited(
    scene, *, codes=("untrue", "malicious", "untrue", "untrue", "malicious"), at=MORNING
) -> list[int]:
    """As many rejected reports as there are codes; the last one was sent four minutes after the first."""
    scene.at = at
    return [rejected(scene, code=code) for code in codes]


def lift(scene, *, by=Role.BUR, reason="孩子玩手机误报,已当面说明", **step):
    who, account_id = scene.by(by), scene.resident.id
    return scene.do(lambda: false_reports.lift(account_id, by=who, reason=reason), **step)


def appealed(scene, order_id: int, *, uphold: bool | None = None) -> None:
    by, street = scene.by(Role.RES), scene.by(Role.STR)
    scene.do(lambda: appeals.appeal(order_id, by=by, text="灯确实不亮"), after=MINUTE)
    if uphold is not None:
        scene.do(
            lambda: appeals.decide(order_id, by=street, uphold=uphold, reason="照片看得见"), after=MINUTE
        )


# ---- the limit


@both_engines
def test_after_the_fifth_false_report_one_order_a_day_is_left(scene):
    orders = limited(scene)
    last = scene.order(orders[-1])
    with pytest.raises(OneOrderADay) as refused:
        scene.submit()
    number = f"R1120-{last.id:04d}"
    assert refused.value.fields == {"number": number}
    for words in ("5件", number, "明天再报", "962121", "申诉", "房管局"):
        assert words in refused.value.sentence
    with pytest.raises(OneOrderADay):
        scene.submit(at=TOMORROW - MS)
    assert scene.submit(at=TOMORROW).order_id
    with pytest.raises(OneOrderADay):
        scene.submit(at=TOMORROW + DAY - MS)
    assert scene.submit(at=TOMORROW + DAY).order_id


def test_four_are_no_reason_yet_and_other_rejections_are_nobodys_fault(scene):
    limited(scene, codes=("untrue", "malicious", "untrue", "malicious"))
    for code in ("not_our_service", "not_our_estate"):
        rejected(scene, code=code)
    assert scene.submit().order_id
    assert scene.submit().order_id


def test_what_was_rejected_thirty_days_ago_counts_no_more(scene):
    limited(scene)
    first_rejected = MORNING + MINUTE
    scene.submit(at=first_rejected + 30 * DAY - MINUTE)
    with pytest.raises(OneOrderADay):
        scene.submit(at=first_rejected + 30 * DAY - MS)
    assert scene.submit(at=first_rejected + 30 * DAY).order_id


@pytest.mark.parametrize("uphold", [True, None])
def test_a_rejection_that_was_wrong_or_is_being_judged_does_not_count(scene, uphold):
    orders = limited(scene)
    appealed(scene, orders[2], uphold=uphold)
    assert scene.submit().order_id


def test_a_rejection_that_was_found_right_counts_again(scene):
    orders = limited(scene)
    appealed(scene, orders[2], uphold=False)
    with pytest.raises(OneOrderADay):
        scene.submit()


def test_a_neighbour_may_report_as_ever(scene):
    limited(scene)
    neighbour = make_neighbour(scene)
    lamp = Submission(Menu.REPORT, LAMP, text="灯不亮了", spot_id=scene.place.spot.id)
    for _ in range(2):
        assert scene.do(lambda: submitting.submit(lamp, by=neighbour)).order_id


# ---- what is never refused


@pytest.mark.parametrize("values", [{"category_code": LIFT_TRAPPED}, {"hazardous": True}])
def test_who_reports_danger_is_never_refused(scene, values):
    limited(scene)
    for _ in range(2):
        assert scene.submit(**values).order_id


def test_the_desk_writes_down_what_he_says_on_the_telephone(scene):
    limited(scene)
    said = {"channel": "电话", "consent_note": "本人来电同意", "contact_name": "示范居民"}
    for _ in range(2):
        assert scene.submit(by=Role.DSP, reporter_id=scene.resident.id, **said).order_id


def test_what_the_desk_wrote_down_is_not_held_against_him(scene):
    scene.at = MORNING
    said = {"channel": "电话", "consent_note": "本人来电同意", "contact_name": "示范居民"}
    for _ in range(5):
        rejected(scene, by=Role.DSP, reporter_id=scene.resident.id, **said)
    for _ in range(2):
        assert scene.submit().order_id


@both_engines
def test_of_two_orders_at_once_one_is_the_order_of_the_day(scene, app_db):
    limited(scene)
    clock.freeze(TOMORROW)
    lamp = Submission(Menu.REPORT, LAMP, text="灯不亮了", spot_id=scene.place.spot.id)

    def send() -> str:
        try:
            transact(lambda: submitting.submit(lamp, by=scene.by(Role.RES)))
        except OneOrderADay as refusal:
            return refusal.code
        return "ok"

    assert sorted(in_parallel(app_db, [send, send])) == ["ok", "one_order_a_day"]


# ---- the bureau


@both_engines
def test_the_bureau_lifts_it_with_a_reason_and_the_person_hears_of_it(scene):
    limited(scene)
    lift(scene, after=MINUTE)
    for _ in range(2):
        assert scene.submit().order_id
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == false_reports.LIFT)).one()
    assert (record.object_kind, record.object_id, record.role) == ("account", str(scene.resident.id), "BUR")
    assert record.details == {"reason": "孩子玩手机误报,已当面说明", "orders": 5}
    assert record.business_district_id == scene.place.district.id
    assert verify_chain() is None
    told = select(Notification.title).where(Notification.account_id == scene.resident.id)
    assert "可以照常报事了" in db.session.scalars(told).all()


def test_after_a_lifting_five_more_bring_the_limit_back(scene):
    limited(scene)
    lift(scene, after=MINUTE)
    for _ in range(4):
        rejected(scene)
    assert scene.submit().order_id
    rejected(scene)
    with pytest.raises(OneOrderADay):
        scene.submit()


def test_only_the_bureau_lifts_only_with_a_reason_and_only_where_there_is_a_limit(scene):
    with pytest.raises(NotFound):
        lift(scene)
    limited(scene)
    for role in (Role.STR, Role.MGR, Role.DSP, Role.RES):
        with pytest.raises(Forbidden):
            lift(scene, by=role)
    with pytest.raises(Invalid) as refused:
        lift(scene, reason=" 好 ")
    assert list(refused.value.fields) == ["reason"]
    lift(scene)
    with pytest.raises(WrongState):
        lift(scene)
    assert db.session.scalar(select(func.count()).select_from(AuditRecord)) == 1


def test_another_district_neither_sees_nor_lifts(scene):
    limited(scene)
    other = make_scene(at=scene.at)
    account_id, stranger = scene.resident.id, other.by(Role.BUR)
    with clock.frozen(scene.at):
        assert false_reports.limited_people(stranger).items == []
    with pytest.raises(NotFound):
        scene.do(lambda: false_reports.lift(account_id, by=stranger, reason="不归我们"))


def test_the_bureaus_list_has_who_is_limited_with_the_orders_and_without_the_full_name(scene):
    orders = limited(scene)
    with clock.frozen(scene.at):
        [person] = false_reports.limited_people(scene.by(Role.BUR)).items
    assert (person.account_id, person.name) == (scene.resident.id, "示***")
    assert [order_id for order_id, _ in person.orders] == orders
    assert person.last_at == db.session.get_one(Order, orders[-1]).rejected_at
    lift(scene, after=MINUTE)
    with clock.frozen(scene.at):
        assert false_reports.limited_people(scene.by(Role.BUR)).items == []


def test_the_list_is_paged_and_costs_the_same_statements_for_two_people_as_for_one(scene):
    by = scene.by(Role.BUR)

    def cost(people: int) -> int:
        db.session.rollback()
        with counted_statements() as seen, clock.frozen(scene.at):
            assert len(false_reports.limited_people(by).items) == people
        return len(seen)

    limited(scene)
    one = cost(1)
    first = scene.resident.id
    second = transact(lambda: make_account(name="另一位")).id
    for order in db.session.scalars(select(Order).where(Order.reporter_id == first).order_by(Order.id)):
        db.session.expunge(order)
        make_transient(order)
        order.id, order.reporter_id = None, second
        db.session.add(order)
    db.session.commit()
    assert cost(2) == one
    with clock.frozen(scene.at):
        page = false_reports.limited_people(by, limit=1)
        rest = false_reports.limited_people(by, limit=1, cursor=page.next_cursor)
    assert [each.account_id for each in (*page.items, *rest.items)] == [second, first]
    assert rest.next_cursor is None
