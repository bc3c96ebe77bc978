"""What the dispatcher's live board shows: queues, the most urgent promise of each order, what has just come in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.paging import Page
from app.core.roles import Role
from app.core.scope import Scope, condition
from app.core.wording import moment
from app.media.models import CheckState, Photo
from app.orders.clock_models import Deadline
from app.orders.evidence import EventLine, timeline
from app.orders.following import other_households
from app.orders.lifecycle import Menu, Status
from app.orders.lines import OrderLine
from app.orders.models import Order
from app.orders.queries import finished_today, orders_page, queue_counts, queue_page
from app.orders.rules import Clock, Level, order_number

LABELS: Mapping[str, str] = {
    "open": "全部进行中",
    "unaccepted": "未接收",
    "hotline": "热线",
    "to_assign": "待派工",
    "assigned": "已派工",
    "working": "处理中",
    "on_hold": "挂起",
    "done": "待居民确认",
    "finished_today": "今日完成",
}
DESK_QUEUES = (
    *("open", "unaccepted", "to_assign", "assigned", "working"),
    *("on_hold", "hotline", "done", "finished_today"),
)
HOTLINE_QUEUES = ("hotline", "to_assign", "assigned", "working", "on_hold", "finished_today")
WAITING_LIMIT = 200
_DONE = {
    Status.ACCEPTED: "接单",
    Status.HOTLINE: "转962121热线",
    Status.ASSIGNED: "派工",
    Status.REJECTED: "决定不予受理",
}


@dataclass(frozen=True)
class Queue:
    """One line of the left column."""

    key: str
    label: str
    count: int


@dataclass(frozen=True)
class Promise:
    """The promise that breaks next: which clock, when it warns, when it is broken."""

    clock: Clock
    due_at: datetime
    warn_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """An order that nobody has taken yet: what the bell rings for."""

    id: int
    number: str
    menu: Menu
    urgency: str
    place: str
    estate: str
    matter: str


def queue_keys(role: Role) -> Sequence[str]:
    """The queues of a hat; the first is where it begins."""
    return HOTLINE_QUEUES if role is Role.HOT else DESK_QUEUES


def queues(scope: Scope) -> list[Queue]:
    """The left column with its counts, two statements."""
    counts = {**queue_counts(scope), "finished_today": finished_today(scope)}
    return [Queue(key, LABELS[key], counts[key]) for key in queue_keys(scope.role)]


def board_page(scope: Scope, queue: str, *, cursor: str | None = None, limit: int = 50) -> Page[OrderLine]:
    """The middle list; raises Invalid for a queue that this hat does not have."""
    if queue not in queue_keys(scope.role):
        raise Invalid("没有这个队列", fields={"queue": "没有这个队列"})
    if queue == "finished_today":
        begin = clock.start_of_china_day(clock.china_date(clock.now()))
        recent = (Order.finished_at >= begin, Order.submitted_at >= begin - timedelta(days=31))
        return orders_page(scope, cursor=cursor, limit=limit, where=recent)
    if queue == "open":
        return _unaccepted_first(scope, cursor, limit)
    return queue_page(scope, queue, cursor=cursor, limit=limit)


def _unaccepted_first(scope: Scope, cursor: str | None, limit: int) -> Page[OrderLine]:
    """All open orders; what nobody has taken stands above promises that are broken already, else a bad week would
    hide the next fifteen minutes."""
    in_hand = queue_page(scope, "in_hand", cursor=cursor, limit=limit)
    if cursor:
        return in_hand
    unaccepted = queue_page(scope, "unaccepted", limit=WAITING_LIMIT)
    return Page([*unaccepted.items, *in_hand.items], in_hand.next_cursor)


def promises(lines: Iterable[OrderLine]) -> dict[int, Promise]:
    """The next promise of each order of a list, in one statement; orders without one are missing."""
    due = {line.id: line.next_due_at for line in lines if line.next_due_at is not None}
    if not due:
        return {}
    statement = select(
        Deadline.order_id,
        Deadline.clock,
        Deadline.round,
        Deadline.level,
        Deadline.due_at,
        Deadline.stopped_at,
    ).where(
        Deadline.order_id.in_(due),
        Deadline.level.in_((Level.DUE.value, Level.WARNING.value)),
    )
    rows = db.session.execute(statement).all()
    warnings = {
        (row.order_id, row.clock, row.round): row.due_at for row in rows if row.level == Level.WARNING
    }
    running = (row for row in rows if row.level == Level.DUE and row.stopped_at is None)
    return {
        row.order_id: Promise(
            Clock(row.clock), row.due_at, warnings.get((row.order_id, row.clock, row.round))
        )
        for row in running
        if row.due_at == due[row.order_id]
    }


def showable_photos(lines: Iterable[OrderLine]) -> set[int]:
    """First photos of a list that no content check has found risky."""
    ids = [line.photo_id for line in lines if line.photo_id is not None]
    if not ids:
        return set()
    fine = select(Photo.id).where(Photo.id.in_(ids), Photo.check_state != CheckState.RISKY.value)
    return set(db.session.scalars(fine))


def also_reported(lines: Iterable[OrderLine]) -> dict[int, int]:
    """另有几户反映, in one statement; orders that nobody has joined are missing."""
    return other_households([line.id for line in lines if line.menu is Menu.REPORT])


def waiting(scope: Scope) -> list[Waiting]:
    """Orders that nobody has taken: un-accepted ones for the desk, handed-over ones for the hotline."""
    status = Status.HOTLINE if scope.role is Role.HOT else Status.SUBMITTED
    statement = (
        select(Order)
        .where(condition(Order, scope), Order.status == status.value)
        .order_by(Order.id.desc())
        .limit(WAITING_LIMIT)
    )
    named = statement.options(joinedload(Order.estate), joinedload(Order.category))
    return [_waiting(order) for order in db.session.scalars(named)]


def _waiting(order: Order) -> Waiting:
    number = order_number(order.id, order.menu, order.submitted_at)
    matter = f"{order.category.name}:{order.text}" if order.text else order.category.name
    menu = Menu(order.menu)
    return Waiting(order.id, number, menu, order.urgency, order.place_public, order.estate.name, matter)


def who_was_first(order_id: int) -> str:
    """What the loser of a race reads: who did what last, and when (faces: 这张工单 3 分钟前已由张女士接单)."""
    events = timeline(order_id)
    status = events[-1].to_status
    reached = next(each for each in events if each.seq > _last_other(events, status))
    done = _DONE.get(status, f"改为“{status.resident}”")
    return f"这张工单 {moment(reached.at, clock.now())} 已由{reached.actor}{done},列表已更新"


def _last_other(events: Sequence[EventLine], status: Status) -> int:
    """The sequence number after which the order has only been in `status`."""
    return max((each.seq for each in events if each.to_status is not status), default=0)
