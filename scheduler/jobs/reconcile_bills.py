"""WeChat's bills of past days beside our own rows."""

from __future__ import annotations

from app.payments.settling import Receiver
from app.reconciliation.nightly import reconcile
from scheduler.context import Context


def reconcile_bills(context: Context) -> None:
    """From 10:30 on fetch what is missing, compare, settle."""
    if context.pay is None:
        return
    receiver = Receiver(context.settings.wechat_appid, context.settings.wechat_pay_mch_id)
    reconcile(context.pay, receiver=receiver, stopping=context.stopping)
