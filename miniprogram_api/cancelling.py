"""不修了 after the visit: the resident asks, worker or desk agrees or says why not."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.orders import cancelling
from app.orders.lifecycle import Action
from miniprogram_api.fields import In, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("cancelling", tag="取消")


class WhyIn(In):
    """The reason; the other side reads it."""

    reason: Annotated[Text, Field(min_length=2, max_length=200)]


@routes.command(
    "/orders/<id:order_id>/ask-cancel",
    who=may(Action.ASK_CANCEL),
    takes=WhyIn,
    out=OrderOut,
    title="申请取消",
)
def ask_cancel(caller: Caller, given: WhyIn, order_id: int) -> OrderOut:
    """After the visit a repair ends only by consent; the clocks run on until then."""
    cancelling.ask(order_id, by=caller.scope, reason=given.reason)
    return order_out(order_id, caller.scope)


@routes.command(
    "/orders/<id:order_id>/agree-cancel", who=may(Action.AGREE_CANCEL), out=OrderOut, title="同意取消"
)
def agree_cancel(caller: Caller, order_id: int) -> OrderOut:
    """Nothing is charged but a visit fee that a quote announced."""
    cancelling.agree(order_id, by=caller.scope)
    return order_out(order_id, caller.scope)


@routes.command(
    "/orders/<id:order_id>/refuse-cancel",
    who=may(Action.REFUSE_CANCEL),
    takes=WhyIn,
    out=OrderOut,
    title="不同意取消",
)
def refuse_cancel(caller: Caller, given: WhyIn, order_id: int) -> OrderOut:
    """The repair goes on; the resident reads why."""
    cancelling.refuse(order_id, by=caller.scope, reason=given.reason)
    return order_out(order_id, caller.scope)
