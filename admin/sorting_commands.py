"""Buttons around where an order belongs: merging, handing over, appeals, urgency, category."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from admin import commands
from app.core.scope import Scope
from app.orders import appeals, merging, sorting, transferring
from app.orders.lifecycle import Action

SORTING_BUTTONS = (
    Action.UPHOLD_APPEAL,
    Action.DISMISS_APPEAL,
    Action.DECIDE_TRANSFER,
    Action.MERGE,
    Action.UNMERGE,
    Action.TRANSFER,
    Action.CHANGE_URGENCY,
    Action.RECATEGORISE,
)


def _office() -> int:
    return commands.number("office_id") or 0


def _judge(order_id: int, by: Scope, *, uphold: bool) -> Any:
    return appeals.decide(order_id, by=by, uphold=uphold, reason=commands.text("reason"))


SORTING_ACTIONS: Mapping[str, Callable[[int, Scope], Any]] = {
    "merge": lambda order_id, by: merging.merge(order_id, by=by, master_id=commands.number("master_id") or 0),
    "unmerge": lambda order_id, by: merging.unmerge(order_id, by=by, reason=commands.text("reason")),
    "transfer": lambda order_id, by: transferring.ask(
        order_id, by=by, office_id=_office(), reason=commands.text("reason")
    ),
    "decide_transfer": lambda order_id, by: transferring.decide(
        order_id, by=by, office_id=_office(), reason=commands.text("reason")
    ),
    "uphold_appeal": lambda order_id, by: _judge(order_id, by, uphold=True),
    "dismiss_appeal": lambda order_id, by: _judge(order_id, by, uphold=False),
    "change_urgency": lambda order_id, by: sorting.change_urgency(
        order_id, by=by, urgency=commands.text("urgency"), reason=commands.text("reason")
    ),
    "recategorise": lambda order_id, by: sorting.recategorise(
        order_id, by=by, category_code=commands.text("category_code"), reason=commands.text("reason")
    ),
}
