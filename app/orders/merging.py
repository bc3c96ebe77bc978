"""并入同类问题 (T27, T28): several reports of one problem become one order, whose reporters all hear of it.

The older report's clock and the higher urgency count; the company owes the earlier promise. Both orders are locked in
the order of their ids, so that two who merge the same two orders into each other do not wait for one another for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update

from app.catalogue.models import Category
from app.core import clock
from app.core.db import changed, db
from app.core.errors import Invalid
from app.core.scope import Scope, condition
from app.estates.models import PublicSpot
from app.orders import deadlines, retiming
from app.orders.errors import MasterOver, OrderNotFound, WrongOrderState
from app.orders.follower_models import OrderFollower
from app.orders.following import add_follower, followers
from app.orders.lifecycle import OPEN, Action, Menu, Status
from app.orders.merged import merged_into
from app.orders.models import Order
from app.orders.moving import cleaned, get_order, guard, move
from app.orders.rules import Clock, order_number
from app.orders.similar import GROUP_LENGTH, Here, households, same_place

CLOCKS = (Clock.ACCEPT, Clock.VISIT, Clock.REPAIR)
CHOICES = 20
NEIGHBOUR_TOO = "另有一位邻居也报了这件事"


def number_of(order: Order) -> str:
    """R1121-0042."""
    return order_number(order.id, order.menu, order.submitted_at)


def master_number(order: Order) -> str:
    """The number of the order into which this one was merged; also when another office serves that one."""
    return number_of(db.session.get_one(Order, order.master_id)) if order.master_id else ""


def merge(order_id: int, *, by: Scope, master_id: int) -> Order:
    """This report is the same problem as that order: it ends here and goes on there.

    Raises OrderNotFound, WrongOrderState, MasterOver, Invalid when they are not the same problem.
    """
    if order_id == master_id:
        raise Invalid("不能并入它自己,请选另一张工单", fields={"master_id": "是同一张工单"})
    child, master = _both(order_id, master_id, by)
    guard(child, Action.MERGE, by)
    _check(child, master)
    at, into = clock.now(), number_of(master)
    child.master_id = master.id
    move(
        child, Action.MERGE, by=by, at=at, note=f"并入 {into}", data={"master_id": master.id, "number": into}
    )
    _tell_master(master, child, Action.TAKE_IN, by=by, at=at)
    _take_over(master, child, by=by, at=at)
    deadlines.void(child, CLOCKS, at=at, reason=f"并入 {into}")
    child.transfer_to = None
    _bring_people(master, child, at)
    changed(
        update(Order)
        .where(Order.master_id == child.id, Order.status == Status.MERGED.value)
        .values(master_id=master.id)
    )
    for order in (child, master):
        deadlines.refresh_next_due(order)
    return child


def _both(order_id: int, master_id: int, by: Scope) -> tuple[Order, Order]:
    found = {each: get_order(each, by, lock=True) for each in sorted((order_id, master_id))}
    return found[order_id], found[master_id]


def _check(child: Order, master: Order) -> None:
    if child.menu != Menu.REPORT:
        raise WrongOrderState("入户的报修不能合并", fields={"status": child.status})
    if Status(master.status) not in OPEN:
        raise MasterOver(
            f"{number_of(master)}{Status(master.status).resident},不能再并入,请选一张还在处理的工单",
            fields={"status": master.status, "master_id": "已结束"},
        )
    differs = _difference(child, master)
    if differs:
        raise Invalid(f"{differs},不是同一个问题,不能合并", fields={"master_id": differs})


def _difference(child: Order, master: Order) -> str:
    if master.menu != Menu.REPORT or master.estate_id != child.estate_id:
        return "不是同一个小区的公区报事"
    if master.category_code[:GROUP_LENGTH] != child.category_code[:GROUP_LENGTH]:
        return "类别不同"
    place = same_place(_here(child))
    there = select(Order.id).outerjoin(PublicSpot, PublicSpot.id == Order.spot_id)
    if place is None or db.session.scalar(there.where(Order.id == master.id, place)) is None:
        return "不在同一栋楼,也不在50米以内"
    return ""


def _here(order: Order) -> Here:
    spot = db.session.get(PublicSpot, order.spot_id) if order.spot_id else None
    position = (spot.latitude, spot.longitude) if spot else (None, None)
    return Here(order.estate_id, order.building_id, order.spot_id, *position)


def _take_over(master: Order, child: Order, *, by: Scope, at: datetime) -> None:
    """The master keeps the earliest start and the highest urgency. Whose acceptance has stopped its clock has been
    answered in time or late; that clock is not carried over."""
    reason = f"{number_of(child)} 并入"
    master.hazardous = master.hazardous or child.hazardous
    if child.urgency < master.urgency:
        data = {"from": master.urgency, "to": child.urgency}
        master.urgency = child.urgency
        move(master, Action.CHANGE_URGENCY, by=by, at=at, note=reason, data=data)
        for which in CLOCKS:
            retiming.tighten(master, which, at=at, reason=reason)
    if master.round:
        return  # reopened: its clocks count from the reopening
    for which in CLOCKS:
        started_at = _started_at(child, which)
        if started_at is not None:
            retiming.bring_forward(master, which, started_at=started_at, at=at, reason=reason)


def _tell_master(master: Order, child: Order, action: Action, *, by: Scope, at: datetime) -> None:
    """An entry on the master's own timeline. The note is for the company and the authorities; its reporter reads of a
    neighbour (`told_to_reporter`), unless he has reported twice himself."""
    number = number_of(child)
    data = {"child_id": child.id, "number": number, "neighbour": not _same_reporter(master, child)}
    words = f"{number} 并入" if action is Action.TAKE_IN else f"{number} 不再并入"
    move(master, action, by=by, at=at, note=words, data=data)


def _same_reporter(master: Order, child: Order) -> bool:
    """The same account, or the same telephone where the desk wrote one of them down."""
    if master.reporter_id is not None and master.reporter_id == child.reporter_id:
        return True
    return master.contact_index is not None and master.contact_index == child.contact_index


def told_to_reporter(action: str, data: Mapping[str, Any]) -> str:
    """What the reporter of the master reads beside the step: nobody is named, and no number of another's order."""
    if not data.get("neighbour"):
        return "您报过两次,已放在一起处理" if action == Action.TAKE_IN else ""
    return NEIGHBOUR_TOO if action == Action.TAKE_IN else "查明不是同一件事"


