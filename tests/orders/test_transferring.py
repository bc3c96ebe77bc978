"""An order changes its office with the receiver's word, twice; a third time street or bureau decide (T29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from app.companies.hats import scope_of
from app.companies.models import Admission, Company
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.roles import Role
from app.core.scope import Scope
from app.orders import desk, feedback, queries, transferring
from app.orders.errors import NotThisOffice, TransferOver, WrongOrderState
from app.orders.incoming import incoming
from app.orders.lifecycle import Action, Menu, Status
from app.orders.models import Assignment, Order
from app.orders.slot_models import BookingSlot
from app.orders.transfer_models import Transfer
from tests.engines import both_engines
from tests.factories.people import make_hat
from tests.factories.places import make_office
from tests.factories.scene import HOME_LAMP, make_scene
from tests.orders.test_clock_vectors import promise, sweep_at

MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
WHY = "这是绿化组负责的片区"


def another_desk() -> Scope:
    """The manager of an office of another admitted company."""
    office = make_office()
    return scope_of(make_hat(Role.MGR, company_id=office.company_id, office_id=office.id))


def office_of(scope: Scope) -> int:
    return next(iter(scope.ids("office")))


def ask(scene, order_id: int, to: Scope | int, *, by: Scope | None = None, **step) -> Transfer:
    office_id = to if isinstance(to, int) else office_of(to)
    who = by or scene.by(Role.DSP)
    return scene.do(lambda: transferring.ask(order_id, by=who, office_id=office_id, reason=WHY), **step)


def receive(scene, order_id: int, by: Scope, **step) -> Order:
    return scene.do(lambda: transferring.receive(order_id, by=by), **step)


def twice_moved(scene) -> tuple[int, Scope, Scope]:
    """From the scene's office to another and to a third, which holds it now."""
    order_id = scene.submit(at=T0).order_id
    scene.accept(order_id, after=MINUTE)
    second, third = another_desk(), another_desk()
    ask(scene, order_id, second)
    receive(scene, order_id, second, after=MINUTE)
    ask(scene, order_id, third, by=second)
    receive(scene, order_id, third, after=MINUTE)
    return order_id, second, third


def sees(order_id: int, by: Scope) -> bool:
    db.session.rollback()
    try:
        queries.order_line(order_id, by)
    except NotFound:
        return False
    return True


@both_engines
def test_the_sender_is_responsible_until_the_receiver_accepts(scene):
    order_id, other = scene.submit(at=T0).order_id, another_desk()
    due = promise(order_id, "C1").due_at
    ask(scene, order_id, other, after=MINUTE)
    assert (sees(order_id, other), sees(order_id, scene.by(Role.DSP))) == (False, True)
    assert scene.order(order_id).office_id == scene.place.office.id
    receive(scene, order_id, other, after=MINUTE)
    order = scene.order(order_id)
    assert (order.office_id, order.transfers, order.transfer_to) == (office_of(other), 1, None)
    assert order.company_id == order.office.company_id != scene.place.company.id
    assert (sees(order_id, other), sees(order_id, scene.by(Role.DSP))) == (True, False)
    assert (order.status, promise(order_id, "C1").due_at) == (Status.SUBMITTED, due)
    sweep_at(due + MS)
    assert scene.order(order_id).status == Status.HOTLINE


def test_sent_back_it_stays_and_may_be_asked_of_somebody_else(scene):
    order_id, other = scene.submit(at=T0).order_id, another_desk()
    ask(scene, order_id, other)
    scene.do(lambda: transferring.send_back(order_id, by=other, reason="不是我们的片区"), after=MINUTE)
    order = scene.order(order_id)
    assert (order.transfer_to, order.transfers, order.office_id) == (None, 0, scene.place.office.id)
    with pytest.raises(TransferOver):
        receive(scene, order_id, other)
    ask(scene, order_id, another_desk(), after=MINUTE)
    assert [each.outcome for each in db.session.scalars(select(Transfer).order_by(Transfer.id))] == [
        "sent_back",
        "",
    ]


