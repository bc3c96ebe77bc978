"""Named refusals around paying and refunding, each with what to do next."""

from __future__ import annotations

from app.core.errors import Conflict, Invalid, NotFound, Unavailable, WrongState


class PaymentNotFound(NotFound):
    """Hidden or missing."""

    code = "payment_not_found"
    message = "没有找到这笔支付"


class RefundNotFound(NotFound):
    """Hidden or missing."""

    code = "refund_not_found"
    message = "没有找到这笔退费"


class NotPayable(WrongState):
    """There is no account into which the money could go, or nobody whom WeChat could ask for it (S0-35)."""

    code = "not_payable"
    message = "您的小区还没有开通线上缴费,请到小区管理处缴费或打电话咨询"


class AlreadyPaid(Conflict):
    """One of the things is paid; `fields` names which."""

    code = "already_paid"
    message = "选中的项目已经缴过费了,请刷新后再看"


class OtherPaymentOpen(Conflict):
    """One of the things waits in another payment; `fields.payment_id` when it is the payer's own."""

    code = "other_payment_open"
    message = "选中的项目里有一项正在另一笔支付中,请先付完或取消那一笔"


class WrongPaymentState(WrongState):
    """The payment has ended or is being ended; `fields` carries its state."""

    code = "wrong_payment_state"
    message = "这笔支付现在不能这样操作,请刷新后再看"


class PaymentExpired(WrongState):
    """The half hour is over; it is being asked whether it was paid."""

    code = "payment_expired"
    message = "这笔支付已超过30分钟,正在向微信确认结果,请过一两分钟重新发起"


class PayUnavailable(Unavailable):
    """WeChat did not answer; nothing is lost, the same payment may be tried again."""

    code = "pay_unavailable"
    message = "微信支付暂时没有回应,请稍后再点一次支付,不会重复扣款"


class ResultUnknown(PayUnavailable):
    """WeChat was asked what became of a payment and did not say; the payment stays as it was."""

    message = "微信暂时不可用,这笔付款的结果还查不到。请不要重复付款,过一两分钟再看一次"


class PayRefused(Unavailable):
    """WeChat will not take this payment; the company has to look at its account."""

    code = "pay_refused"
    message = "微信支付没有接受这笔支付,请稍后再试,或到小区管理处缴费"


class NothingToRefund(WrongState):
    """Nothing was paid, or all of it has gone back."""

    code = "nothing_to_refund"
    message = "这笔支付没有可以退的金额"


class RefundTooHigh(Invalid):
    """More than is left; `fields.left_fen` says how much that is."""

    code = "refund_too_high"
    message = "退费金额超过了可退金额,请改小一些"


class RefundTooLate(WrongState):
    """WeChat takes refunds for a year and fifty times (wechat.md 2.5)."""

    code = "refund_too_late"
    message = "这笔支付已不能原路退回(超过一年或次数太多),请联系物业财务当面办理"


class RefundOpen(Conflict):
    """One request after the other; `fields.refund_id` is the one that waits."""

    code = "refund_open"
    message = "这笔支付已有一项退费在办理,办完以后才能再申请"


class WrongRefundStep(WrongState):
    """Somebody has decided already; `fields` carries the step."""

    code = "wrong_refund_step"
    message = "这笔退费已经有人处理,请刷新后再看"


class SamePerson(WrongState):
    """Asking, reviewing and approving are three persons (domain 3.12)."""

    code = "same_person"
    message = "申请、初审、复核必须是不同的人,请由另一位同事处理"
