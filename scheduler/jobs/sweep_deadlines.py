"""Clocks that have reached a level."""

from __future__ import annotations

from app.orders.sweeping import BATCH, sweep
from scheduler.context import Context


def sweep_deadlines(context: Context) -> None:
    """Fire what is due, batch by batch, until a batch is not full: so a backlog after downtime is caught up at once."""
    while not context.stopping() and sweep(BATCH) >= BATCH:
        pass
