"""What people are told when an order waits for somebody else: a firm, the owners' money, a date, an answer. Pure.

Domain 3.13: the resident always and with the reason; of the company manager and desk; the bureau for the fund and
for special extensions. The event's note is already the sentence that explains it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from app.core.wording import duration, milliseconds, moment, promise_time
from app.orders.lifecycle import Action
from app.orders.rules import Clock
from app.reactions.message import Audience, Message, Told, in_app, named, to_desk, with_wechat
from app.reactions.story import Story

STANDS = "修复时限暂停,恢复后接着计时。"
CODES = frozenset({"T15", "T16", "T19", "T30", "U6"})


def waiting_for_firm(story: Story) -> Message:
    """Who is waited for, and what keeps people safe meanwhile."""
    body = f"{story.number} 在{_why(story)}。{STANDS}有进展物业会告诉您。"
    return in_app("order_waiting", "在等专业单位处理", body)


def fund_needed(story: Story) -> Message:
    """At once, also at night; the call follows (C4)."""
    due = story.due(Clock.FUND)
    call = f"物业会在 {promise_time(due, story.now)}打电话向您说明。" if due else "物业会打电话向您说明。"
    body = f"{story.number} 可能要动用维修资金。{_why(story)}。{call}"
    return in_app("order_fund", "这项维修要动用维修资金", body)


def fund_asked(story: Story) -> Message:
    """The owners are asked now."""
    body = f"{story.number}:{_why(story)}。{STANDS}征询结果会告诉您。"
    return in_app("order_fund", "维修资金征询中", body)


def fund_failed(story: Story) -> Message:
    """Closed without a repair."""
    body = f"{story.number} 的维修资金征询没有通过,先办结。{_why(story)}。有疑问请打电话给物业或居委会。"
    return in_app("order_closed", "征询没有通过,先办结", body)


def specially_extended(story: Story) -> Message:
    """The new date, and who has named it."""
    due = approved_date(story)
    until = f"新的时限是 {moment(due, story.now)}。" if due else ""
    body = f"{story.number} 的修复时间,经街道或房管局同意特别延长。{until}给您添了不便,请谅解。"
    return with_wechat(story, "order_extended", "修复时间有变化", body, at=due, note="经街道或房管局同意延长")


def approved_date(story: Story) -> datetime | None:
    """The date that street or bureau named; after a breach the clock's own instant stays where it was."""
    named_date = story.data.get("due_at")
    return datetime.fromisoformat(named_date) if named_date else story.due(Clock.REPAIR)


def asked_for_information(story: Story) -> Message:
    """What the desk would like to know."""
    body = f"{story.number} 还缺一点信息,请您 24 小时内补充:{_why(story)}。可以写字,也可以拍照片。"
    return in_app("order_info", "请您补充信息", body)


def company_waiting_messages(action: str, story: Story) -> Iterator[Told]:
    """What managers, desk, company and authorities hear."""
    for audiences, title, words in _COMPANY.get(action, lambda _: ())(story):
        for audience in audiences:
            yield audience, to_desk(title, f"{named(story)}:{words}")


Rows = tuple[tuple[tuple[Audience, ...], str, str], ...]
_COMPANY: Mapping[str, Callable[[Story], Rows]] = {
    Action.HOLD_THIRD: lambda story: (
        ((Audience.MANAGERS, Audience.COMPANY), "工单挂起,等专业单位", f"{_why(story)}。请每天跟进一次。"),
    ),
    Action.NEED_FUND: lambda story: (((Audience.DESK,), "请打电话说明维修资金", _call_words(story)),),
    Action.HOLD_FUND: lambda story: (
        ((Audience.COMPANY, Audience.BUREAU), "工单转维修资金征询", f"{_why(story)}。"),
    ),
    Action.CLOSE_FUND: lambda story: (
        ((Audience.COMPANY, Audience.BUREAU), "维修资金征询未通过", f"已办结,没有维修。{_why(story)}。"),
    ),
    Action.REQUEST_SPECIAL: lambda story: (
        ((Audience.STREET, Audience.BUREAU), "请决定特延申请", f"小区经理{_why(story)}。"),
    ),
    Action.APPROVE_SPECIAL: lambda story: (
        ((Audience.MANAGERS, Audience.COMPANY), "特延已同意", f"{_why(story)}。"),
    ),
    Action.REFUSE_SPECIAL: lambda story: (
        ((Audience.MANAGERS, Audience.COMPANY), "特延没有同意", f"{_why(story)}。原来的时限不变。"),
    ),
    Action.GIVE_INFO: lambda story: (((Audience.DESK,), "居民已补充信息", f"{_why(story)}。请马上处理。"),),
}


def _call_words(story: Story) -> str:
    due = story.due(Clock.FUND)
    until = f" {promise_time(due, story.now)}" if due else "马上"
    return f"需动用维修资金。请在{until}打电话向报修人说明,并点“已向居民说明”记录。"


def please_follow_up(story: Story) -> Message | None:
    """Every 24 hours while a firm is waited for; nothing once the order goes on."""
    standing = story.standing
    if standing is None or standing.kind != "THIRD":
        return None
    waited = duration(milliseconds(story.now - standing.since))
    body = f"{named(story)}:已等{standing.party} {waited}。请问清进展,告诉居民;处理好了请点“恢复处理”。"
    return to_desk("请跟进专业单位", body)


def silent_reporter(story: Story) -> Message:
    """24 hours without an answer."""
    body = f"{named(story)}:居民 24 小时没有补充信息,修复时限继续计时。请打电话问清楚,或先到现场看。"
    return to_desk("居民没有补充信息", body)


def _why(story: Story) -> str:
    """The event's sentence without its full stop, short enough for the column."""
    words = story.note.strip()
    return f"{words[:199]}…" if len(words) > 200 else words.rstrip("。")
