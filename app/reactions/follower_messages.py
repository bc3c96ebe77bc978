"""What those who said 我也遇到 are told of somebody else's order: the same steps, in words for a neighbour. Pure.

They are nobody's appointment: no call is announced to them, nothing is asked of them but a look and their stars. The
place stands in no text, because the reporter may have added words to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from app.core.roles import Role
from app.core.wording import moment, promise_time
from app.integrations.wechat.templates import compose
from app.orders.lifecycle import Action
from app.orders.rules import RATE_WITHIN, Clock, Level
from app.reactions import sorting_messages
from app.reactions.message import Message, in_app, with_wechat
from app.reactions.order_messages import comes_again, ended, seen, set_off, takes_longer
from app.reactions.story import Story
from app.reactions.waiting_messages import approved_date

RATE_DAYS = RATE_WITHIN.days
REPORT_AGAIN = "如果问题还在,请您重新报一次。"


def _accepted(story: Story) -> Message:
    body = f"{_this(story)}小区物业已接单。师傅 {story.visit_words('会尽快到')}。"
    return _with_wechat(
        story, "order_received", "小区物业已接单", body, at=story.visit_at, note="物业已接单,正在安排师傅"
    )


def _to_hotline(story: Story) -> Message:
    why = "小区物业没有按时接单" if story.by_role == Role.SYS else "小区物业请热线协助处理"
    body = f"{_this(story)}{why},已转 962121 热线,由热线指定处理单位。"
    return _by_hotline(story, "已转 962121 热线", body, note="由热线指定处理单位", state="已转热线")


def _placed_by_hotline(story: Story) -> Message:
    body = f"{_this(story)}962121 热线已指定处理单位。师傅 {story.visit_words('会尽快到')}。"
    return _by_hotline(story, "热线已派单", body, note="已指定处理单位", state="热线已派单")


def _assigned(story: Story) -> Message:
    body = f"{_this(story)}已请{story.someone}来处理,{story.visit_words('他会尽快到')}。"
    return _with_wechat(
        story, "order_assigned", "师傅已安排", body, at=story.visit_at, note=f"{story.someone}来处理"
    )


def _on_way(story: Story) -> Message:
    body, note = f"{_this(story)}{set_off(story)}", f"{story.someone}已出发"
    return _with_wechat(story, "order_on_way", "师傅已出发", body, at=story.visit_at, note=note)


def _verified(story: Story) -> Message:
    body, note = f"{_this(story)}{seen(story)}", story.finding or "已到现场"
    return _with_wechat(story, "order_verified", "已到现场核实", body, at=story.expected_at, note=note)


def _extended(story: Story) -> Message:
    due, note = story.due(Clock.REPAIR), story.extension_reason or "物业申请延期"
    body = f"{_this(story)}{takes_longer(story)}"
    return _with_wechat(story, "order_extended", "修复时间有变化", body, at=due, note=note)


def _done(story: Story) -> Message:
    result = ended(story.result or story.note)
    body = f"{_this(story)}已修好:{result}请您也看一看,给个评价。{REPORT_AGAIN}"
    return _with_wechat(
        story, "order_done", "已修好,请您评价", body, at=story.finished_at, note="请您也看一看,给个评价"
    )


def _closed(story: Story) -> Message:
    why = "报修人三天没有回复,已自动办结" if story.by_role == Role.SYS else "报修人已确认,已办结"
    body = f"{_this(story)}{why}。{RATE_DAYS}天内您还可以评价。{REPORT_AGAIN}"
    return in_app("order_closed", _title("已办结"), body)


def _reopened(story: Story) -> Message:
    why = "报修人说没修好" if story.by_role == Role.RES else "监管部门要求重新处理"
    return in_app("order_reopened", _title("重新处理"), f"{_this(story)}{why}。{comes_again(story)}")


def _rejected(story: Story) -> Message:
    body = f"{_this(story)}小区物业没有受理。原因:{ended(story.note)}{REPORT_AGAIN}"
    return in_app("order_rejected", _title("物业没有受理"), body)


def _cancelled(story: Story) -> Message:
    """The reporter knows it himself; who relied on his report must hear that nobody will come."""
    return in_app("order_cancelled", _title("报修人已取消"), f"{_this(story)}报修人已取消。{REPORT_AGAIN}")


def _waits(story: Story) -> Message:
    """A firm, or the owners' money: the same reason that the reporter reads."""
    body = f"{_this(story)}{ended(story.note)}修复时限暂停,恢复后接着计时。"
    return in_app("order_waiting", _title("暂停处理"), body)


