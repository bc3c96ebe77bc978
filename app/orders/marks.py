"""What sets an order apart, in words: several reopenings, the street's mediation, the bureau's supervision. Pure."""

from __future__ import annotations

from app.orders.models import Order
from app.orders.rules import MANAGER_ATTENDS


def marks_of(order: Order) -> list[str]:
    """The most serious last; nothing for most orders."""
    marks = []
    if order.round >= MANAGER_ATTENDS:
        marks.append("多次没修好,经理须亲自到场")
    if order.flagged:
        marks.append("已请街道出面协调")
    if order.supervised:
        marks.append("房管局督办")
    return marks
