"""Fee questions that nobody has answered in time."""

from __future__ import annotations

from functools import partial

from app.core.db import transact
from app.fees.questions import notice_late
from scheduler.context import Context

BATCH, LONGEST_RUN = 100, 20


def notice_late_answers(context: Context) -> None:
    """Mark them and tell managers and administrators, once."""
    for _ in range(LONGEST_RUN):
        if context.stopping() or transact(partial(notice_late, BATCH)) < BATCH:
            return
