"""Why an order is where it is, in a sentence, and what marks it: reopened, supervised, mediated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.orders.explaining import explain
from app.orders.ladder import clock_steps
from app.orders.marks import marks_of
from app.orders.models import Order
from miniprogram_api.fields import Out


class ExplainedOut(Out):
    """Part of an order's answer."""

    explanation: str = Field(description="一句话说明现在在等什么;没有特别情况时为空")
    marks: list[str] = Field(description="须经理到场、街道协调、房管局督办等")


def explained(order: Order, at: datetime) -> dict[str, Any]:
    """The values of ExplainedOut for an order that the caller sees."""
    agreed = order.held_until is not None and order.held_until == order.slot_begins_at
    sentence = explain(clock_steps(order.id), round_=order.round, now=at, agreed=agreed)
    return {"explanation": sentence, "marks": marks_of(order)}
