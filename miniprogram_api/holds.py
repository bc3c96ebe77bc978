"""Nobody home: the worker holds the order, the resident chooses a new time, worker or manager go on before it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.orders import holds
from app.orders.hold_offers import HOLD_REASONS
from app.orders.lifecycle import Action
from miniprogram_api.fields import In, OneOf, PhotoIds, RowId, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("holds", tag="改约")
REASON_CODES = tuple(HOLD_REASONS)


class HoldIn(In):
    """Why. Nobody home needs a photo of the door and two logged calls; a resident's wish needs his words."""

    reason: Annotated[str, OneOf(REASON_CODES)]
    text: Annotated[Text, Field(max_length=200)] = ""
    photo_ids: PhotoIds = []


@routes.command(
    "/orders/<id:order_id>/hold", who=may(Action.HOLD), takes=HoldIn, out=OrderOut, title="家里没人/改约时间"
)
def hold(caller: Caller, given: HoldIn, order_id: int) -> OrderOut:
    """The repair clock stands until the new time. Nobody home a second time closes the order."""
    holds.hold(order_id, by=caller.scope, reason=given.reason, text=given.text, photo_ids=given.photo_ids)
    return order_out(order_id, caller.scope)


class ChooseSlotIn(In):
    """One of the times that `hold.slots` offers, or another free one of the office within the 72 hours."""

    slot_id: RowId


@routes.command(
    "/orders/<id:order_id>/choose-slot",
    who=may(Action.CHOOSE_SLOT),
    takes=ChooseSlotIn,
    out=OrderOut,
    title="选新的上门时间",
)
def choose_slot(caller: Caller, given: ChooseSlotIn, order_id: int) -> OrderOut:
    """Of two who want the last place one gets it; choosing again gives the earlier place back."""
    holds.choose_slot(order_id, by=caller.scope, slot_id=given.slot_id)
    return order_out(order_id, caller.scope)


@routes.command(
    "/orders/<id:order_id>/ask-later", who=may(Action.ASK_LATER), out=OrderOut, title="想要更晚的时间"
)
def ask_later(caller: Caller, order_id: int) -> OrderOut:
    """Three more times are offered; `hold.more` says whether there are any."""
    holds.ask_later(order_id, by=caller.scope)
    return order_out(order_id, caller.scope)


class EndHoldIn(In):
    """Why before the time, e.g. the resident is home after all."""

    reason: Annotated[Text, Field(min_length=2, max_length=200)]


@routes.command(
    "/orders/<id:order_id>/end-hold",
    who=may(Action.END_HOLD),
    takes=EndHoldIn,
    out=OrderOut,
    title="恢复处理",
)
def end_hold(caller: Caller, given: EndHoldIn, order_id: int) -> OrderOut:
    """The repair clock runs on; a place that was chosen for later is free again."""
    holds.end_hold(order_id, by=caller.scope, reason=given.reason)
    return order_out(order_id, caller.scope)
