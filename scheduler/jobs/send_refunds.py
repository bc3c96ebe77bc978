"""Money that goes back."""

from __future__ import annotations

from app.payments.sending_refunds import send_due_refunds
from scheduler.context import Context

LONGEST_RUN = 100


def send_refunds(context: Context) -> None:
    """Send what was approved, ask for what was sent."""
    if context.pay is None:
        return
    for _ in range(LONGEST_RUN):
        if context.stopping() or not send_due_refunds(context.pay, 1):
            return
