"""报价 (T10-T12, domain 3.10): from the published list, agreed to word by word, with the clock standing meanwhile."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app.catalogue.prices import set_ceiling
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.orders import evidence, feedback, queries, quotes
from app.orders.errors import PriceAboveList, QuoteChanged, QuoteOver, WrongOrderState
from app.orders.lifecycle import Action, Menu, Status
from app.orders.models import Order
from app.orders.quote_lines import Wanted
from tests.factories.prices import let_residents_pay
from tests.factories.scene import HOME_LAMP
from tests.orders.quoting import (
    HOUR,
    MS,
    ON_SITE,
    T0,
    TAP,
    actions,
    agree,
    amounts,
    decline,
    dripping,
    levels,
    newest,
    quote,
    repair,
)
from tests.orders.test_clock_vectors import sweep_at

# ---- what a quote says


def test_a_tap_and_its_material_cost_sixty_five_yuan_as_in_story_z7(scene):
    order_id = dripping(scene)
    made = quote(scene, order_id)
    order = scene.order(order_id)
    assert (order.status, *amounts(order)) == (Status.QUOTED, 6_500, None, None, "未计价")
    assert (made.number, made.total_fen, made.list_fen, made.free, made.visit_fee_fen) == (
        *(1, 6_500, 6_500, False),
        0,
    )
    assert [(line.name, line.unit_price_fen, line.material, line.amount_fen) for line in made.lines] == [
        ("更换水龙头", 4_000, "陶瓷芯水龙头", 6_500)
    ]
    assert made.expires_at == ON_SITE + 24 * HOUR
    assert evidence.timeline(order_id)[-1].note == "报价 ¥65.00"


def test_less_than_the_list_may_be_asked_and_more_is_refused(scene):
    order_id = dripping(scene)
    with pytest.raises(PriceAboveList) as refused:
        quote(scene, order_id, Wanted("W01", unit_price_fen=4_001))
    assert "¥40.00" in refused.value.sentence
    made = quote(scene, order_id, Wanted("W01", unit_price_fen=3_000))
    assert (made.list_fen, made.total_fen) == (4_000, 3_000)


def test_a_ceiling_that_dropped_below_the_published_price_is_what_counts(scene):
    order_id = dripping(scene)
    scene.do(lambda: set_ceiling("W01", ceiling_fen=3_500, by=SYSTEM))
    with pytest.raises(PriceAboveList):
        quote(scene, order_id, Wanted("W01", unit_price_fen=4_000))
    assert quote(scene, order_id, Wanted("W01")).total_fen == 3_500


def test_a_part_of_a_metre_costs_its_part_and_no_fen_more(scene):
    order_id = dripping(scene)
    made = quote(scene, order_id, Wanted("E07", quantity_hundredths=133))
    assert (made.total_fen, made.lines[0].amount_fen) == (1_596, 1_596)


@pytest.mark.parametrize(
    "line",
    [
        Wanted("X99"),
        Wanted("G01"),
        Wanted("F01"),
        Wanted("W01", quantity_hundredths=0),
        Wanted("W01", material_by="company"),
        Wanted("W01", material="水龙头"),
        Wanted("W01", material_by="resident", material="水龙头", material_fen=1),
        Wanted("W01", material_by="company", material="水龙头", material_fen=-1),
        Wanted("W01", unit_price_fen=-1),
        Wanted("W04", quantity_hundredths=99_999, unit_price_fen=8_000),
    ],
)
def test_what_is_not_listed_not_named_or_makes_no_sense_is_refused(scene, line):
    order_id = dripping(scene)
    if line.item_code == "W04":
        line = [line, line]
    with pytest.raises(Invalid) as refused:
        quote(scene, order_id, *(line if isinstance(line, list) else [line]))
    assert list(refused.value.fields) == ["lines"]
    assert scene.order(order_id).status == Status.VERIFIED


def test_an_empty_quote_is_refused(scene):
    order_id = dripping(scene)
    with pytest.raises(Invalid):
        scene.do(lambda: quotes.make(order_id, by=scene.by(Role.WRK), lines=[]))


def test_the_night_fee_is_asked_once_and_only_for_a_visit_at_night(scene):
    order_id = dripping(scene)
    with pytest.raises(Invalid):
        quote(scene, order_id, TAP, Wanted("F02"), Wanted("F02"))
    assert quote(scene, order_id, TAP, Wanted("F02")).total_fen == 9_500


def test_in_the_daytime_there_is_no_night_fee(scene):
    let_residents_pay(scene)
    scene.at = china(2026, 11, 21, 9)
    home = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "spot_id": None}
    order_id = scene.until_working(at=scene.at, home_id=scene.place.homes[0].id, **home)
    with pytest.raises(Invalid) as refused:
        quote(scene, order_id, TAP, Wanted("F02"))
    assert "夜间" in refused.value.sentence


def test_in_a_free_estate_everything_is_zero_and_the_list_price_is_shown_beside_it(scene):
    let_residents_pay(scene, visit_fee_fen=2_000)
    scene.do(lambda: setattr(scene.place.estate, "free_trial", True))
    order_id = dripping(scene, paying=False)
    with pytest.raises(Invalid):
        quote(scene, order_id, TAP)
    made = quote(scene, order_id, Wanted("W01"))
    assert (made.free, made.total_fen, made.list_fen, made.visit_fee_fen) == (True, 0, 4_000, 0)
    agree(scene, order_id)
    scene.finish(order_id, after=HOUR)
    assert amounts(scene.order(order_id)) == (0, 0, 0, "免费")


@pytest.mark.parametrize("what", ["public", "unvisited", "no account"])
def test_where_nobody_can_agree_there_is_no_quote(scene, what):
    if what == "public":
        order_id = scene.until_working(at=T0)
    else:
        order_id = dripping(scene)
        change = {"round": 1} if what == "unvisited" else {"reporter_id": None}
        transact(lambda: db.session.execute(update(Order).where(Order.id == order_id).values(**change)))
    with pytest.raises(WrongOrderState):
        quote(scene, order_id)


# ---- agreeing


def test_the_resident_agrees_to_what_he_has_read_and_work_begins(scene):
    order_id = dripping(scene)
    made = quote(scene, order_id)
    assert {Action.AGREE_QUOTE, Action.DECLINE_QUOTE} <= actions(scene, order_id, Role.RES)
    assert Action.DECLINE_ADDITION not in actions(scene, order_id, Role.RES)
    agree(scene, order_id, after=HOUR)
    order, answered = scene.order(order_id), newest(order_id)
    assert (order.status, *amounts(order)) == (Status.WORKING, 6_500, 6_500, None, "未计价")
    assert (answered.answered_how, answered.agreed_hash) == ("agreed", made.hash)
    assert evidence.timeline(order_id)[-1].data["hash"] == made.hash


def test_another_hash_than_that_of_the_waiting_quote_is_refused(scene):
    order_id = dripping(scene)
    quote(scene, order_id)
    with pytest.raises(QuoteChanged) as refused:
        scene.do(lambda: quotes.agree(order_id, by=scene.by(Role.RES), hash_="0" * 64))
    assert refused.value.status == 409
    assert scene.order(order_id).status == Status.QUOTED


def test_the_hash_changes_with_any_amount_and_stays_with_the_same_contents(scene):
    order_id = dripping(scene)
    made = quote(scene, order_id)
    rows = [quotes.row_of(line) for line in made.lines]
    names = ("order_id", "round", "number", "addition", "free", "list_fen", "total_fen", "visit_fee_fen")
    names = (*names, "price_version")
    head = {name: getattr(made, name) for name in names}
    assert quotes.quote_hash(head, rows) == made.hash
    assert quotes.quote_hash(dict(reversed(head.items())), rows) == made.hash
    for change in ({"quantity_hundredths": 200}, {"unit_price_fen": 3_999}, {"material": "别的水龙头"}):
        assert quotes.quote_hash(head, [{**rows[0], **change}]) != made.hash


def test_waiting_for_the_resident_is_not_counted_against_the_repair(scene):
    order_id = dripping(scene)
    quote(scene, order_id)
    assert scene.order(order_id).next_due_at is None
    agree(scene, order_id, at=ON_SITE + 23 * HOUR)
    assert repair(order_id).due_at == T0 + 72 * HOUR + 23 * HOUR
    assert scene.order(order_id).next_due_at == T0 + 95 * HOUR


# ---- declining and silence


def test_a_task_stays_in_its_workers_list_while_the_resident_considers_the_price(scene):
    order_id = dripping(scene)
    quote(scene, order_id)
    assert [line.id for line in queries.tasks(scene.by(Role.WRK))] == [order_id]


def test_who_declines_pays_the_announced_visit_fee_and_nothing_else(scene):
    order_id = dripping(scene, fee=2_000)
    assert quote(scene, order_id).visit_fee_fen == 2_000
    decline(scene, order_id, after=HOUR)
    order = scene.order(order_id)
    assert (order.status, order.closed_how, order.finished_at) == (Status.CLOSED, "declined", None)
    assert amounts(order) == (6_500, None, 2_000, "待支付")
    due = repair(order_id)
    assert (due.state, due.breached, order.late_repair) == ("void", False, False)


def test_a_company_may_waive_the_visit_fee_in_its_quote(scene):
    order_id = dripping(scene, fee=2_000)
    worker = scene.by(Role.WRK)
    scene.do(lambda: quotes.make(order_id, by=worker, lines=[TAP], waive_visit_fee=True))
    decline(scene, order_id)
    assert amounts(scene.order(order_id))[2:] == (0, "免费")


def test_what_was_never_repaired_cannot_be_reopened_or_rated(scene):
    order_id = dripping(scene)
    quote(scene, order_id)
    decline(scene, order_id)
    assert actions(scene, order_id, Role.RES) == set()
    with pytest.raises(WrongOrderState):
        scene.do(lambda: feedback.reopen(order_id, by=scene.by(Role.RES), reason="还是修吧"))


def test_after_24_hours_without_a_word_the_system_closes_it_and_nobody_is_late(scene):
    order_id = dripping(scene)
    quote(scene, order_id)
    sweep_at(ON_SITE + 24 * HOUR)
    assert scene.order(order_id).status == Status.QUOTED
    sweep_at(ON_SITE + 24 * HOUR + MS)
    order, last = scene.order(order_id), evidence.timeline(order_id)[-1]
    assert (order.status, order.closed_how, newest(order_id).answered_how) == ("CLOSED", "declined", "silent")
    assert (last.code, last.role, last.note) == ("T12", Role.SYS, "24小时没有答复")
    assert not order.late_repair
    assert [row.level for row in levels(order_id, "QUOTE", "C3") if row.breached] == []


def test_a_word_after_24_hours_is_too_late_even_before_the_sweep(scene):
    order_id = dripping(scene)
    quote(scene, order_id)
    with pytest.raises(QuoteOver):
        agree(scene, order_id, at=ON_SITE + 24 * HOUR + MS)
    with pytest.raises(QuoteOver):
        decline(scene, order_id, at=ON_SITE + 24 * HOUR + MS)


def test_an_answer_in_the_last_millisecond_counts_and_nothing_fires_afterwards(scene):
    order_id = dripping(scene)
    quote(scene, order_id)
    agree(scene, order_id, at=ON_SITE + 24 * HOUR)
    sweep_at(ON_SITE + 25 * HOUR)
    assert scene.order(order_id).status == Status.WORKING
    assert {row.level: row.state for row in levels(order_id, "QUOTE")} == {"R1": "void", "Q1": "void"}
