"""Figures of 收缴监管 where a bill has changed."""

from __future__ import annotations

from functools import partial

from app.core.db import transact
from app.supervision.counting_bills import count_stale
from scheduler.context import Context

BATCH, LONGEST_RUN = 20, 500


def count_collection(context: Context) -> None:
    """Twenty estate months in a transaction, until none is stale; a new month of the whole city in one run."""
    for _ in range(LONGEST_RUN):
        if context.stopping() or transact(partial(count_stale, BATCH)) < BATCH:
            return
