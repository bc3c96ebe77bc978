"""报价: the worker writes lines from the price list, the resident agrees to exactly them or declines."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.catalogue.price_models import PriceKind
from app.catalogue.price_queries import PriceLine
from app.orders import quotes as service
from app.orders import settling
from app.orders.lifecycle import Action
from app.orders.quotable import quotable
from app.orders.quote_lines import MATERIAL_MAX_FEN, QUANTITY_MAX, Wanted, most_fen
from app.orders.quote_rules import LINES_MAX, TOTAL_MAX_FEN, MaterialBy
from miniprogram_api.fields import In, OneOf, Out, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("quotes", tag="报价")
MATERIAL_BY = tuple(MaterialBy)


class QuoteLineIn(In):
    """One item of the published list. Without a unit price the list price is asked; material is named and priced."""

    item_code: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$")]
    quantity_hundredths: Annotated[int, Field(ge=1, le=QUANTITY_MAX, description="数量乘以100")] = 100
    unit_price_fen: Annotated[int, Field(ge=0, le=TOTAL_MAX_FEN)] | None = None
    material_by: Annotated[str, OneOf(MATERIAL_BY)] = MaterialBy.NONE.value
    material: Annotated[Text, Field(max_length=60)] = ""
    material_fen: Annotated[int, Field(ge=0, le=MATERIAL_MAX_FEN)] = 0


class QuoteIn(In):
    """What is to be done; when something was agreed before, only what comes to it."""

    lines: Annotated[list[QuoteLineIn], Field(min_length=1, max_length=LINES_MAX)]
    note: Annotated[Text, Field(max_length=200)] = ""
    waive_visit_fee: bool = False


@routes.command(
    "/orders/<id:order_id>/quote", who=may(Action.QUOTE), takes=QuoteIn, out=OrderOut, title="报价/增加项目"
)
def quote(caller: Caller, given: QuoteIn, order_id: int) -> OrderOut:
    """The repair clock stands until the resident has answered, 24 hours at most."""
    service.make(
        order_id,
        by=caller.scope,
        lines=[Wanted(**line.model_dump()) for line in given.lines],
        note=given.note,
        waive_visit_fee=given.waive_visit_fee,
    )
    return order_out(order_id, caller.scope)


class QuotableItemOut(Out):
    """An item of the published list; more than `most_fen` for a unit cannot be asked."""

    code: str
    name: str
    unit: str
    most_fen: int
    ceiling_fen: int | None
    note: str
    night: bool = Field(description="夜间服务:只有夜里上门才能收,而且只收一次")


class QuotablesOut(Out):
    """Items of the order's own kind of trouble first; in a free estate nothing is charged, material neither."""

    free: bool
    needed: bool
    visit_fee_fen: int
    items: list[QuotableItemOut]


@routes.query(
    "/orders/<id:order_id>/quote-items", who=may(Action.QUOTE), out=QuotablesOut, title="可以报价的项目"
)
def quote_items(caller: Caller, order_id: int) -> QuotablesOut:
    """What the order's company has published; read ahead, so that a quote can be written without a network."""
    found = quotable(order_id, caller.scope)
    return QuotablesOut(
        free=found.free,
        needed=found.needed,
        visit_fee_fen=found.visit_fee_fen,
        items=[_item(line) for line in found.items],
    )


def _item(line: PriceLine) -> QuotableItemOut:
    return QuotableItemOut(
        code=line.code,
        name=line.name,
        unit=line.unit,
        most_fen=most_fen(line),
        ceiling_fen=line.ceiling_fen,
        note=line.note,
        night=line.kind is PriceKind.NIGHT,
    )


class AgreeIn(In):
    """The hash of the quote as it was read; if it has changed meanwhile, nothing is agreed."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@routes.command(
    "/orders/<id:order_id>/agree-quote",
    who=may(Action.AGREE_QUOTE),
    takes=AgreeIn,
    out=OrderOut,
    title="同意报价",
)
def agree_quote(caller: Caller, given: AgreeIn, order_id: int) -> OrderOut:
    """Work begins; the settlement will not be higher."""
    service.agree(order_id, by=caller.scope, hash_=given.hash)
    return order_out(order_id, caller.scope)


class DeclineIn(In):
    """Why, if one wants to say it."""

    reason: Annotated[Text, Field(max_length=200)] = ""


@routes.command(
    "/orders/<id:order_id>/decline-quote",
    who=may(Action.DECLINE_QUOTE),
    takes=DeclineIn,
    out=OrderOut,
    title="不修了",
)
def decline_quote(caller: Caller, given: DeclineIn, order_id: int) -> OrderOut:
    """The order ends unrepaired; at most the announced visit fee remains."""
    service.decline(order_id, by=caller.scope, reason=given.reason)
    return order_out(order_id, caller.scope)


@routes.command(
    "/orders/<id:order_id>/decline-addition",
    who=may(Action.DECLINE_ADDITION),
    takes=DeclineIn,
    out=OrderOut,
    title="不加项目",
)
def decline_addition(caller: Caller, given: DeclineIn, order_id: int) -> OrderOut:
    """The repair goes on as agreed before."""
    service.decline_addition(order_id, by=caller.scope, reason=given.reason)
    return order_out(order_id, caller.scope)


@routes.command("/orders/<id:order_id>/waive", who=may(Action.WAIVE), out=OrderOut, title="这次不收费")
def waive(caller: Caller, order_id: int) -> OrderOut:
    """Nothing is charged for this order any more, so it may be repaired without a quote."""
    settling.waive(order_id, by=caller.scope)
    return order_out(order_id, caller.scope)
