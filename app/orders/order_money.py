"""What has been paid for an order, read from the payments and from the cash that was written down.

The subject of an order's payment is `order:12`, of what comes to it after a reopening `order:12:1`: each is paid once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from app.core.db import db
from app.orders.cash_models import CashReceipt
from app.orders.models import Order
from app.orders.subjects import PREFIX
from app.payments.models import (
    HOLDING,
    WAITING,
    Payment,
    PaymentLine,
    PaymentState,
    Refund,
    RefundLine,
    RefundStep,
)

GOING_BACK = (RefundStep.SENDING.value, RefundStep.FAILED.value)
"""Approved by both persons, and not back yet."""


@dataclass(frozen=True)
class Received:
    """Fen that came in and went back; `waiting`: a payment has not ended; `payment_id` is the newest that counts."""

    paid_fen: int
    refunded_fen: int
    refunding: bool
    waiting: bool
    payment_id: int | None


def subject_of(order: Order) -> str:
    """What a payment of the order's present round is for."""
    return f"{PREFIX}{order.id}:{order.round}" if order.round else f"{PREFIX}{order.id}"


def received(order: Order) -> Received:
    """Everything that came in for the order, whatever its round."""
    lines = db.session.execute(
        select(
            PaymentLine.id,
            PaymentLine.amount_fen,
            PaymentLine.refunded_fen,
            Payment.id.label("payment"),
            Payment.state,
        )
        .join(Payment, Payment.id == PaymentLine.payment_id)
        .where(_of(order), Payment.state.in_([state.value for state in HOLDING]))
        .order_by(Payment.id)
    ).all()
    paid = [line for line in lines if line.state == PaymentState.PAID]
    counting = [line for line in lines if line.state in WAITING] or paid
    return Received(
        paid_fen=sum(line.amount_fen for line in paid) + _cash(order),
        refunded_fen=sum(line.refunded_fen for line in paid),
        refunding=_going_back([line.id for line in paid]),
        waiting=any(line.state in WAITING for line in lines),
        payment_id=counting[-1].payment if counting else None,
    )


def _of(order: Order):
    subject = f"{PREFIX}{order.id}"
    rounds = [f"{subject}:{number}" for number in range(1, order.round + 1)]
    return or_(PaymentLine.subject == subject, PaymentLine.subject.in_(rounds))


def _cash(order: Order) -> int:
    taken = select(func.sum(CashReceipt.amount_fen)).where(CashReceipt.order_id == order.id)
    return int(db.session.scalar(taken) or 0)


def _going_back(line_ids: Sequence[int]) -> bool:
    if not line_ids:
        return False
    sent = (
        select(Refund.id)
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .where(RefundLine.payment_line_id.in_(line_ids), Refund.step.in_(GOING_BACK))
    )
    return db.session.scalar(sent.limit(1)) is not None
