"""维修资金 (T16, T30, C4): who pays is decided with evidence, the reporter is told, only then does the order wait.

The consultation of the owners itself belongs to another part; here the repair clock is suspended until the manager goes
on with the work, or closes the order because the owners did not agree (domain 3.9, S3-18).
"""

from __future__ import annotations

from collections.abc import Sequence

from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.scope import Scope
from app.orders import deadlines, holding
from app.orders.errors import MissingEvidence, WrongOrderState
from app.orders.fund_models import FundDecision
from app.orders.fund_rules import PAYERS, call_due
from app.orders.hold_offers import current_hold
from app.orders.lifecycle import Action, Menu
from app.orders.models import Order
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.planning import extend_to
from app.orders.rules import Clock
from app.orders.standstill import decision_of, fund_words

TOLD_BY = {"phone": "电话", "visit": "当面", "message": "微信或短信"}
CLOSED_HOW = "fund_failed"


def need(
    order_id: int, *, by: Scope, payer: str, reason: str, scope: str, photo_ids: Sequence[int] = ()
) -> Order:
    """需动用维修资金 (T16): the decision of 2.3 by a named manager, with evidence. From now on the reporter is to be
    told within two hours; at night by nine in the morning.

    Raises Invalid when somebody else has to pay, MissingEvidence, WrongOrderState.
    """
    _refuse_other_payers(payer)
    why = cleaned(reason, field="reason", at_least=4, at_most=300)
    what = cleaned(scope, field="scope", at_least=2, at_most=200)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.NEED_FUND, by)
    at = clock.now()
    _refuse_where_impossible(order)
    photos = attach_photos(order.id, photo_ids, "fund", by=by, round_=order.round, at_least=1)
    order.fund_needed_at = at
    db.session.add(
        FundDecision(
            order_id=order.id,
            round=order.round,
            payer=payer,
            reason=why,
            scope=what,
            photos=photos,
            decided_by=by.account_id,
            decided_at=at,
        )
    )
    note = f"{PAYERS[payer].label}:{why}"
    move(order, Action.NEED_FUND, by=by, at=at, note=note, data={"payer": payer})
    deadlines.start(order, (Clock.FUND,), at=at, round_=order.round)
    morning = call_due(at)
    if morning is not None:
        extend_to(order, Clock.FUND, at=at, due_at=morning)
    deadlines.refresh_next_due(order)
    return order


def _refuse_other_payers(payer: str) -> None:
    known = PAYERS.get(payer)
    if known is None:
        raise Invalid("请选择由谁承担费用", fields={"payer": "必选"})
    if not known.needs_the_owners:
        raise Invalid(known.instead, fields={"payer": "不动用维修资金"})


def _refuse_where_impossible(order: Order) -> None:
    fields = {"status": order.status}
    if order.menu != Menu.REPORT:
        raise WrongOrderState("维修资金只能用于公共部位,户内维修不能动用", fields=fields)
    holding.require_visit(order)
    if order.fund_needed_at is not None:
        raise WrongOrderState("这张工单已经提出动用维修资金", fields=fields)


def tell(order_id: int, *, by: Scope, spoken_to: str, how: str, words: str) -> Order:
    """已向居民说明: who was told, how, and what; stops C4 and opens the way to the consultation (S3-18)."""
    person = cleaned(spoken_to, field="spoken_to", at_least=2, at_most=20)
    said = cleaned(words, field="words", at_least=4, at_most=300)
    if how not in TOLD_BY:
        raise Invalid("请选择用什么方式说明的", fields={"how": "必选"})
    order = get_order(order_id, by, lock=True)
    guard(order, Action.TELL_FUND, by)
    decision = decision_of(order)
    if decision is None or order.fund_needed_at is None or order.fund_told_at is not None:
        raise WrongOrderState("现在没有要说明的维修资金事项", fields={"status": order.status})
    at = clock.now()
    decision.told_at, decision.told_by = at, by.account_id
    decision.told_to, decision.told_how, decision.told_words = person, how, said
    order.fund_told_at = at
    move(order, Action.TELL_FUND, by=by, at=at, note=f"{TOLD_BY[how]}告知{person}:{said}", data={"how": how})
    deadlines.stop(order, Clock.FUND, at=at)
    deadlines.refresh_next_due(order)
    return order


def hold(order_id: int, *, by: Scope) -> Order:
    """转维修资金征询: the repair clock is suspended (K6). Raises MissingEvidence until the reporter was told."""
    order = get_order(order_id, by, lock=True)
    guard(order, Action.HOLD_FUND, by)
    decision = decision_of(order)
    if decision is None or order.fund_told_at is None:
        raise MissingEvidence(
            "请先认定由谁承担费用,并向报修人说明,再转征询", fields={"fund_told_at": "还没有向报修人说明"}
        )
    at = clock.now()
    order.expected_at = None
    note = fund_words("", decision.scope)
    move(order, Action.HOLD_FUND, by=by, at=at, note=note, data={"payer": decision.payer})
    holding.begin(order, "FUND", by=by, at=at, why="维修资金征询", reason=decision.payer, text=decision.scope)
    return order


def close(order_id: int, *, by: Scope, result: str, photo_ids: Sequence[int] = ()) -> Order:
    """征询未通过,办结 (T30): with the result and its evidence. Nobody broke the promise and nobody kept it."""
    text = cleaned(result, field="result", at_least=4, at_most=300)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.CLOSE_FUND, by)
    running, decision = current_hold(order.id), decision_of(order)
    assert running is not None and decision is not None, "an order on hold for the fund has its decision"
    at = clock.now()
    attach_photos(order.id, photo_ids, "fund_result", by=by, round_=order.round, at_least=1)
    holding.finish(running, by=by, at=at, how="closed")
    decision.failed_at, decision.result = at, text
    order.closed_at, order.closed_how = at, CLOSED_HOW
    move(order, Action.CLOSE_FUND, by=by, at=at, note=text)
    deadlines.void(order, (Clock.REPAIR,), at=at)
    deadlines.refresh_next_due(order)
    return order
