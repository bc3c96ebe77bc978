"""Who was turned away asks street or bureau (T23, T24, C11): evidence of a rejection, the answer in a working day, and
an order that begins anew. T0 is Friday 2026-11-20 22:10:00.000 in China."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.core import clock
from app.core.calendar_days import install_standard, known_calendar
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.roles import Role
from app.orders import appeals, desk, evidence, queries
from app.orders.appeal_models import Appeal
from app.orders.clock_models import ClockEvent, Deadline
from app.orders.errors import AppealedAlready, MissingEvidence, TooLate, WrongOrderState
from app.orders.lifecycle import Action, Menu, Status
from app.orders.models import Order
from app.orders.rules import ClockFact, read_clock
from app.orders.slot_models import BookingSlot
from tests.engines import both_engines
from tests.factories.places import make_place
from tests.factories.scene import HOME_LAMP, make_scene
from tests.orders.test_clock_vectors import promise, sweep_at

MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
INSIDE = "这是户内线路,不属于公区"
WORDS = "灯在楼道里,照片上看得见"


@pytest.fixture(autouse=True)
def calendar(scene):
    transact(install_standard)
    known_calendar.forget()


def reject(
    scene, order_id: int, *, reason="not_our_service", text=INSIDE, proof="合同第5条", photos=(), **step
):
    by = scene.by(Role.DSP)
    return scene.do(
        lambda: desk.reject(order_id, by=by, reason=reason, text=text, evidence=proof, photo_ids=photos),
        **step,
    )


def rejected(scene, **values) -> int:
    order_id = scene.submit(at=T0, **values).order_id
    reject(scene, order_id, after=8 * MINUTE)
    return order_id


def appeal(scene, order_id: int, **step) -> Appeal:
    by = scene.by(Role.RES)
    return scene.do(lambda: appeals.appeal(order_id, by=by, text=WORDS), **step)


def decide(scene, order_id: int, uphold: bool, *, by: Role = Role.STR, **step) -> Order:
    who = scene.by(by)
    return scene.do(
        lambda: appeals.decide(order_id, by=who, uphold=uphold, reason="照片显示是楼道灯"), **step
    )


def actions(scene, order_id: int, role: Role) -> list[Action]:
    with clock.frozen(scene.at):
        return queries.order_line(order_id, scene.by(role)).actions


# ---- evidence of a rejection


@pytest.mark.parametrize("reason", ["not_our_estate", "not_our_service", "untrue", "malicious"])
def test_a_rejection_shows_a_photo_or_names_what_proves_it(scene, reason):
    order_id = scene.submit(at=T0).order_id
    for proof in ("", "合同", "   短  "):
        with pytest.raises(MissingEvidence) as refused:
            reject(scene, order_id, reason=reason, proof=proof)
        assert list(refused.value.fields) == ["evidence"]
    photos = scene.photos(Role.DSP)
    assert reject(scene, order_id, reason=reason, proof="", photos=photos).status == Status.REJECTED
    assert [photo.step for photo in evidence.order_photos(order_id)] == ["reject"]


@pytest.mark.parametrize(
    ("words", "proof", "fine"),
    [
        ("同一盏灯已经有人报过了,正在修", "", False),
        ("同一盏灯已经有人报过了,正在修", "见昨天的工单", False),
        ("同一盏灯已经有人报过了,正在修", "{lower}", True),
        ("与 {number} 是同一盏灯,正在修", "", True),
        ("不是 R1120-9999,与 {number} 是同一盏灯", "", True),
        ("电话 0{digits} 是同一盏灯,正在修", "", False),
    ],
)
def test_a_duplicate_names_the_other_order(scene, words, proof, fine):
    number = scene.submit(at=T0).number
    names = {"number": number, "lower": number.lower(), "digits": number[1:]}
    words, proof = words.format(**names), proof.format(**names)
    order_id = scene.submit(at=T0).order_id
    photos = scene.photos(Role.DSP)
    if fine:
        reject(scene, order_id, reason="duplicate", text=words, proof=proof)
        return
    with pytest.raises(MissingEvidence):
        reject(scene, order_id, reason="duplicate", text=words, proof=proof, photos=photos)


@pytest.mark.parametrize(
    "whose", ["nobody's", "its own", "another day's", "another menu's", "another estate's"]
)
def test_the_number_of_a_duplicate_is_that_of_another_order_of_the_same_estate(scene, whose):
    earlier, mine = scene.submit(at=T0), scene.submit(at=T0)
    number = {
        "nobody's": f"R1120-{mine.order_id + 1000:04d}",
        "its own": mine.number,
        "another day's": earlier.number.replace("R1120", "R1119"),
        "another menu's": earlier.number.replace("R", "E"),
        "another estate's": earlier.number,
    }[whose]
    if whose == "another estate's":
        estate_id = transact(lambda: make_place(district=scene.place.district).estate.id)
        moved = text("UPDATE orders SET estate_id = :estate WHERE id = :id")
        transact(lambda: db.session.execute(moved, {"estate": estate_id, "id": earlier.order_id}))
    with pytest.raises(MissingEvidence) as refused:
        reject(scene, mine.order_id, reason="duplicate", text="同一盏灯已经有人报过了", proof=number)
    assert refused.value.sentence == f"{number} 不是这个小区的另一张工单,请核对编号"
    assert refused.value.fields == {"evidence": "没有找到这张工单"}
    assert scene.order(mine.order_id).status == Status.SUBMITTED


def test_the_rejection_keeps_which_order_came_before(scene):
    earlier, mine = scene.submit(at=T0), scene.submit(at=T0)
    reject(scene, mine.order_id, reason="duplicate", text="同一盏灯已经有人报过了", proof=earlier.number)
    data = evidence.timeline(mine.order_id)[-1].data
    assert (data["duplicate_of"], data["number"]) == (earlier.order_id, earlier.number)


def test_what_proves_it_is_read_by_the_resident(scene):
    order_id = rejected(scene)
    assert evidence.timeline(order_id)[-1].note == f"非服务范围:{INSIDE}(依据:合同第5条)"


# ---- the appeal


@both_engines
def test_an_appeal_on_saturday_is_answered_until_the_end_of_monday(scene):
    order_id = rejected(scene)
    row = appeal(scene, order_id, at=china(2026, 11, 21, 9))
    end = china(2026, 11, 24) - MS
    assert (row.due_at, promise(order_id, "C11").due_at) == (end, end)
    assert scene.order(order_id).next_due_at == end
    assert (row.reject_code, row.office_id) == ("not_our_service", scene.place.office.id)
    assert row.rejected_by == scene.by(Role.DSP).account_id
    assert sweep_at(end) == 0
    assert sweep_at(end + MS) == 1
    assert promise(order_id, "C11").breached is True
    decide(scene, order_id, False, at=end + HOUR)
    assert (promise(order_id, "C11").state, scene.order(order_id).status) == ("fired", Status.REJECTED)


def test_a_missing_calendar_keeps_nobody_from_appealing(scene):
    transact(lambda: db.session.execute(text("DELETE FROM calendar_days")))
    known_calendar.forget()
    order_id = rejected(scene)
    assert appeal(scene, order_id).due_at == china(2026, 11, 24) - MS


def test_72_hours_sharp_is_in_time_and_a_millisecond_later_is_not(scene):
    one, other = rejected(scene), rejected(scene)
    limit = T0 + 8 * MINUTE + 72 * HOUR
    scene.at = limit
    assert actions(scene, one, Role.RES) == [Action.APPEAL]
    appeal(scene, one)
    scene.at = limit + MS
    assert actions(scene, other, Role.RES) == []
    with pytest.raises(TooLate):
        appeal(scene, other)


def test_one_appeal_against_one_rejection_by_its_reporter_alone(scene):
    order_id = rejected(scene)
    appeal(scene, order_id, after=HOUR)
    with pytest.raises(AppealedAlready):
        appeal(scene, order_id)
    decide(scene, order_id, False, after=HOUR)
    assert actions(scene, order_id, Role.RES) == []
    with pytest.raises(AppealedAlready):
        appeal(scene, order_id)
    with pytest.raises(Forbidden):
        scene.do(lambda: appeals.appeal(order_id, by=scene.by(Role.DSP), text=WORDS))
    stranger = make_scene(at=scene.at)
    with pytest.raises(NotFound):
        appeal(stranger, order_id)
    fresh = scene.submit().order_id
    with pytest.raises(WrongOrderState):
        appeal(scene, fresh)
    with pytest.raises(Invalid):
        scene.do(lambda: appeals.appeal(order_id, by=scene.by(Role.RES), text=" 不 "))


def test_photos_of_an_appeal_are_evidence(scene):
    order_id = rejected(scene)
    photos, by = scene.photos(Role.RES), scene.by(Role.RES)
    scene.do(lambda: appeals.appeal(order_id, by=by, text=WORDS, photo_ids=photos))
    assert [photo.step for photo in evidence.order_photos(order_id)] == ["appeal"]


def test_street_and_bureau_decide_and_nobody_else(scene):
    order_id = rejected(scene)
    assert actions(scene, order_id, Role.STR) == []
    with pytest.raises(WrongOrderState):
        decide(scene, order_id, True)
    appeal(scene, order_id)
    for role in (Role.STR, Role.BUR):
        assert actions(scene, order_id, role) == [Action.UPHOLD_APPEAL, Action.DISMISS_APPEAL]
    for role in (Role.DSP, Role.MGR, Role.CO, Role.RES):
        assert actions(scene, order_id, role) == []
        with pytest.raises(Forbidden):
            decide(scene, order_id, True, by=role)
    other = make_scene(at=scene.at)
    with pytest.raises(NotFound):
        decide(other, order_id, True)


# ---- upheld


@both_engines
def test_upheld_the_order_begins_anew_at_the_decision(scene):
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, after=MINUTE)
    reject(scene, order_id, at=T0 + 40 * MINUTE)
    appeal(scene, order_id, after=HOUR)
    anew = china(2026, 11, 23, 10)
    decide(scene, order_id, True, by=Role.BUR, at=anew)
    order = scene.order(order_id)
    assert (order.status, order.round, order.accepted_at, order.rejected_at) == ("SUBMITTED", 0, None, None)
    limits = {"C1": 15 * MINUTE, "C2": 30 * MINUTE, "C3": 72 * HOUR}
    for which, limit in limits.items():
        row = promise(order_id, which)
        assert (row.state, row.due_at, row.breached) == ("pending", anew + limit, False)
    assert order.next_due_at == anew + 15 * MINUTE
    assert [(each.clock, each.state) for each in evidence.clocks(order_id)] == [
        (c, "pending") for c in limits
    ]
    sweep_at(anew + 15 * MINUTE + MS)
    assert scene.order(order_id).status == Status.HOTLINE


@both_engines
def test_what_was_broken_before_the_rejection_stays_on_record(scene):
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, after=MINUTE)
    sweep_at(T0 + 31 * MINUTE)
    reject(scene, order_id, at=T0 + 40 * MINUTE)
    appeal(scene, order_id, after=HOUR)
    decide(scene, order_id, True, after=HOUR)
    before = promise(order_id, "C2", round_=appeals.BEFORE_APPEAL)
    assert (before.breached, before.due_at, scene.order(order_id).late_visit) == (
        True,
        T0 + 30 * MINUTE,
        True,
    )
    for row in db.session.scalars(select(Deadline).where(Deadline.level == "DUE")):
        mine = select(ClockEvent.kind, ClockEvent.at, ClockEvent.limit_ms).where(
            ClockEvent.clock == row.clock, ClockEvent.round == row.round
        )
        facts = [ClockFact(*each) for each in db.session.execute(mine.order_by(ClockEvent.id))]
        assert read_clock(facts).due_at == row.due_at


@both_engines
def test_it_may_be_rejected_and_appealed_against_a_second_time(scene):
    order_id = rejected(scene)
    for number in (1, 2):
        appeal(scene, order_id, after=HOUR)
        decide(scene, order_id, True, after=HOUR)
        assert promise(order_id, "C11", round_=-number).state == "met"
        if number == 1:
            reject(scene, order_id, after=MINUTE)
    assert [(each.upheld, each.reject_code) for each in appeals.appeals_of(order_id)] == [
        (True, "not_our_service")
    ] * 2


def test_upheld_it_leads_to_a_repair_like_any_other(scene):
    order_id = rejected(scene)
    appeal(scene, order_id, after=HOUR)
    decide(scene, order_id, True, after=HOUR)
    for step in (scene.accept, scene.assign, scene.check_in, scene.finish):
        step(order_id, after=MINUTE)
    states = {each.clock: each.state for each in evidence.clocks(order_id)}
    assert states == {"C1": "met", "C2": "met", "C3": "met", "C5": "pending"}


def test_a_booking_has_its_place_again_or_the_first_that_is_free(scene):
    home = {"menu": Menu.BOOKING, "category_code": HOME_LAMP, "spot_id": None}
    home["home_id"] = scene.place.homes[0].id
    first, second = scene.slot_at(china(2026, 11, 22, 18)), scene.slot_at(china(2026, 11, 21, 8))
    orders = [rejected(scene, slot_id=slot_id, **home) for slot_id in (first, second)]
    for order_id in orders:
        appeal(scene, order_id, at=china(2026, 11, 21, 9))
        decide(scene, order_id, True)
    assert scene.order(orders[0]).slot_id == first
    moved = scene.order(orders[1])
    assert moved.slot_begins_at == china(2026, 11, 21, 10)
    assert promise(orders[1], "C2-APT").due_at == china(2026, 11, 21, 12)
    booked = dict(db.session.execute(select(BookingSlot.id, BookingSlot.booked)).all())
    assert (booked[first], booked[second], booked[moved.slot_id]) == (1, 0, 1)


@both_engines
@pytest.mark.parametrize(
    "lie", ["decided_at = asked_at", "upheld = TRUE", "upheld = TRUE, decided_at = asked_at"]
)
def test_the_database_refuses_a_decision_without_its_reason(scene, lie):
    order_id = rejected(scene)
    appeal(scene, order_id)
    with pytest.raises(Conflict):
        transact(lambda: db.session.execute(text(f"UPDATE appeals SET {lie}")))
    assert db.session.scalars(select(Appeal.upheld)).all() == [None]
