"""Whom the desk telephones: the crew when people are in danger, residents who cancel late, and those whom no message
has reached (domain 3.8, 3.13: the call list is the last fall-back of delivery)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select

from app.accounts.models import Account
from app.companies.models import Worker
from app.companies.queries import crew_on_shift, managers_of
from app.core.db import db
from app.core.outgoing import OutgoingState
from app.core.roles import Role
from app.core.scope import Dimension, Scope, condition
from app.notifications.models import Notification, WeChatDelivery
from app.orders.lifecycle import OPEN, Action, Status
from app.orders.models import Order, OrderEvent
from app.orders.rules import order_number

LATE_CANCELS, LATE_CANCELS_WITHIN = 3, timedelta(days=30)
UNHEARD_AFTER, UNHEARD_WITHIN = timedelta(minutes=30), timedelta(days=7)
UNHEARD_MAX = 200
CALLS_THE_CREW = frozenset({Role.DSP, Role.MGR})
CONCERNED = sorted(status.value for status in OPEN | {Status.DONE})


@dataclass(frozen=True)
class Colleague:
    """One line of the emergency list."""

    name: str
    post: str
    phone: str


def call_list(order: Order, scope: Scope, *, at: datetime) -> Sequence[Colleague]:
    """P0: managers and everybody on shift, for the desk of the order's own office; nothing for any other order."""
    own = scope.role in CALLS_THE_CREW and order.office_id in scope.ids(Dimension.OFFICE)
    if not own or order.urgency != "P0" or Status(order.status) not in OPEN:
        return ()
    managers, crew = managers_of(order.office_id), crew_on_shift(order.office_id, at)
    people = select(Account.id, Account.name, Account.phone, Worker.title).outerjoin(
        Worker, (Worker.account_id == Account.id) & (Worker.office_id == order.office_id)
    )
    rows = {row.id: row for row in db.session.execute(people.where(Account.id.in_({*managers, *crew})))}
    listed = [(each, "小区经理") for each in managers] + [
        (each, "在班") for each in crew if each not in managers
    ]
    return [
        Colleague(rows[each].title or rows[each].name or "", post, rows[each].phone or "")
        for each, post in listed
    ]


def call_first(order: Order, *, at: datetime) -> str:
    """Who has cancelled more than three times in thirty days after somebody had set off is asked before the next one
    does (3.8); nothing for everybody else."""
    if order.reporter_id is None:
        return ""
    mine = (Order.reporter_id == order.reporter_id) & (Order.status == Status.CANCELLED.value)
    late = (
        select(func.count())
        .select_from(OrderEvent)
        .join(Order, Order.id == OrderEvent.order_id)
        .where(mine, OrderEvent.action == Action.CANCEL.value)
        .where(OrderEvent.from_status == Status.ON_WAY.value, OrderEvent.at > at - LATE_CANCELS_WITHIN)
    )
    count = db.session.scalar(late) or 0
    if count <= LATE_CANCELS:
        return ""
    return f"这位报修人30天内有 {count} 次在师傅出发后取消,派工前请先打电话确认。"


@dataclass(frozen=True)
class Unheard:
    """A message that its resident has not got: neither read here nor delivered in WeChat, and nobody has called."""

    order_id: int
    number: str
    place: str
    title: str
    written_at: datetime
    count: int


def unheard(scope: Scope, *, at: datetime) -> Sequence[Unheard]:
    """The desk's call list, one line for an order with its newest message, the oldest first. A logged call takes the
    order off the list."""
    newest = (
        select(func.max(Notification.id).label("id"), func.count().label("count"))
        .select_from(Notification)
        .join(Order, Order.id == Notification.order_id)
        .where(condition(Order, scope), *_never_got(at))
        .group_by(Notification.order_id)
        .order_by(func.max(Notification.id))
        .limit(UNHEARD_MAX)
        .subquery()
    )
    statement = (
        select(Notification, Order, newest.c.count)
        .join(newest, newest.c.id == Notification.id)
        .join(Order, Order.id == Notification.order_id)
        .order_by(Notification.id)
    )
    return [
        Unheard(
            order_id=order.id,
            number=order_number(order.id, order.menu, order.submitted_at),
            place=order.place_public,
            title=message.title,
            written_at=message.created_at,
            count=count,
        )
        for message, order, count in db.session.execute(statement)
    ]


def unheard_count(scope: Scope, *, at: datetime) -> int:
    """How many messages of open orders have not reached their residents."""
    counted = select(func.count()).select_from(Notification).join(Order, Order.id == Notification.order_id)
    return db.session.scalar(counted.where(condition(Order, scope), *_never_got(at))) or 0


def _never_got(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Half an hour is time enough to look; what is older than a week is over."""
    delivered = exists().where(
        WeChatDelivery.notification_id == Notification.id, WeChatDelivery.state == OutgoingState.DONE.value
    )
    called = exists().where(
        OrderEvent.order_id == Order.id,
        OrderEvent.action == Action.LOG_CALL.value,
        OrderEvent.at >= Notification.created_at,
    )
    return (
        Order.status.in_(CONCERNED),
        Notification.account_id == Order.reporter_id,
        Notification.read_at.is_(None),
        Notification.created_at > at - UNHEARD_WITHIN,
        Notification.created_at <= at - UNHEARD_AFTER,
        ~delivered,
        ~called,
    )
