"""A message before it has a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from app.integrations.wechat.templates import compose
from app.reactions.story import Story

ORDER_PAGE = "pages/order/order"
"""Where a tap on the WeChat message leads; the page must exist in the released mini-program (41030)."""
FOLLOWED_PAGE = "more/followed/followed"
"""The same for a follower, who may not open the order itself."""
MESSAGES_PAGE = "pages/messages/messages"
"""The inbox, for who may not open any page of the order."""


class Audience(StrEnum):
    """Who hears it on the company's side; app/reactions/audiences.py finds the accounts."""

    DESK = auto()
    DISPATCHERS = auto()
    MANAGERS = auto()
    ON_SHIFT = auto()
    COMPANY = auto()
    WORKER = auto()
    HOTLINE = auto()
    STREET = auto()
    BUREAU = auto()
    ASKER = auto()
    RECEIVER = auto()
    SENDER = auto()
    RECALLED = auto()


@dataclass(frozen=True)
class Message:
    """What somebody is told; `wechat_fields` is None for what is said in the app alone."""

    template: str
    title: str
    body: str
    wechat_fields: Mapping[str, str] | None = None


CAN_WAIT = frozenset({"order_done", "order_ask", "order_closing", "order_extended", "order_late"})
"""Templates that need nobody at night; whoever is coming, and what must be answered at once, is told at once."""
URGENT = frozenset({"P0", "P1"})


def can_wait(message: Message, urgency: str) -> bool:
    """Whether the WeChat copy waits for the end of the quiet hours; never for an urgent order."""
    return message.template in CAN_WAIT and urgency not in URGENT


Told = tuple[Audience, Message]


def in_app(template: str, title: str, body: str) -> Message:
    """A message for the inbox alone."""
    return Message(template, title, body)


def with_wechat(
    story: Story, template: str, title: str, body: str, *, at: datetime | None, note: str, state: str = ""
) -> Message:
    """A message for the inbox and for WeChat; without an instant it stays in the inbox, nothing is invented."""
    if at is None:
        return in_app(template, title, body)
    fields = compose(template, number=story.number, matter=story.matter, at=at, note=note, state=state)
    return Message(template, title, body, fields)


def followed_page_of(order_id: int) -> str:
    """The page of an order that one follows."""
    return f"{FOLLOWED_PAGE}?id={order_id}"


def page_of(order_id: int) -> str:
    """The page of the order in the mini-program."""
    return f"{ORDER_PAGE}?id={order_id}"


def to_desk(title: str, body: str) -> Message:
    """A message for those who work on the order."""
    return in_app("desk_order", title, body)


def named(story: Story) -> str:
    """The order as staff speak of it: R1121-0042 楼道灯不亮(3号楼大厅)."""
    return f"{story.number} {story.matter}({story.place})"
