"""不修了 after the visit (T26): the resident asks, worker or desk agrees; at most the announced visit fee remains."""

from __future__ import annotations

from app.core import clock
from app.core.scope import Scope
from app.orders import quotes
from app.orders.desk import close_offer, close_promises
from app.orders.errors import WrongOrderState
from app.orders.lifecycle import Action, Menu
from app.orders.models import Order
from app.orders.moving import cleaned, get_order, guard, move
from app.orders.settling import settle_visit_fee


def ask(order_id: int, *, by: Scope, reason: str) -> Order:
    """申请取消: nothing stops yet; the repair clock runs on until somebody has agreed."""
    words = cleaned(reason, field="reason", at_least=2, at_most=200)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.ASK_CANCEL, by)
    if order.menu == Menu.REPORT:
        raise WrongOrderState("公共区域的问题要处理完,不能取消", fields={"status": order.status})
    if order.cancel_asked_at is not None:
        raise WrongOrderState("已经申请取消了,物业会尽快答复您", fields={"status": order.status})
    at = clock.now()
    order.cancel_asked_at = at
    move(order, Action.ASK_CANCEL, by=by, at=at, note=words)
    return order


def agree(order_id: int, *, by: Scope) -> Order:
    """同意取消: nothing is promised any more, and nothing is charged but an announced visit fee."""
    order = _asked(order_id, Action.AGREE_CANCEL, by)
    at = clock.now()
    close_offer(order, "cancelled", at)
    quotes.drop(order, by=by, at=at)
    owed = settle_visit_fee(order)
    move(order, Action.AGREE_CANCEL, by=by, at=at, data={"visit_fee_fen": owed})
    close_promises(order, at)
    return order


def refuse(order_id: int, *, by: Scope, reason: str) -> Order:
    """不同意取消, e.g. because a tap would be left open; the resident reads why."""
    words = cleaned(reason, field="reason", at_least=2, at_most=200)
    order = _asked(order_id, Action.REFUSE_CANCEL, by)
    order.cancel_asked_at = None
    move(order, Action.REFUSE_CANCEL, by=by, note=words)
    return order


def _asked(order_id: int, action: Action, by: Scope) -> Order:
    order = get_order(order_id, by, lock=True)
    guard(order, action, by)
    if order.cancel_asked_at is None:
        raise WrongOrderState("报修人没有申请取消", fields={"status": order.status})
    return order
