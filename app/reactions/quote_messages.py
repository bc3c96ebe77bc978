"""What people are told about prices and about cancelling after the visit: who has to answer what until when. Pure.

Domain 3.13: a waiting quote is told at once and again after two hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from app.core.money import yuan
from app.core.roles import Role
from app.core.wording import promise_time
from app.orders.lifecycle import Action
from app.reactions.message import Audience, Message, Told, in_app, named, to_desk
from app.reactions.money_messages import how_to_pay
from app.reactions.story import Story

ASKING = "order_quote"
"""Template of what asks the resident for an answer."""


def quoted(story: Story) -> Message | None:
    """请确认报价; nothing when it was answered before this could be told."""
    if story.quote is None:
        return None
    return in_app(ASKING, "请确认报价", f"{story.someone}看过了,{_asked(story)}")


def reminder(story: Story) -> Message | None:
    """The same two hours later."""
    if story.quote is None:
        return None
    return in_app(ASKING, "报价还在等您答复", f"还没收到您的答复。{_asked(story)}")


def _asked(story: Story) -> str:
    quote = story.quote
    assert quote is not None
    until = promise_time(quote.until, story.now)
    if quote.addition:
        price = f"{story.number} 要增加项目,加上原来的一共{_price(quote.total_fen)}"
        return f"{price}。请在 {until}答复;不同意或不答复,就按原来同意的修。"
    price = f"{story.number} {story.matter},维修{_price(quote.total_fen)}"
    return f"{price}。您同意了再修,请在 {until}答复;不答复就按不修办结。"


def _price(fen: int) -> str:
    return f" {yuan(fen)}" if fen else "不收费"


def _declined(story: Story) -> Message:
    why = "24小时没有收到您的答复" if story.by_role == Role.SYS else "您没有同意报价"
    body = f"{why},{story.number} 没有维修,已办结。{_remains(story)}还想修请重新报一次。"
    return in_app("order_declined", "没有维修,已办结", body)


def _addition_declined(story: Story) -> Message | None:
    """Told only when he has not said it himself."""
    if story.by_role != Role.SYS:
        return None
    body = f"24小时没有收到您的答复,{story.number} 不加项目,按您原来同意的报价继续修。"
    return in_app("order_addition", "不加项目,继续维修", body)


def _remains(story: Story) -> str:
    """What is to be paid although nothing was repaired: the visit, or an earlier repair of what was reopened."""
    fee, how = story.data.get("visit_fee_fen", 0), how_to_pay(story)
    if fee:
        return f"按报价单收上门检测费 {yuan(fee)},{how}。"
    if story.owed_fen:
        return f"这次不收费;上次的维修费还有 {yuan(story.owed_fen)},{how}。"
    return "不收费。"


def _cancelled(story: Story) -> Message:
    body = f"物业已同意,{story.number} 已取消。{_remains(story)}"
    return in_app("order_cancelled", "已取消", body)


def _goes_on(story: Story) -> Message:
    body = f"物业建议 {story.number} 继续维修:{_said(story)}。有疑问请打电话给物业。"
    return in_app("order_goes_on", "物业建议继续维修", body)


def _waived(story: Story) -> Message:
    return in_app("order_waived", "这次维修不收费", f"{story.number} 这次维修不收费,请放心。")


RESIDENT_QUOTE_MESSAGES: Mapping[tuple[str, str], Callable[[Story], Message | None]] = {
    ("T10", Action.QUOTE): quoted,
    ("T13", Action.QUOTE): quoted,
    ("T12", Action.DECLINE_QUOTE): _declined,
    ("T13", Action.DECLINE_ADDITION): _addition_declined,
    ("T26", Action.AGREE_CANCEL): _cancelled,
    ("T26", Action.REFUSE_CANCEL): _goes_on,
    ("U9", Action.WAIVE): _waived,
}


def company_quote_messages(action: str, story: Story) -> Iterator[Told]:
    """What worker and desk hear of the resident's answers and wishes."""
    what, silent = named(story), story.by_role == Role.SYS
    if action == Action.AGREE_QUOTE:
        total = _price(story.data.get("total_fen", 0))
        yield _doer(story), to_desk("居民已同意报价", f"{what}:居民同意报价{total},请开始维修。")
    elif action == Action.DECLINE_QUOTE:
        why = "居民24小时没有答复报价" if silent else "居民没有同意报价"
        yield _doer(story), to_desk("不修了,已办结", f"{what}:{why},不用修了。")
    elif action == Action.DECLINE_ADDITION:
        why = "居民24小时没有答复" if silent else "居民不加项目"
        yield _doer(story), to_desk("不加项目,继续维修", f"{what}:{why},请按原来同意的报价修。")
    elif action == Action.ASK_CANCEL:
        message = to_desk("报修人想取消", f"{what}:报修人不想修了({_said(story)})。请尽快答复。")
        yield Audience.WORKER, message
        yield Audience.DESK, message
    elif action == Action.AGREE_CANCEL:
        message = to_desk("工单已取消", f"{what}:双方同意取消,不用修了。")
        yield Audience.WORKER, message
        yield Audience.DESK, message
    elif action == Action.REFUSE_CANCEL:
        yield _doer(story), to_desk("继续维修", f"{what}:没有同意取消({_said(story)}),请继续维修。")


def _doer(story: Story) -> Audience:
    """Who repairs it: the worker, or the desk while nobody is named."""
    return Audience.WORKER if story.worker else Audience.DESK


def _said(story: Story) -> str:
    """What somebody wrote, without its full stop."""
    return story.note[:120].strip().rstrip("。")
