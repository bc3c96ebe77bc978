"""WeChat consents as stock: one tap, one message of one template (domain 5.5 X06, wechat.md 3).

The stock is our best knowledge; WeChat's own count decides, and its 43101 empties ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import case, delete, select, update

from app.core import clock
from app.core.db import changed, db, insert_once, lock, table_of
from app.integrations.wechat.push_events import ConsentAnswered, ConsentChanged, MessageDelivered, PushEvent
from app.integrations.wechat.templates import TEMPLATES, template_id
from app.notifications.models import PushReceipt, WeChatConsent
from app.notifications.recipients import find_account_id

MAX_STOCK = 100
"""Nobody taps more often before the messages are used; a hostile client cannot grow the number for ever."""

BLOCKED = "user block"
"""What `subscribe_msg_sent_event` says of a message that the person's settings kept away."""


def add_consent(account_id: int, template: str, count: int = 1) -> None:
    """The person agreed to `count` more messages. Raises KeyError for a template that we do not send."""
    known = TEMPLATES[template].key
    if _add(account_id, known, count):
        return
    row = {
        "account_id": account_id,
        "template": known,
        "stock": min(count, MAX_STOCK),
        "changed_at": clock.now(),
    }
    if not insert_once(table_of(WeChatConsent), row):  # another process wrote the first one meanwhile
        _add(account_id, known, count)


def _add(account_id: int, template: str, count: int) -> bool:
    grown = WeChatConsent.stock + count
    capped = case((grown > MAX_STOCK, MAX_STOCK), else_=grown)
    return _update(account_id, template, stock=capped)


def use_consent(account_id: int, template: str) -> bool:
    """Take one consent out of the stock; False when there is none."""
    return _update(account_id, template, only_if_stocked=True, stock=WeChatConsent.stock - 1)


def use_consents(account_ids: Sequence[int], template: str) -> list[int]:
    """Take one consent out of each person's stock; returns those who had one. Two statements for everybody."""
    if not account_ids:
        return []
    stocked = (
        select(WeChatConsent.account_id)
        .where(
            WeChatConsent.account_id.in_(account_ids),
            WeChatConsent.template == template,
            WeChatConsent.stock > 0,
        )
        .order_by(WeChatConsent.account_id)
    )
    found = list(db.session.scalars(lock(stocked)))
    if found:
        theirs = (WeChatConsent.account_id.in_(found)) & (WeChatConsent.template == template)
        taken = update(WeChatConsent).where(theirs)
        changed(taken.values(stock=WeChatConsent.stock - 1, changed_at=clock.now()))
    return found


def having_consent(account_ids: Sequence[int], template: str) -> set[int]:
    """Whom of them one more message may reach; nothing is taken. One statement for everybody."""
    mine = WeChatConsent.account_id.in_(account_ids) & (WeChatConsent.template == template)
    return set(db.session.scalars(select(WeChatConsent.account_id).where(mine, WeChatConsent.stock > 0)))


def drop_consent(account_id: int, template: str) -> None:
    """WeChat will not deliver this template to this person: 43101, or switched off in the settings."""
    _update(account_id, template, stock=0)


def _update(account_id: int, template: str, *, only_if_stocked: bool = False, **values: object) -> bool:
    statement = update(WeChatConsent).where(
        WeChatConsent.account_id == account_id, WeChatConsent.template == template
    )
    if only_if_stocked:
        statement = statement.where(WeChatConsent.stock > 0)
    return bool(changed(statement.values(changed_at=clock.now(), **values)))


def stock(account_id: int) -> dict[str, int]:
    """How many messages of each template may still be sent; templates never agreed to count 0."""
    rows = db.session.execute(
        select(WeChatConsent.template, WeChatConsent.stock).where(WeChatConsent.account_id == account_id)
    )
    return dict.fromkeys(TEMPLATES, 0) | {row.template: row.stock for row in rows}


def is_first_delivery(dedupe_key: str) -> bool:
    """Whether this push is heard for the first time; WeChat sends each up to three times.

    The receipt stands in the caller's transaction beside the effects: both exist or neither.
    """
    row = {"dedupe_key": dedupe_key, "received_at": clock.now()}
    return insert_once(table_of(PushReceipt), row)


def forget_old_pushes(before: datetime) -> int:
    """Delete receipts of pushes that WeChat will not repeat any more; returns how many."""
    return changed(delete(PushReceipt).where(PushReceipt.received_at < before))


def apply_push(event: PushEvent, *, configured: Mapping[str, str]) -> None:
    """Keep what a push says about consents; `configured` are the platform's template ids (settings).

    Call it once per push (`is_first_delivery`). Events about other things, unknown people and unknown
    templates have no effect.
    """
    if not isinstance(event, ConsentAnswered | ConsentChanged | MessageDelivered):
        return
    account_id, template = find_account_id(event.openid), _key_of(event.template_id, configured)
    if account_id is None or template is None:
        return
    if isinstance(event, ConsentAnswered):
        if event.accepted:
            add_consent(account_id, template)
    elif _ends_consent(event):
        drop_consent(account_id, template)


def _ends_consent(event: ConsentChanged | MessageDelivered) -> bool:
    """Switching a template on again gives no message by itself: each one still needs its tap."""
    if isinstance(event, ConsentChanged):
        return not event.accepted
    return event.errcode != 0 and BLOCKED in event.status


def _key_of(platform_id: str, configured: Mapping[str, str]) -> str | None:
    return next((key for key in TEMPLATES if template_id(key, configured) == platform_id), None)
