"""Quotes and cancelling after the visit: who hears what, through sweep and outbox."""

from __future__ import annotations

import pytest

from app.catalogue.prices import install_standard_prices, publish_price
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.orders import cancelling, quotes, settling
from app.orders.lifecycle import Action
from app.orders.models import Order
from app.orders.quote_lines import Wanted
from app.orders.quote_queries import quotes_of
from app.orders.sweeping import sweep
from app.reactions.order_messages import RESIDENT_MESSAGES
from app.reactions.quote_messages import reminder
from tests.reactions.stories import story
from tests.reactions.test_hold_reactions import bodies
from tests.reactions.test_order_reactions import at, react, under_way, visit

TAP, HOSE = Wanted("W01"), Wanted("W03")


@pytest.fixture
def looked_at(town):
    """A tap at home; its price and the fee for a visit are published; everything before is told."""
    order_id = town.emergency(category="H0201", text="水龙头一直滴水").order_id
    company = db.session.get_one(Order, order_id).company_id

    def publish() -> None:
        install_standard_prices()
        for code, fen in (("W01", 4_000), ("W03", 2_500), ("F01", 2_000)):
            publish_price(code, company_id=company, price_fen=fen, by=SYSTEM)

    transact(publish)
    under_way(town, order_id)
    visit(town, order_id, finding="阀芯坏了")
    react()
    return order_id


def make(town, order_id: int, *lines: Wanted) -> None:
    transact(lambda: quotes.make(order_id, by=town.scopes[Role.WRK], lines=lines))


def agree(town, order_id: int) -> None:
    hash_ = quotes_of(order_id)[-1].hash
    transact(lambda: quotes.agree(order_id, by=town.scopes[Role.RES], hash_=hash_))


def last(town, role: Role) -> str:
    return bodies(town, role)[-1]


def test_a_quote_is_told_at_once_and_again_after_two_hours(town, looked_at):
    make(town, looked_at, TAP)
    react()
    first = last(town, Role.RES)
    assert "王师傅看过了" in first and "¥40.00" in first and "不答复就按不修办结" in first
    before = len(bodies(town, Role.RES))
    with at(hours=2):
        sweep()
        react()
    assert len(bodies(town, Role.RES)) == before
    with at(hours=2, milliseconds=1):
        sweep()
        react()
        sweep()
        react()
    assert len(bodies(town, Role.RES)) == before + 1
    assert last(town, Role.RES).startswith("还没收到您的答复。")


def test_who_has_answered_is_not_reminded_and_the_worker_begins(town, looked_at):
    make(town, looked_at, TAP)
    agree(town, looked_at)
    react()
    assert "居民同意报价 ¥40.00,请开始维修" in last(town, Role.WRK)
    before = bodies(town, Role.RES)
    with at(hours=3):
        sweep()
        react()
    assert bodies(town, Role.RES) == before


def test_silence_is_told_to_both_sides_with_what_remains_to_be_paid(town, looked_at):
    make(town, looked_at, TAP)
    with at(hours=25):
        sweep()
        react()
    assert "没有收到您的答复" in last(town, Role.RES) and "上门检测费 ¥20.00" in last(town, Role.RES)
    assert "24小时没有答复报价" in last(town, Role.WRK)


def test_silence_about_an_addition_is_told_as_the_repair_goes_on(town, looked_at):
    make(town, looked_at, TAP)
    agree(town, looked_at)
    make(town, looked_at, HOSE)
    react()
    assert "加上原来的一共 ¥65.00" in last(town, Role.RES)
    with at(hours=25):
        sweep()
        react()
    assert "按您原来同意的报价继续修" in last(town, Role.RES)
    assert "请按原来同意的报价修" in last(town, Role.WRK)


def test_a_wish_to_cancel_reaches_worker_and_desk_and_the_answer_the_resident(town, looked_at):
    resident, desk = town.scopes[Role.RES], town.scopes[Role.DSP]
    transact(lambda: cancelling.ask(looked_at, by=resident, reason="亲戚会修。"))
    react()
    for role in (Role.WRK, Role.DSP):
        assert "报修人不想修了(亲戚会修)" in last(town, role)
    transact(lambda: cancelling.refuse(looked_at, by=desk, reason="水管还开着"))
    react()
    assert "继续维修:水管还开着" in last(town, Role.RES)
    transact(lambda: cancelling.ask(looked_at, by=resident, reason="亲戚会修"))
    transact(lambda: cancelling.agree(looked_at, by=desk))
    react()
    assert last(town, Role.RES).endswith("已取消。不收费。")
    assert "不用修了" in last(town, Role.WRK)


def test_that_nothing_is_charged_is_told(town, looked_at):
    transact(lambda: settling.waive(looked_at, by=town.scopes[Role.WRK]))
    react()
    assert "不收费" in last(town, Role.RES)


def test_what_was_answered_before_it_could_be_told_is_not_asked_any_more():
    assert RESIDENT_MESSAGES["T10", Action.QUOTE](story()) is None
    assert reminder(story()) is None


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"data": {"visit_fee_fen": 2_000}}, "上门检测费 ¥20.00,请在工单里核对结算单后支付"),
        (
            {"data": {"visit_fee_fen": 2_000}, "pays_online": False},
            "上门检测费 ¥20.00,请在工单里核对结算单,付给师傅或小区管理处,并要收据",
        ),
        ({"data": {"visit_fee_fen": 0}, "owed_fen": 6_500}, "这次不收费;上次的维修费还有 ¥65.00"),
        ({"data": {"visit_fee_fen": 0}}, "不收费。"),
    ],
)
def test_what_remains_to_be_paid_is_said_with_how_it_can_be_paid_there(known, words):
    assert words in RESIDENT_MESSAGES["T26", Action.AGREE_CANCEL](story(**known)).body
