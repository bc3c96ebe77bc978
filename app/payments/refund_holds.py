"""Refunds that wait for something else: an invoice that was written out is reversed before money goes back."""

from __future__ import annotations

from sqlalchemy import delete, select

from app.core.db import changed, db, insert_once, table_of
from app.core.errors import WrongState
from app.payments.refund_hold_models import RefundHold


class RefundHeld(WrongState):
    """Something must be done first; the sentence says what."""

    code = "refund_held"
    message = "退费之前还有一步没有办,请先办完"


def hold_refunds(payment_id: int, subject: str, words: str) -> None:
    """No refund of the payment is sent until `subject` is released; again with other words is fine. The caller has
    locked the payment."""
    release_refunds(payment_id, subject)
    insert_once(table_of(RefundHold), {"payment_id": payment_id, "subject": subject, "words": words})


def release_refunds(payment_id: int, subject: str) -> None:
    """`subject` no longer stands in the way."""
    mine = (RefundHold.payment_id == payment_id) & (RefundHold.subject == subject)
    changed(delete(RefundHold).where(mine))


def why_held(payment_id: int) -> str:
    """What must be done before a refund is sent, empty when nothing."""
    words = select(RefundHold.words).where(RefundHold.payment_id == payment_id).order_by(RefundHold.id)
    return ";".join(db.session.scalars(words))


def refuse_held(payment_id: int) -> None:
    """Raises RefundHeld; called under the payment's lock before a refund is approved for sending."""
    words = why_held(payment_id)
    if words:
        raise RefundHeld(words)
