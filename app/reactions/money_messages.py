"""What is said about the money of a repair: what is to be paid, that cash was written down, that it was paid. Pure.

The receipt of a payment on the phone, and what becomes of a refund, are told by the payments themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from app.core.money import yuan
from app.orders.lifecycle import Action
from app.reactions.message import Audience, Message, Told, in_app, named, to_desk
from app.reactions.story import Story


def to_pay(story: Story) -> str:
    """维修费 ¥65.00 ...; nothing where nothing is owed."""
    if not story.owed_fen:
        return ""
    return f"维修费 {yuan(story.owed_fen)},{how_to_pay(story)}。"


def how_to_pay(story: Story) -> str:
    """On the phone, or where the estate does not take payments there, to whom."""
    if story.pays_online:
        return "请在工单里核对结算单后支付"
    return "请在工单里核对结算单,付给师傅或小区管理处,并要收据"


def debt_reminder(story: Story) -> Message | None:
    """A day, a week and a month after the settlement; no late fee is spoken of, there is none."""
    if not story.owed_fen:
        return None
    owed = f"{story.number} {story.matter}的维修费 {yuan(story.owed_fen)} 还没有付。"
    body = f"{owed}{how_to_pay(story)},有疑问请打电话给物业。"
    return in_app("order_unpaid", "维修费还没有付", body)


def _cash_taken(story: Story) -> Message:
    """So that nobody writes down what he has not taken, nor takes what he does not write down."""
    fen = story.data.get("amount_fen", 0)
    body = f"{story.number} 登记了您付的现金 {yuan(fen)}。您没有付过,或金额不对,请马上打电话给物业。"
    return in_app("order_cash", "已登记现金收款", body)


RESIDENT_MONEY_MESSAGES: Mapping[tuple[str, str], Callable[[Story], Message | None]] = {
    ("U12", Action.RECORD_CASH): _cash_taken,
}


def company_money_messages(action: str, story: Story) -> Iterator[Told]:
    """Worker and desk hear that it is paid; how much is not their matter beyond the quote they know."""
    if action == Action.PAID:
        message = to_desk("维修费已付", f"{named(story)}:居民已付维修费。")
        yield Audience.WORKER, message
        yield Audience.DESK, message
