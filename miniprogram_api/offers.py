"""抢单: what a worker may take, and taking it."""

from __future__ import annotations

from pydantic import Field

from app.core.roles import Role
from app.orders import grabbing
from app.orders.grabbing import OpenOffer
from app.orders.lifecycle import Action, Menu
from miniprogram_api.fields import Instant, Out, RowId
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("offers", tag="师傅")


class OfferOut(Out):
    """An open order: the building at most, until he has taken it."""

    id: RowId
    number: str
    menu: str
    menu_label: str
    urgency: str
    hazardous: bool
    category_code: str
    category: str
    place: str
    estate: str
    submitted_at: Instant
    slot_begins_at: Instant | None
    slot_ends_at: Instant | None
    next_due_at: Instant | None
    reasons: list[str] = Field(description="为什么您可以接")


class OffersOut(Out):
    """Empty while the office does not let its crew take orders."""

    items: list[OfferOut]


@routes.query("/offers", who=frozenset({Role.WRK}), out=OffersOut, title="可以抢的工单")
def offers(caller: Caller) -> OffersOut:
    """The nearest promise first."""
    return OffersOut(items=[_offer(each) for each in grabbing.open_offers(caller.scope)])


def _offer(found: OpenOffer) -> OfferOut:
    return OfferOut(
        id=found.order_id,
        number=found.number,
        menu=found.menu,
        menu_label=Menu(found.menu).label,
        urgency=found.urgency,
        hazardous=found.hazardous,
        category_code=found.category_code,
        category=found.category,
        place=found.place,
        estate=found.estate,
        submitted_at=found.submitted_at,
        slot_begins_at=found.slot_begins_at,
        slot_ends_at=found.slot_ends_at,
        next_due_at=found.next_due_at,
        reasons=list(found.reasons),
    )


@routes.command("/orders/<id:order_id>/grab", who=may(Action.GRAB), out=OrderOut, title="抢单")
def grab(caller: Caller, order_id: int) -> OrderOut:
    """The first one has it; the second reads that a colleague was faster."""
    grabbing.grab(order_id, by=caller.scope)
    return order_out(order_id, caller.scope)
