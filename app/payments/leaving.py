"""What becomes of payments when their payer closes his account: the books keep the sums, nobody keeps his WeChat."""

from __future__ import annotations

from sqlalchemy import select, update

from app.core.db import changed, db
from app.payments.models import WAITING, Payment, Refund
from app.payments.refunding import UNFINISHED


def money_under_way(account_id: int) -> bool:
    """Whether a payment of this person waits, or a refund has not ended."""
    waiting = [state.value for state in WAITING]
    paying = select(Payment.id).where(Payment.payer_id == account_id, Payment.state.in_(waiting))
    steps = [step.value for step in UNFINISHED]
    refunded = select(Refund.id).where(Refund.payer_id == account_id, Refund.step.in_(steps))
    return any(db.session.scalar(each.limit(1)) for each in (paying, refunded))


def forget_openid(account_id: int) -> None:
    """The WeChat identity in the payments goes; a refund finds its way back without it."""
    changed(update(Payment).where(Payment.payer_id == account_id).values(payer_openid=""))
