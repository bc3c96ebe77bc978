"""缴费记录, 支付, 取消, 查一下, 申请退费: a resident's own payments (S0-03, S0-06, S0-11, domain 3.12)."""

from __future__ import annotations

from typing import Annotated

from flask import request
from pydantic import Field

from app.core.db import transact
from app.fees.subjects import subjects_of_home as bills_of_home
from app.integrations.wechat.pay.contract import Created, PayGateway, TradeAnswer
from app.orders.subjects import subjects_of_home as orders_of_home
from app.payments import cancelling, placing, queries, refunding
from app.payments.errors import NotPayable
from app.payments.models import PaymentState
from app.payments.opening import MAX_FEN
from app.payments.refund_rules import RefundReason
from app.payments.settling import Receiver
from miniprogram_api.fields import In, OneOf, Out, PageIn, QueryId, Text
from miniprogram_api.neighbours import neighbours
from miniprogram_api.payment_answers import PaymentOut, PaymentsOut, payment_out, views_out
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, SIGNED_IN, Caller

routes = Routes("payments", tag="支付")
NOBODY_PAYS = "这里还没有开通线上缴费,请到小区管理处缴费"


def gateway() -> PayGateway:
    """WeChat Pay; raises NotPayable where it is not set up."""
    found = neighbours().pay
    if found is None:
        raise NotPayable(NOBODY_PAYS)
    return found


def receiver() -> Receiver:
    """Who we are at WeChat."""
    settings = neighbours().settings
    return Receiver(settings.wechat_appid, settings.wechat_pay_mch_id)


class PaymentsIn(PageIn):
    """All of one's payments, or those for one home."""

    home_id: QueryId | None = None


@routes.query("/payments", who=RESIDENT, asks=PaymentsIn, out=PaymentsOut, title="缴费记录")
def payments(caller: Caller, asked: PaymentsIn) -> PaymentsOut:
    """The newest first."""
    subjects = None if asked.home_id is None else _subjects_of_home(caller, asked.home_id)
    page = queries.payments_page(
        caller.scope, subjects=subjects, cursor=asked.cursor or None, limit=asked.limit
    )
    return PaymentsOut(items=views_out(page.items), next_cursor=page.next_cursor)


def _subjects_of_home(caller: Caller, home_id: int) -> list[str]:
    mine = queries.subjects_of_payer(caller.scope)
    return [*bills_of_home(home_id, mine), *orders_of_home(home_id, mine)]


@routes.query("/payments/<id:payment_id>", who=RESIDENT, out=PaymentOut, title="一笔支付")
def payment(caller: Caller, payment_id: int) -> PaymentOut:
    """One's own."""
    return payment_out(payment_id, caller.scope)


class ReasonOut(Out):
    """Why somebody wants money back."""

    code: str
    label: str


class ReasonsOut(Out):
    """The choices of the form."""

    items: list[ReasonOut]


@routes.query(
    "/payments/refund-reasons", who=SIGNED_IN, out=ReasonsOut, title="退费原因的选项", personal=False
)
def refund_reasons(caller: Caller) -> ReasonsOut:
    """Five."""
    return ReasonsOut(items=[ReasonOut(code=each.value, label=each.label) for each in RefundReason])


def _asked_id() -> int:
    """The payment in the path, for what happens before the transaction."""
    assert request.view_args is not None
    return int(request.view_args["payment_id"])


def _place(caller: Caller) -> Created:
    """Note that WeChat is asked, then ask: a process that dies in between leaves a row that is looked after."""
    pay, payment_id = gateway(), _asked_id()
    order = transact(lambda: placing.begin_placing(payment_id, by=caller.scope, api=pay.api))
    return placing.place(pay, order)


@routes.command(
    "/payments/<id:payment_id>/open",
    who=RESIDENT,
    out=PaymentOut,
    title="发起支付",
    rate="payments",
    prepare=_place,
    refuses=frozenset({503}),
)
def open_payment(caller: Caller, created: Created, payment_id: int) -> PaymentOut:
    """What wx.requestPayment takes; asked again it is the same payment. Without `wechat` it is paid already, or WeChat
    has ended it. A lost answer is a 503 and no loss: tap again."""
    row = placing.record_placing(payment_id, created, by=caller.scope)
    ready = row.state == PaymentState.OPEN and created.prepay_id
    params = gateway().client_params(created.prepay_id) if ready else None
    return payment_out(payment_id, caller.scope, wechat=params)


def _ask(caller: Caller) -> TradeAnswer | None:
    payment_id = _asked_id()
    return cancelling.ask_wechat(gateway(), payment_id, by=caller.scope)


@routes.command(
    "/payments/<id:payment_id>/check",
    who=RESIDENT,
    out=PaymentOut,
    title="向微信查这笔支付",
    rate="payments",
    prepare=_ask,
    refuses=frozenset({503}),
)
def check_payment(caller: Caller, answer: TradeAnswer | None, payment_id: int) -> PaymentOut:
    """After the cashier has closed; what the phone believes counts for nothing. While WeChat does not answer it is a
    503 and nothing has changed: ask again, and let nobody pay again meanwhile."""
    cancelling.check_payment(payment_id, answer, by=caller.scope, receiver=receiver())
    return payment_out(payment_id, caller.scope)


@routes.command(
    "/payments/<id:payment_id>/cancel",
    who=RESIDENT,
    out=PaymentOut,
    title="取消支付",
    rate="payments",
    prepare=_ask,
)
def cancel_payment(caller: Caller, answer: TradeAnswer | None, payment_id: int) -> PaymentOut:
    """At once when WeChat has nothing, else as soon as WeChat closes it (five minutes after it was opened)."""
    cancelling.cancel_payment(payment_id, answer, by=caller.scope, receiver=receiver())
    return payment_out(payment_id, caller.scope)


class AskRefundIn(In):
    """Why, and how much; nothing said means everything that is left."""

    reason_code: Annotated[str, OneOf([each.value for each in RefundReason])]
    reason: Annotated[Text, Field(max_length=200)] = ""
    amount_fen: Annotated[int, Field(ge=1, le=MAX_FEN)] | None = None
    subjects: (
        Annotated[list[Annotated[str, Field(max_length=32)]], Field(min_length=1, max_length=200)] | None
    ) = Field(None, description="只退其中几项时写 lines 里的 subject")


@routes.command(
    "/payments/<id:payment_id>/ask-refund",
    who=RESIDENT,
    takes=AskRefundIn,
    out=PaymentOut,
    title="申请退费",
    rate="payments",
)
def ask_refund(caller: Caller, given: AskRefundIn, payment_id: int) -> PaymentOut:
    """Two persons of the company decide; the same wish again is the same refund."""
    refunding.ask_refund(
        payment_id,
        by=caller.scope,
        reason_code=RefundReason(given.reason_code),
        reason=given.reason,
        amount_fen=given.amount_fen,
        subjects=given.subjects,
    )
    return payment_out(payment_id, caller.scope)
