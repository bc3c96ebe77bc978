"""New bills, and reminders of those that fall due."""

from __future__ import annotations

from app.core import clock
from app.core.db import transact
from app.fees.reminding import plan_reminders, tell_next_page
from scheduler.context import Context


def tell_of_bills(context: Context) -> None:
    """Plan today's rounds once, then page by page until everybody was told."""
    transact(lambda: plan_reminders(clock.china_date(clock.now())))
    while not context.stopping() and transact(tell_next_page):
        pass
