"""What the desk corrects about an order: how urgent it is (U7) and what it is (U8), each with a reason.

Only the desk lowers P0 and P1, and the bureau reads every lowering in its log (domain 3.4). A higher urgency brings its
stricter clocks at once; a lower one takes no promise back that was given.
"""

from __future__ import annotations

from datetime import datetime

from app.audit import service as audit
from app.catalogue.models import Category
from app.catalogue.queries import categories_for
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.scope import Scope
from app.orders import deadlines, retiming
from app.orders.lifecycle import Action, Menu
from app.orders.models import Order
from app.orders.moving import cleaned, get_order, guard, move
from app.orders.rules import Clock, order_number

URGENCIES = {"P0": "危急", "P1": "紧急", "P2": "一般", "P3": "改善"}
LOWERING_IS_SEEN = frozenset({"P0", "P1"})
LOWERED = "order.lower_urgency"
"""The bureau's audit log lists these."""


def change_urgency(order_id: int, *, by: Scope, urgency: str, reason: str) -> Order:
    """调整紧急程度; raises Invalid for what it is already."""
    if urgency not in URGENCIES:
        raise Invalid("请选择紧急程度", fields={"urgency": "必选"})
    words = cleaned(reason, field="reason", at_least=4, at_most=200)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.CHANGE_URGENCY, by)
    if urgency == order.urgency:
        raise Invalid(f"这张工单已经是{URGENCIES[urgency]}", fields={"urgency": "没有变化"})
    _set_urgency(order, urgency, by=by, at=clock.now(), reason=words)
    return order


def _set_urgency(order: Order, urgency: str, *, by: Scope, at: datetime, reason: str) -> None:
    """One step of its own, whatever has led to it: who hears of a higher urgency follows from it."""
    before, lowered = order.urgency, urgency > order.urgency
    order.urgency = urgency
    note = f"{URGENCIES[before]}改为{URGENCIES[urgency]}:{reason}"
    data = {"from": before, "to": urgency, "seen_by_bureau": lowered and before in LOWERING_IS_SEEN}
    move(order, Action.CHANGE_URGENCY, by=by, at=at, note=note, data=data)
    if not lowered:
        _stricter(order, at, note)
    elif before in LOWERING_IS_SEEN:
        _tell_the_log(order, by=by, before=before, reason=reason)


def _stricter(order: Order, at: datetime, reason: str) -> None:
    for which in (Clock.ACCEPT, Clock.VISIT, Clock.REPAIR):
        retiming.tighten(order, which, at=at, reason=reason[:100])
    deadlines.refresh_next_due(order)


def _tell_the_log(order: Order, *, by: Scope, before: str, reason: str) -> None:
    audit.record(
        LOWERED,
        by=by,
        object_kind="order",
        object_id=order.id,
        details={
            "number": order_number(order.id, order.menu, order.submitted_at),
            "from": before,
            "to": order.urgency,
            "reason": reason,
            "office_id": order.office_id,
        },
        district_id=order.district_id,
    )


def recategorise(order_id: int, *, by: Scope, category_code: str, reason: str) -> Order:
    """改类别 within the same kind of order. A more urgent kind of trouble makes the order as urgent; a milder one
    lowers nothing, that is said separately."""
    words = cleaned(reason, field="reason", at_least=4, at_most=200)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.RECATEGORISE, by)
    category = _category(order, category_code)
    at, before = clock.now(), db.session.get_one(Category, order.category_code).name
    data = {"from": order.category_code, "to": category.code}
    order.category_code = category.code
    order.hazardous = order.hazardous or category.hazardous
    note = f"{before}改为{category.name}:{words}"
    move(order, Action.RECATEGORISE, by=by, at=at, note=note, data=data)
    if category.urgency < order.urgency:
        _set_urgency(order, category.urgency, by=by, at=at, reason=f"{category.name}属于这一级")
    return order


def other_categories(order_id: int, scope: Scope) -> list[Category]:
    """What the order could be instead, its own kind of trouble first; raises OrderNotFound."""
    order = get_order(order_id, scope)
    found = [each for each in categories_for(order.menu) if each.code != order.category_code]
    return sorted(found, key=lambda each: each.code[:3] != order.category_code[:3])


def _category(order: Order, code: str) -> Category:
    found = db.session.get(Category, code)
    if found is None or not found.active:
        raise Invalid("没有这个类别", fields={"category_code": "没有这个类别"})
    if found.code == order.category_code:
        raise Invalid("这张工单已经是这个类别", fields={"category_code": "没有变化"})
    if found.in_home is (order.menu == Menu.REPORT):
        raise Invalid("公区和入户的类别不能互换,请另外登记一张", fields={"category_code": "不是同一类工单"})
    if order.menu == Menu.BOOKING and not found.bookable:
        raise Invalid("这个类别不能预约", fields={"category_code": "不能预约"})
    return found
