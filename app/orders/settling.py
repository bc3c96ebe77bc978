"""What is charged in the end: never more than was agreed to, and nothing where nothing was agreed (S2-12, S2-13)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.catalogue.price_models import PriceKind
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.money import yuan
from app.core.scope import Scope
from app.orders import deadlines
from app.orders.errors import NotQuoted, WrongOrderState
from app.orders.lifecycle import Action, Menu
from app.orders.models import Order, OrderEvent
from app.orders.moving import get_order, guard, move
from app.orders.quote_lines import listed_prices
from app.orders.quote_queries import agreed_before, newest_quote
from app.orders.quote_rules import DEBT_REMINDERS, PayStatus, owed_fen, pay_status_of
from app.orders.rules import Clock


def is_free(order: Order) -> bool:
    """A public matter, a free-trial estate, or a repair that the company does not charge for."""
    return order.menu == Menu.REPORT or order.pay_status == PayStatus.FREE


def needs_quote(order: Order) -> bool:
    """Whether work may not begin before the resident has agreed to a price: the company has published one for this
    group of work, and nobody has said that nothing is charged."""
    if is_free(order) or order.agreed_fen is not None:
        return False
    group = order.category_code[:3]
    listed = listed_prices(order, clock.now()).values()
    return any(line.group == group and line.kind is PriceKind.WORK and line.price_fen for line in listed)


def refuse_unquoted(order: Order) -> None:
    """先报价,同意了再修; raises NotQuoted."""
    if needs_quote(order):
        raise NotQuoted(fields={"status": order.status})


def settle(order: Order, final_fen: int | None) -> None:
    """The settlement of a finished repair. Without an amount it is the most that may be asked; raises Invalid for more,
    naming it."""
    most = most_to_settle_fen(order)
    if final_fen is None:
        final_fen = most
    if not 0 <= final_fen <= most:
        raise Invalid(_too_much(order, most), fields={"final_fen": f"最多 {yuan(most)}"})
    order.final_fen = final_fen
    set_pay_status(order)


def most_to_settle_fen(order: Order) -> int:
    """What a finished repair may cost at most: what was agreed to. After a reopening that is what was settled before,
    with all that was taken off or went back since, and what was agreed to anew."""
    return min(_settled_before(order) + _agreed_since(order), order.agreed_fen or 0)


def _too_much(order: Order, most: int) -> str:
    agreed = order.agreed_fen or 0
    if not agreed:
        return "没有居民同意的报价,不能收费"
    if most == agreed:
        return f"居民同意的报价是 {yuan(agreed)},结算不能超过它"
    return f"上次结算加上这次居民同意的,一共 {yuan(most)},结算不能超过它"


def _settled_before(order: Order) -> int:
    return order.final_fen or 0 if order.round else 0


def _agreed_since(order: Order) -> int:
    """What came to the agreement since the order was reopened; all of it in the first round or after a declined one."""
    if order.agreed_fen is None:
        return 0
    earlier = agreed_before(order.id, order.round) if order.round and order.final_fen is not None else None
    return order.agreed_fen - (earlier.total_fen if earlier else 0)


def settle_visit_fee(order: Order) -> int:
    """Not repaired: the visit fee that the newest quote announced remains, or nothing; what was said to be free stays
    free, and after a reopening what was settled before stays as it is. Returns the fee in fen."""
    if order.final_fen is not None:
        return 0
    quote = None if is_free(order) else newest_quote(order.id)
    order.final_fen = quote.visit_fee_fen if quote else 0
    set_pay_status(order)
    return order.final_fen


def still_owed_fen(order: Order) -> int:
    """What is still to be paid, 0 while nothing was settled; an order that is free owes nothing."""
    return 0 if is_free(order) else owed_fen(order.final_fen, order.paid_fen, order.refunded_fen)


def waits_for_money(order: Order) -> bool:
    """T21: paid if payable. Where residents cannot pay online (S0-29 is a switch of the estate) nothing waits."""
    return order.pay_status == PayStatus.TO_PAY and order.estate.pay_enabled


def set_pay_status(order: Order, *, refunding: bool = False) -> None:
    """The status that follows from settlement and money; who owes something is reminded of it, who does not is not."""
    if is_free(order):
        return
    status = pay_status_of(order.final_fen, order.paid_fen, order.refunded_fen, refunding=refunding)
    order.pay_status = status.value
    at = clock.now()
    if status is not PayStatus.TO_PAY:
        stop_reminding(order, at=at)
        return
    for level, after in DEBT_REMINDERS.items():
        deadlines.plan(order, Clock.PAY, level, due_at=at + after)


def stop_reminding(order: Order, *, at: datetime) -> None:
    """Nobody is asked for money while it is repaired again; what is owed then is reminded of anew."""
    for level in DEBT_REMINDERS:
        deadlines.unplan(order, Clock.PAY, level, at=at)


def price_again(order: Order) -> None:
    """The order was reopened: what it cost so far stands, but nobody's no-charge for a repair that never began, or that
    cost nothing after all, makes everything after it free. Free trial, public matters and 这次不收费 stay as they are.
    """
    if order.pay_status == PayStatus.FREE:
        quote = newest_quote(order.id)
        if quote is None or quote.free or _waived(order):
            return
    if order.pay_status in (PayStatus.FREE, PayStatus.TO_PAY) and not order.final_fen:
        order.pay_status = PayStatus.UNPRICED.value


def _waived(order: Order) -> bool:
    said = (OrderEvent.order_id == order.id) & (OrderEvent.action == Action.WAIVE.value)
    return db.session.scalar(select(OrderEvent.id).where(said).limit(1)) is not None


def waive(order_id: int, *, by: Scope) -> Order:
    """这次不收费: nothing is charged for this order any more, so that it may be repaired without a quote."""
    order = get_order(order_id, by, lock=True)
    guard(order, Action.WAIVE, by)
    if order.pay_status != PayStatus.UNPRICED or order.agreed_fen is not None:
        said = "已经同意报价,可以在完工时少收或不收" if order.agreed_fen is not None else "本来就不收费"
        raise WrongOrderState(f"这张工单{said}", fields={"status": order.status})
    order.pay_status = PayStatus.FREE.value
    move(order, Action.WAIVE, by=by)
    return order
