"""Figures of the bureau's dashboard: today each minute, earlier days when something has changed them."""

from __future__ import annotations

from app.core.db import transact
from app.supervision.mending import mark_stale_days
from app.supervision.rolling_up import days_to_roll_up, roll_up
from scheduler.context import Context


def roll_up_figures(context: Context) -> None:
    """Each day in a unit of its own, today first; what a stop leaves over is done by the next run."""
    transact(mark_stale_days)
    for day in days_to_roll_up():
        if context.stopping():
            return
        transact(lambda day=day: roll_up(day))  # type: ignore[misc]
