"""Why it is not known yet what became of a payment, as a person of the company understands it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from app.payments.refund_words import fault_words
from app.payments.settling import Settlement

_WRONG: Mapping[str, str] = {
    Settlement.WRONG_NUMBER: "微信说的是另一笔支付",
    Settlement.WRONG_APP: "微信记录的小程序不是本平台的",
    Settlement.WRONG_MERCHANT: "微信记录的收款商户号与这里的不一致",
    Settlement.WRONG_AMOUNT: "微信记录的金额与这里的不一致",
    Settlement.WRONG_CURRENCY: "微信记录的币种不是人民币",
    Settlement.WRONG_TRANSACTION: "微信订单号已记在别的支付上,或与这里的不一致",
}
_SAID: Mapping[str, str] = {
    "ORDERPAID": "微信说已经付款,正在核实",
    "ORDERCLOSED": "微信说订单已经关闭,正在核实",
}
_CALLS: Mapping[str, str] = {"query": "查询", "close": "关闭"}


def doubt_words(last_error: str) -> str:
    """What `Payment.last_error` means: `query NO_ANSWER`, `wrong_amount`, or WeChat's own code."""
    if last_error in _WRONG:
        return f"{_WRONG[last_error]},没有入账,请联系运维"
    call, _, code = last_error.partition(" ")
    if call in _CALLS and code:
        return f"{_CALLS[call]}时{fault_words(code)}"
    return _SAID.get(last_error) or fault_words(last_error)
