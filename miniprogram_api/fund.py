"""维修资金: who pays, the word to the reporter, the wait for the owners, and the end without their consent."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.orders import fund
from app.orders.fund_rules import PAYERS, RULE_OF_THUMB
from app.orders.lifecycle import Action
from miniprogram_api.fields import In, OneOf, Out, PhotoIds, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import DESK, Caller

routes = Routes("fund", tag="挂起")
PAYER_CODES = tuple(PAYERS)
TOLD_CODES = tuple(fund.TOLD_BY)


class PayerOut(Out):
    """One answer of the decision tree; `instead` says what to do when it is not the owners who pay."""

    payer: str
    label: str
    instead: str


class PayersOut(Out):
    """In the order in which they are to be asked."""

    rule: str
    items: list[PayerOut]


@routes.query("/who-pays", who=DESK, out=PayersOut, title="由谁承担费用", personal=False)
def who_pays(caller: Caller) -> PayersOut:
    """Read before the fund is touched (domain 2.3)."""
    items = [PayerOut(payer=each.code, label=each.label, instead=each.instead) for each in PAYERS.values()]
    return PayersOut(rule=RULE_OF_THUMB, items=items)


class NeedFundIn(In):
    """The decision with its evidence, and what the money is for."""

    payer: Annotated[str, OneOf(PAYER_CODES)]
    reason: Annotated[Text, Field(min_length=4, max_length=300)]
    scope: Annotated[Text, Field(min_length=2, max_length=200)]
    photo_ids: PhotoIds = Field(min_length=1)


@routes.command(
    "/orders/<id:order_id>/need-fund",
    who=may(Action.NEED_FUND),
    takes=NeedFundIn,
    out=OrderOut,
    title="需动用维修资金",
)
def need_fund(caller: Caller, given: NeedFundIn, order_id: int) -> OrderOut:
    """The reporter is to be told within two hours, at night by nine in the morning."""
    fund.need(
        order_id,
        by=caller.scope,
        payer=given.payer,
        reason=given.reason,
        scope=given.scope,
        photo_ids=given.photo_ids,
    )
    return order_out(order_id, caller.scope)


class TellFundIn(In):
    """Who was told, how, and what."""

    spoken_to: Annotated[Text, Field(min_length=2, max_length=20)]
    how: Annotated[str, OneOf(TOLD_CODES)]
    words: Annotated[Text, Field(min_length=4, max_length=300)]


@routes.command(
    "/orders/<id:order_id>/tell-fund",
    who=may(Action.TELL_FUND),
    takes=TellFundIn,
    out=OrderOut,
    title="已向居民说明维修资金",
)
def tell_fund(caller: Caller, given: TellFundIn, order_id: int) -> OrderOut:
    """Stops the clock of the call; without it nothing is suspended."""
    fund.tell(order_id, by=caller.scope, spoken_to=given.spoken_to, how=given.how, words=given.words)
    return order_out(order_id, caller.scope)


@routes.command(
    "/orders/<id:order_id>/hold-fund", who=may(Action.HOLD_FUND), out=OrderOut, title="转维修资金征询"
)
def hold_fund(caller: Caller, order_id: int) -> OrderOut:
    """The repair clock is suspended until the owners have answered."""
    fund.hold(order_id, by=caller.scope)
    return order_out(order_id, caller.scope)


class CloseFundIn(In):
    """The result of the consultation and its evidence; the resident reads the words."""

    result: Annotated[Text, Field(min_length=4, max_length=300)]
    photo_ids: PhotoIds = Field(min_length=1)


@routes.command(
    "/orders/<id:order_id>/close-fund",
    who=may(Action.CLOSE_FUND),
    takes=CloseFundIn,
    out=OrderOut,
    title="征询未通过,办结",
)
def close_fund(caller: Caller, given: CloseFundIn, order_id: int) -> OrderOut:
    """Listed separately, and not counted as solved."""
    fund.close(order_id, by=caller.scope, result=given.result, photo_ids=given.photo_ids)
    return order_out(order_id, caller.scope)
