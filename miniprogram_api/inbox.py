"""消息: what the platform has told this person, under whichever hat."""

from __future__ import annotations

from pydantic import Field

from app.accounts.scopes import own_scope
from app.notifications import queries
from app.notifications.models import Notification
from app.notifications.service import mark_all_read, mark_read
from app.orders.following import MESSAGE_KEY
from app.reactions.money_pages import money_page
from miniprogram_api.fields import DoneOut, Instant, Out, PageIn, RowId
from miniprogram_api.routing import Routes
from miniprogram_api.session import SIGNED_IN, Caller

routes = Routes("inbox", tag="消息")


class MessageOut(Out):
    """One message; its text names no home and no full name."""

    id: RowId
    template: str
    title: str
    body: str
    order_id: RowId | None
    snap_id: RowId | None = Field(description="随手拍的消息:打开那一条")
    followed: bool = Field(description="是“我也遇到”的报修:从“我关注的”打开")
    page: str = Field(description="账单、付款、退款、发票、费用咨询的消息点开后去的页面;别的消息为空")
    created_at: Instant
    read: bool


class MessagesOut(Out):
    """The newest first."""

    items: list[MessageOut]
    unread: int
    next_cursor: str | None


class UnreadOut(Out):
    """For the badge; counted up to 99."""

    unread: int


def _message(row: Notification) -> MessageOut:
    return MessageOut(
        id=row.id,
        template=row.template,
        title=row.title,
        body=row.body,
        order_id=row.order_id,
        snap_id=row.snap_id,
        followed=row.unique_key.startswith(MESSAGE_KEY),
        page=money_page(row.template, row.unique_key),
        created_at=row.created_at,
        read=row.read_at is not None,
    )


@routes.query("/messages", who=SIGNED_IN, asks=PageIn, out=MessagesOut, title="我的消息")
def messages(caller: Caller, asked: PageIn) -> MessagesOut:
    """A person's own inbox, the same under every hat."""
    scope = own_scope(caller.scope)
    page = queries.inbox_page(scope, asked.cursor or None, asked.limit)
    return MessagesOut(
        items=[_message(row) for row in page.items],
        unread=queries.unread_count(scope),
        next_cursor=page.next_cursor,
    )


@routes.query("/messages/unread-count", who=SIGNED_IN, out=UnreadOut, title="未读消息数")
def unread(caller: Caller) -> UnreadOut:
    """A cheap question for a client that asks often."""
    return UnreadOut(unread=queries.unread_count(own_scope(caller.scope)))


@routes.command("/messages/<id:message_id>/read", who=SIGNED_IN, out=DoneOut, title="标为已读")
def read(caller: Caller, message_id: int) -> DoneOut:
    """Reading twice is no error; somebody else's message is a 404."""
    mark_read(message_id, own_scope(caller.scope))
    return DoneOut(message="已读")


@routes.command("/messages/read-all", who=SIGNED_IN, out=DoneOut, title="全部标为已读")
def read_all(caller: Caller) -> DoneOut:
    """Everything in the inbox."""
    count = mark_all_read(own_scope(caller.scope))
    return DoneOut(message=f"{count}条消息已标为已读" if count else "没有未读消息")
