"""How a payment is told to its payer: what he may do now, what WeChat's window needs, what has gone back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from pydantic import Field

from app.core import clock
from app.core.money import yuan
from app.core.scope import Scope
from app.invoices.queries import marks
from app.payments import queries
from app.payments.models import Payment, PaymentLine, PaymentState, Refund, RefundStep
from app.payments.placing import PLACEABLE
from app.payments.queries import PaymentView
from app.payments.refund_rules import REASON_WORDS, is_too_late
from app.payments.refunding import UNFINISHED
from app.seeds.credentials import NEWCOMER, PEOPLE, sandbox_openid
from miniprogram_api.fields import Instant, Out, RowId
from miniprogram_api.neighbours import neighbours
from miniprogram_api.order_answers import ActionOut

LAST_MINUTE = timedelta(minutes=1)
"""WeChat takes no order that ends sooner; a payment with less time left is not offered any more."""


class PaidLineOut(Out):
    """What one part of it is for."""

    subject: str
    label: str
    amount_fen: int
    refunded_fen: int


class RefundOut(Out):
    """Money that goes back, and where it stands."""

    id: RowId
    amount_fen: int
    step: str
    words: str
    reason: str
    requested_at: Instant
    refunded_at: Instant | None
    rejected_why: str


class InvoiceMarkOut(Out):
    """The invoice of a payment in one line."""

    id: RowId
    state: str
    words: str


class PaymentOut(Out):
    """A payment; `wechat` and `cashier_url` only in the answer to `open`."""

    id: RowId
    out_trade_no: str
    purpose: str
    title: str
    payee: str
    amount_fen: int
    refunded_fen: int
    state: str = Field(description="created、open、closing、paid、closed、late")
    words: str
    lines: list[PaidLineOut]
    created_at: Instant
    expires_at: Instant
    paid_at: Instant | None
    receipt_no: str | None
    receipt_url: str | None
    refunds: list[RefundOut]
    invoice: InvoiceMarkOut | None
    actions: list[ActionOut]
    wechat: dict[str, str] | None = Field(None, description="wx.requestPayment 的六项参数")
    cashier_url: str | None = Field(None, description="只有演示环境有:浏览器里代替微信的收银台")


class PaymentsOut(Out):
    """A page of them."""

    items: list[PaymentOut]
    next_cursor: str | None


def payment_out(payment_id: int, scope: Scope, *, wechat: Mapping[str, str] | None = None) -> PaymentOut:
    """One payment of the caller; `wechat` when the cashier's window shall open. Raises PaymentNotFound."""
    view = queries.payment_view(payment_id, scope)
    return _out(view, _invoices([view]), wechat)


def payments_out(payments: Iterable[Payment]) -> list[PaymentOut]:
    """The same for payments that a command has just made for the caller."""
    return views_out(queries.views_of(list(payments)))


def views_out(views: Iterable[PaymentView]) -> list[PaymentOut]:
    """The same for a page."""
    known = list(views)
    invoices = _invoices(known)
    return [_out(view, invoices, None) for view in known]


def _invoices(views: list[PaymentView]) -> Mapping[int, InvoiceMarkOut]:
    """Nothing is asked for what was not paid."""
    paid = [view.payment.id for view in views if view.payment.state == PaymentState.PAID]
    found = marks(paid) if paid else {}
    return {
        payment_id: InvoiceMarkOut(id=mark.id, state=mark.state.value, words=mark.state.label)
        for payment_id, mark in found.items()
    }


def _out(
    view: PaymentView, invoices: Mapping[int, InvoiceMarkOut], wechat: Mapping[str, str] | None
) -> PaymentOut:
    payment, invoice = view.payment, invoices.get(view.payment.id)
    return PaymentOut(
        id=payment.id,
        out_trade_no=payment.out_trade_no,
        purpose=payment.purpose,
        title=payment.title,
        payee=view.payee,
        amount_fen=payment.amount_fen,
        refunded_fen=payment.refunded_fen,
        state=payment.state,
        words=words_of(payment),
        lines=[_line(line) for line in payment.lines],
        created_at=payment.created_at,
        expires_at=payment.expires_at,
        paid_at=payment.paid_at,
        receipt_no=payment.receipt_no,
        receipt_url=f"/api/v1/payments/{payment.id}/receipt.pdf" if payment.receipt_no else None,
        refunds=[_refund(each) for each in view.refunds],
        invoice=invoice,
        actions=list(_actions(view, invoice)),
        wechat=dict(wechat) if wechat else None,
        cashier_url=_cashier_url(payment, wechat) if wechat else None,
    )


def words_of(payment: Payment) -> str:
    """待支付, 已支付,退款中, 已退款: state and refunds in one."""
    label = PaymentState(payment.state).label
    if payment.refunded_fen == payment.amount_fen:
        return "已退款"
    if payment.state != PaymentState.PAID:
        return label
    if payment.refunding_fen:
        return f"{label},退款办理中"
    return f"{label},已退 {yuan(payment.refunded_fen)}" if payment.refunded_fen else label


def _line(line: PaymentLine) -> PaidLineOut:
    known: dict[str, Any] = {
        "subject": line.subject,
        "label": line.label,
        "amount_fen": line.amount_fen,
        "refunded_fen": line.refunded_fen,
    }
    return PaidLineOut(**known)


def _refund(refund: Refund) -> RefundOut:
    return RefundOut(
        id=refund.id,
        amount_fen=refund.amount_fen,
        step=refund.step,
        words="已提交,物业财务正在核对" if refund.step in _BEING_READ else RefundStep(refund.step).label,
        reason=REASON_WORDS.get(refund.reason_code, ""),
        requested_at=refund.requested_at,
        refunded_at=refund.refunded_at,
        rejected_why=refund.rejected_why,
    )


_BEING_READ = frozenset({RefundStep.REQUESTED, RefundStep.REVIEWED})


def _actions(view: PaymentView, invoice: InvoiceMarkOut | None) -> Iterable[ActionOut]:
    payment, now = view.payment, clock.now()
    if payment.state in PLACEABLE:
        if now < payment.expires_at - LAST_MINUTE:
            yield ActionOut(action="open", label="去支付")
        yield ActionOut(action="cancel", label="取消支付")
    left = payment.amount_fen - payment.refunded_fen - payment.refunding_fen
    if payment.state == PaymentState.PAID and left:
        assert payment.paid_at is not None
        open_ones = [each for each in view.refunds if each.step in UNFINISHED]
        if not open_ones and not is_too_late(payment.paid_at, now, len(view.refunds)):
            yield ActionOut(action="ask_refund", label="申请退费")
        if invoice is None and not payment.refunding_fen:
            yield ActionOut(action="ask_invoice", label="申请发票")


def _cashier_url(payment: Payment, wechat: Mapping[str, str]) -> str | None:
    """Where a browser of the demonstration pays, as one of its invented people: the sandbox's page; the client adds the
    way back."""
    settings = neighbours().settings
    if not settings.is_demonstration:
        return None
    names = [each.name for each in (*PEOPLE, NEWCOMER)]
    mine = [name for name in names if sandbox_openid(settings.wechat_appid, name) == payment.payer_openid]
    if not mine:
        return None
    return f"{settings.wechat_pay_base.rstrip('/')}/cashier?{urlencode({**wechat, 'name': mine[0]})}"
