"""报价 (T10-T13): the worker says what it will cost, the resident agrees to exactly that, and only then it is repaired.

While the resident considers, the repair clock stands. After 24 hours without a word the system answers for him: a first
quote ends the order unrepaired, an addition is dropped and the repair goes on as agreed before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.catalogue.price_queries import price_version
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.money import yuan
from app.core.scope import SYSTEM, Scope
from app.orders import deadlines
from app.orders.errors import QuoteChanged, QuoteOver, WrongOrderState
from app.orders.field_work import visited
from app.orders.lifecycle import Action, Menu, Status
from app.orders.models import Order
from app.orders.moving import cleaned, get_order, guard, move
from app.orders.quote_lines import Wanted, listed_prices, priced, row_of, under_warranty, visit_fee_fen
from app.orders.quote_models import Quote, QuoteLine
from app.orders.quote_queries import AGREED, agreed_before, agreed_quote, numbers_used, waiting_quote
from app.orders.quote_rules import (
    ANSWER_WITHIN,
    QUOTES_MAX,
    REMIND_AFTER,
    REMINDERS,
    SILENCES,
    TOTAL_MAX_FEN,
    line_fen,
    quote_hash,
)
from app.orders.rules import Clock, is_late
from app.orders.settling import is_free, settle_visit_fee

WAITING = "等居民同意报价"


def make(
    order_id: int, *, by: Scope, lines: Sequence[Wanted], note: str = "", waive_visit_fee: bool = False
) -> Order:
    """报价 (T10), or 增加项目 (T13): what was agreed before is repeated, `lines` are what comes to it.

    Raises WrongOrderState where nobody can quote or agree, Invalid and PriceAboveList for a line that is not as listed.
    """
    words = cleaned(note, field="note", at_least=0, at_most=200)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.QUOTE, by)
    _refuse_where_impossible(order)
    at = clock.now()
    number, in_round = numbers_used(order.id, order.round)
    if in_round >= QUOTES_MAX:
        raise WrongOrderState(
            f"已经报价{QUOTES_MAX}次,不能再报。请和居民电话商定,或请小区经理出面",
            fields={"status": order.status},
        )
    quote = _write(order, lines, by=by, at=at, number=number + 1, note=words, waive_visit_fee=waive_visit_fee)
    order.quoted_fen = quote.total_fen
    data = {"quote": quote.number, "total_fen": quote.total_fen, "addition": quote.addition}
    move(order, Action.QUOTE, by=by, at=at, note=f"报价 {yuan(quote.total_fen)}", data=data)
    deadlines.pause(order, Clock.REPAIR, at=at, reason=WAITING)
    deadlines.plan(order, Clock.QUOTE, REMINDERS[in_round], due_at=at + REMIND_AFTER)
    deadlines.plan(order, Clock.QUOTE, SILENCES[in_round], due_at=quote.expires_at)
    deadlines.refresh_next_due(order)
    return order


def _refuse_where_impossible(order: Order) -> None:
    fields = {"status": order.status}
    if order.menu == Menu.REPORT:
        raise WrongOrderState("公共区域的维修不向居民收费,不用报价", fields=fields)
    if not visited(order):
        raise WrongOrderState("请先到现场签到,看过情况再报价", fields=fields)
    if order.reporter_id is None:
        raise WrongOrderState(
            "报修人没有小程序账号,没法在手机上同意报价。请经理和他商量,或点“这次不收费”", fields=fields
        )


def _write(
    order: Order,
    wanted: Sequence[Wanted],
    *,
    by: Scope,
    at: datetime,
    number: int,
    note: str,
    waive_visit_fee: bool,
) -> Quote:
    free, earlier, listed = is_free(order), agreed_quote(order.id), listed_prices(order, at)
    before = [row_of(line) for line in earlier.lines] if earlier else []
    rows = priced(order, wanted, listed, free=free, before=before, covered=_covered(order, before))
    fee = earlier.visit_fee_fen if earlier else visit_fee_fen(listed)
    head = {
        "order_id": order.id,
        "round": order.round,
        "number": number,
        "addition": earlier is not None,
        "free": free,
        **_sums(rows),
        "visit_fee_fen": 0 if free or waive_visit_fee else fee,
        "price_version": price_version(order.company_id, at=at),
    }
    quote = Quote(**head, note=note, hash=quote_hash(head, rows), made_at=at, made_by=by.account_id)
    quote.expires_at = at + ANSWER_WITHIN
    quote.lines = [QuoteLine(seq=seq, **row) for seq, row in enumerate(rows, 1)]
    db.session.add(quote)
    db.session.flush()
    return quote


def _covered(order: Order, before: Sequence[dict[str, Any]]) -> Mapping[str, int]:
    """What the warranty of an earlier round still covers; nothing where that has run out."""
    repaired = agreed_before(order.id, order.round) if order.warranty else None
    if repaired is None:
        return {}
    return under_warranty(repaired.lines, before[len(repaired.lines) :])


def _sums(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """By the price list, and what is really asked; material costs the same in both."""
    material = sum(row["material_fen"] for row in rows)
    listed = sum(line_fen(row["quantity_hundredths"], row["list_price_fen"]) for row in rows)
    asked = sum(line_fen(row["quantity_hundredths"], row["unit_price_fen"]) for row in rows)
    if listed + material > TOTAL_MAX_FEN:
        raise Invalid(f"报价合计不能超过 {yuan(TOTAL_MAX_FEN)}", fields={"lines": "合计太高"})
    return {"list_fen": listed + material, "total_fen": asked + material}


def agree(order_id: int, *, by: Scope, hash_: str) -> Order:
    """同意报价 (T11): the resident sends the hash of what he has read; what he has not read he cannot agree to.

    Raises QuoteChanged, QuoteOver.
    """
    order, quote = _waiting(order_id, Action.AGREE_QUOTE, by)
    if hash_ != quote.hash:
        raise QuoteChanged(fields={"hash": "与现在的报价不一致"})
    at = clock.now()
    quote.agreed_hash = quote.hash
    _answer(order, quote, AGREED, by=by, at=at)
    order.agreed_fen, order.cancel_asked_at = quote.total_fen, None
    data = {"quote": quote.number, "total_fen": quote.total_fen, "hash": quote.hash}
    move(order, Action.AGREE_QUOTE, by=by, at=at, note=f"同意报价 {yuan(quote.total_fen)}", data=data)
    deadlines.resume(order, Clock.REPAIR, at=at, reason="居民同意报价")
    deadlines.refresh_next_due(order)
    return order


def decline(order_id: int, *, by: Scope, reason: str = "") -> Order:
    """不修了 (T12): the order ends unrepaired; at most the announced visit fee remains."""
    return _decline(order_id, Action.DECLINE_QUOTE, by=by, reason=reason)


def decline_addition(order_id: int, *, by: Scope, reason: str = "") -> Order:
    """不加,按原来的修 (T13): what was agreed before stands and is repaired."""
    return _decline(order_id, Action.DECLINE_ADDITION, by=by, reason=reason)


def _decline(order_id: int, action: Action, *, by: Scope, reason: str) -> Order:
    words = cleaned(reason, field="reason", at_least=0, at_most=200)
    order, quote = _waiting(order_id, action, by)
    if action is not _refusing(quote):
        instead = f"请点“{_refusing(quote).label}”"
        said = "之前的报价您已经同意," if quote.addition else "还没有同意过报价,"
        raise WrongOrderState(said + instead, fields={"status": order.status})
    _refuse(order, quote, by=by, at=clock.now(), how="declined", note=words)
    return order


def _refusing(quote: Quote) -> Action:
    return Action.DECLINE_ADDITION if quote.addition else Action.DECLINE_QUOTE


def _waiting(order_id: int, action: Action, by: Scope) -> tuple[Order, Quote]:
    """The order and the quote that waits; late by a millisecond is late, even before the sweep."""
    order = get_order(order_id, by, lock=True)
    guard(order, action, by)
    quote = waiting_quote(order.id)
    assert quote is not None, "a quoted order has the quote that it waits for"
    if is_late(clock.now(), quote.expires_at):
        raise QuoteOver(fields={"status": order.status})
    return order, quote


def _answer(order: Order, quote: Quote, how: str, *, by: Scope, at: datetime) -> None:
    """Keep the answer and drop what was planned for silence."""
    quote.answered_at, quote.answered_how, quote.answered_by = at, how, by.account_id
    _, in_round = numbers_used(order.id, order.round)
    for level in (REMINDERS[in_round - 1], SILENCES[in_round - 1]):
        deadlines.unplan(order, Clock.QUOTE, level, at=at)


def _refuse(order: Order, quote: Quote, *, by: Scope, at: datetime, how: str, note: str) -> None:
    """The end of the quote, and of the order if nothing was agreed before. The clock runs on from the instant at which
    the silence was complete, whenever the sweep came (K10)."""
    answered = min(at, quote.expires_at)
    _answer(order, quote, how, by=by, at=answered)
    action, data = _refusing(quote), {"quote": quote.number, "how": how}
    if quote.addition:
        order.quoted_fen = order.agreed_fen
        move(order, action, by=by, at=at, note=note, data=data)
        deadlines.resume(order, Clock.REPAIR, at=answered, reason="不加项目")
    else:
        order.closed_at, order.closed_how = at, "declined"
        owed = settle_visit_fee(order)
        move(order, action, by=by, at=at, note=note, data={**data, "visit_fee_fen": owed})
        deadlines.void(order, (Clock.REPAIR,), at=at)
    deadlines.refresh_next_due(order)


def drop(order: Order, *, by: Scope, at: datetime) -> None:
    """The order is cancelled: the quote that waits, if any, needs no answer any more."""
    quote = waiting_quote(order.id)
    if quote is not None:
        _answer(order, quote, "cancelled", by=by, at=at)


def answer_for_the_silent(order_ids: Collection[int], at: datetime) -> None:
    """T12 and T13 by the system, for the sweep: 24 hours without a word."""
    quoted = (
        select(Order)
        .where(Order.id.in_(order_ids), Order.status == Status.QUOTED.value)
        .order_by(Order.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for order in db.session.scalars(quoted).all():
        quote = waiting_quote(order.id)
        if quote is not None and is_late(at, quote.expires_at):
            _refuse(order, quote, by=SYSTEM, at=at, how="silent", note="24小时没有答复")
