"""What follows when something was done to an order. Each reaction may run again: its rows have unique keys."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.models import Account
from app.core.db import db
from app.media.checking import VOICES, request_checks
from app.media.models import CheckState, Photo, Voice
from app.notifications.service import notify, notify_many
from app.orders import hotline
from app.orders.events import OrderMoved
from app.orders.lifecycle import Action
from app.orders.models import Order, OrderPhoto
from app.orders.voice_models import OrderVoice
from app.reactions.audiences import accounts_of
from app.reactions.company_messages import company_messages
from app.reactions.message import Message, can_wait, page_of
from app.reactions.order_messages import resident_message
from app.reactions.story import read_story


def tell_resident(moved: OrderMoved) -> None:
    """The reporter hears of the moves that matter to him, in the app and where possible in WeChat."""
    order = db.session.get_one(Order, moved.order_id)
    if order.reporter_id is None:
        return  # entered by the desk for somebody without an account: the desk calls
    message = resident_message(moved.code, moved.action, read_story(order, seq=moved.seq))
    if message is not None:
        tell_reporter(order, order.reporter_id, message, unique_key=f"order:{order.id}:{moved.seq}")


def tell_reporter(order: Order, reporter_id: int, message: Message, *, unique_key: str) -> None:
    """To the inbox and, where the message has fields for it, to WeChat, with the page of the order behind it."""
    notify(
        reporter_id,
        unique_key=unique_key,
        template=message.template,
        title=message.title,
        body=message.body,
        order_id=order.id,
        wechat_fields=message.wechat_fields,
        page=page_of(order.id),
        can_wait=can_wait(message, order.urgency),
        district_id=order.district_id,
    )


def tell_company(moved: OrderMoved) -> None:
    """Desk, worker, managers, hotline and authorities hear what they must act on; not the one who did it."""
    order = db.session.get_one(Order, moved.order_id)
    story = read_story(order, seq=moved.seq)
    for audience, message in company_messages(moved.code, moved.action, story):
        notify_many(
            accounts_of(audience, order) - {moved.actor_id or 0},
            unique_key=f"order:{order.id}:{moved.seq}:{audience.value}",
            template=message.template,
            title=message.title,
            body=message.body,
            order_id=order.id,
        )


def tell_hotline(moved: OrderMoved) -> None:
    """A transfer becomes a hand-over row; the scheduler makes the call."""
    if moved.action == Action.TO_HOTLINE:
        hotline.hand_over(moved.order_id, moved.seq)


def start_photo_checks(moved: OrderMoved) -> None:
    """Photos that came with the move are checked before others may see them (X01)."""
    pending = Photo.check_state == CheckState.PENDING.value
    rows = db.session.execute(
        select(Photo.id, Account.openid)
        .join(OrderPhoto, OrderPhoto.photo_id == Photo.id)
        .join(Account, Account.id == Photo.uploaded_by)
        .where(OrderPhoto.order_id == moved.order_id, pending)
    ).all()
    request_checks({row.id: row.openid for row in rows})


def start_voice_checks(moved: OrderMoved) -> None:
    """Recordings that came with the move are checked like photos."""
    pending = Voice.check_state == CheckState.PENDING.value
    rows = db.session.execute(
        select(Voice.id, Account.openid)
        .join(OrderVoice, OrderVoice.voice_id == Voice.id)
        .join(Account, Account.id == Voice.uploaded_by)
        .where(OrderVoice.order_id == moved.order_id, pending)
    ).all()
    request_checks({row.id: row.openid for row in rows}, VOICES)
