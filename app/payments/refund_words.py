"""Why a refund has not arrived, as a person of the company understands it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

_FAULTS: Mapping[str, str] = {
    "ABNORMAL": "居民的银行卡不能收款,要在商户平台人工处理",
    "CLOSED": "微信关闭了这笔退款,可以重新发起",
    "NOTENOUGH": "商户账户余额不足,充值后会自动重试",
    "FREQUENCY_LIMITED": "微信限制了退款速度,会自动重试",
    "INVALID_REQ_TOO_MUCH": "微信限制了退款速度,会自动重试",
    "SYSTEMERROR": "微信系统繁忙,会自动重试",
    "BIZERR_NEED_RETRY": "微信系统繁忙,会自动重试",
    "TRADE_OVERDUE": "超过一年,不能原路退回",
    "USER_ACCOUNT_ABNORMAL": "居民的微信支付账户已注销,不能原路退回",
    "NOAUTH": "企业没有授权平台退款,请先在商户平台授权",
    "MISSING": "微信还没有收到这笔退款,会自动重发",
    "NO_ANSWER": "微信没有应答,会自动再查",
    "UNREADABLE": "微信的应答读不懂,会自动再查",
    "UNSIGNED": "微信没有受理这次请求,会自动再查",
    "UNVERIFIED": "应答的签名不对,没有采信,会自动再查",
    "MISMATCH": "应答说的不是这笔退款,没有采信,会自动再查",
    "unknown": "结果还不知道,会自动再查",
    "refused": "微信拒绝了退款,没有说原因",
    "wrong_amount": "微信记录的金额与我们的不一致,请先对账",
    "wrong_number": "微信记录的退款单号与我们的不一致,请先对账",
    "wrong_payment": "微信记录的订单与我们的不一致,请先对账",
}


def fault_words(code: str) -> str:
    """What went wrong, as a person of the company understands it."""
    return _FAULTS.get(code, f"微信返回 {code}" if code else "等待微信处理")
