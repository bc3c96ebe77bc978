"""付维修费: the payment of what an order has come to, and cash that was taken for it all the same (S0-29, 3.10)."""

from __future__ import annotations

from typing import Annotated

from flask import request
from pydantic import Field

from app.orders import paying
from app.orders.lifecycle import Action
from app.orders.quote_rules import TOTAL_MAX_FEN
from miniprogram_api.fields import In, PhotoIds, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.payment_answers import PaymentOut, payment_out
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("order_payments", tag="支付")


@routes.command("/orders/<id:order_id>/pay", who=may(Action.PAY), out=PaymentOut, title="支付维修费")
def pay(caller: Caller, order_id: int) -> PaymentOut:
    """The waiting payment of what is owed, again the same one; `POST /payments/{id}/open` opens the cashier."""
    payment = paying.pay(order_id, by=caller.scope, client_ip=request.remote_addr or "127.0.0.1")
    return payment_out(payment.id, caller.scope)


class CashIn(In):
    """The whole of what is owed, and a photo of the paper receipt."""

    amount_fen: Annotated[int, Field(ge=1, le=TOTAL_MAX_FEN)] | None = Field(
        None, description="应收多少就登记多少;填了别的数会退回"
    )
    photo_ids: PhotoIds = Field(min_length=1)
    note: Annotated[Text, Field(max_length=100)] = ""


@routes.command(
    "/orders/<id:order_id>/record-cash",
    who=may(Action.RECORD_CASH),
    takes=CashIn,
    out=OrderOut,
    title="登记现金",
)
def record_cash(caller: Caller, given: CashIn, order_id: int) -> OrderOut:
    """The resident is told at once, so that nobody writes down what was not paid."""
    paying.record_cash(
        order_id,
        by=caller.scope,
        amount_fen=given.amount_fen,
        photo_ids=given.photo_ids,
        note=given.note,
    )
    return order_out(order_id, caller.scope)
