"""An order that waits for a worker: what the office's choice makes of it, and who hears when nobody goes (C12, 3.8)."""

from __future__ import annotations

from collections.abc import Iterator

from app.core import clock
from app.core.db import db
from app.notifications.service import notify_many
from app.orders import matching
from app.orders.events import ClockReached, OrderMoved
from app.orders.lifecycle import Action, Status
from app.orders.matching import Match, Outcome
from app.orders.models import Order
from app.orders.offering import ALARM_AFTER, TIMED_OUT
from app.orders.rules import Clock, Level
from app.reactions.audiences import accounts_of, worker_account
from app.reactions.message import Audience, Message, Told, named, to_desk
from app.reactions.story import Story, read_story

SEEKS_A_WORKER = frozenset(
    {Action.ACCEPT, Action.DECLINE, Action.UNMERGE, Action.RECEIVE, Action.DECIDE_TRANSFER}
)
"""Moves after which an accepted order has nobody who goes."""


def find_a_worker(moved: OrderMoved) -> None:
    """Offer the order by the office's choice, and tell the desk what it must do itself."""
    if moved.action not in SEEKS_A_WORKER or moved.to_status != Status.ACCEPTED:
        return
    order = db.session.get_one(Order, moved.order_id)
    story = read_story(order, seq=moved.seq)
    found = matching.match(moved.order_id, at=clock.now())
    if moved.action == Action.DECLINE:
        _tell_who_missed_it(moved, story)
    for audience, message in _messages(moved.action == Action.DECLINE, found, story):
        _tell(order, audience, message, f"order:{order.id}:{moved.seq}:dispatch:{audience.value}")


def _messages(declined: bool, found: Match, story: Story) -> Iterator[Told]:
    what, why = named(story), f":{story.note}" if story.note else ""
    if declined and story.data.get("unsafe"):
        body = f"师傅没有上门,说 {what} 有危险{why}。请经理先到现场做好防护,再派人。"
        yield Audience.DESK, to_desk("安全隐患,请经理处理", body)
    elif found.outcome is Outcome.NOBODY:
        body = f"{what} 没有可派的师傅。请马上打电话找人。"
        yield (Audience.DESK if found.waited else Audience.DISPATCHERS), to_desk("没有可派的师傅", body)
    elif declined and story.data.get("misses", 0) >= ALARM_AFTER:
        now = f"现在问 {found.worker}" if found.worker else "现在没有人去"
        body = f"{what} 已有 {story.data['misses']} 位师傅没接,{now}。请马上打电话落实。"
        yield Audience.DESK, to_desk("师傅都没接,请打电话", body)
    elif declined and found.outcome is Outcome.BY_HAND:
        yield Audience.DESK, to_desk("请另派师傅", f"师傅不能接 {what}{why}。请马上另派。")


def _tell_who_missed_it(moved: OrderMoved, story: Story) -> None:
    """Whom the system passed over learns that he need not go."""
    if story.data.get("reason") != TIMED_OUT:
        return
    message = to_desk("任务已另派", f"{story.number} 您没有及时确认,已另派师傅,不用去了。")
    notify_many(
        worker_account(story.data.get("worker_id")),
        unique_key=f"order:{moved.order_id}:{moved.seq}:missed",
        template=message.template,
        title=message.title,
        body=message.body,
    )


def tell_manager_nobody_goes(reached: ClockReached) -> None:
    """Five minutes after the desk was told that nobody can be found, the manager is asked to take the telephone."""
    if (reached.clock, reached.level) != (Clock.RESPONSE, Level.NOBODY):
        return
    order = db.session.get_one(Order, reached.order_id)
    if reached.round != order.round or not matching.still_nobody(order):
        return
    body = f"{named(read_story(order))} 5 分钟还没有派出师傅。请经理马上打电话落实。"
    key = f"clock:{order.id}:{reached.clock}:{reached.round}:{reached.level}"
    _tell(order, Audience.MANAGERS, to_desk("没有师傅可派,请经理处理", body), key)


def _tell(order: Order, audience: Audience, message: Message, key: str) -> None:
    notify_many(
        accounts_of(audience, order),
        unique_key=key,
        template=message.template,
        title=message.title,
        body=message.body,
        order_id=order.id,
    )
