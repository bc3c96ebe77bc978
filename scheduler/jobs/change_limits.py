"""Changed limits that running orders follow."""

from __future__ import annotations

from app.orders.policy_changes import take_running_orders_along
from scheduler.context import Context


def change_limits(context: Context) -> None:
    """Nothing to do on nearly every day."""
    take_running_orders_along()
