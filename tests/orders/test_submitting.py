"""T1: what may be reported, by whom, from where, and what it brings into being."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.companies.models import Admission
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid, Refusal
from app.core.outbox import OutboxRow
from app.core.roles import Role
from app.media.models import Voice
from app.orders import submitting
from app.orders.clock_models import ClockEvent, Deadline
from app.orders.errors import NoService, SlotFull, SlotPast
from app.orders.lifecycle import Menu, Status
from app.orders.models import Order, OrderEvent
from app.orders.rules import Clock
from app.orders.slot_models import BookingSlot
from app.orders.voice_models import OrderVoice
from app.orders.voices import order_voices
from app.orders.whereabouts import Submission
from tests.engines import both_engines, in_parallel
from tests.factories.scene import HOME_LAMP, LAMP, make_neighbour, make_stranger

MORNING = china(2026, 11, 23, 9)


@both_engines
def test_a_report_brings_its_clocks_its_event_and_its_outbox_row(scene):
    done = scene.submit(photo_ids=scene.photos(Role.RES, 2))
    assert done.number == f"R1120-{done.order_id:04d}"
    assert done.promises == {
        Clock.ACCEPT: scene.at + timedelta(minutes=15),
        Clock.VISIT: scene.at + timedelta(minutes=30),
        Clock.REPAIR: scene.at + timedelta(hours=72),
    }
    order = scene.order(done.order_id)
    assert (order.status, order.version, order.next_due_at) == (
        Status.SUBMITTED,
        1,
        done.promises[Clock.ACCEPT],
    )
    assert order.office_id == scene.place.office.id
    assert order.street_id == scene.place.street.id
    counts = [
        db.session.scalar(select(func.count()).select_from(model))
        for model in (OrderEvent, ClockEvent, OutboxRow)
    ]
    assert counts == [1, 3, 1]


def test_a_danger_that_the_reporter_names_makes_a_small_matter_urgent(scene):
    order = scene.order(scene.submit(hazardous=True).order_id)
    assert (order.urgency, order.hazardous) == ("P1", True)


def test_a_life_in_danger_must_be_accepted_within_three_minutes(scene):
    done = scene.submit(category_code="G0101")
    assert done.promises[Clock.ACCEPT] == scene.at + timedelta(minutes=3)
    assert done.promises[Clock.VISIT] == scene.at + timedelta(minutes=15)


def test_an_emergency_at_home_names_the_building_to_others_and_the_home_to_the_desk(scene):
    home = scene.place.homes[0]
    done = scene.submit(menu=Menu.EMERGENCY, category_code=HOME_LAMP, spot_id=None, home_id=home.id)
    order = scene.order(done.order_id)
    assert order.place_public == f"{scene.place.building.number}号楼"
    assert order.place_full.endswith(f"单元{home.number}")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": "灯", "photo_ids": ()}, "text"),
        ({"text": "字" * 501}, "text"),
        ({"category_code": "X9999"}, "category_code"),
        ({"category_code": HOME_LAMP}, "category_code"),
        ({"spot_id": None}, "spot_id"),
        ({"spot_id": 999_999}, "spot_id"),
        ({"spot_id": None, "spot_code": "NOSUCH"}, "spot_code"),
        ({"photo_ids": [999_999]}, "photo_ids"),
        ({"photo_ids": list(range(1, 11))}, "photo_ids"),
        ({"menu": Menu.EMERGENCY, "category_code": HOME_LAMP}, "home_id"),
    ],
)
def test_a_bad_report_is_refused_naming_the_field_and_leaves_nothing(scene, values, field):
    with pytest.raises(Invalid) as refused:
        scene.submit(**values)
    assert list(refused.value.fields) == [field]
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0


def test_a_photo_is_words_enough(scene):
    assert scene.submit(text="", photo_ids=scene.photos(Role.RES)).order_id


def test_a_voice_is_as_good_as_text(scene):
    voice_id = scene.voice(Role.RES)
    order_id = scene.submit(text="", voice_id=voice_id).order_id
    row = db.session.scalars(select(OrderVoice)).one()
    assert (row.order_id, row.voice_id, row.step, row.round) == (order_id, voice_id, "submit", 0)
    assert db.session.get_one(Voice, voice_id).attached


@both_engines
def test_one_recording_goes_along_with_exactly_one_of_many_reports(scene, app_db):
    voice_id = scene.voice(Role.RES)
    spoken = Submission(Menu.REPORT, LAMP, spot_id=scene.place.spot.id, voice_id=voice_id)

    def report() -> str:
        try:
            return transact(lambda: submitting.submit(spoken, by=scene.by(Role.RES))).number
        except Invalid as refused:
            return next(iter(refused.fields))

    clock.freeze(scene.at)
    outcomes = in_parallel(app_db, [report] * 6)
    assert sorted(outcomes)[1:] == ["voice_id"] * 5
    db.session.rollback()
    counts = [db.session.scalar(select(func.count()).select_from(model)) for model in (Order, OrderVoice)]
    assert counts == [1, 1]


def test_a_follower_of_the_same_trouble_does_not_hear_the_reporter(scene):
    order_id = scene.submit(text="", voice_id=scene.voice(Role.RES)).order_id
    assert len(order_voices(order_id, scene.by(Role.RES))) == 1
    assert order_voices(order_id, make_neighbour(scene)) == []


def test_a_neighbours_photo_or_home_cannot_be_used(scene):
    neighbour = make_neighbour(scene)
    photos = scene.photos(Role.RES)
    stolen = Submission(Menu.REPORT, LAMP, text="灯不亮了", spot_id=scene.place.spot.id, photo_ids=photos)
    with pytest.raises(Invalid):
        transact(lambda: submitting.submit(stolen, by=neighbour))
    foreign = Submission(Menu.EMERGENCY, HOME_LAMP, text="灯不亮了", home_id=scene.place.homes[0].id)
    with pytest.raises(Invalid):
        transact(lambda: submitting.submit(foreign, by=neighbour))


def test_whoever_scans_the_sign_may_report_there_but_a_stranger_cannot_pick_the_estate(scene):
    stranger = make_stranger()
    scanned = Submission(Menu.REPORT, LAMP, text="灯不亮了", spot_code=scene.place.spot.code.lower())
    assert transact(lambda: submitting.submit(scanned, by=stranger)).order_id
    picked = Submission(Menu.REPORT, LAMP, text="灯不亮了", spot_id=scene.place.spot.id)
    with pytest.raises(Invalid):
        transact(lambda: submitting.submit(picked, by=stranger))


def test_a_spot_is_named_with_its_building_wherever_the_order_is_read(scene):
    place = f"{scene.place.building.number}号楼 1单元门厅"
    assert scene.order(scene.submit().order_id).place_full == place
    noted = scene.order(scene.submit(place_note="消防栓旁").order_id)
    assert noted.place_public == f"{place}(消防栓旁)"


def test_a_long_place_with_a_long_note_fits_its_column(scene):
    def rename() -> None:
        db.session.merge(scene.place.spot).name = "长" * 60

    transact(rename)
    assert len(scene.order(scene.submit(place_note="注" * 40).order_id).place_public) == 80


def test_a_place_in_words_is_accepted_for_the_own_estate(scene):
    done = scene.submit(spot_id=None, estate_id=scene.place.estate.id, place_note="北门岗亭旁")
    assert scene.order(done.order_id).place_public == "北门岗亭旁"


def test_a_suspended_company_receives_nothing(scene):
    def suspend() -> None:
        db.session.merge(scene.place.company).admission = Admission.SUSPENDED

    transact(suspend)
    with pytest.raises(NoService):
        scene.submit()


def test_an_estate_outside_the_pilot_has_no_service_at_home(scene):
    def leave_pilot() -> None:
        db.session.merge(scene.place.estate).is_pilot = False

    transact(leave_pilot)
    with pytest.raises(NoService):
        scene.submit(
            menu=Menu.EMERGENCY, category_code=HOME_LAMP, spot_id=None, home_id=scene.place.homes[0].id
        )
    assert scene.submit().order_id


def test_a_report_by_phone_has_the_same_clocks_and_names_channel_and_consent(scene):
    values = {
        "by": Role.DSP,
        "channel": "电话",
        "consent_note": "来电人同意登记",
        "contact_name": "示范来电人",
        "contact_phone": "19900000423",
    }
    done = scene.submit(**values)
    assert done.promises[Clock.ACCEPT] == scene.at + timedelta(minutes=15)
    order = scene.order(done.order_id)
    assert (order.channel, order.contact_phone, order.entered_by) == (
        "电话",
        "19900000423",
        scene.by(Role.DSP).account_id,
    )
    for missing, field in (({"channel": "小程序"}, "channel"), ({"consent_note": " "}, "consent_note")):
        with pytest.raises(Invalid) as refused:
            scene.submit(**{**values, **missing})
        assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("role", [Role.WRK, Role.CO, Role.BUR, Role.STR, Role.COM])
def test_other_hats_cannot_report(scene, role):
    with pytest.raises(Forbidden):
        scene.submit(by=role)


def booking_values(scene, slot_id):
    return {
        "menu": Menu.BOOKING,
        "category_code": HOME_LAMP,
        "spot_id": None,
        "home_id": scene.place.homes[0].id,
        "slot_id": slot_id,
    }


def test_a_booking_promises_the_slot_and_no_half_hour_visit(scene):
    slot = scene.slot_at(MORNING + timedelta(hours=1))
    done = scene.submit(**booking_values(scene, slot))
    assert done.promises == {
        Clock.ACCEPT: scene.at + timedelta(minutes=15),
        Clock.APPOINTMENT: MORNING + timedelta(hours=3),
        Clock.REPAIR: MORNING + timedelta(hours=73),
    }


def test_a_slot_that_has_begun_cannot_be_booked(scene):
    slot = scene.slot_at(MORNING + timedelta(hours=1))
    with pytest.raises(SlotPast):
        scene.submit(at=MORNING + timedelta(hours=1), **booking_values(scene, slot))


@both_engines
def test_the_last_place_of_a_slot_goes_to_exactly_one_of_many(scene, app_db):
    slot_id = scene.slot_at(MORNING + timedelta(hours=1))

    def leave_one() -> None:
        slot = db.session.get_one(BookingSlot, slot_id)
        slot.booked = slot.capacity - 1

    transact(leave_one)
    submission = Submission(text="灯不亮了,想约周一", **booking_values(scene, slot_id))

    def book() -> str:
        try:
            return transact(lambda: submitting.submit(submission, by=scene.by(Role.RES))).number
        except SlotFull:
            return "full"

    clock.freeze(scene.at)
    outcomes = in_parallel(app_db, [book] * 8)
    assert sorted(outcomes)[-7:] == ["full"] * 7
    assert not any(isinstance(outcome, Refusal) for outcome in outcomes)
    db.session.rollback()
    slot = db.session.get_one(BookingSlot, slot_id, populate_existing=True)
    assert slot.booked == slot.capacity


def test_every_promise_of_a_new_order_has_its_levels(scene):
    order_id = scene.submit().order_id
    rows = db.session.execute(
        select(Deadline.clock, Deadline.level, Deadline.due_at).where(Deadline.order_id == order_id)
    ).all()
    minutes = {(row.clock, row.level): (row.due_at - scene.at) / timedelta(minutes=1) for row in rows}
    assert minutes == {
        ("C1", "W1"): 10,
        ("C1", "DUE"): 15,
        ("C2", "W1"): 20,
        ("C2", "DUE"): 30,
        ("C3", "W1"): 48 * 60,
        ("C3", "W2"): 68 * 60,
        ("C3", "DUE"): 72 * 60,
        ("C3", "L2"): 96 * 60,
        ("C3", "L3"): 144 * 60,
    }
