"""Offices that mended too little of the past month in time."""

from __future__ import annotations

from app.core import clock
from app.core.db import transact
from app.supervision import monthly
from scheduler.context import Context


def judge_last_month(context: Context) -> None:
    """Drafts for the bureau, once for an office and month; nothing is sent."""
    transact(lambda: monthly.judge_last_month(clock.now()))
