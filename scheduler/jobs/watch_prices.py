"""Prices that stand above a ceiling that dropped."""

from __future__ import annotations

from app.catalogue.price_alerts import warn_of_high_prices
from app.core import clock
from app.core.db import transact
from scheduler.context import Context


def watch_prices(context: Context) -> None:
    """Tell companies what must come down, and the bureau what did not in seven days (S2-27)."""
    transact(lambda: warn_of_high_prices(clock.now()))
