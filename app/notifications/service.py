"""Messages to people. In the app always, in WeChat where a consent is in stock (domain 3.13, X06)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from app.core import clock
from app.core.db import changed, db, insert_once, table_of
from app.core.errors import NotFound
from app.core.scope import Scope, condition
from app.integrations.wechat.templates import fit
from app.notifications.consents import use_consent, use_consents
from app.notifications.models import Notification, WeChatDelivery
from app.notifications.quiet import quiet_until
from app.notifications.recipients import find_openid, reachable

TITLE_LENGTH, BODY_LENGTH = 40, 300


class NoSuchMessage(NotFound):
    """Hidden or missing."""

    code = "message_not_found"
    message = "没有找到这条消息"


def notify(
    account_id: int,
    *,
    unique_key: str,
    template: str,
    title: str,
    body: str,
    order_id: int | None = None,
    snap_id: int | None = None,
    wechat_fields: Mapping[str, str] | None = None,
    page: str = "",
    can_wait: bool = False,
    district_id: int | None = None,
) -> bool:
    """Tell one person something once; False when a notification with this key exists already.

    `wechat_fields` (templates.compose) adds the WeChat copy when the person has an openid and a consent for
    the template; the consent is taken out of the stock here, in the same transaction as the rows. What `can_wait` is
    sent after the quiet hours of `district_id`, or of all where what is told belongs to no district.
    """
    written = {
        "account_id": account_id,
        "unique_key": unique_key,
        "template": template,
        "title": _shorten(title, TITLE_LENGTH),
        "body": _shorten(body, BODY_LENGTH),
        "order_id": order_id,
        "snap_id": snap_id,
        "created_at": clock.now(),
    }
    is_new = insert_once(table_of(Notification), written)
    if is_new and wechat_fields and find_openid(account_id) and use_consent(account_id, template):
        _plan_delivery(
            account_id, unique_key, template, wechat_fields, page, send_at=_send_at(can_wait, district_id)
        )
    return is_new


def notify_many(
    account_ids: Iterable[int],
    *,
    unique_key: str,
    template: str,
    title: str,
    body: str,
    order_id: int | None = None,
    snap_id: int | None = None,
    wechat_fields: Mapping[str, str] | None = None,
    page: str = "",
    can_wait: bool = False,
    district_id: int | None = None,
) -> int:
    """The same message to several people, each once; returns how many had not heard it.

    As many statements for a hundred people as for one, and always in the order of their ids, so that two reactions at
    once do not lock each other out. `wechat_fields` as in `notify`: whoever has a consent pays with his own.
    """
    same_key = Notification.unique_key == unique_key
    wanted = sorted(set(account_ids))
    heard = set(_accounts_with(same_key, wanted)) if wanted else set()
    fresh = [account_id for account_id in wanted if account_id not in heard]
    if not fresh:
        return 0
    at = clock.now()
    written = {
        "unique_key": unique_key,
        "template": template,
        "title": _shorten(title, TITLE_LENGTH),
        "body": _shorten(body, BODY_LENGTH),
        "order_id": order_id,
        "snap_id": snap_id,
        "created_at": at,
    }
    insert_once(table_of(Notification), [{"account_id": each, **written} for each in fresh])
    paying = use_consents(reachable(fresh), template) if wechat_fields else []
    if wechat_fields and paying:
        _plan_deliveries(
            paying, same_key, template, wechat_fields, page, send_at=_send_at(can_wait, district_id)
        )
    return len(fresh)


def _accounts_with(same_key: ColumnElement[bool], account_ids: Sequence[int]) -> Iterable[int]:
    told = select(Notification.account_id).where(same_key, Notification.account_id.in_(account_ids))
    return db.session.scalars(told)


def _plan_deliveries(
    account_ids: Sequence[int],
    same_key: ColumnElement[bool],
    template: str,
    fields: Mapping[str, str],
    page: str,
    *,
    send_at: datetime,
) -> None:
    """The WeChat calls of one message to several people."""
    mine = select(Notification.id, Notification.account_id).where(
        same_key, Notification.account_id.in_(account_ids)
    )
    fitted = {name: fit(name, text) for name, text in fields.items()}
    rows = [
        {
            "notification_id": row.id,
            "account_id": row.account_id,
            "template": template,
            "fields": fitted,
            "page": page,
            "next_at": send_at,
        }
        for row in db.session.execute(mine.order_by(Notification.id))
    ]
    db.session.execute(insert(table_of(WeChatDelivery)), rows)


def _send_at(can_wait: bool, district_id: int | None) -> datetime:
    at = clock.now()
    return (quiet_until(at, district_id) if can_wait else None) or at


def _plan_delivery(
    account_id: int,
    unique_key: str,
    template: str,
    fields: Mapping[str, str],
    page: str,
    *,
    send_at: datetime,
) -> None:
    """Write the WeChat call as a row; the scheduler makes the call."""
    mine = (Notification.account_id == account_id) & (Notification.unique_key == unique_key)
    notification_id = db.session.scalars(select(Notification.id).where(mine)).one()
    db.session.add(
        WeChatDelivery(
            notification_id=notification_id,
            account_id=account_id,
            template=template,
            fields={name: fit(name, text) for name, text in fields.items()},
            page=page,
            next_at=send_at,
        )
    )
    db.session.flush()


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def mark_read(notification_id: int, scope: Scope) -> None:
    """The person has opened the message; again is fine. Raises NoSuchMessage for somebody else's."""
    mine = (Notification.id == notification_id) & (Notification.account_id == scope.account_id)
    visible = condition(Notification, scope)
    if db.session.scalar(select(Notification.id).where(mine, visible)) is None:
        raise NoSuchMessage
    unread = update(Notification).where(mine, visible, Notification.read_at.is_(None))
    changed(unread.values(read_at=clock.now()))


def mark_all_read(scope: Scope) -> int:
    """Everything in this person's inbox is read; returns how many messages were not."""
    mine = (Notification.account_id == scope.account_id) & Notification.read_at.is_(None)
    statement = update(Notification).where(mine, condition(Notification, scope)).values(read_at=clock.now())
    return changed(statement)
