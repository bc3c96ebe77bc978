"""What the desk, the workers, the managers and the authorities are told of an order's moves (domain 3.13). Pure.

Each row names who hears it; the texts name the building at most.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.core.roles import Role
from app.core.wording import promise_time
from app.orders.lifecycle import Action
from app.orders.rules import MANAGER_ATTENDS, STREET_MEDIATES, Clock
from app.reactions.emergency_messages import broadcast
from app.reactions.hold_messages import company_hold_messages
from app.reactions.message import Audience, Message, Told, in_app
from app.reactions.message import named as _what
from app.reactions.message import to_desk as _desk
from app.reactions.money_messages import company_money_messages
from app.reactions.order_messages import SUBMIT
from app.reactions.quote_messages import company_quote_messages
from app.reactions.sorting_messages import CODES as SORTING
from app.reactions.sorting_messages import company_sorting_messages
from app.reactions.story import Story
from app.reactions.waiting_messages import CODES as WAITING
from app.reactions.waiting_messages import company_waiting_messages

LOW_STARS = 2
SECOND_REOPENING = 2
URGES_TO_MANAGER = 3


def company_messages(code: str, action: str, story: Story) -> Iterator[Told]:
    """Who is told what of this move, one message per audience; nothing for most moves."""
    if (code, action) == ("T1", SUBMIT):
        yield from _new_order(story)
    elif action == Action.TO_HOTLINE:
        yield from _to_hotline(story)
    elif (code, action) == ("T4", Action.ACCEPT):
        yield Audience.DESK, _desk("热线指定处理", f"962121 指定你们处理 {_what(story)}。请马上派师傅。")
    elif action == Action.ASSIGN:
        yield Audience.WORKER, _job(story)
    elif action == Action.URGE:
        yield from _urged(story)
    elif action == Action.REOPEN:
        yield from _reopened(story)
    elif action in (Action.RATE, Action.RATE_UNPAID, Action.RATE_FOLLOWED):
        yield from _low_rating(story)
    elif action == Action.SUPERVISE:
        yield from _supervised(story)
    elif action in (Action.CANCEL, Action.WITHDRAW):
        yield from _cancelled(action, story)
    elif code in WAITING:
        yield from company_waiting_messages(action, story)
    elif code in ("T14", "T17"):
        yield from company_hold_messages(action, story)
    elif code == "U11":
        yield from company_money_messages(action, story)
    elif code in ("T11", "T12", "T13", "T26"):
        yield from company_quote_messages(action, story)
    elif code in SORTING:
        yield from company_sorting_messages(action, story)
    else:
        yield from _extension(action, story)


def _new_order(story: Story) -> Iterator[Told]:
    due = story.due(Clock.ACCEPT)
    until = f"请在 {promise_time(due, story.now)}接单。" if due else "请马上接单。"
    urgent = "紧急!" if story.is_emergency else ""
    body = f"{urgent}{story.menu_label}:{_what(story)}。{until}"
    yield Audience.DESK, in_app("desk_new", f"{urgent}新工单 {story.number}", body)
    if story.is_emergency:
        yield from broadcast(story)


def _to_hotline(story: Story) -> Iterator[Told]:
    why = "超时未接单" if story.by_role == Role.SYS else "物业请求协助"
    body = f"{why}:{_what(story)}。请联系报修人并指定处理单位。"
    yield Audience.HOTLINE, in_app("hotline_order", f"转来工单 {story.number}", body)
    note = _desk("工单已转热线", f"{_what(story)}:{why},已转 962121。")
    yield Audience.MANAGERS, note
    yield Audience.COMPANY, note


def _job(story: Story) -> Message:
    when = story.visit_words("请尽快到")
    body = f"派给您:{_what(story)},{when}。请确认能不能接。"
    return in_app("worker_job", f"新任务 {story.number}", body)


def _urged(story: Story) -> Iterator[Told]:
    """The third one is the manager's (domain 3.11)."""
    if story.data.get("count", 0) >= URGES_TO_MANAGER:
        body = f"报修人已催办 {story.data['count']} 次:{_what(story)}。请经理马上亲自打电话。"
        yield Audience.MANAGERS, _desk("多次催办,请经理回电", body)
        yield Audience.DISPATCHERS, _desk("居民多次催办", body)
    else:
        yield Audience.DESK, _desk("居民催办", f"报修人催办 {_what(story)}。请给他回个电话。")


def _reopened(story: Story) -> Iterator[Told]:
    """Every time a call within a day; the second time the manager goes himself, from the third the street mediates."""
    why = f":{story.note}" if story.note else ""
    again = f"{_what(story)} 第 {story.round} 次重开{why}。请经理 24 小时内联系报修人"
    attend = ",并亲自到现场" if story.round >= MANAGER_ATTENDS else ""
    message = _desk("没修好,重新处理", f"{again}{attend}。")
    yield Audience.MANAGERS, message
    yield Audience.WORKER, message
    if story.round >= SECOND_REOPENING:
        yield Audience.BUREAU, message
    if story.round >= STREET_MEDIATES:
        body = f"{_what(story)} 已第 {story.round} 次重开,物业一直没修好。请街道出面协调。"
        yield Audience.STREET, _desk("多次没修好,请协调", body)


def _supervised(story: Story) -> Iterator[Told]:
    message = _desk("房管局督办", f"房管局督办 {_what(story)}:{story.note}")
    yield Audience.MANAGERS, message
    yield Audience.COMPANY, message
    yield Audience.STREET, message


def _low_rating(story: Story) -> Iterator[Told]:
    if story.stars is not None and story.stars <= LOW_STARS:
        body = f"{_what(story)} 只得了 {story.stars} 星。请经理 24 小时内回访。"
        yield Audience.MANAGERS, _desk("收到差评", body)


def _cancelled(action: str, story: Story) -> Iterator[Told]:
    if action == Action.WITHDRAW:
        why = "别的住户也报了,要继续处理" if story.data.get("others") else "险情要继续处理"
        message = _desk("报修人已撤回", f"{_what(story)}:报修人撤回,{why}。")
    else:
        message = _desk("工单已取消", f"{_what(story)}:报修人已取消,不用去了。")
    yield Audience.DESK, message
    yield Audience.WORKER, message


def _extension(action: str, story: Story) -> Iterator[Told]:
    if action == Action.REQUEST_EXTENSION:
        approver = Audience.COMPANY if story.by_role == Role.MGR else Audience.MANAGERS
        yield approver, _desk("请审批延期", f"{_what(story)} 申请延期。{story.note}")
    elif action == Action.APPROVE_EXTENSION:
        due = story.due(Clock.REPAIR)
        until = f",请在 {promise_time(due, story.now)}修好" if due else ""
        yield Audience.ASKER, _desk("延期已批准", f"{_what(story)} 已批准延期{until}。")
    elif action == Action.REFUSE_EXTENSION:
        yield Audience.ASKER, _desk("延期没有批准", f"{_what(story)} 没有批准延期:{story.note}")
