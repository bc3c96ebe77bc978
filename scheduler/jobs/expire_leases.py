"""Ties to a home whose last day is over."""

from __future__ import annotations

from app.accounts import bindings
from app.core import clock
from app.core.db import transact
from scheduler.context import Context


def expire_leases(context: Context) -> None:
    """End leases that ran out; the day is China's."""
    transact(lambda: bindings.expire_leases(clock.china_date(clock.now())))
