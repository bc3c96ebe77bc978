"""Named refusals around invoices, with the sentence that a person reads."""

from __future__ import annotations

from app.core.errors import Conflict, NotFound, WrongState


class InvoiceNotFound(NotFound):
    """Hidden or missing."""

    code = "invoice_not_found"
    message = "没有找到这张发票"


class NotInvoiceable(WrongState):
    """Nothing was paid, or everything went back."""

    code = "not_invoiceable"
    message = "付款成功后才能开发票,已全部退款的不能开"


class RefundUnderWay(WrongState):
    """The amount of an invoice is what is paid for good."""

    code = "refund_under_way"
    message = "这笔支付正在办理退费,退费办完以后再开票"


class InvoiceAskedFor(Conflict):
    """One payment has one live invoice."""

    code = "invoice_asked_for"
    message = "这笔支付已经申请过发票,请在“我的发票”里查看"


class NoElectronic(WrongState):
    """No service is connected."""

    code = "no_electronic"
    message = "电子发票还没有开通,请选择到管理处自取或投递到信报箱"


class WrongInvoiceState(WrongState):
    """The action does not fit the present state; `fields` carries it."""

    code = "wrong_invoice_state"
    message = "这张发票已有新进展,请刷新后再看"


class NumberTaken(Conflict):
    """Two invoices of a company cannot have the same number."""

    code = "invoice_number_taken"
    message = "这个发票号码已经登记过,请核对号码"


class AmountChanged(WrongState):
    """Something was refunded after it was asked for."""

    code = "invoice_amount_changed"
    message = "申请以后有过退费,金额已变,请退回让居民重新申请"
