"""What people are told of a 随手拍 (domain 3.12, 3.13). Pure; no text names a home or a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from app.core.redaction import without_personal_data
from app.core.wording import promise_time
from app.feedback.lifecycle import SUBMIT, Action, Kind, Topic
from app.feedback.rules import Level, span
from app.integrations.wechat.templates import compose
from app.reactions.message import Message, in_app
from app.reactions.order_messages import ended

TEMPLATE, DESK_TEMPLATE = "snap", "desk_snap"
ANSWERED = "snap_answered"
PAGE = "more/snap/snap"
"""Where a tap on the WeChat message leads."""
LOW_STARS = 2


class Hearer(StrEnum):
    """Who hears it on the other side; app/reactions/snap_reactions.py finds the accounts."""

    DESK = auto()
    MANAGERS = auto()
    COMPANY = auto()
    HOTLINE = auto()


@dataclass(frozen=True)
class SnapStory:
    """What the texts need to know."""

    number: str
    kind: Kind
    topic: Topic
    note: str
    submitted_at: datetime
    due_at: datetime
    now: datetime
    stars: int | None
    order_number: str
    at_hotline: bool = False

    @property
    def what(self) -> str:
        """S1121-0042 表扬(秩序维护)."""
        return f"{self.number} {self.kind.label}({self.topic.label})"

    @property
    def promised(self) -> str:
        """10天."""
        return span(self.submitted_at, self.due_at)


def _opened(story: SnapStory) -> Message:
    until = promise_time(story.due_at, story.now)
    return in_app(TEMPLATE, "物业已接收", f"您的随手拍 {story.number} 物业已接收,{until}回复您。")


def _answered(story: SnapStory, title: str, body: str, said: str) -> Message:
    """In WeChat too: who has sent something weeks ago does not look into the app by himself."""
    matter = f"{story.kind.label}:{story.topic.label}"
    return Message(
        ANSWERED, title, body, compose(ANSWERED, number=story.number, matter=matter, at=story.now, note=said)
    )


def _replied(story: SnapStory) -> Message:
    said = ended(without_personal_data(story.note))
    body = f"您的随手拍 {story.number} 有回复了:{said}解决了请打星评价,没解决可以再问一次。"
    return _answered(story, "物业已回复", body, said)


def _replied_again(story: SnapStory) -> Message:
    said = ended(without_personal_data(story.note))
    body = f"您再问的随手拍 {story.number} 有回复了:{said}请打星评价。还没解决,请拨打 962121。"
    return _answered(story, "物业再次回复", body, said)


def _declined(story: SnapStory) -> Message:
    why = ended(without_personal_data(story.note))
    body = f"您的随手拍 {story.number} 物业没有接收:{why}已转 962121 热线,由热线答复您。"
    return in_app(TEMPLATE, "已转962121热线", body)


def _converted(story: SnapStory) -> Message:
    body = (
        f"您的随手拍 {story.number} 已转为报修 {story.order_number},物业会派师傅处理,进展在“我的记录”里看。"
    )
    return in_app(TEMPLATE, "已转为报修", body)


def _closed(story: SnapStory) -> Message:
    return in_app(TEMPLATE, "已办结", f"您的随手拍 {story.number} 回复后7天没有评价,已办结。谢谢您的反映。")


def _expired(story: SnapStory) -> Message:
    body = (
        f"对不起,您的随手拍 {story.number} {story.promised}没有得到回复,系统已办结,并记为物业未答复。"
        "急事请拨打 962121。"
    )
    return in_app(TEMPLATE, f"{story.promised}没有回复", body)


SENDER_MESSAGES: Mapping[str, Callable[[SnapStory], Message]] = {
    Action.OPEN: _opened,
    Action.REPLY: _replied,
    Action.REPLY_AGAIN: _replied_again,
    Action.DECLINE: _declined,
    Action.CONVERT: _converted,
    Action.CLOSE: _closed,
    Action.EXPIRE: _expired,
}


def sender_message(action: str, story: SnapStory) -> Message | None:
    """What the sender reads; None for his own doing."""
    builder = SENDER_MESSAGES.get(action)
    return builder(story) if builder else None


def desk_messages(action: str, story: SnapStory) -> Iterator[tuple[Hearer, Message]]:
    """Who else is told what of this move."""
    if action == SUBMIT:
        until = promise_time(story.due_at, story.now)
        body = f"居民{story.kind.label}:{story.topic.label}。打开即为接收,请在 {until}回复。"
        yield Hearer.DESK, in_app(DESK_TEMPLATE, f"新随手拍 {story.number}", body)
    elif action == Action.DECLINE:
        body = f"{story.what}:物业不接收,理由:{ended(without_personal_data(story.note))}请答复居民。"
        yield Hearer.HOTLINE, in_app(DESK_TEMPLATE, f"转来随手拍 {story.number}", body)
        yield (
            Hearer.COMPANY,
            in_app(DESK_TEMPLATE, "随手拍已转热线", f"{story.what}:管理处不接收,已转 962121。"),
        )
    elif action == Action.FOLLOW_UP:
        body = f"{story.what}:居民说没解决,问:{ended(without_personal_data(story.note))}请再回复居民。"
        yield Hearer.DESK, in_app(DESK_TEMPLATE, "居民再问随手拍", body)
        if story.at_hotline:
            yield Hearer.HOTLINE, in_app(DESK_TEMPLATE, "居民再问随手拍", body)
    elif action == Action.EXPIRE:
        body = f"{story.what}:{story.promised}没有回复,已自动办结,记为未答复。请主动联系居民。"
        for hearer in (Hearer.DESK, Hearer.COMPANY):
            yield hearer, in_app(DESK_TEMPLATE, f"随手拍超过{story.promised}未回复", body)
    elif action == Action.RATE and story.stars is not None and story.stars <= LOW_STARS:
        body = f"{story.what} 的回复只得了 {story.stars} 星,请经理再联系居民。"
        yield Hearer.MANAGERS, in_app(DESK_TEMPLATE, "随手拍收到差评", body)


def reminder(level: str, story: SnapStory, planned: datetime) -> Message:
    """For desk and manager, day 5 and day 9 by the standard of C6; `planned` is when the reminder fell due."""
    until = promise_time(story.due_at, story.now)
    if level == Level.LAST_REMINDER:
        left = span(planned, story.due_at)
        body = f"{story.what} 只剩最后{left},{until}不回复将自动办结并记为未答复。"
        return in_app(DESK_TEMPLATE, f"随手拍最后{left}", body)
    waited = span(story.submitted_at, planned)
    return in_app(DESK_TEMPLATE, f"随手拍已{waited}未回复", f"{story.what} 已收到{waited},请在 {until}回复。")
