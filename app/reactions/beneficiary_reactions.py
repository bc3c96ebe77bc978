"""代老人报修: the person for whom somebody else reports hears of the same steps (domain 3.8, messages go to both).

He gets what the reporter gets, marked as reported for him. The order itself opens to the reporter alone, so a tap leads
to the inbox, and what asks for an answer says who can give it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.core.db import db
from app.core.signing import epoch
from app.notifications.service import notify
from app.orders.events import ClockReached, OrderMoved
from app.orders.models import Order
from app.orders.on_behalf import beneficiary_account
from app.reactions.clock_messages import resident_clock_message
from app.reactions.message import MESSAGES_PAGE, Message, can_wait
from app.reactions.order_messages import resident_message
from app.reactions.story import Story, read_story

ASKS = frozenset(
    {"order_done", "order_closing", "order_rejected", "order_hold", "order_hold_over", "order_quote"}
)
"""Templates that ask for an answer."""
FOR_YOU = "家人替您报的修:"
ANSWERED_BY = "要评价、改时间或再报,请告诉替您报修的人。"


def tell_beneficiary(moved: OrderMoved) -> None:
    """The steps of the order, in the app and where possible in WeChat."""
    order = db.session.get_one(Order, moved.order_id)
    account_id = beneficiary_account(order)
    if account_id is None:
        return
    message = resident_message(moved.code, moved.action, _for_him(read_story(order, seq=moved.seq)))
    if message is not None:
        _tell(account_id, f"behalf:{order.id}:{moved.seq}", message, order)


def tell_beneficiary_of_clock(reached: ClockReached) -> None:
    """Broken promises, and that the order is about to close by itself."""
    order = db.session.get_one(Order, reached.order_id)
    account_id = beneficiary_account(order) if reached.round == order.round else None
    if account_id is None:
        return
    due_at = datetime.fromisoformat(reached.due_at)
    message = resident_clock_message(reached.clock, reached.level, due_at, _for_him(read_story(order)))
    if message is not None:
        key = f"behalf:clock:{order.id}:{reached.clock}:{reached.round}:{reached.level}:{epoch(due_at)}"
        _tell(account_id, key, message, order)


def _for_him(story: Story) -> Story:
    """In WeChat's few fields the matter says whose it is."""
    return replace(story, matter=f"替您报的:{story.matter}")


def _tell(account_id: int, key: str, message: Message, order: Order) -> None:
    answered_by = ANSWERED_BY if message.template in ASKS else ""
    notify(
        account_id,
        unique_key=key,
        template=message.template,
        title=message.title,
        body=f"{FOR_YOU}{message.body}{answered_by}",
        wechat_fields=message.wechat_fields,
        page=MESSAGES_PAGE,
        can_wait=can_wait(message, order.urgency),
        district_id=order.district_id,
    )
