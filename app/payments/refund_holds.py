"""Refunds that wait for something else: an invoice that was written out is reversed before money goes back."""

from __future__ import annotations

from collections.abc import Collection

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
    return held_words([payment_id]).get(payment_id, "")


def held_words(payment_ids: Collection[int]) -> dict[int, str]:
    """The same for many payments: those that are held, each with its words."""
    if not payment_ids:
        return {}
    held = select(RefundHold.payment_id, RefundHold.words).where(
        RefundHold.payment_id.in_(sorted(payment_ids))
    )
    found: dict[int, list[str]] = {}
    for payment_id, words in db.session.execute(held.order_by(RefundHold.id)):
        found.setdefault(payment_id, []).append(words)
    return {payment_id: ";".join(words) for payment_id, words in found.items()}


def refuse_held(payment_id: int) -> None:
    """Raises RefundHeld; called under the payment's lock before a refund is approved for sending."""
    words = why_held(payment_id)
    if words:
        raise RefundHeld(words)