def _goes_on(story: Story) -> Message:
    return in_app("order_hold_over", _title("恢复处理"), f"{_this(story)}恢复处理。{ended(story.note)}")


def _fund_failed(story: Story) -> Message:
    body = f"{_this(story)}维修资金征询没有通过,先办结。{ended(story.note)}"
    return in_app("order_closed", _title("征询没有通过"), body)


def _specially_extended(story: Story) -> Message:
    due = approved_date(story)
    until = f"新的时限是 {moment(due, story.now)}。" if due else ""
    body = f"{_this(story)}修复时间经街道或房管局同意特别延长。{until}"
    return _with_wechat(
        story, "order_extended", "修复时间有变化", body, at=due, note="经街道或房管局同意延长"
    )


def _taken_up_again(story: Story) -> Message:
    body = f"{_this(story)}报修人申诉成立,小区物业重新处理。"
    return in_app("order_reopened", _title("重新处理"), body)


FOLLOWER_MESSAGES: Mapping[tuple[str, str], Callable[[Story], Message]] = {
    ("T2", Action.ACCEPT): _accepted,
    ("T3", Action.TO_HOTLINE): _to_hotline,
    ("T4", Action.ACCEPT): _placed_by_hotline,
    ("T5", Action.ASSIGN): _assigned,
    ("T5", Action.GRAB): _assigned,
    ("T7", Action.DEPART): _on_way,
    ("T8", Action.CHECK_IN): _verified,
    ("T15", Action.HOLD_THIRD): _waits,
    ("T16", Action.HOLD_FUND): _waits,
    ("T17", Action.END_HOLD): _goes_on,
    ("T18", Action.APPROVE_EXTENSION): _extended,
    ("T19", Action.APPROVE_SPECIAL): _specially_extended,
    ("T20", Action.FINISH): _done,
    ("T21", Action.CONFIRM): _closed,
    ("T21", Action.RATE): _closed,
    ("T22", Action.REOPEN): _reopened,
    ("T23", Action.REJECT): _rejected,
    ("T25", Action.CANCEL): _cancelled,
    ("T24", Action.UPHOLD_APPEAL): _taken_up_again,
    ("T27", Action.MERGE): sorting_messages.merged,
    ("T28", Action.UNMERGE): sorting_messages.unmerged,
    ("T29", Action.RECEIVE): sorting_messages.transferred,
    ("T29", Action.DECIDE_TRANSFER): sorting_messages.transferred,
    ("T30", Action.CLOSE_FUND): _fund_failed,
}
"""What has no row is not told: the first card came before anybody joined, a withdrawn danger is repaired all the same,
and appointments are kept in homes, which nobody follows."""


def follower_message(code: str, action: str, story: Story) -> Message | None:
    """What a follower reads, None when this move is not told to him."""
    builder = FOLLOWER_MESSAGES.get((code, action))
    return builder(story) if builder else None


def follower_clock_message(clock: str, level: str, due_at: datetime, story: Story) -> Message | None:
    """A broken promise of coming or of repairing; the ladder above it is the company's matter."""
    if level != Level.DUE or clock not in (Clock.VISIT, Clock.REPAIR):
        return None
    promise = story.promises.get(clock)
    kept = promise is not None and promise.kept_at is not None
    what = "到现场" if clock == Clock.VISIT else "修好"
    after = "这次超时已记下。" if kept else "已通知小区经理督促。"
    late = (
        f"晚于 {moment(due_at, story.now)} 才{what}"
        if kept
        else f"没有在 {promise_time(due_at, story.now)}{what}"
    )
    title = "到场超时" if clock == Clock.VISIT else "修复超时"
    return _with_wechat(
        story,
        "order_late",
        title,
        f"{_this(story)}{late},对不起。{after}",
        at=due_at,
        note=after.rstrip("。"),
    )


def _this(story: Story) -> str:
    return f"您关注的报修 {story.number}({story.matter}):"


def _title(text: str) -> str:
    return f"您关注的报修:{text}"


def _with_wechat(
    story: Story, template: str, title: str, body: str, *, at: datetime | None, note: str
) -> Message:
    return with_wechat(_for_neighbour(story), template, _title(title), body, at=at, note=note)


def _by_hotline(story: Story, title: str, body: str, *, note: str, state: str) -> Message:
    matter = _for_neighbour(story).matter
    fields = compose("order_hotline", number=story.number, matter=matter, note=note, state=state)
    return Message("order_hotline", _title(title), body, fields)


def _for_neighbour(story: Story) -> Story:
    """In WeChat's few fields the matter says whose it is."""
    return replace(story, matter=f"您关注的:{story.matter}")
