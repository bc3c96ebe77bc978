"""What a reporter does with an order that stands: urge, cancel, confirm, rate, 没修好, more photos."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.orders import feedback
from app.orders.lifecycle import Action
from miniprogram_api.content import checks
from miniprogram_api.fields import In, OneOf, PhotoIds, RowId, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("feedback", tag="报修")


@routes.command(
    "/orders/<id:order_id>/urge", who=may(Action.URGE), out=OrderOut, title="催办", refuses=frozenset({429})
)
def urge(caller: Caller, order_id: int) -> OrderOut:
    """Once in four hours."""
    feedback.urge(order_id, by=caller.scope)
    return order_out(order_id, caller.scope)


class ReasonIn(In):
    """Why."""

    reason: Annotated[Text, Field(min_length=2, max_length=200)]


@routes.command(
    "/orders/<id:order_id>/cancel", who=may(Action.CANCEL), takes=ReasonIn, out=OrderOut, title="取消"
)
def cancel(caller: Caller, given: ReasonIn, order_id: int) -> OrderOut:
    """Until somebody has come. Where people may be at risk the report is withdrawn but the work goes on."""
    feedback.cancel(order_id, by=caller.scope, reason=given.reason)
    return order_out(order_id, caller.scope)


@routes.command("/orders/<id:order_id>/confirm", who=may(Action.CONFIRM), out=OrderOut, title="确认修好了")
def confirm(caller: Caller, order_id: int) -> OrderOut:
    """The resident closes the order."""
    feedback.confirm(order_id, by=caller.scope)
    return order_out(order_id, caller.scope)


class RateIn(In):
    """Stars, and words if one likes."""

    stars: int = Field(ge=1, le=5)
    tags: list[Annotated[str, OneOf(feedback.RATING_TAGS)]] = Field([], max_length=len(feedback.RATING_TAGS))
    text: Annotated[Text, Field(max_length=300)] = ""
    photo_ids: PhotoIds = []


@routes.command(
    "/orders/<id:order_id>/rate",
    who=may(Action.RATE),
    takes=RateIn,
    out=OrderOut,
    title="评价",
    prepare=checks("text"),
)
def rate(caller: Caller, given: RateIn, verdict: str, order_id: int) -> OrderOut:
    """Once for each repair; it also confirms."""
    feedback.rate(order_id, by=caller.scope, **given.model_dump())
    return order_out(order_id, caller.scope)


class ReopenIn(In):
    """What is still wrong; a resident shows it on a photo and may say more in a recording."""

    reason: Annotated[Text, Field(min_length=2, max_length=300)]
    photo_ids: PhotoIds = []
    voice_id: RowId | None = None


@routes.command(
    "/orders/<id:order_id>/reopen",
    who=may(Action.REOPEN),
    takes=ReopenIn,
    out=OrderOut,
    title="没修好",
    prepare=checks("reason"),
)
def reopen(caller: Caller, given: ReopenIn, verdict: str, order_id: int) -> OrderOut:
    """The same order goes on with new promises."""
    feedback.reopen(
        order_id,
        by=caller.scope,
        reason=given.reason,
        photo_ids=given.photo_ids,
        voice_id=given.voice_id,
    )
    return order_out(order_id, caller.scope)


class PhotosIn(In):
    """Uploaded photos to add."""

    photo_ids: PhotoIds = Field(min_length=1)


@routes.command(
    "/orders/<id:order_id>/add-photos",
    who=may(Action.ADD_PHOTOS),
    takes=PhotosIn,
    out=OrderOut,
    title="补充照片",
)
def add_photos(caller: Caller, given: PhotosIn, order_id: int) -> OrderOut:
    """To an order that is still open."""
    feedback.add_photos(order_id, by=caller.scope, photo_ids=given.photo_ids)
    return order_out(order_id, caller.scope)
