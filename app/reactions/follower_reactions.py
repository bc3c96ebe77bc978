"""What follows for those who said 我也遇到: as many statements for a hundred of them as for one."""

from __future__ import annotations

from datetime import datetime

from app.core.db import db
from app.core.signing import epoch
from app.notifications.service import notify_many
from app.orders.events import ClockReached, OrderMoved
from app.orders.following import MESSAGE_KEY
from app.orders.lifecycle import Menu
from app.orders.models import Order
from app.reactions.audiences import followers_of
from app.reactions.follower_messages import FOLLOWER_MESSAGES, follower_clock_message, follower_message
from app.reactions.message import Message, can_wait, followed_page_of
from app.reactions.story import read_story


def tell_followers(moved: OrderMoved) -> None:
    """Followers hear of the steps of the order, in the app always, in WeChat from the consents of their own."""
    if (moved.code, moved.action) not in FOLLOWER_MESSAGES:
        return
    if moved.code == "T21" and moved.from_status == moved.to_status:
        return  # stars for what was closed before
    order = db.session.get_one(Order, moved.order_id)
    accounts = _followers(order)
    if not accounts:
        return
    message = follower_message(moved.code, moved.action, read_story(order, seq=moved.seq))
    if message is not None:
        _tell(order, accounts - {moved.actor_id or 0}, f"{order.id}:{moved.seq}", message)


def tell_followers_of_clock(reached: ClockReached) -> None:
    """Broken promises of the present round, and nothing of warnings."""
    order = db.session.get_one(Order, reached.order_id)
    accounts = _followers(order) if reached.round == order.round else set()
    if not accounts:
        return
    due_at = datetime.fromisoformat(reached.due_at)
    message = follower_clock_message(reached.clock, reached.level, due_at, read_story(order))
    if message is not None:
        key = f"clock:{reached.order_id}:{reached.clock}:{reached.round}:{reached.level}:{epoch(due_at)}"
        _tell(order, accounts, key, message)


def _followers(order: Order) -> set[int]:
    """Nobody follows what happens inside a home, so nobody is looked for there."""
    return set(followers_of(order)) if order.menu == Menu.REPORT else set()


def _tell(order: Order, accounts: set[int], key: str, message: Message) -> None:
    notify_many(
        accounts,
        unique_key=f"{MESSAGE_KEY}{key}",
        template=message.template,
        title=message.title,
        body=message.body,
        order_id=order.id,
        wechat_fields=message.wechat_fields,
        page=followed_page_of(order.id),
        can_wait=can_wait(message, order.urgency),
        district_id=order.district_id,
    )
