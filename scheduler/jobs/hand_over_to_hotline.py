"""Orders that 962121 shall take over."""

from __future__ import annotations

from app.orders.hotline import deliver_handovers
from scheduler.context import Context

LONGEST_RUN = 50


def hand_over_to_hotline(context: Context) -> None:
    """Tell the hotline of each transfer until it acknowledges."""
    for _ in range(LONGEST_RUN):
        if context.stopping() or not deliver_handovers(context.hotline, 1):
            return
