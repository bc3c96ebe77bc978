"""The desk corrects how urgent an order is, and what it is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.orders import sorting
from app.orders.lifecycle import Action
from miniprogram_api.fields import In, OneOf, Out, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("sorting", tag="调度与经理")
URGENCIES = tuple(sorting.URGENCIES)


class ChangeUrgencyIn(In):
    """What it is now, and why. The bureau reads every lowering of P0 and P1."""

    urgency: Annotated[str, OneOf(URGENCIES)]
    reason: Annotated[Text, Field(min_length=4, max_length=200)]


@routes.command(
    "/orders/<id:order_id>/change-urgency",
    who=may(Action.CHANGE_URGENCY),
    takes=ChangeUrgencyIn,
    out=OrderOut,
    title="调整紧急程度",
)
def change_urgency(caller: Caller, given: ChangeUrgencyIn, order_id: int) -> OrderOut:
    """A higher one brings its stricter clocks at once; a lower one gives no time back."""
    sorting.change_urgency(order_id, by=caller.scope, urgency=given.urgency, reason=given.reason)
    return order_out(order_id, caller.scope)


class OtherCategoryOut(Out):
    """A kind of trouble behind the same menu."""

    code: str
    name: str
    urgency: str


class OtherCategoriesOut(Out):
    """What is most like it first."""

    items: list[OtherCategoryOut]


@routes.query(
    "/orders/<id:order_id>/other-categories",
    who=may(Action.RECATEGORISE),
    out=OtherCategoriesOut,
    title="可以改成的类别",
)
def other_categories(caller: Caller, order_id: int) -> OtherCategoriesOut:
    """To choose from before recategorise."""
    found = sorting.other_categories(order_id, caller.scope)
    return OtherCategoriesOut(
        items=[OtherCategoryOut(code=each.code, name=each.name, urgency=each.urgency) for each in found]
    )


class RecategoriseIn(In):
    """Another category behind the same menu."""

    category_code: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2,4}$")]
    reason: Annotated[Text, Field(min_length=4, max_length=200)]


@routes.command(
    "/orders/<id:order_id>/recategorise",
    who=may(Action.RECATEGORISE),
    takes=RecategoriseIn,
    out=OrderOut,
    title="改类别",
)
def recategorise(caller: Caller, given: RecategoriseIn, order_id: int) -> OrderOut:
    """A more dangerous kind of trouble makes the order as urgent."""
    sorting.recategorise(order_id, by=caller.scope, category_code=given.category_code, reason=given.reason)
    return order_out(order_id, caller.scope)
