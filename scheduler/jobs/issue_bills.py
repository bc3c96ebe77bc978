"""The bills of the month, in its first days."""

from __future__ import annotations

from app.core import clock
from app.core.scope import SYSTEM
from app.fees.issuing import is_issued, issue
from app.fees.rules import period_of
from scheduler.context import Context

DAYS_TO_CATCH_UP = 5
"""A platform that begins in the middle of a month must not bill it by itself; an operator may (`flask bills issue`)."""


def issue_bills(context: Context) -> None:
    """From the first on; what a stop leaves over is done by the next run, and an issued month is left alone."""
    today = clock.china_date(clock.now())
    period = period_of(today)
    if today.day <= DAYS_TO_CATCH_UP and not is_issued(period):
        issue(period, by=SYSTEM, stopping=context.stopping)
