"""随手拍 that wait for an answer or for a rating."""

from __future__ import annotations

from app.feedback.sweeping import BATCH, sweep
from scheduler.context import Context


def sweep_snaps(context: Context) -> None:
    """Remind, complete and close what is due, batch by batch, until a batch is not full."""
    while not context.stopping() and sweep(BATCH) >= BATCH:
        pass
