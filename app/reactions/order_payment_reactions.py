"""What follows for an order when its money came or went back. Each reaction may run again: the order is brought in step
with its payments, and what was noted before is not noted twice."""

from __future__ import annotations

from sqlalchemy import select

from app.core.db import db
from app.orders.paying import take_note
from app.orders.subjects import orders_in
from app.payments.events import PaymentSettled, RefundDecided, RefundFinished
from app.payments.models import PaymentLine, RefundLine


def note_payment_of_order(fact: PaymentSettled | RefundFinished) -> None:
    """已支付, 已退款."""
    for order_id in orders_in(fact.subjects):
        take_note(order_id)


def note_refund_of_order(fact: RefundDecided) -> None:
    """退款中, once both persons have approved."""
    subjects = (
        select(PaymentLine.subject)
        .join(RefundLine, RefundLine.payment_line_id == PaymentLine.id)
        .where(RefundLine.refund_id == fact.refund_id)
    )
    for order_id in orders_in(db.session.scalars(subjects).all()):
        take_note(order_id)
