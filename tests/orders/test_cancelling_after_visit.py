"""不修了 after the visit (T26): only by consent, only in homes, and for the visit fee at most; and two at once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid, Refusal
from app.core.roles import Role
from app.orders import cancelling, evidence, feedback, quotes
from app.orders.errors import WrongOrderState
from app.orders.lifecycle import Action, Status
from app.orders.models import OrderEvent
from app.orders.quote_queries import quotes_of
from app.orders.sweeping import sweep
from tests.engines import both_engines, in_parallel
from tests.orders.quoting import (
    HOUR,
    MINUTE,
    MS,
    ON_SITE,
    T0,
    actions,
    agree,
    amounts,
    dripping,
    levels,
    newest,
    quote,
    repair,
    working,
)


def ask(scene, order_id: int, reason: str = "亲戚会修", **step):
    return scene.do(lambda: cancelling.ask(order_id, by=scene.by(Role.RES), reason=reason), **step)


def consent(scene, order_id: int, *, by: Role = Role.WRK, **step):
    return scene.do(lambda: cancelling.agree(order_id, by=scene.by(by)), **step)


def test_asking_stops_nothing_until_somebody_agrees(scene):
    order_id = dripping(scene)
    ask(scene, order_id, after=MINUTE)
    order = scene.order(order_id)
    assert (order.status, order.cancel_asked_at) == (Status.VERIFIED, ON_SITE + MINUTE)
    assert order.next_due_at == T0 + 72 * HOUR
    assert Action.ASK_CANCEL not in actions(scene, order_id, Role.RES)
    with pytest.raises(WrongOrderState):
        ask(scene, order_id)


@pytest.mark.parametrize("role", [Role.WRK, Role.DSP, Role.MGR])
def test_worker_or_desk_agrees_and_nothing_is_promised_or_charged_any_more(scene, role):
    order_id = dripping(scene, fee=2_000)
    ask(scene, order_id)
    consent(scene, order_id, by=role, after=MINUTE)
    order = scene.order(order_id)
    assert (order.status, *amounts(order)) == (Status.CANCELLED, None, None, 0, "免费")
    assert (repair(order_id).state, order.next_due_at, order.late_repair) == ("void", None, False)
    assert actions(scene, order_id, Role.RES) == set()


def test_an_announced_visit_fee_remains_and_the_waiting_quote_is_dropped(scene):
    order_id = dripping(scene, fee=2_000)
    quote(scene, order_id)
    ask(scene, order_id, after=MINUTE)
    consent(scene, order_id, after=MINUTE)
    assert amounts(scene.order(order_id)) == (6_500, None, 2_000, "待支付")
    assert newest(order_id).answered_how == "cancelled"
    assert {row.state for row in levels(order_id, "QUOTE")} == {"void"}
    clock.freeze(ON_SITE + 30 * HOUR)
    sweep()
    assert scene.order(order_id).status == Status.CANCELLED


def test_what_was_agreed_but_not_repaired_costs_the_visit_fee_alone(scene):
    order_id = working(scene, fee=2_000)
    ask(scene, order_id)
    consent(scene, order_id)
    assert amounts(scene.order(order_id)) == (6_500, 6_500, 2_000, "待支付")


def test_a_refusal_needs_a_reason_and_one_may_ask_again(scene):
    order_id = dripping(scene)
    ask(scene, order_id)
    desk = scene.by(Role.DSP)
    with pytest.raises(Invalid):
        scene.do(lambda: cancelling.refuse(order_id, by=desk, reason=" "))
    scene.do(lambda: cancelling.refuse(order_id, by=desk, reason="水管还开着,要先装好"))
    assert evidence.timeline(order_id)[-1].note == "水管还开着,要先装好"
    ask(scene, order_id)
    assert scene.order(order_id).cancel_asked_at is not None


def test_agreeing_to_a_quote_takes_the_wish_back(scene):
    order_id = dripping(scene)
    quote(scene, order_id)
    ask(scene, order_id)
    agree(scene, order_id)
    with pytest.raises(WrongOrderState):
        consent(scene, order_id)


def test_nobody_cancels_what_was_not_asked_and_a_resident_never_agrees_with_himself(scene):
    order_id = dripping(scene)
    with pytest.raises(WrongOrderState):
        consent(scene, order_id)
    ask(scene, order_id)
    with pytest.raises(Forbidden):
        consent(scene, order_id, by=Role.RES)


def test_a_public_matter_is_repaired_whatever_its_reporter_wants(scene):
    order_id = scene.until_working(at=T0)
    assert Action.ASK_CANCEL not in actions(scene, order_id, Role.RES)
    with pytest.raises(WrongOrderState):
        ask(scene, order_id)


def test_before_the_visit_one_cancels_alone_and_after_it_not(scene):
    order_id = dripping(scene)
    with pytest.raises(WrongOrderState):
        scene.do(lambda: feedback.cancel(order_id, by=scene.by(Role.RES), reason="亲戚会修"))


# ---- two at the same moment


def attempt(work) -> str:
    try:
        transact(work)
    except Refusal as refusal:
        return refusal.code
    return "ok"


def count(*wanted: Action) -> int:
    db.session.rollback()
    happened = OrderEvent.action.in_([action.value for action in wanted])
    return db.session.scalar(select(func.count()).select_from(OrderEvent).where(happened)) or 0


@both_engines
def test_of_agreeing_and_declining_at_once_one_counts(scene, app_db):
    order_id = dripping(scene)
    hash_, resident = quote(scene, order_id).hash, scene.by(Role.RES)
    clock.freeze(ON_SITE + MINUTE)
    outcomes = in_parallel(
        app_db,
        [
            lambda: attempt(lambda: quotes.agree(order_id, by=resident, hash_=hash_)),
            lambda: attempt(lambda: quotes.decline(order_id, by=resident)),
        ],
    )
    assert sorted(outcomes) == ["ok", "wrong_order_state"]
    assert count(Action.AGREE_QUOTE, Action.DECLINE_QUOTE) == 1
    clock.freeze(ON_SITE + 30 * HOUR)
    sweep()
    assert count(Action.AGREE_QUOTE, Action.DECLINE_QUOTE) == 1


@both_engines
def test_of_two_sweeps_at_once_one_closes_the_silent(scene, app_db):
    for paying in (True, False, False):
        quote(scene, dripping(scene, paying=paying))
    clock.freeze(ON_SITE + 24 * HOUR + MS)
    outcomes = in_parallel(app_db, [sweep, sweep])
    assert not [each for each in outcomes if isinstance(each, Exception)]
    sweep()
    assert count(Action.DECLINE_QUOTE) == 3


@both_engines
def test_a_quote_is_kept_with_its_lines_and_answers_on_either_engine(scene, app_db):
    order_id = working(scene)
    quote(scene, order_id, after=MINUTE)
    scene.do(lambda: quotes.decline_addition(order_id, by=scene.by(Role.RES)), after=MINUTE)
    first, second = quotes_of(order_id)
    assert [(each.answered_how, len(each.lines)) for each in (first, second)] == [
        ("agreed", 1),
        ("declined", 2),
    ]
    assert (first.agreed_hash, second.agreed_hash) == (first.hash, "")
