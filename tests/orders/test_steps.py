"""Each step of an order: what it needs, what it refuses, what it leaves behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Conflict, Forbidden, Invalid, Refusal
from app.core.roles import Role
from app.orders import desk, evidence, extensions, feedback, field_work, queries
from app.orders.clock_models import Deadline
from app.orders.errors import (
    ExtendedAlready,
    MissingEvidence,
    OrderNotFound,
    RatedAlready,
    SamePerson,
    TooLate,
    UrgedRecently,
    WrongOrderState,
)
from app.orders.lifecycle import Action, Menu, Status
from app.orders.models import Assignment, OrderEvent
from app.orders.rating_models import Rating
from app.orders.slot_models import BookingSlot
from app.orders.sweeping import sweep
from tests.engines import both_engines
from tests.factories.scene import HOME_LAMP, make_neighbour, make_scene

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def statuses(order_id):
    return list(
        db.session.scalars(
            select(OrderEvent.to_status).where(OrderEvent.order_id == order_id).order_by(OrderEvent.seq)
        )
    )


@both_engines
def test_a_whole_repair_leads_from_the_report_to_five_stars(scene):
    order_id = scene.submit().order_id
    scene.accept(order_id, after=3 * MINUTE)
    scene.assign(order_id, after=MINUTE)
    worker = scene.by(Role.WRK)
    scene.do(lambda: field_work.take(order_id, by=worker), after=MINUTE)
    scene.do(lambda: field_work.depart(order_id, by=worker), after=MINUTE)
    scene.check_in(order_id, after=5 * MINUTE)
    scene.do(lambda: field_work.start(order_id, by=worker), after=MINUTE)
    scene.finish(order_id, after=HOUR)
    resident = scene.by(Role.RES)
    scene.do(lambda: feedback.rate(order_id, by=resident, stars=5, tags=["修得好"], text="很快"), after=HOUR)
    assert statuses(order_id) == [
        "SUBMITTED",
        "ACCEPTED",
        "ASSIGNED",
        "ASSIGNED",
        "ON_WAY",
        "VERIFIED",
        "WORKING",
        "DONE",
        "CLOSED",
    ]
    order = scene.order(order_id)
    assert (order.closed_how, order.next_due_at, order.version) == ("rated", None, 9)
    assert {clock.state for clock in evidence.clocks(order_id)} == {"met"}


def test_the_same_step_twice_is_refused_naming_the_present_status(scene):
    order_id = scene.submit().order_id
    scene.accept(order_id)
    with pytest.raises(WrongOrderState) as refused:
        scene.accept(order_id, after=MINUTE)
    assert refused.value.fields == {"status": "ACCEPTED"}
    assert "已接收" in refused.value.sentence


def test_a_stranger_finds_no_order_and_a_neighbour_neither(scene):
    order_id = scene.submit().order_id
    with pytest.raises(OrderNotFound):
        transact(lambda: feedback.urge(order_id, by=make_neighbour(scene)))
    other = make_scene(scene.at, place=None)
    with pytest.raises(OrderNotFound):
        transact(lambda: desk.accept(order_id, by=other.by(Role.DSP)))


def test_a_hat_that_can_never_do_it_is_told_so(scene):
    order_id = scene.submit().order_id
    with pytest.raises(Forbidden):
        transact(lambda: desk.accept(order_id, by=scene.by(Role.RES)))


def test_a_rejection_needs_a_reason_and_ten_characters_and_answers_in_time(scene):
    order_id = scene.submit().order_id
    dsp = scene.by(Role.DSP)
    for values, field in (
        ({"reason": "no", "text": "x" * 20}, "reason"),
        ({"reason": "untrue", "text": "短"}, "text"),
    ):
        with pytest.raises(Invalid) as refused:
            transact(lambda values=values: desk.reject(order_id, by=dsp, **values))
        assert list(refused.value.fields) == [field]
    scene.do(
        lambda: desk.reject(
            order_id, by=dsp, reason="untrue", text="现场查看灯是亮的,没有坏", evidence="巡查记录 20:15"
        ),
        after=12 * MINUTE,
    )
    clocks = {clock.clock: clock.state for clock in evidence.clocks(order_id)}
    assert clocks == {"C1": "met", "C2": "void", "C3": "void"}
    assert scene.order(order_id).next_due_at is None


def test_the_hotline_accepts_names_whom_it_spoke_to_and_assigns(scene):
    order_id = scene.submit().order_id
    scene.do(sweep_nothing, after=16 * MINUTE)
    run_sweep(scene)
    hot = scene.by(Role.HOT)
    with pytest.raises(Invalid):
        transact(lambda: desk.accept(order_id, by=hot, spoken_to=""))
    scene.do(lambda: desk.accept(order_id, by=hot, spoken_to="李女士"), after=6 * MINUTE)
    scene.do(lambda: desk.assign(order_id, by=hot, worker_id=scene.worker.id))
    order = scene.order(order_id)
    assert (order.status, order.late_accept) == (Status.ASSIGNED, True)
    row = next(clock for clock in evidence.clocks(order_id) if clock.clock == "C1")
    assert row.breached
    assert row.stopped_at == scene.at


def sweep_nothing():
    return None


def run_sweep(scene) -> int:
    from app.core import clock

    with clock.frozen(scene.at):
        return sweep()


def test_the_desk_may_hand_an_order_to_the_hotline_itself(scene):
    order_id = scene.submit().order_id
    scene.do(lambda: desk.to_hotline(order_id, by=scene.by(Role.DSP), reason="no_staff"), after=MINUTE)
    order = scene.order(order_id)
    assert (order.status, order.late_accept) == (Status.HOTLINE, False)
    assert transact(lambda: queries.queue_counts(scene.by(Role.HOT)))["hotline"] == 1


def test_a_worker_who_declines_leaves_the_order_with_the_desk(scene):
    order_id = scene.submit().order_id
    scene.accept(order_id)
    scene.assign(order_id)
    worker = scene.by(Role.WRK)
    with pytest.raises(Invalid):
        transact(lambda: field_work.decline(order_id, by=worker, reason="lazy"))
    scene.do(lambda: field_work.decline(order_id, by=worker, reason="safety", text="没有绝缘手套"))
    order = scene.order(order_id)
    assert (order.status, order.worker_id) == (Status.ACCEPTED, None)
    offer = db.session.scalars(select(Assignment).where(Assignment.order_id == order_id)).one()
    assert (offer.outcome, offer.decline_reason) == ("unsafe", "安全原因:没有绝缘手套")
    with pytest.raises(OrderNotFound):
        transact(lambda: field_work.depart(order_id, by=worker))


def test_a_visit_needs_a_photo_and_a_place_in_the_estate(scene):
    order_id = scene.submit().order_id
    scene.accept(order_id)
    scene.assign(order_id)
    by, photos = scene.by(Role.WRK), scene.photos(Role.WRK)
    good = {
        "finding": "灯管坏",
        "hazardous": False,
        "expected_at": scene.at + HOUR,
        "contact_result": "已告知",
        "photo_ids": photos,
        "spot_code": scene.place.spot.code,
    }
    for values, field in (
        ({"photo_ids": []}, "photo_ids"),
        ({"finding": ""}, "finding"),
        ({"contact_result": ""}, "contact_result"),
        ({"expected_at": scene.at - HOUR}, "expected_at"),
        ({"spot_code": "ELSEWHERE"}, "spot_code"),
        ({"hazardous": True}, "protection_photo_ids"),
    ):
        visit = field_work.CheckIn(**{**good, **values})
        with pytest.raises(Invalid) as refused:
            scene.do(lambda visit=visit: field_work.check_in(order_id, visit, by=by))
        assert list(refused.value.fields) == [field]
    assert scene.order(order_id).verified_at is None


@pytest.mark.parametrize(
    ("position", "method", "flagged"),
    [((39.9, 116.65), "gps", False), ((40.9, 116.65), "gps", True), ((None, None), "none", True)],
)
def test_a_position_far_away_or_missing_is_flagged_not_refused(scene, position, method, flagged):
    order_id = scene.submit().order_id
    scene.accept(order_id)
    scene.assign(order_id)
    visit = field_work.CheckIn(
        finding="灯管坏",
        hazardous=False,
        expected_at=scene.at + HOUR,
        contact_result="已告知",
        photo_ids=scene.photos(Role.WRK),
        latitude=position[0],
        longitude=position[1],
    )
    scene.do(lambda: field_work.check_in(order_id, visit, by=scene.by(Role.WRK)))
    event = evidence.timeline(order_id)[-1]
    assert (event.data["method"], event.data["flagged"]) == (method, flagged)


def test_a_worker_who_is_there_has_taken_the_order(scene):
    order_id = scene.until_working()
    offer = db.session.scalars(select(Assignment).where(Assignment.order_id == order_id)).one()
    assert (offer.outcome, offer.decided_at) == ("taken", scene.at)


def test_nothing_is_done_without_an_after_photo_and_a_result(scene):
    order_id = scene.until_working()
    by = scene.by(Role.WRK)
    with pytest.raises(MissingEvidence):
        scene.do(lambda: field_work.finish(order_id, by=by, result="换好了", photo_ids=[]))
    photos = scene.photos(Role.WRK)
    with pytest.raises(Invalid) as refused:
        scene.do(lambda: field_work.finish(order_id, by=by, result=" ", photo_ids=photos))
    assert list(refused.value.fields) == ["result"]


@both_engines
@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE orders SET status = 'DONE'",
        "UPDATE orders SET status = 'ASSIGNED'",
        "UPDATE orders SET status = 'VERIFIED'",
        "UPDATE orders SET status = 'HOTLINE'",
        "UPDATE orders SET status = 'CLOSED'",
        "UPDATE orders SET status = 'ACCEPTED'",
        "UPDATE orders SET menu = 'APT'",
        "UPDATE orders SET menu = 'EMG'",
    ],
)
def test_the_database_itself_refuses_a_status_without_its_evidence(scene, lie):
    scene.submit()
    with pytest.raises(Conflict):
        transact(lambda: db.session.execute(text(lie)))


def test_the_person_who_asks_for_an_extension_does_not_grant_it(scene):
    order_id = scene.until_working()
    photos = scene.photos(Role.MGR)
    asked = {"reason_code": "buying", "reason": "配件要从外地发货", "expected_at": scene.at + 90 * HOUR}
    manager, company = scene.by(Role.MGR), scene.by(Role.CO)
    scene.do(lambda: extensions.request(order_id, by=manager, photo_ids=photos, **asked))
    with pytest.raises(SamePerson):
        scene.do(lambda: extensions.decide(order_id, by=manager, grant=True))
    scene.do(lambda: extensions.decide(order_id, by=company, grant=True))
    assert scene.order(order_id).extended
    more = scene.photos(Role.WRK)
    with pytest.raises(ExtendedAlready):
        scene.do(lambda: extensions.request(order_id, by=scene.by(Role.WRK), photo_ids=more, **asked))


def test_a_refused_extension_leaves_the_promise_and_may_be_asked_again(scene):
    order_id = scene.until_working()
    asked = {"reason_code": "buying", "reason": "配件要从外地发货", "expected_at": scene.at + 90 * HOUR}
    worker = scene.by(Role.WRK)
    for _ in range(2):
        photos = scene.photos(Role.WRK)
        scene.do(lambda photos=photos: extensions.request(order_id, by=worker, photo_ids=photos, **asked))
        scene.do(lambda: extensions.decide(order_id, by=scene.by(Role.MGR), grant=False, note="本市有现货"))
    assert not scene.order(order_id).extended


def test_nobody_confirms_for_72_hours_and_the_order_closes_unrated_without_a_breach(scene):
    order_id = scene.until_done()
    scene.do(sweep_nothing, after=72 * HOUR)
    assert run_sweep(scene) >= 1
    assert scene.order(order_id).status == Status.DONE
    scene.do(sweep_nothing, after=timedelta(milliseconds=1))
    run_sweep(scene)
    order = scene.order(order_id)
    assert (order.status, order.closed_how) == (Status.CLOSED, "auto")
    confirm = next(clock for clock in evidence.clocks(order_id) if clock.clock == "C5")
    assert (confirm.breached, confirm.stopped_at) == (False, scene.at)


def test_one_rating_for_one_repair_and_none_before_it_is_done(scene):
    order_id = scene.until_working()
    resident = scene.by(Role.RES)
    with pytest.raises(WrongOrderState):
        scene.do(lambda: feedback.rate(order_id, by=resident, stars=5))
    scene.finish(order_id, after=HOUR)
    for stars in (0, 6, True):
        with pytest.raises(Invalid):
            scene.do(lambda stars=stars: feedback.rate(order_id, by=resident, stars=stars))
    scene.do(lambda: feedback.rate(order_id, by=resident, stars=4))
    with pytest.raises(RatedAlready):
        scene.do(lambda: feedback.rate(order_id, by=resident, stars=1))


def test_a_reopened_repair_runs_new_clocks_and_its_first_rating_is_void(scene):
    order_id = scene.until_done()
    resident = scene.by(Role.RES)
    scene.do(lambda: feedback.rate(order_id, by=resident, stars=5))
    with pytest.raises(MissingEvidence):
        scene.do(lambda: feedback.reopen(order_id, by=resident, reason="又不亮了"))
    photos = scene.photos(Role.RES)
    scene.do(
        lambda: feedback.reopen(order_id, by=resident, reason="又不亮了", photo_ids=photos), after=48 * HOUR
    )
    order = scene.order(order_id)
    assert (order.status, order.round, order.finished_at) == (Status.WORKING, 1, None)
    dues = {clock.clock: clock.due_at for clock in evidence.clocks(order_id) if clock.round == 1}
    assert dues == {"C2": scene.at + 24 * HOUR, "C3": scene.at + 72 * HOUR}
    assert db.session.scalars(select(Rating.void)).all() == [True]
    with pytest.raises(WrongOrderState):
        scene.finish(order_id)
    scene.check_in(order_id, after=HOUR)
    scene.finish(order_id, after=HOUR)
    scene.do(lambda: feedback.rate(order_id, by=resident, stars=3), after=HOUR)
    assert scene.order(order_id).closed_how == "rated"


def test_a_reopening_comes_within_seven_days_or_not_at_all(scene):
    order_id = scene.until_done()
    finished = scene.at
    resident, photos = scene.by(Role.RES), scene.photos(Role.RES)
    with pytest.raises(TooLate):
        scene.do(
            lambda: feedback.reopen(order_id, by=resident, reason="又坏了", photo_ids=photos),
            at=finished + timedelta(days=7, milliseconds=1),
        )
    scene.do(lambda: feedback.reopen(order_id, by=scene.by(Role.BUR), reason="回访未修好"))
    assert scene.order(order_id).round == 1


def test_an_urge_is_heard_once_in_four_hours(scene):
    order_id = scene.submit().order_id
    resident = scene.by(Role.RES)
    scene.do(lambda: feedback.urge(order_id, by=resident))
    with pytest.raises(UrgedRecently):
        scene.do(lambda: feedback.urge(order_id, by=resident), after=4 * HOUR - MINUTE)
    assert scene.do(lambda: feedback.urge(order_id, by=resident), after=MINUTE).data == {"count": 2}


def test_a_cancelled_booking_frees_its_place(scene):
    slot_id = scene.slot_at(china(2026, 11, 23, 10))
    order_id = scene.submit(
        menu=Menu.BOOKING,
        category_code=HOME_LAMP,
        spot_id=None,
        home_id=scene.place.homes[0].id,
        slot_id=slot_id,
    ).order_id
    assert db.session.get_one(BookingSlot, slot_id, populate_existing=True).booked == 1
    scene.do(lambda: feedback.cancel(order_id, by=scene.by(Role.RES), reason="自己修好了"))
    assert db.session.get_one(BookingSlot, slot_id, populate_existing=True).booked == 0
    assert scene.order(order_id).status == Status.CANCELLED


def test_a_danger_stays_open_when_its_reporter_withdraws(scene):
    order_id = scene.submit(category_code="G0101").order_id
    scene.do(lambda: feedback.cancel(order_id, by=scene.by(Role.RES), reason="有人报过了"))
    order = scene.order(order_id)
    assert order.status == Status.SUBMITTED
    assert evidence.timeline(order_id)[-1].action == Action.WITHDRAW
    pending = db.session.scalars(
        select(Deadline.id).where(Deadline.order_id == order_id, Deadline.state == "pending")
    ).all()
    assert pending


def test_a_sweep_twice_is_a_sweep_once(scene):
    scene.submit()
    scene.do(sweep_nothing, after=40 * MINUTE)
    assert run_sweep(scene) == 4
    assert run_sweep(scene) == 0


def test_every_refusal_has_a_code_and_a_sentence():
    def all_refusals(cls=Refusal):
        for child in cls.__subclasses__():
            yield child
            yield from all_refusals(child)

    for refusal in all_refusals():
        assert refusal.message.strip()
        assert 400 <= refusal.status < 600
