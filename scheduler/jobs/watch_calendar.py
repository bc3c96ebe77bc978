"""Next year's holidays are not known."""

from __future__ import annotations

from app.companies.calendar_alerts import warn_of_missing_year
from app.core import clock
from app.core.db import transact
from scheduler.context import Context


def watch_calendar(context: Context) -> None:
    """Tell the bureau and those who keep the machine running, once a day from 1 December."""
    transact(lambda: warn_of_missing_year(clock.now()))
