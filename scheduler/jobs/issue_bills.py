"""The bills of the month, in its first days; and runs that somebody began at the console or a stop has left."""

from __future__ import annotations

from functools import partial

from app.core import clock
from app.core.db import transact
from app.core.scope import SYSTEM
from app.fees.issuing import finish, is_issued, issue, issue_next_chunk, unfinished_runs
from app.fees.rules import period_of
from scheduler.context import Context

DAYS_TO_CATCH_UP = 5
"""A platform that begins in the middle of a month must not bill it by itself; an operator may (`flask bills issue`)."""


def issue_bills(context: Context) -> None:
    """What was begun is finished first; an issued month is left alone."""
    for run_id in unfinished_runs():
        while not context.stopping() and transact(partial(issue_next_chunk, run_id)):
            pass
        transact(partial(finish, run_id))
    today = clock.china_date(clock.now())
    period = period_of(today)
    if today.day <= DAYS_TO_CATCH_UP and not is_issued(period) and not context.stopping():
        issue(period, by=SYSTEM, stopping=context.stopping)
