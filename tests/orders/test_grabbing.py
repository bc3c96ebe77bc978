"""抢单: open offers are seen by the crew of the office, and the first who takes one has it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.companies.hats import scope_of
from app.companies.models import Staff, Worker
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Refusal
from app.core.roles import Role
from app.orders import desk, field_work, grabbing
from app.orders.errors import GrabbedAlready, NotDispatchable, OrderNotFound, WrongOrderState
from app.orders.lifecycle import Menu, Status
from app.orders.models import Assignment
from tests.engines import both_engines, in_parallel
from tests.factories.people import make_certificate, make_hat, make_shift, make_worker
from tests.factories.places import make_place
from tests.factories.scene import HOME_LAMP, Scene, make_scene
from tests.miniprogram_api.phones import counted_statements
from tests.orders.test_clock_vectors import sweep_at
from tests.orders.test_responding import MINUTE, choose, offers


def another(scene: Scene, *, skills=("G02",)):
    worker = make_worker(scene.place.office, district_id=scene.place.district.id, skills=skills)
    make_certificate(worker, "低压电工", valid_to=china(2099, 1, 1).date())
    place = {"company_id": worker.company_id, "office_id": worker.office_id}
    return scope_of(make_hat(Role.WRK, account=worker.account, worker_id=worker.id, **place))


def waiting(scene: Scene, **values) -> int:
    choose(scene, "grab")
    order_id = scene.submit(**values).order_id
    scene.accept(order_id)
    return order_id


def shown(scene: Scene, by) -> list[int]:
    db.session.rollback()
    with clock.frozen(scene.at):
        return [each.order_id for each in grabbing.open_offers(by)]


@both_engines
def test_an_open_offer_is_seen_by_those_who_may_do_it_and_names_the_building_at_most(scene):
    order_id = waiting(scene)
    unskilled = another(scene, skills=("H05",))
    strangers = make_scene(at=scene.at)
    assert shown(scene, scene.by(Role.WRK)) == [order_id]
    assert shown(scene, unskilled) == shown(scene, strangers.by(Role.WRK)) == []
    (offer,) = grabbing.open_offers(scene.by(Role.WRK))
    assert offer.place == scene.order(order_id).place_public
    assert not hasattr(offer, "text")


def test_an_open_offer_leaves_out_homes_and_numbers_that_the_reporter_typed_into_the_place(scene):
    waiting(scene, place_note="1502室门口,19900000302")
    (offer,) = grabbing.open_offers(scene.by(Role.WRK))
    assert offer.place
    assert not [secret for secret in ("1502", "19900000302") if secret in offer.place]


@both_engines
def test_whoever_takes_it_has_it_and_need_not_confirm_again(scene):
    order_id = waiting(scene)
    worker = scene.by(Role.WRK)
    scene.do(lambda: grabbing.grab(order_id, by=worker), after=MINUTE)
    order = scene.order(order_id)
    assert (order.status, order.worker_id, order.assigned_at) == (Status.ASSIGNED, scene.worker.id, scene.at)
    assert offers(order_id) == [(scene.worker.id, "taken")]
    assert sweep_at(scene.at + 10 * MINUTE) == 0
    assert shown(scene, worker) == []
    kept = db.session.scalars(select(Assignment)).one()
    assert "会修这类问题" in kept.explanation["reasons"]


@both_engines
def test_of_two_at_once_one_has_it_and_the_other_reads_that_a_colleague_was_faster(scene, app_db):
    order_id = waiting(scene)
    people = [scene.by(Role.WRK), another(scene)]
    clock.freeze(scene.at + MINUTE)

    def take(by) -> str:
        try:
            transact(lambda: grabbing.grab(order_id, by=by))
        except Refusal as refusal:
            return refusal.sentence
        return "ok"

    outcomes = in_parallel(app_db, [lambda by=by: take(by) for by in people])
    assert sorted(outcomes) == ["ok", "这张工单刚被同事接走了,看看别的吧"]
    assert [outcome for _, outcome in offers(order_id)] == ["taken"]


def test_another_office_and_an_office_that_dispatches_itself_have_nothing_to_take(scene):
    order_id = waiting(scene)
    elsewhere = make_place()
    worker = make_worker(elsewhere.office, district_id=elsewhere.district.id)
    place = {"company_id": worker.company_id, "office_id": worker.office_id}
    stranger = scope_of(make_hat(Role.WRK, account=worker.account, worker_id=worker.id, **place))
    with pytest.raises(OrderNotFound):
        scene.do(lambda: grabbing.grab(order_id, by=stranger))
    choose(scene, "assign")
    assert shown(scene, scene.by(Role.WRK)) == []
    with pytest.raises(OrderNotFound):
        scene.do(lambda: grabbing.grab(order_id, by=scene.by(Role.WRK)))


def test_who_has_his_hands_full_or_lacks_the_certificate_is_told_why(scene):
    order_id = waiting(scene)
    worker = scene.by(Role.WRK)
    transact(lambda: db.session.get_one(Worker, scene.worker.id).__setattr__("max_parallel", 0))
    with pytest.raises(NotDispatchable, match="已满"):
        scene.do(lambda: grabbing.grab(order_id, by=worker))
    assert scene.order(order_id).status == Status.ACCEPTED


def test_a_gas_leak_is_not_for_taking(scene):
    order_id = waiting(scene, category_code="G1301", text="楼道里有煤气味")
    assert shown(scene, scene.by(Role.WRK)) == []
    with pytest.raises(NotDispatchable, match="燃气公司"):
        scene.do(lambda: grabbing.grab(order_id, by=scene.by(Role.WRK)))


def test_what_he_has_given_back_is_not_offered_to_him_again_and_not_accepted_ones_neither(scene):
    order_id = waiting(scene)
    worker = scene.by(Role.WRK)
    scene.do(lambda: grabbing.grab(order_id, by=worker))
    with pytest.raises(GrabbedAlready, match="已经是您的"):
        scene.do(lambda: grabbing.grab(order_id, by=worker))
    scene.do(lambda: field_work.decline(order_id, by=worker, reason="busy"))
    assert shown(scene, worker) == []
    assert shown(scene, another(scene)) == [order_id]
    new = scene.submit().order_id
    with pytest.raises(WrongOrderState):
        scene.do(lambda: grabbing.grab(new, by=worker))


def test_the_desk_may_still_send_somebody_itself(scene):
    order_id = waiting(scene)
    by = scene.by(Role.DSP)
    scene.do(lambda: desk.assign(order_id, by=by, worker_id=scene.worker.id))
    assert offers(order_id) == [(scene.worker.id, "waiting")]


def test_many_open_offers_cost_as_many_statements_as_one(scene):
    worker = scene.by(Role.WRK)
    waiting(scene)

    def cost(offers: int) -> int:
        db.session.rollback()
        with counted_statements() as seen, clock.frozen(scene.at):
            assert len(grabbing.open_offers(worker)) == offers
        return len(seen)

    one = cost(1)
    for _ in range(7):
        waiting(scene)
    assert cost(8) == one


@both_engines
def test_each_open_offer_is_judged_by_its_own_visit(scene):
    tomorrow = china(2026, 11, 21, 10)
    home = {"category_code": HOME_LAMP, "spot_id": None, "home_id": scene.place.homes[0].id}
    lamp = waiting(scene)
    booked = waiting(scene, menu=Menu.BOOKING, slot_id=scene.slot_at(tomorrow), **home)
    worker = scene.by(Role.WRK)
    transact(lambda: db.session.merge(scene.worker).__setattr__("online", False))
    assert shown(scene, worker) == []
    staff = db.session.get_one(Staff, scene.worker.staff_id)
    make_shift(staff, tomorrow, hours=1)
    assert shown(scene, worker) == [booked]
    make_shift(db.session.get_one(Staff, scene.worker.staff_id), scene.at, hours=1)
    assert sorted(shown(scene, worker)) == sorted([lamp, booked])
