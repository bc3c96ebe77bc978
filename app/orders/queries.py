"""Named questions about orders. Lists are keyset-paged and cost a constant number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select

from app.catalogue.models import Category
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.paging import DEFAULT_LIMIT, Page, decode_id_cursor, decode_instant_cursor, encode_cursor
from app.core.scope import Dimension, Scope, condition, condition_by_name, named_ids
from app.orders.errors import OrderNotFound
from app.orders.lifecycle import ON_HOLD, ON_SITE, OPEN, Menu, Status
from app.orders.lines import OrderLine, every_line, line_select, lines
from app.orders.models import Order
from app.orders.rules import order_id_of

QUEUES: Mapping[str, tuple[Status, ...]] = {
    "unaccepted": (Status.SUBMITTED,),
    "to_assign": (Status.ACCEPTED,),
    "assigned": (Status.ASSIGNED, Status.ON_WAY),
    "working": (Status.VERIFIED, Status.QUOTED, Status.WORKING),
    "on_hold": (Status.HOLD_RESIDENT, Status.HOLD_THIRD, Status.HOLD_FUND),
    "hotline": (Status.HOTLINE,),
    "done": (Status.DONE,),
    "in_hand": tuple(status for status in Status if status in OPEN and status is not Status.SUBMITTED),
    "open": tuple(status for status in Status if status in OPEN),
}
QUEUE_LABELS = {
    "unaccepted": "未接收",
    "to_assign": "待派工",
    "assigned": "已派工",
    "working": "处理中",
    "on_hold": "挂起",
    "hotline": "热线",
    "done": "已处理",
}


def orders_page(
    scope: Scope,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    statuses: Iterable[Status] | None = None,
    where: Sequence[Any] = (),
) -> Page[OrderLine]:
    """Orders that the scope sees, the newest first; for a resident these are 我的记录."""
    before = decode_id_cursor(cursor)
    values: dict[str, Any] = {**named_ids(scope), "up_to": limit + 1}
    if statuses is not None:
        values["statuses"] = [status.value for status in statuses]
    if before is not None:
        values["before"] = before
    granted = None if scope.everything else scope.granted
    statement = _page(granted, of_statuses=statuses is not None, continued=before is not None)
    found = lines(statement.where(*where) if where else statement, scope, values)
    more = len(found) > limit
    return Page(found[:limit], encode_cursor(found[limit - 1].id) if more else None)


@cache
def _page(granted: frozenset[Dimension] | None, *, of_statuses: bool, continued: bool) -> Select[Any]:
    """The statement of a page by its shape, built once; None sees everything."""
    statement = every_line().order_by(Order.id.desc()).limit(bindparam("up_to"))
    if granted is not None:
        statement = statement.where(condition_by_name(Order, granted))
    if of_statuses:
        statement = statement.where(Order.status.in_(bindparam("statuses", expanding=True)))
    return statement.where(Order.id < bindparam("before")) if continued else statement


def queue_page(scope: Scope, queue: str, *, cursor: str | None = None, limit: int = 50) -> Page[OrderLine]:
    """A queue of the board, the most urgent promise first, orders on hold by when they go on; the rest comes last."""
    if queue not in QUEUES:
        raise Invalid("没有这个队列", fields={"queue": "没有这个队列"})
    due = func.coalesce(Order.next_due_at, Order.held_until, _far_future())
    statement = (
        line_select(scope)
        .where(Order.status.in_([status.value for status in QUEUES[queue]]))
        .order_by(due, Order.id)
        .limit(limit + 1)
    )
    position = decode_instant_cursor(cursor)
    if position is not None:
        at, row_id = position
        statement = statement.where(or_(due > at, and_(due == at, Order.id > row_id)))
    found = lines(statement, scope)
    kept = found[:limit]
    return Page(kept, _queue_cursor(kept[-1]) if len(found) > limit else None)


def _far_future() -> Any:
    return clock.china(2999, 1, 1)


def _queue_cursor(last: OrderLine) -> str:
    return encode_cursor((last.next_due_at or last.held_until or _far_future()).isoformat(), last.id)


def queue_counts(scope: Scope) -> dict[str, int]:
    """How many orders wait in each queue, one statement over the open statuses only."""
    wanted = [status.value for statuses in QUEUES.values() for status in statuses]
    statement = (
        select(Order.status, func.count())
        .where(condition(Order, scope), Order.status.in_(wanted))
        .group_by(Order.status)
    )
    by_status = {row[0]: row[1] for row in db.session.execute(statement)}
    return {
        queue: sum(by_status.get(status.value, 0) for status in statuses)
        for queue, statuses in QUEUES.items()
    }


def finished_today(scope: Scope) -> int:
    """今日完成."""
    begin = clock.start_of_china_day(clock.china_date(clock.now()))
    statement = (
        select(func.count())
        .select_from(Order)
        .where(
            condition(Order, scope),
            Order.finished_at >= begin,
            Order.submitted_at >= begin - timedelta(days=31),
        )
    )
    return int(db.session.scalar(statement) or 0)


def tasks(scope: Scope) -> list[OrderLine]:
    """A worker's open tasks in the order of their promises, those on hold by when they go on; what waits for the
    resident's word about its price is still his."""
    mine = [status.value for status in (Status.ASSIGNED, Status.ON_WAY, Status.QUOTED, *ON_SITE, *ON_HOLD)]
    due = func.coalesce(Order.next_due_at, Order.held_until, _far_future())
    return lines(line_select(scope).where(Order.status.in_(mine)).order_by(due, Order.id).limit(200), scope)


def order_line(order_id: int, scope: Scope) -> OrderLine:
    """One order as a line; raises OrderNotFound when it is hidden."""
    found = lines(line_select(scope).where(Order.id == order_id), scope)
    if not found:
        raise OrderNotFound()
    return found[0]


def find_by_number(number: str, scope: Scope) -> OrderLine | None:
    """The order with the number that somebody typed, if the scope sees it."""
    order_id = order_id_of(number)
    if order_id is None:
        return None
    found = lines(line_select(scope).where(Order.id == order_id), scope)
    return found[0] if found and found[0].number == number.strip().upper() else None


def board_version(scope: Scope) -> str:
    """A mark that changes whenever an open order of the scope appears, changes or leaves; boards poll it."""
    open_ = [status.value for status in QUEUES["open"]]
    statement = select(func.sum(Order.version), func.count(), func.max(Order.id)).where(
        condition(Order, scope), Order.status.in_(open_)
    )
    return ".".join(str(part or 0) for part in db.session.execute(statement).one())


def public_repairs(estate_id: int, *, cursor: str | None, limit: int) -> Page[Any]:
    """小区报修记录: public-area orders of an estate without names, phones or homes (S1-01, D7)."""
    statement = (
        select(Order.id, Order.menu, Order.status, Order.place_public, Order.submitted_at, Category.name)
        .join(Category, Category.code == Order.category_code)
        .where(Order.estate_id == estate_id, Order.menu == Menu.REPORT.value)
        .order_by(Order.id.desc())
        .limit(limit + 1)
    )
    before = decode_id_cursor(cursor)
    if before is not None:
        statement = statement.where(Order.id < before)
    rows = db.session.execute(statement).all()
    more = len(rows) > limit
    return Page(rows[:limit], encode_cursor(rows[limit - 1].id) if more else None)
