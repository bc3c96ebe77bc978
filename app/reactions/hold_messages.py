"""What people are told when a visit finds nobody home: the resident chooses a new time, the company keeps it. Pure.

Domain 3.8 (no-one home) and 3.13 (hold: the resident always, on the company's side the manager).
"""

from __future__ import annotations

from collections.abc import Iterator

from app.core.wording import moment, promise_time, span
from app.orders.hold_offers import NOBODY_HOME
from app.orders.lifecycle import Action
from app.orders.rules import REOPEN_AFTER_AUTO_CLOSE, Clock
from app.reactions.message import Audience, Message, Told, in_app, named, to_desk, with_wechat
from app.reactions.story import Story


def held(story: Story) -> Message | None:
    """师傅来过,家里没人: the times to choose from; nothing when one was chosen before this could be told."""
    hold = story.hold
    if hold is None or hold.agreed:
        return None
    absent = hold.reason == NOBODY_HOME
    what = f"{story.someone}来过,家里没人。" if absent else f"{story.number} 按您的意思改期。"
    if hold.slots:
        times = "、".join(span(*slot, story.now) for slot in hold.slots)
        wish = f"请选一个新的时间:{times}。请在 {promise_time(hold.until, story.now)}选好。"
    else:
        wish = "请打电话给物业,约一个新的时间。"
    title = "师傅来过,家里没人" if absent else "请选新的上门时间"
    note = "家里没人,请选新的上门时间" if absent else "请选新的上门时间"
    return with_wechat(story, "order_hold", title, what + wish, at=hold.until, note=note)


def agreed(story: Story) -> Message | None:
    """The new time, for the person who must be home."""
    if story.slot is None:
        return None
    body = f"已约好:{story.someone} {span(*story.slot, story.now)} 再上门,请家里留人。编号 {story.number}。"
    note = f"{story.someone}再上门,请家里留人"
    return with_wechat(story, "order_assigned", "已约好上门时间", body, at=story.slot[0], note=note)


def resumed(story: Story) -> Message | None:
    """Nothing when the agreed time has come; else why the order goes on without it."""
    if story.hold_ended == "limit":
        body = f"{story.number} 三天没有约好上门时间。物业会打电话和您约,您也可以打电话给物业。"
        return in_app("order_hold_over", "还没约好上门时间", body)
    if story.hold_ended == "hand":
        instead = "原来约的时间取消,师傅会先打电话。" if story.slot_released else ""
        return in_app("order_hold_over", "恢复处理", f"{story.number} 恢复处理:{_why(story)}。{instead}")
    return None


def unreachable(story: Story) -> Message:
    """Closed because nobody was home twice; how long a word is enough to go on (3.8)."""
    last = (story.closed_at or story.now) + REOPEN_AFTER_AUTO_CLOSE
    body = (
        f"{story.someone}两次上门家里都没人,电话也没人接,{story.number} 先办结。"
        f"{promise_time(last, story.now)}都可以点“没修好”重新处理,不用再报一次。"
    )
    return with_wechat(
        story, "order_hold", "没联系上您,先办结", body, at=last, note="两次没遇上,先办结,可重新处理"
    )


def company_hold_messages(action: str, story: Story) -> Iterator[Told]:
    """What manager, desk and worker hear; who has no account is called by the desk."""
    if action == Action.HOLD:
        yield from _held(story)
    elif action == Action.CHOOSE_SLOT and story.slot:
        body = f"居民约了 {span(*story.slot, story.now)}:{named(story)}。请按时上门。"
        yield _doer(story), to_desk("已约好上门时间", body)
    elif action == Action.END_HOLD:
        yield from _resumed(story)
    elif action == Action.UNREACHABLE:
        yield Audience.MANAGERS, to_desk("两次没联系上居民", f"{named(story)} 两次上门都没人,已先办结。")


def _held(story: Story) -> Iterator[Told]:
    until = f",最晚等到 {moment(story.hold.until, story.now)}" if story.hold else ""
    if story.has_account:
        body = f"{named(story)}:{_why(story)}。等居民选时间{until}。"
        yield Audience.MANAGERS, to_desk("工单挂起,等居民约时间", body)
    else:
        body = f"{named(story)}:{_why(story)}。报修人没有小程序,请打电话和他约时间{until}。"
        yield Audience.DESK, to_desk("请打电话约上门时间", body)


def _resumed(story: Story) -> Iterator[Told]:
    if story.hold_ended == "slot":
        yield _doer(story), to_desk("约好的时间到了", f"{named(story)}:约好的时间到了,请马上上门。")
    elif story.hold_ended == "limit":
        due = story.due(Clock.REPAIR)
        until = f",请在 {promise_time(due, story.now)}修好" if due else ""
        body = f"{named(story)}:72小时没有约好时间,修复时限继续计时{until}。请打电话和居民约时间。"
        yield Audience.DESK, to_desk("请打电话约上门时间", body)
    else:
        yield _doer(story), to_desk("恢复处理", f"{named(story)} 恢复处理:{_why(story)}。")


def _doer(story: Story) -> Audience:
    """Who goes there: the worker, or the desk while nobody is named."""
    return Audience.WORKER if story.worker else Audience.DESK


def _why(story: Story) -> str:
    """What the worker or the manager wrote, without its full stop."""
    return story.note[:120].strip().rstrip("。")
