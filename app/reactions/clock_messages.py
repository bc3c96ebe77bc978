"""What is said when a clock reaches a level: to the resident only breaches, to the company the ladder (3.6). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from app.core.money import yuan
from app.core.wording import duration, milliseconds, moment, promise_time, span
from app.orders.quote_rules import REMINDERS
from app.orders.rules import Clock, Level
from app.reactions import quote_messages
from app.reactions.message import Message, in_app, with_wechat
from app.reactions.money_messages import debt_reminder
from app.reactions.sorting_messages import late_appeal
from app.reactions.story import Story
from app.reactions.waiting_messages import please_follow_up, silent_reporter

CLOCK_LABELS = {clock.value: clock.label for clock in Clock}
WARNINGS = frozenset({Level.TARGET, Level.WARNING, Level.LAST_WARNING})


def resident_clock_message(clock: str, level: str, due_at: datetime, story: Story) -> Message | None:
    """What the reporter reads of a reached level, None for most of them.

    A day after the repair he is asked whether it is mended, two days after it he is told that the order will close. A
    missed C1 is told by the transfer to the hotline that comes with it.
    """
    if clock == Clock.CONFIRM and level == Level.ASK:
        return _asking(story)
    if clock == Clock.CONFIRM and level == Level.WARNING:
        return _closing(story)
    if clock == Clock.PAY:
        return debt_reminder(story)
    if level in REMINDERS:
        return quote_messages.reminder(story)
    if level != Level.DUE:
        return None
    if clock == Clock.VISIT:
        return _visit_late(due_at, story)
    if clock == Clock.APPOINTMENT:
        return _slot_missed(due_at, story)
    if clock == Clock.REPAIR:
        return _repair_late(due_at, story)
    return None


def _asking(story: Story) -> Message | None:
    """修好了吗, once; not to somebody who has answered by the time this is told."""
    if story.finished_at is None or _kept(story, Clock.CONFIRM):
        return None
    done = f"{story.number} {story.matter},{moment(story.finished_at, story.now)} 已处理。"
    if story.owed_fen and story.pays_online:
        pay = f"修好了请付维修费 {yuan(story.owed_fen)},付了再确认"
        body = f"{done}修好了吗?{pay};没修好先不用付,请点“没修好”,物业会再来。"
        note = "修好了请付费,没修好请点没修好"
        return with_wechat(story, "order_ask", "修好了吗?", body, at=story.finished_at, note=note)
    body = f"{done}修好了吗?修好了请点“确认修好了”,没修好请点“没修好”,物业会再来。"
    note = "修好了请确认,没修好请点没修好"
    return with_wechat(story, "order_ask", "修好了吗?", body, at=story.finished_at, note=note)


def _closing(story: Story) -> Message | None:
    due = story.due(Clock.CONFIRM)
    if due is None:
        return None
    body = f"{story.number} 已修好,请您评价。{promise_time(due, story.now)}没有回复就会自动办结;没修好请点“没修好”。"
    return with_wechat(story, "order_closing", "还没收到您的评价", body, at=due, note="没修好请点“没修好”")


def _visit_late(due_at: datetime, story: Story) -> Message:
    if _kept(story, Clock.VISIT):
        body = f"师傅比约定的 {moment(due_at, story.now)} 到得晚,对不起。这次超时已记下,小区经理会过问。"
    else:
        body = f"师傅没有在 {promise_time(due_at, story.now)}到现场,对不起。已通知小区经理,他会联系您。"
    return _late(story, Clock.VISIT, "到场超时,已通知经理", body, due_at)


def _slot_missed(due_at: datetime, story: Story) -> Message:
    """The apology of Z15: the company missed the appointment."""
    agreed = span(*story.slot, story.now) if story.slot else moment(due_at, story.now)
    if _kept(story, Clock.APPOINTMENT):
        body = f"师傅没有在约好的 {agreed} 到,来晚了,对不起。这次失约已记下,小区经理会过问。"
    else:
        body = f"对不起,师傅没有在约好的 {agreed} 上门,让您白等了。已通知小区经理,他会打电话和您另约时间。"
    begins_at = story.slot[0] if story.slot else due_at
    note = "没有按约上门,对不起,经理会联系您"
    return with_wechat(story, "slot_missed", "对不起,师傅失约了", body, at=begins_at, note=note)


def _repair_late(due_at: datetime, story: Story) -> Message:
    promised = promise_time(due_at, story.now)
    if _kept(story, Clock.REPAIR):
        body = f"{story.number} 没有在 {promised}修好,晚了,对不起。这次超时已记下。"
    else:
        body = f"{story.number} 没有在 {promised}修好,对不起。已通知小区经理和物业企业,经理会告诉您新的安排。"
    return _late(story, Clock.REPAIR, "修复超时,已通知经理", body, due_at)


def _late(story: Story, clock: Clock, title: str, body: str, due_at: datetime) -> Message:
    note = "这次超时已记下,经理会过问" if _kept(story, clock) else "已通知小区经理,他会联系您"
    return with_wechat(story, "order_late", title, body, at=due_at, note=note)


def _kept(story: Story, clock: Clock) -> bool:
    """Whether the thing was done after all, too late, by the time this is told."""
    promise = story.promises.get(clock.value)
    return promise is not None and promise.kept_at is not None


def company_clock_message(clock: str, level: str, due_at: datetime, story: Story) -> Message | None:
    """What the desk and those above it read; nothing for the clocks of the resident's own turn."""
    label = CLOCK_LABELS.get(clock)
    if label is None or clock in (Clock.CONFIRM, Clock.HOLD, Clock.QUOTE, Clock.RESPONSE, Clock.PAY):
        return None
    if clock in OF_ORDERS_THAT_WAIT:
        return OF_ORDERS_THAT_WAIT[clock](story)
    what = f"{story.number} {story.matter}({story.place})"
    promise = story.promises.get(clock)
    promised = promise.due_at if promise else due_at
    if level in WARNINGS:
        left = duration(milliseconds(promised - story.now))
        body = f"{what}:离{label}时限还有 {left},请在 {promise_time(promised, story.now)}完成。"
        return in_app("desk_warning", f"{label}快到时限", body)
    over = milliseconds(story.now - promised)
    title = f"{label}超时" if level == Level.DUE else f"{label}超时,升级督促"
    drafted = "督办单草稿已交房管局。" if level == Level.THIRD else ""
    return in_app("desk_breach", title, f"{what}:{label}已超 {duration(over)}。{_wish(clock)}{drafted}")


OF_ORDERS_THAT_WAIT: Mapping[str, Callable[[Story], Message | None]] = {
    Clock.FOLLOW_UP: please_follow_up,
    Clock.QUESTION: silent_reporter,
    Clock.APPEAL: late_appeal,
}


def _wish(clock: str) -> str:
    if clock == Clock.FUND:
        return "没有说明就不能转征询,请马上打电话说明并记录。"
    if clock == Clock.ACCEPT:
        return "工单已转 962121 热线。"
    return "请马上处理,并打电话向报修人说明。"
