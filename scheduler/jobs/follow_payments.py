"""Payments of which nobody has told us how they ended."""

from __future__ import annotations

from app.payments.following import follow_due
from app.payments.settling import Receiver
from scheduler.context import Context

LONGEST_RUN = 100


def follow_payments(context: Context) -> None:
    """Ask WeChat for what is due, close what is over."""
    if context.pay is None:
        return
    receiver = Receiver(context.settings.wechat_appid, context.settings.wechat_pay_mch_id)
    for _ in range(LONGEST_RUN):
        if context.stopping() or not follow_due(context.pay, 1, receiver=receiver):
            return
