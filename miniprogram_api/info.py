"""补充信息: the desk asks once, the resident answers with words or photos."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.orders import questions
from app.orders.lifecycle import Action
from miniprogram_api.content import checks
from miniprogram_api.fields import In, PhotoIds, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("info", tag="报修")


class AskInfoIn(In):
    """What is missing, in words that the resident reads."""

    question: Annotated[Text, Field(min_length=4, max_length=300)]


@routes.command(
    "/orders/<id:order_id>/ask-info",
    who=may(Action.ASK_INFO),
    takes=AskInfoIn,
    out=OrderOut,
    title="请居民补充信息",
)
def ask_info(caller: Caller, given: AskInfoIn, order_id: int) -> OrderOut:
    """Once for an order, for 24 hours; the clocks of accepting and visiting run on."""
    questions.ask(order_id, by=caller.scope, question=given.question)
    return order_out(order_id, caller.scope)


class GiveInfoIn(In):
    """Words, photos, or both."""

    text: Annotated[Text, Field(max_length=400)] = ""
    photo_ids: PhotoIds = []


@routes.command(
    "/orders/<id:order_id>/give-info",
    who=may(Action.GIVE_INFO),
    takes=GiveInfoIn,
    out=OrderOut,
    title="补充信息",
    prepare=checks("text"),
    consent=True,
)
def give_info(caller: Caller, given: GiveInfoIn, verdict: str, order_id: int) -> OrderOut:
    """The repair clock runs on, and the desk is told."""
    questions.give(order_id, by=caller.scope, text=given.text, photo_ids=given.photo_ids)
    return order_out(order_id, caller.scope)
