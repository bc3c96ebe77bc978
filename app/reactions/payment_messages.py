"""What is said about a payment and a refund: to the payer, and to those of the company who act. Pure (domain 3.13).

Sums, company and what it was for; no home and no name. What was paid for (a bill, a repair) is told by its own domain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.core.money import yuan
from app.core.redaction import without_personal_data
from app.integrations.wechat.templates import compose
from app.payments.refund_words import fault_words
from app.reactions.message import Message, in_app
from app.reactions.order_messages import ended

PAYMENT_PAGE = "money/payment/payment"
"""Where a tap on the WeChat message leads."""
PAID, REFUNDED, DESK = "payment_done", "refund_done", "desk_refund"


@dataclass(frozen=True)
class PaymentStory:
    """What the texts need to know; instants are UTC."""

    title: str
    payee: str
    amount_fen: int
    paid_at: datetime
    receipt_no: str


@dataclass(frozen=True)
class RefundStory:
    """The same of a refund."""

    payment: PaymentStory
    amount_fen: int
    reason: str
    why_not: str = ""
    refunded_at: datetime | None = None
    fault: str = ""


def paid(story: PaymentStory) -> Message:
    """The money has arrived at the company."""
    sum_ = yuan(story.amount_fen)
    body = f"{story.title} {sum_} 已付给{story.payee},收据号 {story.receipt_no}。收据在“缴费记录”里。"
    fields = compose(PAID, number=story.receipt_no, matter=story.title, at=story.paid_at, note=sum_)
    return Message(PAID, "缴费成功", body, fields)


def late(story: PaymentStory) -> Message:
    """It was paid after it had been cancelled: nothing for the payer to do."""
    body = f"{story.title} {yuan(story.amount_fen)} 付款时这笔支付已经取消,钱会原路退回,您不用做什么。"
    return in_app(REFUNDED, "钱会原路退回", body)


def rejected(story: RefundStory) -> Message:
    """Nothing goes back, and why."""
    why = ended(without_personal_data(story.why_not))
    asked = f"您申请退还{story.payment.title} {yuan(story.amount_fen)}"
    body = f"{asked},{story.payment.payee}没有同意:{why}有疑问请打电话给物业。"
    return in_app(REFUNDED, "退费没有通过", body)


def approved(story: RefundStory) -> Message:
    """Both have signed."""
    body = (
        f"{story.payment.title}退费 {yuan(story.amount_fen)} 已通过,钱会原路退回,一般几分钟到三个工作日到账。"
    )
    return in_app(REFUNDED, "退费已通过", body)


def refunded(story: RefundStory) -> Message:
    """The money is back."""
    sum_ = yuan(story.amount_fen)
    body = f"{story.payment.title}退款 {sum_} 已原路退回您的微信,请查收。"
    number = story.payment.receipt_no or "-"
    assert story.refunded_at is not None
    fields = compose(REFUNDED, number=number, matter=story.payment.title, at=story.refunded_at, note=sum_)
    return Message(REFUNDED, "退款已到账", body, fields)


def to_review(story: RefundStory) -> Message:
    """For the accountants: somebody wants money back."""
    return in_app(DESK, "有退费等待初审", f"{_what(story)},请在控制台“退费”里初审。")


def to_approve(story: RefundStory) -> Message:
    """For the second signature."""
    return in_app(DESK, "有退费等待复核", f"{_what(story)},已初审,请另一位财务或企业管理员复核。")


def failed(story: RefundStory) -> Message:
    """WeChat could not send it back."""
    body = f"{_what(story)},微信没有退成({fault_words(story.fault)})。请在控制台“退费”里处理。"
    return in_app(DESK, "退款失败,需要处理", body)


def _what(story: RefundStory) -> str:
    return f"{story.payment.title}退费 {yuan(story.amount_fen)},原因:{story.reason}"
