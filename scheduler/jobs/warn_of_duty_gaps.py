"""Desks that are or will be short of people."""

from __future__ import annotations

from app.companies.duty_alerts import warn_of_gaps
from app.core import clock
from app.core.db import transact
from scheduler.context import Context


def warn_of_duty_gaps(context: Context) -> None:
    """Tell managers and companies once an hour at most."""
    transact(lambda: warn_of_gaps(clock.now()))