def test_a_worker_on_his_way_is_released_and_somebody_has_to_be_named_anew(scene):
    order_id, other = scene.submit(at=T0).order_id, another_desk()
    scene.accept(order_id, after=MINUTE)
    scene.assign(order_id, after=MINUTE)
    ask(scene, order_id, other)
    receive(scene, order_id, other, after=MINUTE)
    order = scene.order(order_id)
    assert (order.status, order.worker_id, order.assigned_at) == (Status.ACCEPTED, None, None)
    assert db.session.scalars(select(Assignment.outcome)).all() == ["cancelled"]
    assert promise(order_id, "C2").due_at == T0 + 30 * MINUTE


def test_once_somebody_is_on_site_the_request_is_over(scene):
    order_id, other = scene.submit(at=T0).order_id, another_desk()
    scene.accept(order_id, after=MINUTE)
    scene.assign(order_id)
    ask(scene, order_id, other)
    scene.check_in(order_id, after=MINUTE)
    with pytest.raises(WrongOrderState):
        receive(scene, order_id, other)
    with clock.frozen(scene.at):
        assert incoming(other) == []


def test_who_was_not_asked_finds_nothing_and_a_worker_may_not(scene):
    order_id, other, third = scene.submit(at=T0).order_id, another_desk(), another_desk()
    ask(scene, order_id, other)
    for by in (third, scene.by(Role.DSP)):
        with pytest.raises(NotFound):
            receive(scene, order_id, by)
        with pytest.raises(NotFound):
            scene.do(lambda by=by: transferring.send_back(order_id, by=by, reason="不是我们的"))
    stranger = make_scene(at=scene.at)
    with pytest.raises(NotFound):
        ask(stranger, order_id, other)
    worker = replace(other, role=Role.WRK)
    with pytest.raises(Forbidden):
        receive(scene, order_id, worker)


@pytest.mark.parametrize("admission", [Admission.PENDING, Admission.SUSPENDED, Admission.LEFT])
def test_a_company_that_is_not_admitted_receives_nothing_also_when_it_was_asked_before(scene, admission):
    order_id, other = scene.submit(at=T0).order_id, another_desk()
    ask(scene, order_id, other)
    others = update(Company).where(Company.id != scene.place.company.id)
    transact(lambda: db.session.execute(others.values(admission=admission)))
    with pytest.raises(NotThisOffice):
        receive(scene, order_id, other, after=MINUTE)
    fresh = scene.submit().order_id
    with pytest.raises(NotThisOffice):
        ask(scene, fresh, other)
    with pytest.raises(NotThisOffice):
        ask(scene, fresh, scene.place.office.id)
    with pytest.raises(NotThisOffice):
        ask(scene, fresh, 987_654)


@both_engines
def test_a_third_time_the_street_decides_and_that_is_the_end_of_it(scene):
    order_id, second, third = twice_moved(scene)
    fourth = another_desk()
    ask(scene, order_id, fourth, by=third)
    with pytest.raises(WrongOrderState) as refused:
        receive(scene, order_id, fourth)
    assert "街道或房管局" in refused.value.sentence
    with clock.frozen(scene.at):
        assert incoming(fourth) == []
        assert [each.order_id for each in incoming(scene.by(Role.STR))] == [order_id]
    street = scene.by(Role.STR)
    to = office_of(second)
    scene.do(lambda: transferring.decide(order_id, by=street, office_id=to, reason="片区以合同为准"))
    order = scene.order(order_id)
    assert (order.office_id, order.transfers, order.transfer_to) == (to, 3, None)
    with pytest.raises(WrongOrderState):
        ask(scene, order_id, third, by=second)
    with clock.frozen(scene.at):
        assert Action.TRANSFER not in queries.order_line(order_id, second).actions


def test_the_bureau_may_leave_it_where_it_is_and_the_worker_goes_on(scene):
    order_id, _, third = twice_moved(scene)
    ask(scene, order_id, another_desk(), by=third)
    bureau, here = scene.by(Role.BUR), office_of(third)
    with clock.frozen(scene.at):
        assert Action.DECIDE_TRANSFER in queries.order_line(order_id, bureau).actions
    scene.do(lambda: transferring.decide(order_id, by=bureau, office_id=here, reason="首接负责"))
    order = scene.order(order_id)
    assert (order.office_id, order.transfers, order.status) == (here, 3, Status.ACCEPTED)
    with pytest.raises(WrongOrderState):
        scene.do(lambda: transferring.decide(order_id, by=bureau, office_id=here, reason="首接负责"))


