"""到账: what WeChat says of a payment becomes a fact of ours, once, under the row's lock (wechat.md 2.4, S0-03).

Whether it came by a notice, by our query or by both at once makes no difference. Money for a payment that had ended is
taken as a fact too and goes back by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from structlog import get_logger

from app.core import clock
from app.core.clock import china_date
from app.core.db import db, lock
from app.core.outbox import publish
from app.integrations.wechat.pay.contract import Trade, TradeState
from app.payments.events import LateMoneyArrived, PaymentSettled
from app.payments.models import Payment, PaymentState
from app.payments.numbers import receipt_no
from app.payments.posting import post_late_payment, post_payment
from app.payments.refund_rows import write_refund_by_rule

PAID_AT_WECHAT = frozenset({TradeState.SUCCESS, TradeState.REFUND})
"""A payment of which something went back was paid all the same."""
log = get_logger("payments")


@dataclass(frozen=True)
class Receiver:
    """Our own identity at WeChat: a trade of another app or merchant is not ours, however well it is signed."""

    appid: str
    mch_id: str


class Settlement(StrEnum):
    """What became of it. The WRONG ones change nothing and need a person."""

    SETTLED = "settled"
    DUPLICATE = "duplicate"
    LATE = "late"
    NOT_PAID = "not_paid"
    WRONG_NUMBER = "wrong_number"
    WRONG_APP = "wrong_app"
    WRONG_MERCHANT = "wrong_merchant"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_CURRENCY = "wrong_currency"
    WRONG_TRANSACTION = "wrong_transaction"


FINE = frozenset({Settlement.SETTLED, Settlement.DUPLICATE, Settlement.LATE, Settlement.NOT_PAID})


def settle(out_trade_no: str, trade: Trade, *, receiver: Receiver) -> Settlement:
    """Take what WeChat says of the payment `out_trade_no`; nothing changes unless every part of it is ours.

    The signature has been verified by the gateway. Runs inside the caller's transaction; may be called any number of
    times, by any number of processes.
    """
    payment = _locked(out_trade_no)
    if payment is None or trade.out_trade_no != out_trade_no:
        return _wrong(Settlement.WRONG_NUMBER, payment)
    if trade.state not in PAID_AT_WECHAT:
        return Settlement.NOT_PAID
    fault = _fault(payment, trade, receiver)
    if fault is not None:
        return _wrong(fault, payment)
    if payment.transaction_id is not None:
        return Settlement.DUPLICATE
    return _take_late(payment, trade) if payment.state == PaymentState.CLOSED else _take(payment, trade)


def _locked(out_trade_no: str) -> Payment | None:
    statement = lock(select(Payment).where(Payment.out_trade_no == out_trade_no))
    return db.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


def _fault(payment: Payment, trade: Trade, receiver: Receiver) -> Settlement | None:
    """Why this trade is not this payment."""
    if trade.appid != receiver.appid:
        return Settlement.WRONG_APP
    if (trade.mch_id, trade.sub_mch_id) != (receiver.mch_id, payment.sub_mch_id):
        return Settlement.WRONG_MERCHANT
    if trade.currency != "CNY":
        return Settlement.WRONG_CURRENCY
    if type(trade.amount_fen) is not int or trade.amount_fen != payment.amount_fen:
        return Settlement.WRONG_AMOUNT
    if not trade.transaction_id or len(trade.transaction_id) > 32:
        return Settlement.WRONG_TRANSACTION
    if payment.transaction_id is not None:
        return None if payment.transaction_id == trade.transaction_id else Settlement.WRONG_TRANSACTION
    taken = select(Payment.id).where(Payment.transaction_id == trade.transaction_id)
    return Settlement.WRONG_TRANSACTION if db.session.scalar(taken) else None


def _wrong(fault: Settlement, payment: Payment | None) -> Settlement:
    log.warning("trade_refused", why=fault.value, payment=payment.id if payment else None)
    return fault


def _take(payment: Payment, trade: Trade) -> Settlement:
    _keep(payment, trade, PaymentState.PAID)
    payment.receipt_no = receipt_no(payment.id, payment.paid_at or clock.now())
    db.session.flush()
    post_payment(payment)
    publish(PaymentSettled(payment.id, payment.purpose, [line.subject for line in payment.lines]))
    return Settlement.SETTLED


def _take_late(payment: Payment, trade: Trade) -> Settlement:
    _keep(payment, trade, PaymentState.LATE)
    db.session.flush()
    post_late_payment(payment)
    refund = write_refund_by_rule(payment)
    publish(LateMoneyArrived(payment.id, refund.id))
    log.warning("late_money", payment=payment.id, refund=refund.id)
    return Settlement.LATE


def _keep(payment: Payment, trade: Trade, state: PaymentState) -> None:
    payment.state = state.value
    payment.transaction_id = trade.transaction_id
    payment.paid_at = trade.paid_at or clock.now()
    payment.paid_on = china_date(payment.paid_at)
    payment.ended_at = clock.now()
    payment.last_error = ""
