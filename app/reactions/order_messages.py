"""What the resident is told when something happens to his order (domain 3.13, faces.md): who, what, when.

One function per row of the lifecycle table; pure. What has no row here is not told to the resident.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from app.core.roles import Role
from app.core.wording import moment, promise_time
from app.integrations.wechat.templates import compose
from app.orders.lifecycle import Action
from app.orders.rules import REOPEN_AFTER_AUTO_CLOSE, Clock
from app.reactions import hold_messages, waiting_messages
from app.reactions.message import Message, in_app, with_wechat
from app.reactions.money_messages import RESIDENT_MONEY_MESSAGES, to_pay
from app.reactions.quote_messages import RESIDENT_QUOTE_MESSAGES
from app.reactions.sorting_messages import RESIDENT_SORTING_MESSAGES
from app.reactions.story import Story

APPEAL_WITHIN = timedelta(hours=72)
SUBMIT = "submit"


def _received(story: Story) -> Message:
    due = story.due(Clock.ACCEPT)
    answer = f"小区物业 {promise_time(due, story.now)}答复您。" if due else "小区物业会尽快答复您。"
    body = f"已收到,编号 {story.number}。{answer}"
    return with_wechat(
        story, "order_received", "已收到您的报修", body, at=due, note="已收到,小区物业会按时答复"
    )


def _accepted(story: Story) -> Message:
    body = f"小区物业已接单,编号 {story.number}。师傅 {story.visit_words('会尽快到')}。"
    return with_wechat(
        story, "order_received", "小区物业已接单", body, at=story.visit_at, note="物业已接单,正在安排师傅"
    )


def _to_hotline(story: Story) -> Message:
    late = story.by_role == Role.SYS
    why = "小区物业没有按时接单" if late else "小区物业请热线协助处理"
    body = f"{why},已转 962121 热线,编号 {story.number}。热线会联系您,请保持电话畅通。"
    note = "热线会联系您,请保持电话畅通"
    fields = compose("order_hotline", number=story.number, matter=story.matter, note=note, state="已转热线")
    return Message("order_hotline", "已转 962121 热线", body, fields)


def _placed_by_hotline(story: Story) -> Message:
    body = f"962121 热线已为您指定处理单位,编号 {story.number}。师傅 {story.visit_words('会尽快到')}。"
    fields = compose(
        "order_hotline", number=story.number, matter=story.matter, note="已指定处理单位", state="热线已派单"
    )
    return Message("order_hotline", "热线已派单", body, fields)


def _assigned(story: Story) -> Message:
    body = f"已请{story.someone}来处理,{story.visit_words('他会尽快到')}。编号 {story.number}。"
    return with_wechat(
        story, "order_assigned", "师傅已安排", body, at=story.visit_at, note=f"{story.someone}为您处理"
    )


def _on_way(story: Story) -> Message:
    body = f"{set_off(story)}请保持电话畅通。"
    note = f"{story.someone}已出发,请保持电话畅通"
    return with_wechat(story, "order_on_way", "师傅已出发", body, at=story.visit_at, note=note)


def _verified(story: Story) -> Message:
    note = story.finding or "已到现场"
    return with_wechat(story, "order_verified", "已到现场核实", seen(story), at=story.expected_at, note=note)


def _extended(story: Story) -> Message:
    due, note = story.due(Clock.REPAIR), story.extension_reason or "物业申请延期"
    body = f"{story.number} {takes_longer(story)}"
    return with_wechat(story, "order_extended", "修复时间有变化", body, at=due, note=note)


def _done(story: Story) -> Message:
    result = ended(story.result or story.note)
    body = (
        f"{story.number} 已修好:{result}{to_pay(story)}请您看一看,给个评价。没修好也请告诉我们,物业会再来。"
    )
    return with_wechat(
        story, "order_done", "已修好,请您评价", body, at=story.finished_at, note="请您看一看,给个评价"
    )


def _closed_by_itself(story: Story) -> Message | None:
    """Told only when nobody closed it: whoever confirms, rates or pays knows it himself. A debt outlives the order."""
    if story.by_role != Role.SYS or story.data.get("how") == "paid":
        return None
    closed = story.closed_at or story.now
    until = promise_time(closed + REOPEN_AFTER_AUTO_CLOSE, story.now)
    body = (
        f"{story.number} 一直没有收到您的回复,已自动办结。{to_pay(story)}如果没修好,{until}都可以点“没修好”。"
    )
    return in_app("order_closed", "工单已自动办结", body)


def _reopened(story: Story) -> Message:
    who = "已收到您的反馈" if story.by_role == Role.RES else "监管部门要求重新处理"
    warranty = "在30天保修期内,原来修过的项目不再收费。" if story.data.get("warranty") else ""
    return in_app(
        "order_reopened", "重新处理", f"{who},{story.number} 重新处理。{comes_again(story)}{warranty}"
    )


def _rejected(story: Story) -> Message:
    until = promise_time((story.happened_at or story.now) + APPEAL_WITHIN, story.now)
    reason = ended(story.note)
    body = f"小区物业没有受理 {story.number}。原因:{reason}您如果不同意,{until}可以申诉,由街道或房管局复核。"
    return in_app("order_rejected", "物业没有受理", body)


def _danger_stays(story: Story) -> Message:
    if story.data.get("others"):
        body = f"已记下您撤回 {story.number}。别的住户也报了同样的问题,物业会继续处理。"
        return in_app("order_withdrawn", "已撤回,继续处理", body)
    body = f"已记下您撤回 {story.number}。因为可能有危险,物业仍会到现场查看,谢谢您的提醒。"
    return in_app("order_withdrawn", "已撤回,险情继续处理", body)


def _supervised(story: Story) -> Message:
    body = f"房管局已督办 {story.number},要求物业尽快修好。"
    return in_app("order_supervised", "房管局已督办", body)


def set_off(story: Story) -> str:
    """王师傅已出发,今天 15:00 前到."""
    at = story.visit_at
    arrival = f"{promise_time(at, story.now)}到" if at and at > story.now else "很快就到"
    return f"{story.someone}已出发,{arrival}。"


def seen(story: Story) -> str:
    """Who was there, what he found, and when it will be mended."""
    who = story.someone if story.by_role == Role.WRK else "物业人员"
    expected = f"预计 {promise_time(story.expected_at, story.now)}修好。" if story.expected_at else ""
    return f"{who}已到现场{'复查' if story.round else ''}。情况:{ended(story.finding)}{expected}"


def takes_longer(story: Story) -> str:
    """Why, until when, and that one is sorry."""
    due = story.due(Clock.REPAIR)
    until = f"新的时限是 {moment(due, story.now)}。" if due else ""
    return f"需要多修几天。原因:{ended(story.extension_reason)}{until}给您添了不便,请谅解。"


def comes_again(story: Story) -> str:
    """By when the company is there once more."""
    due = story.due(Clock.VISIT)
    again = f"{promise_time(due, story.now)}再到现场" if due else "会尽快再到现场"
    return f"小区物业 {again}。"


def ended(text: str) -> str:
    """A sentence that staff wrote, with its full stop."""
    kept = re.sub(r"[\s。.;;,,!!]+$", "", text.strip())
    return f"{kept[:120]}。" if kept else ""


RESIDENT_MESSAGES: Mapping[tuple[str, str], Callable[[Story], Message | None]] = {
    ("T1", SUBMIT): _received,
    ("T2", Action.ACCEPT): _accepted,
    ("T3", Action.TO_HOTLINE): _to_hotline,
    ("T4", Action.ACCEPT): _placed_by_hotline,
    ("T5", Action.ASSIGN): _assigned,
    ("T5", Action.GRAB): _assigned,
    ("T7", Action.DEPART): _on_way,
    ("T8", Action.CHECK_IN): _verified,
    ("T14", Action.HOLD): hold_messages.held,
    ("T14", Action.CHOOSE_SLOT): hold_messages.agreed,
    ("T14", Action.UNREACHABLE): hold_messages.unreachable,
    ("T15", Action.HOLD_THIRD): waiting_messages.waiting_for_firm,
    ("T16", Action.NEED_FUND): waiting_messages.fund_needed,
    ("T16", Action.HOLD_FUND): waiting_messages.fund_asked,
    ("T17", Action.END_HOLD): hold_messages.resumed,
    ("T18", Action.APPROVE_EXTENSION): _extended,
    ("T19", Action.APPROVE_SPECIAL): waiting_messages.specially_extended,
    ("T20", Action.FINISH): _done,
    ("T21", Action.CONFIRM): _closed_by_itself,
    ("T22", Action.REOPEN): _reopened,
    ("T23", Action.REJECT): _rejected,
    ("T25", Action.WITHDRAW): _danger_stays,
    **RESIDENT_QUOTE_MESSAGES,
    **RESIDENT_SORTING_MESSAGES,
    **RESIDENT_MONEY_MESSAGES,
    ("T30", Action.CLOSE_FUND): waiting_messages.fund_failed,
    ("U10", Action.SUPERVISE): _supervised,
    ("U6", Action.ASK_INFO): waiting_messages.asked_for_information,
}


def resident_message(code: str, action: str, story: Story) -> Message | None:
    """What the reporter reads, None when this move is not told to him."""
    builder = RESIDENT_MESSAGES.get((code, action))
    return builder(story) if builder else None