def _started_at(child: Order, which: Clock) -> datetime | None:
    reading = retiming.reading_of(child, which)
    return reading.started_at if reading and reading.stopped_at is None else None


def _bring_people(master: Order, child: Order, at: datetime) -> None:
    """Who has reported or followed the child follows the master, and is marked as brought by it."""
    here = set(followers(master.id))
    for account_id in _people(child):
        if account_id in here or account_id == master.reporter_id:
            continue
        row, _ = add_follower(master, account_id, at=at)
        row.merged_from = child.id


def _people(order: Order) -> set[int]:
    return {*followers(order.id), *([order.reporter_id] if order.reporter_id else [])}


def unmerge(order_id: int, *, by: Scope, reason: str) -> Order:
    """It was another problem after all (T28): accepted, with the clocks of its own first instant and the breaches that
    then hold. What the master took over it keeps."""
    words = cleaned(reason, field="reason", at_least=2, at_most=200)
    child, master = _pair(order_id, by)
    guard(child, Action.UNMERGE, by)
    at, out_of = clock.now(), number_of(master)
    unanswered = child.accepted_at is None
    if unanswered:
        child.accepted_at, child.accepted_by = at, by.account_id
    child.master_id = None
    data = {"master_id": master.id, "number": out_of}
    move(child, Action.UNMERGE, by=by, at=at, note=words, data=data)
    _tell_master(master, child, Action.LET_GO, by=by, at=at)
    for which in CLOCKS[0 if unanswered else 1 :]:
        retiming.revive(child, which, at=at, reason=f"不再并入 {out_of}")
    deadlines.stop(child, Clock.ACCEPT, at=at)
    _release_people(master, child, at)
    deadlines.refresh_next_due(child)
    return child


def _pair(order_id: int, by: Scope) -> tuple[Order, Order]:
    """The merged order and its master, which another office may serve by now; locked in the order of their ids."""
    master_id = get_order(order_id, by).master_id
    wanted = sorted({order_id, master_id or order_id})
    locked = (
        select(Order).where(Order.id.in_(wanted)).order_by(Order.id).with_for_update()
    ).execution_options(populate_existing=True)
    found = {order.id: order for order in db.session.scalars(locked)}
    child = found.get(order_id)
    if child is None:
        raise OrderNotFound()
    if child.master_id is None:
        guard(child, Action.UNMERGE, by)
    if child.master_id not in found:
        raise WrongOrderState("这张工单刚被并到别处,请刷新后再试", fields={"status": child.status})
    return child, found[child.master_id]


def _release_people(master: Order, child: Order, at: datetime) -> None:
    """Who came with the child leaves with it, unless another merged report has brought him too."""
    still_here = {account: other.id for other in merged_into(master.id) for account in _people(other)}
    brought = select(OrderFollower).where(
        OrderFollower.order_id == master.id, OrderFollower.merged_from == child.id
    )
    for row in db.session.scalars(brought):
        row.merged_from = still_here.get(row.account_id)
        if row.merged_from is None:
            row.left_at = row.left_at or at
    db.session.flush()


class Choice(NamedTuple):
    """An open order into which a report may be merged."""

    id: int
    number: str
    category: str
    place: str
    status: Status
    urgency: str
    submitted_at: datetime
    households: int


def choices(order_id: int, by: Scope) -> list[Choice]:
    """Open orders of the same problem at the same place that this desk sees, the oldest first."""
    return choices_for(get_order(order_id, by), by)


def choices_for(order: Order, by: Scope) -> list[Choice]:
    """The same for an order that the caller has read already."""
    place = same_place(_here(order)) if order.menu == Menu.REPORT else None
    if place is None:
        return []
    columns = (Order.id, Order.menu, Order.place_public, Order.status, Order.urgency, Order.submitted_at)
    statement = (
        select(*columns, Category.name.label("category"), households().label("households"))
        .join(Category, Category.code == Order.category_code)
        .outerjoin(PublicSpot, PublicSpot.id == Order.spot_id)
        .where(
            condition(Order, by),
            place,
            Order.id != order.id,
            Order.menu == Menu.REPORT.value,
            Order.estate_id == order.estate_id,
            Order.category_code.startswith(order.category_code[:GROUP_LENGTH], autoescape=True),
            Order.status.in_(sorted(status.value for status in OPEN)),
        )
        .order_by(Order.submitted_at, Order.id)
        .limit(CHOICES)
    )
    return [_choice(row) for row in db.session.execute(statement)]


def _choice(row: Any) -> Choice:
    return Choice(
        id=row.id,
        number=order_number(row.id, row.menu, row.submitted_at),
        category=row.category,
        place=row.place_public,
        status=Status(row.status),
        urgency=row.urgency,
        submitted_at=row.submitted_at,
        households=row.households,
    )
