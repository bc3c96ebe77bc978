"""特延: the manager asks with a plan; street or bureau name the date."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.orders import special
from app.orders.lifecycle import Action
from miniprogram_api.fields import In, Instant, PhotoIds, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("special", tag="延期")


class RequestSpecialIn(In):
    """Why, how it will be mended, by when, and a photo of the paper that shows it."""

    reason: Annotated[Text, Field(min_length=4, max_length=200)]
    plan: Annotated[Text, Field(min_length=4, max_length=300)]
    until: Instant
    photo_ids: PhotoIds = Field(min_length=1)


@routes.command(
    "/orders/<id:order_id>/request-special",
    who=may(Action.REQUEST_SPECIAL),
    takes=RequestSpecialIn,
    out=OrderOut,
    title="申请特延",
)
def request_special(caller: Caller, given: RequestSpecialIn, order_id: int) -> OrderOut:
    """Before or after the due instant; a breach on record stays."""
    special.request(
        order_id,
        by=caller.scope,
        reason=given.reason,
        plan=given.plan,
        until=given.until,
        photo_ids=given.photo_ids,
    )
    return order_out(order_id, caller.scope)


class ApproveSpecialIn(In):
    """`until` only for an earlier date than the asked one; force majeure only by the bureau."""

    note: Annotated[Text, Field(min_length=2, max_length=200)]
    until: Instant | None = None
    force_majeure: bool = False


@routes.command(
    "/orders/<id:order_id>/approve-special",
    who=may(Action.APPROVE_SPECIAL),
    takes=ApproveSpecialIn,
    out=OrderOut,
    title="同意特延",
)
def approve_special(caller: Caller, given: ApproveSpecialIn, order_id: int) -> OrderOut:
    """The promise is now that date, to the millisecond."""
    special.approve(
        order_id, by=caller.scope, note=given.note, until=given.until, force_majeure=given.force_majeure
    )
    return order_out(order_id, caller.scope)


class RefuseSpecialIn(In):
    """Why the promise stays."""

    note: Annotated[Text, Field(min_length=2, max_length=200)]


@routes.command(
    "/orders/<id:order_id>/refuse-special",
    who=may(Action.REFUSE_SPECIAL),
    takes=RefuseSpecialIn,
    out=OrderOut,
    title="不同意特延",
)
def refuse_special(caller: Caller, given: RefuseSpecialIn, order_id: int) -> OrderOut:
    """The manager may ask again."""
    special.refuse(order_id, by=caller.scope, note=given.note)
    return order_out(order_id, caller.scope)
