"""Shipping information for WeChat, where it wants any."""

from __future__ import annotations

from app.payments.shipping import ask_whether_managed, ship_due
from scheduler.context import Context

LONGEST_RUN = 100


def ship_payments(context: Context) -> None:
    """Ask once an hour whether it is wanted, and send what is due."""
    if context.pay is None:
        return
    ask_whether_managed(context.pay)
    for _ in range(LONGEST_RUN):
        if context.stopping() or not ship_due(context.pay, 1):
            return
