"""取消支付 and 查一下: what the payer may do with a payment that waits."""

from __future__ import annotations

from app.core import clock
from app.core.scope import Scope
from app.integrations.wechat.pay.contract import Outcome, PayGateway, TradeAnswer
from app.payments.errors import AlreadyPaid, ResultUnknown, WrongPaymentState
from app.payments.following import end_payment, take_answer
from app.payments.models import WAITING, Payment, PaymentState
from app.payments.placing import get_own_payment
from app.payments.settling import Receiver


def ask_wechat(gateway: PayGateway, payment_id: int, *, by: Scope) -> TradeAnswer | None:
    """What WeChat says of one's own payment, before a transaction; None when WeChat was never asked for it, or when
    its end is known. Raises PaymentNotFound."""
    payment = get_own_payment(payment_id, by)
    if payment.prepaid_at is None or payment.state not in WAITING:
        return None
    return gateway.query(payment.out_trade_no, payment.sub_mch_id)


def check_payment(payment_id: int, answer: TradeAnswer | None, *, by: Scope, receiver: Receiver) -> Payment:
    """Keep what WeChat said when the payer came back from the cashier; never waits for the notice.

    Raises PaymentNotFound, and ResultUnknown when WeChat said nothing and no notice has come meanwhile: whoever asks
    must not take "still open" for "not paid".
    """
    payment = get_own_payment(payment_id, by, lock=True)
    if answer is not None and answer.outcome is not Outcome.OK and payment.state in WAITING:
        raise ResultUnknown()
    if answer is not None and take_answer(payment.id, answer, receiver=receiver):
        payment.next_at = clock.now()  # its time is over: the follower closes it
    return payment


def cancel_payment(payment_id: int, answer: TradeAnswer | None, *, by: Scope, receiver: Receiver) -> Payment:
    """Give the payment up; `answer` is what WeChat said a moment ago. It may turn out to be paid: then it is paid.

    What WeChat holds is closed by the follower, at the earliest five minutes after it was asked for. Doing it twice is
    no error. Raises PaymentNotFound, AlreadyPaid, WrongPaymentState (late money is going back already).
    """
    payment = get_own_payment(payment_id, by, lock=True)
    if payment.state == PaymentState.PAID:
        raise AlreadyPaid("这笔支付已经付款成功,不能取消;需要退费请点“申请退费”")
    if payment.state == PaymentState.LATE:
        raise WrongPaymentState(fields={"state": payment.state})
    if payment.state == PaymentState.CLOSED:
        return payment
    if payment.prepaid_at is None:
        end_payment(payment)
        return payment
    payment.state, payment.next_at = PaymentState.CLOSING.value, clock.now()
    if answer is not None:
        take_answer(payment.id, answer, receiver=receiver)
    return payment
