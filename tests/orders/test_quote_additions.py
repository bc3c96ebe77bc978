"""增加项目 (T13), and what is charged in the end: never more than was agreed to (S2-12, S2-13)."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.core.db import db, transact
from app.core.errors import Conflict, Invalid
from app.core.roles import Role
from app.orders import evidence, feedback, field_work, quotes, settling
from app.orders.errors import NotQuoted, WrongOrderState
from app.orders.lifecycle import Action, Status
from app.orders.quote_lines import Wanted
from app.orders.quote_queries import quotes_of
from tests.engines import both_engines
from tests.orders.quoting import (
    HOSE,
    HOUR,
    MINUTE,
    T0,
    TAP,
    actions,
    agree,
    amounts,
    decline,
    dripping,
    levels,
    quote,
    repair,
    working,
)
from tests.orders.test_clock_vectors import sweep_at

# ---- additions


def test_an_addition_repeats_what_was_agreed_and_the_earlier_total_stands_meanwhile(scene):
    order_id = working(scene)
    made = quote(scene, order_id, HOSE, after=MINUTE)
    assert [(line.item_code, line.added, line.amount_fen) for line in made.lines] == [
        *[("W01", False, 6_500)],
        ("W03", True, 5_000),
    ]
    order = scene.order(order_id)
    assert (order.status, *amounts(order)) == (Status.QUOTED, 11_500, 6_500, None, "未计价")
    assert evidence.timeline(order_id)[-1].code == "T13"
    agree(scene, order_id, after=MINUTE)
    assert amounts(scene.order(order_id))[:2] == (11_500, 11_500)


def test_who_declines_an_addition_has_repaired_what_he_agreed_to(scene):
    order_id = working(scene)
    quote(scene, order_id, HOSE, after=MINUTE)
    offered = actions(scene, order_id, Role.RES)
    assert Action.DECLINE_ADDITION in offered and Action.DECLINE_QUOTE not in offered
    with pytest.raises(WrongOrderState) as refused:
        decline(scene, order_id)
    assert "不加,按原来的修" in refused.value.sentence
    scene.do(lambda: quotes.decline_addition(order_id, by=scene.by(Role.RES)), after=HOUR)
    order = scene.order(order_id)
    assert (order.status, *amounts(order)) == (Status.WORKING, 6_500, 6_500, None, "未计价")
    assert repair(order_id).due_at == T0 + 72 * HOUR + MINUTE + HOUR


def test_silence_about_an_addition_lets_the_repair_go_on_from_that_instant(scene):
    order_id = working(scene)
    asked = scene.at + MINUTE
    quote(scene, order_id, HOSE, at=asked)
    sweep_at(asked + 30 * HOUR)
    order = scene.order(order_id)
    assert (order.status, order.agreed_fen) == (Status.WORKING, 6_500)
    assert repair(order_id).due_at == T0 + 72 * HOUR + MINUTE + 24 * HOUR


def test_a_first_quote_cannot_be_declined_as_an_addition(scene):
    order_id = dripping(scene)
    quote(scene, order_id)
    with pytest.raises(WrongOrderState):
        scene.do(lambda: quotes.decline_addition(order_id, by=scene.by(Role.RES)))


def test_a_round_has_five_quotes_at_most_and_each_has_its_own_instants(scene):
    order_id = working(scene)
    for _ in range(4):
        quote(scene, order_id, HOSE, after=MINUTE)
        scene.do(lambda: quotes.decline_addition(order_id, by=scene.by(Role.RES)), after=MINUTE)
    with pytest.raises(WrongOrderState) as refused:
        quote(scene, order_id, HOSE)
    assert "5次" in refused.value.sentence
    assert len(levels(order_id, "QUOTE")) == 10
    assert [each.number for each in quotes_of(order_id)] == [1, 2, 3, 4, 5]


# ---- what is charged


def finish(scene, order_id: int, *, final_fen: int | None = None, **step):
    photos, worker = scene.photos(Role.WRK), scene.by(Role.WRK)
    old = scene.photos(Role.WRK)
    values = {"result": "换好了", "photo_ids": photos, "old_part_photo_ids": old, "final_fen": final_fen}
    return scene.do(lambda: field_work.finish(order_id, by=worker, **values), **step)


def test_the_settlement_is_what_was_agreed_unless_less_is_asked(scene):
    order_id = working(scene)
    finish(scene, order_id, after=HOUR)
    assert amounts(scene.order(order_id)) == (6_500, 6_500, 6_500, "待支付")


def test_less_may_be_settled_and_a_fen_more_is_refused(scene):
    order_id = working(scene)
    with pytest.raises(Invalid) as refused:
        finish(scene, order_id, final_fen=6_501)
    assert list(refused.value.fields) == ["final_fen"]
    assert scene.order(order_id).status == Status.WORKING
    finish(scene, order_id, final_fen=0)
    assert amounts(scene.order(order_id))[2:] == (0, "免费")


@both_engines
def test_the_database_itself_refuses_a_settlement_above_the_agreement(scene):
    order_id = working(scene)
    finish(scene, order_id)
    with pytest.raises(Conflict):
        transact(lambda: db.session.execute(text("UPDATE orders SET final_fen = agreed_fen + 1")))


def test_work_with_a_published_price_begins_with_an_agreed_quote_or_free_of_charge(scene):
    order_id = dripping(scene)
    worker = scene.by(Role.WRK)
    with pytest.raises(NotQuoted):
        scene.do(lambda: field_work.start(order_id, by=worker))
    with pytest.raises(NotQuoted) as refused:
        finish(scene, order_id)
    assert refused.value.fields == {"status": "VERIFIED"}
    scene.do(lambda: settling.waive(order_id, by=worker))
    scene.do(lambda: field_work.start(order_id, by=worker))
    finish(scene, order_id, after=HOUR)
    assert amounts(scene.order(order_id)) == (None, None, 0, "免费")


def test_nothing_can_be_charged_without_an_agreed_quote(scene):
    order_id = dripping(scene)
    scene.do(lambda: settling.waive(order_id, by=scene.by(Role.WRK)))
    with pytest.raises(Invalid):
        finish(scene, order_id, final_fen=1)


def test_a_group_without_a_published_price_needs_no_quote_and_costs_nothing(scene):
    """The company of this scene has published nothing."""
    scene.do(lambda: setattr(scene.place.estate, "free_trial", False))
    order_id = dripping(scene, paying=False)
    assert scene.order(order_id).pay_status == "未计价"
    finish(scene, order_id)
    assert amounts(scene.order(order_id)) == (None, None, 0, "免费")


def test_what_is_free_already_or_agreed_is_not_waived_again(scene):
    order_id = working(scene)
    assert Action.WAIVE not in actions(scene, order_id, Role.WRK)
    with pytest.raises(WrongOrderState):
        scene.do(lambda: settling.waive(order_id, by=scene.by(Role.WRK)))


def test_a_repair_of_what_was_reopened_is_not_charged_again(scene):
    order_id = working(scene)
    finish(scene, order_id, final_fen=5_000)
    photos, resident = scene.photos(Role.RES), scene.by(Role.RES)
    scene.do(lambda: feedback.reopen(order_id, by=resident, reason="又滴水了", photo_ids=photos), after=HOUR)
    scene.check_in(order_id, after=HOUR)
    finish(scene, order_id, after=HOUR)
    assert amounts(scene.order(order_id)) == (6_500, 6_500, 5_000, "待支付")


def test_a_night_fee_that_was_agreed_stands_when_something_is_added_on_a_visit_by_day(scene):
    order_id = dripping(scene)
    quote(scene, order_id, TAP, Wanted("F02"))
    agree(scene, order_id, after=MINUTE)
    finish(scene, order_id)
    photos, resident = scene.photos(Role.RES), scene.by(Role.RES)
    scene.do(lambda: feedback.reopen(order_id, by=resident, reason="又滴水了", photo_ids=photos), after=HOUR)
    scene.check_in(order_id, after=11 * HOUR)
    with pytest.raises(Invalid):
        quote(scene, order_id, HOSE, Wanted("F02"))
    assert quote(scene, order_id, HOSE).total_fen == 9_500 + 5_000
