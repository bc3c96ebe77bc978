"""What people are told when an order is merged, handed to another office, appealed about or judged anew. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from app.core.roles import Role
from app.core.wording import moment, promise_time
from app.orders.lifecycle import Action
from app.orders.rules import Clock
from app.reactions.emergency_messages import broadcast
from app.reactions.message import Audience, Message, Told, in_app, named, to_desk, with_wechat
from app.reactions.story import Story

CODES = frozenset({"T24", "T27", "T28", "T29", "U7"})


def merged(story: Story) -> Message:
    """For whoever reported or joined what goes on elsewhere now."""
    into = story.data.get("number", "")
    body = f"{story.number} {story.matter}和别的住户报的是同一个问题,已并入 {into},有进展一起告诉您。"
    return in_app("order_merged", f"已并入 {into}", body)


def unmerged(story: Story) -> Message:
    """His own order again."""
    body = f"{story.number} 和 {story.data.get('number', '')} 不是同一个问题,现在单独处理。师傅 "
    return in_app("order_unmerged", "单独处理", f"{body}{story.visit_words('会尽快到')}。")


def transferred(story: Story) -> Message:
    """Who is responsible from now on."""
    who = "监管部门指定" if story.by_role in (Role.STR, Role.BUR) else "已转给"
    office = story.data.get("office", "别的管理处")
    body = f"{story.number} {who}{office},由他们负责处理,答应您的时限不变。"
    return in_app("order_transferred", f"现在由{office}负责"[:30], body)


def _appealed(story: Story) -> Message:
    due = _instant(story, "due_at")
    until = f"{promise_time(due, story.now)}答复您" if due else "会尽快答复您"
    body = f"已收到您对 {story.number} 的申诉,由街道或房管局复核,{until}。"
    return in_app("order_appeal", "已收到申诉", body)


def _upheld(story: Story) -> Message:
    due = story.due(Clock.ACCEPT)
    answer = f"小区物业 {promise_time(due, story.now)}答复您。" if due else "小区物业会尽快答复您。"
    slot = f"上门时间 {moment(story.slot[0], story.now)},要改请打物业电话。" if story.slot else ""
    body = f"申诉成立,{story.number} 重新处理。{answer}{slot}"
    return with_wechat(
        story, "order_received", "申诉成立,重新处理", body, at=due, note="申诉成立,物业会按时答复"
    )


def _dismissed(story: Story) -> Message:
    body = f"{story.number} 的申诉没有成立。原因:{_why(story)}。"
    return in_app("order_appeal", "申诉没有成立", body)


RESIDENT_SORTING_MESSAGES: Mapping[tuple[str, str], Callable[[Story], Message | None]] = {
    ("T24", Action.APPEAL): _appealed,
    ("T24", Action.UPHOLD_APPEAL): _upheld,
    ("T24", Action.DISMISS_APPEAL): _dismissed,
    ("T27", Action.MERGE): merged,
    ("T28", Action.UNMERGE): unmerged,
    ("T29", Action.RECEIVE): transferred,
    ("T29", Action.DECIDE_TRANSFER): transferred,
}


def company_sorting_messages(action: str, story: Story) -> Iterator[Told]:
    """What desk, managers, the other office, street and bureau hear of it."""
    if action in (Action.MERGE, Action.UNMERGE):
        yield from _sorted_together(action, story)
    elif action == Action.CHANGE_URGENCY:
        yield from _urgency(story)
    elif action in (Action.APPEAL, Action.UPHOLD_APPEAL, Action.DISMISS_APPEAL):
        yield from _appeal(action, story)
    else:
        yield from _transfer(action, story)


def _sorted_together(action: str, story: Story) -> Iterator[Told]:
    into = story.data.get("number", "")
    if action == Action.UNMERGE:
        yield Audience.DESK, to_desk("取消合并", f"{named(story)} 不再并入 {into}:{_why(story)}。请派师傅。")
    elif not story.has_account:
        body = f"{named(story)} 已并入 {into}。报修人没有小程序,请打电话告诉他,修好后也请告诉他。"
        yield Audience.DESK, to_desk("请打电话告诉报修人", body)


def _urgency(story: Story) -> Iterator[Told]:
    if story.data.get("seen_by_bureau"):
        body = f"{named(story)} 的紧急程度被调低:{_why(story)}。"
        yield Audience.BUREAU, in_app("desk_lowered", f"紧急程度调低 {story.number}", body)
        return
    raised = str(story.data.get("to", "")) < str(story.data.get("from", ""))
    if raised:
        due = story.due(Clock.VISIT)
        until = (
            f"请在 {promise_time(due, story.now)}到现场。" if due and due > story.now else "请马上到现场。"
        )
        message = to_desk("紧急程度调高", f"{named(story)}:{_why(story)}。{until}")
        yield Audience.DESK, message
        yield Audience.WORKER, message
    if raised and story.is_emergency:
        yield from broadcast(story)


def _appeal(action: str, story: Story) -> Iterator[Told]:
    if action == Action.APPEAL:
        due = _instant(story, "due_at")
        until = f"请在 {promise_time(due, story.now)}答复。" if due else "请尽快答复。"
        body = f"居民不同意不予受理 {named(story)}:{_why(story)}。{until}"
        yield Audience.STREET, in_app("desk_appeal", f"申诉 {story.number}", body)
        yield Audience.BUREAU, in_app("desk_appeal", f"申诉 {story.number}", body)
        yield Audience.MANAGERS, to_desk("居民申诉", f"居民不同意不予受理 {named(story)}:{_why(story)}。")
    elif action == Action.UPHOLD_APPEAL:
        due = story.due(Clock.ACCEPT)
        until = f"请在 {promise_time(due, story.now)}接单。" if due else "请马上接单。"
        yield (
            Audience.DESK,
            in_app("desk_new", f"重新受理 {story.number}", f"申诉成立:{named(story)}。{until}"),
        )
        yield (
            Audience.MANAGERS,
            to_desk("申诉成立", f"{named(story)} 不应拒绝:{_why(story)}。这次不予受理记为有误。"),
        )
    else:
        yield Audience.MANAGERS, to_desk("申诉没有成立", f"{named(story)}:{_why(story)}。")


def _transfer(action: str, story: Story) -> Iterator[Told]:
    office = story.data.get("office", "")
    if story.data.get("recalls"):
        yield Audience.RECALLED, to_desk("工单已转走,不用去了", f"{named(story)} 已转到{office},您不用去了。")
    if action == Action.TRANSFER and story.data.get("decides"):
        body = f"{named(story)} 已转过两次,还要转给{_why(story)}。请指定处理单位。"
        yield Audience.STREET, in_app("desk_transfer", f"请指定处理单位 {story.number}", body)
        yield Audience.BUREAU, in_app("desk_transfer", f"请指定处理单位 {story.number}", body)
    elif action == Action.TRANSFER:
        body = f"请求转给{_why(story)}。{named(story)},请在“转来的工单”里接收或退回。"
        yield Audience.RECEIVER, in_app("desk_transfer", f"请求转单 {story.number}", body)
    elif action == Action.SEND_BACK:
        decided = "监管部门指定由你们处理" if story.data.get("decided") else f"{office}没有接收"
        body = f"{named(story)}:{decided}:{_why(story)}。仍由你们负责。"
        yield Audience.DESK, to_desk("没有转走,仍由你们处理", body)
    elif action == Action.RECEIVE:
        yield Audience.SENDER, to_desk("对方已接收", f"{named(story)} 已由{office}接收,由他们负责。")
    elif action == Action.DECIDE_TRANSFER:
        body = f"{named(story)}:{_why(story)}。时限不变,请马上处理。"
        yield Audience.DESK, to_desk("监管部门指定你们处理", body)
        yield Audience.SENDER, to_desk("已指定别的单位", f"{named(story)} 由{office}处理。")


def late_appeal(story: Story) -> Message:
    """C11: the street answers for it that nobody has answered."""
    body = f"{named(story)} 的申诉没有按时答复,请马上复核并答复居民。"
    return in_app("desk_appeal", f"申诉超时未答复 {story.number}", body)


def _instant(story: Story, name: str) -> datetime | None:
    said = story.data.get(name)
    return datetime.fromisoformat(said) if said else None


def _why(story: Story) -> str:
    return story.note[:160].strip().rstrip("。")
