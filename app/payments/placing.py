"""下单: asking WeChat for a payment, before, during and after the call (wechat.md 2.3).

Before: it is noted that WeChat is asked, so that a process that dies meanwhile leaves a row that is looked after. The
same row asked again is the same order with a fresh prepay_id, never a second one.
"""

from __future__ import annotations

from datetime import timedelta

from structlog import get_logger

from app.core import clock
from app.core.scope import Scope, get_visible
from app.integrations.wechat.pay.contract import Created, Outcome, PayGateway, PayOrder
from app.payments.errors import (
    AlreadyPaid,
    PaymentExpired,
    PaymentNotFound,
    PayRefused,
    PayUnavailable,
    WrongPaymentState,
)
from app.payments.models import Payment, PaymentState

FIRST_LOOK = timedelta(seconds=5)
PLACEABLE = frozenset({PaymentState.CREATED, PaymentState.OPEN})
PAID_CODE, ENDED_CODE = "ORDERPAID", "ORDERCLOSED"
log = get_logger("payments")


def get_own_payment(payment_id: int, by: Scope, *, lock: bool = False) -> Payment:
    """The person's own payment; raises PaymentNotFound. The company sees it too, but nobody pays for another."""
    payment = get_visible(Payment, payment_id, by, lock=lock, missing=PaymentNotFound())
    if payment.payer_id != by.account_id:
        raise PaymentNotFound()
    return payment


def begin_placing(payment_id: int, *, by: Scope, api: str) -> PayOrder:
    """Note that WeChat will be asked now, and say for what. Raises PaymentNotFound, AlreadyPaid, PaymentExpired,
    WrongPaymentState."""
    payment = get_own_payment(payment_id, by, lock=True)
    _check_placeable(payment)
    at = clock.now()
    if payment.prepaid_at is None:
        payment.prepaid_at, payment.api = at, api
    payment.asked, payment.next_at = 0, at + FIRST_LOOK
    return PayOrder(
        out_trade_no=payment.out_trade_no,
        sub_mch_id=payment.sub_mch_id,
        openid=payment.payer_openid,
        amount_fen=payment.amount_fen,
        body=payment.title,
        client_ip=payment.client_ip,
        created_at=payment.created_at,
        expires_at=payment.expires_at,
    )


def _check_placeable(payment: Payment) -> None:
    if payment.state == PaymentState.PAID:
        raise AlreadyPaid()
    if payment.state not in PLACEABLE:
        raise WrongPaymentState(fields={"state": payment.state})
    if payment.expires_at <= clock.now():
        raise PaymentExpired()


def place(gateway: PayGateway, order: PayOrder) -> Created:
    """The call itself; outside every transaction."""
    return gateway.create(order)


def record_placing(payment_id: int, created: Created, *, by: Scope) -> Payment:
    """Keep what WeChat answered; the payment is then OPEN, or on its way to an end that WeChat knows of already.

    Raises PayUnavailable (nothing is known: it is looked after, and may be tried again), PayRefused,
    WrongPaymentState (cancelled meanwhile: nobody gets the prepay_id).
    """
    payment = get_own_payment(payment_id, by, lock=True)
    if payment.state == PaymentState.PAID:
        return payment
    if payment.state not in PLACEABLE:
        raise WrongPaymentState(fields={"state": payment.state})
    if created.outcome is Outcome.OK:
        payment.state, payment.prepay_id, payment.last_error = PaymentState.OPEN.value, created.prepay_id, ""
    elif created.outcome is Outcome.UNKNOWN:
        raise PayUnavailable()
    else:
        _record_refusal(payment, created)
    return payment


def _record_refusal(payment: Payment, created: Created) -> None:
    """Paid or ended already is a fact that a query will bring; everything else is for the company to mend."""
    log.warning("payment_not_placed", payment=payment.id, code=created.code)
    if created.code == ENDED_CODE:
        payment.state = PaymentState.CLOSING.value
    elif created.code != PAID_CODE:
        raise PayRefused()
    payment.next_at, payment.last_error = clock.now(), created.code[:120]