def test_what_is_asked_for_the_first_time_is_not_decided_from_above(scene):
    order_id = scene.submit(at=T0).order_id
    ask(scene, order_id, another_desk())
    with pytest.raises(WrongOrderState):
        scene.do(
            lambda: transferring.decide(
                order_id, by=scene.by(Role.STR), office_id=scene.place.office.id, reason="首接负责"
            )
        )


@both_engines
def test_a_booking_moves_only_to_an_office_that_is_free_at_that_time(scene):
    begins = china(2026, 11, 22, 18)
    slot_id = scene.slot_at(begins)
    home = {"menu": Menu.BOOKING, "category_code": HOME_LAMP, "spot_id": None}
    order_id = scene.submit(at=T0, home_id=scene.place.homes[0].id, slot_id=slot_id, **home).order_id
    other = another_desk()
    ask(scene, order_id, other)
    with pytest.raises(WrongOrderState) as refused:
        receive(scene, order_id, other)
    assert "没有空" in refused.value.sentence
    there = {"office_id": office_of(other), "begins_at": begins, "ends_at": begins + 2 * HOUR}

    def offer() -> int:
        row = BookingSlot(**there, capacity=1)
        db.session.add(row)
        db.session.flush()
        return row.id

    new = transact(offer)
    receive(scene, order_id, other)
    assert scene.order(order_id).slot_id == new
    booked = dict(db.session.execute(select(BookingSlot.id, BookingSlot.booked)).all())
    assert (booked[slot_id], booked[new]) == (0, 1)


def test_the_receiver_reads_enough_to_decide_and_no_more(scene):
    order_id, other = scene.submit(at=T0).order_id, another_desk()
    ask(scene, order_id, other, after=MINUTE)
    with clock.frozen(scene.at):
        (found,) = incoming(other)
        assert incoming(scene.by(Role.DSP)) == []
    assert (found.order_id, found.urgency, found.reason) == (order_id, "P2", WHY)
    assert [(each.clock, each.due_at) for each in found.promises] == [
        ("C1", T0 + 15 * MINUTE),
        ("C2", T0 + 30 * MINUTE),
        ("C3", T0 + 72 * HOUR),
    ]
    assert not {"text", "contact_name", "place_full"} & set(found._fields)


def test_a_cancelled_order_is_no_longer_offered_and_one_request_waits_at_a_time(scene):
    order_id, other = scene.submit(at=T0).order_id, another_desk()
    ask(scene, order_id, other)
    with pytest.raises(WrongOrderState):
        ask(scene, order_id, another_desk())
    scene.do(lambda: feedback.cancel(order_id, by=scene.by(Role.RES), reason="自己好了"))
    with clock.frozen(scene.at):
        assert incoming(other) == []
    with pytest.raises(WrongOrderState):
        receive(scene, order_id, other)


@both_engines
def test_the_database_lets_one_request_of_an_order_wait(scene):
    order_id = scene.submit(at=T0).order_id
    row = ask(scene, order_id, another_desk())
    columns = (
        "order_id, from_office_id, to_office_id, street_id, district_id,"
        " reason, asked_at, waiting, outcome, answer"
    )
    copy = f"INSERT INTO transfers ({columns}) SELECT {columns} FROM transfers WHERE id = {row.id}"
    for lie in (copy, "UPDATE transfers SET waiting = NULL", "UPDATE orders SET transfers = 4"):
        with pytest.raises(Conflict):
            transact(lambda lie=lie: db.session.execute(text(lie)))


def test_what_the_hotline_hands_to_the_asked_office_leaves_no_request_behind(scene):
    order_id, other = scene.submit(at=T0).order_id, another_desk()
    ask(scene, order_id, other)
    sweep_at(T0 + 15 * MINUTE + MS)
    hotline, office_id = scene.by(Role.HOT), office_of(other)
    scene.do(
        lambda: desk.accept(order_id, by=hotline, spoken_to="王经理", office_id=office_id), after=20 * MINUTE
    )
    order = scene.order(order_id)
    assert (order.office_id, order.transfer_to) == (office_id, None)
    with clock.frozen(scene.at):
        assert incoming(other) == []
    ask(scene, order_id, scene.place.office.id, by=other)
