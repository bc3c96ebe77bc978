"""并入同类问题: which orders are the same problem, merging a report into one of them, taking it back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.orders import merging
from app.orders.lifecycle import Action
from miniprogram_api.fields import In, Instant, Out, RowId, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("merging", tag="合并")


class ChoiceOut(Out):
    """An open order of the same problem."""

    id: RowId
    number: str
    category: str
    place: str
    status: str
    status_label: str
    urgency: str
    submitted_at: Instant
    households: int = Field(description="几户反映过,含报修人")


class ChoicesOut(Out):
    """The oldest first: the elder promise is the one to keep."""

    items: list[ChoiceOut]


@routes.query(
    "/orders/<id:order_id>/merge-choices", who=may(Action.MERGE), out=ChoicesOut, title="可以并入的工单"
)
def merge_choices(caller: Caller, order_id: int) -> ChoicesOut:
    """The same estate and group of categories, the same building or within 50 m, still open."""
    found = merging.choices(order_id, caller.scope)
    return ChoicesOut(
        items=[
            ChoiceOut(
                id=each.id,
                number=each.number,
                category=each.category,
                place=each.place,
                status=each.status.value,
                status_label=each.status.tab,
                urgency=each.urgency,
                submitted_at=each.submitted_at,
                households=each.households,
            )
            for each in found
        ]
    )


class MergeIn(In):
    """The order that stays."""

    master_id: RowId


@routes.command(
    "/orders/<id:order_id>/merge",
    who=may(Action.MERGE),
    takes=MergeIn,
    out=OrderOut,
    title="并入同类问题",
)
def merge(caller: Caller, given: MergeIn, order_id: int) -> OrderOut:
    """The earlier promise and the higher urgency count; whoever reported or followed it follows the other one."""
    merging.merge(order_id, by=caller.scope, master_id=given.master_id)
    return order_out(order_id, caller.scope)


class UnmergeIn(In):
    """Why it is another problem after all."""

    reason: Annotated[Text, Field(min_length=2, max_length=200)]


@routes.command(
    "/orders/<id:order_id>/unmerge",
    who=may(Action.UNMERGE),
    takes=UnmergeIn,
    out=OrderOut,
    title="取消合并",
)
def unmerge(caller: Caller, given: UnmergeIn, order_id: int) -> OrderOut:
    """Accepted, with the clocks of its own beginning."""
    merging.unmerge(order_id, by=caller.scope, reason=given.reason)
    return order_out(order_id, caller.scope)
