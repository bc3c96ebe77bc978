"""等专业单位: the manager names who is waited for, their ticket or a call, and what keeps people safe meanwhile."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.orders import third_party
from app.orders.lifecycle import Action
from app.orders.third_party import PARTIES, ThirdParty
from miniprogram_api.fields import In, Instant, OneOf, PhotoIds, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("third_party", tag="挂起")
PARTY_CODES = tuple(PARTIES)


class HoldThirdIn(In):
    """Ticket or call record, at least one of them; the photo of the safety measure is welcome."""

    party: Annotated[str, OneOf(PARTY_CODES)]
    party_name: Annotated[Text, Field(min_length=2, max_length=60)]
    ticket: Annotated[Text, Field(max_length=60)] = ""
    call_record: Annotated[Text, Field(max_length=200)] = ""
    reason: Annotated[Text, Field(min_length=2, max_length=150)]
    safety: Annotated[Text, Field(min_length=2, max_length=150)]
    expected_at: Instant | None = None
    photo_ids: PhotoIds = []


@routes.command(
    "/orders/<id:order_id>/hold-third",
    who=may(Action.HOLD_THIRD),
    takes=HoldThirdIn,
    out=OrderOut,
    title="等专业单位",
)
def hold_third(caller: Caller, given: HoldThirdIn, order_id: int) -> OrderOut:
    """The repair clock stands until the manager goes on (end-hold); he is asked to follow up every 24 hours."""
    party = ThirdParty(given.party, given.party_name, ticket=given.ticket, call_record=given.call_record)
    third_party.hold_third(
        order_id,
        by=caller.scope,
        party=party,
        reason=given.reason,
        safety=given.safety,
        expected_at=given.expected_at,
        photo_ids=given.photo_ids,
    )
    return order_out(order_id, caller.scope)
