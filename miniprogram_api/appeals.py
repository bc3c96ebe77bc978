"""申诉: the resident does not agree with a rejection; street or bureau judge within one working day."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.orders import appeals
from app.orders.lifecycle import Action
from miniprogram_api.content import checks
from miniprogram_api.fields import In, PhotoIds, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("appeals", tag="申诉")


class AppealIn(In):
    """Why the rejection is wrong; photos help."""

    text: Annotated[Text, Field(min_length=4, max_length=300)]
    photo_ids: PhotoIds = []


@routes.command(
    "/orders/<id:order_id>/appeal",
    who=may(Action.APPEAL),
    takes=AppealIn,
    out=OrderOut,
    title="申诉",
    prepare=checks("text"),
)
def appeal(caller: Caller, given: AppealIn, verdict: str, order_id: int) -> OrderOut:
    """Within 72 hours of the rejection, once."""
    appeals.appeal(order_id, by=caller.scope, text=given.text, photo_ids=given.photo_ids)
    return order_out(order_id, caller.scope)


class JudgementIn(In):
    """The reason, which the resident and the office read."""

    reason: Annotated[Text, Field(min_length=4, max_length=300)]


@routes.command(
    "/orders/<id:order_id>/uphold-appeal",
    who=may(Action.UPHOLD_APPEAL),
    takes=JudgementIn,
    out=OrderOut,
    title="申诉成立",
)
def uphold_appeal(caller: Caller, given: JudgementIn, order_id: int) -> OrderOut:
    """The order begins anew, and the rejection counts as wrong."""
    appeals.decide(order_id, by=caller.scope, uphold=True, reason=given.reason)
    return order_out(order_id, caller.scope)


@routes.command(
    "/orders/<id:order_id>/dismiss-appeal",
    who=may(Action.DISMISS_APPEAL),
    takes=JudgementIn,
    out=OrderOut,
    title="申诉不成立",
)
def dismiss_appeal(caller: Caller, given: JudgementIn, order_id: int) -> OrderOut:
    """The rejection stands."""
    appeals.decide(order_id, by=caller.scope, uphold=False, reason=given.reason)
    return order_out(order_id, caller.scope)
