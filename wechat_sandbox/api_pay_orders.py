"""unifiedorder, orderquery and closeorder of WeChat Pay v2 in service-provider mode.

`err_code` of a closing that comes too early is INVALID_REQUEST with a sentence that names the five minutes: the
platform documents the rule and no code for it.
"""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from flask import Blueprint, g

from wechat_sandbox import pay_phone
from wechat_sandbox.edge import world
from wechat_sandbox.pay_checks import DEFAULT_LIFE, ORDER_FIELDS, check_order, payer_of, require
from wechat_sandbox.pay_edge import Call, Declined, NotUnderstood, pay_call
from wechat_sandbox.pay_records import OPEN_STATES, Trade, stamp

pay_orders_api = Blueprint("pay_orders_api", __name__)
MAY_DIFFER = ("nonce_str", "sign", "spbill_create_ip")
STATE_WORDS = {
    "NOTPAY": "订单未支付",
    "USERPAYING": "用户支付中,需要输入密码",
    "PAYERROR": "支付失败",
    "CLOSED": "订单已关闭",
    "SUCCESS": "支付成功",
    "REFUND": "订单发生过退款,退款详情请查询退款单",
}


@pay_orders_api.route("/pay/unifiedorder", methods=["GET", "POST"], endpoint="unifiedorder")
@pay_call(*ORDER_FIELDS)
def unified_order(call: Call) -> dict[str, Any]:
    """A new order, or a fresh prepay_id for one that is asked for again with the same parameters."""
    expires_at = check_order(call)
    if call.sub_merchant is not None and not call.sub_merchant.pays:
        raise Declined("NOAUTH", "特约子商户商户号未授权服务商的产品权限")
    payer = payer_of(call, world().people)
    asked = {name: value for name, value in call.fields.items() if name not in MAY_DIFFER}
    trade = call.desk.trades.get(f"{call.merchant.mch_id}/{call.fields['out_trade_no']}")
    if trade is None:
        trade = _new_trade(call, payer, asked, expires_at)
    else:
        _require_repetition(trade, asked, call.now)
    prepay_id = f"wx{stamp(call.now)}{token_hex(8)}0000"
    trade.prepays[prepay_id] = call.now
    call.desk.keep(trade)
    if g.get("fault") and g.fault.kind == "paid_before_answer":
        g.notice_first = pay_phone.settle(world(), trade)
    return {"trade_type": "JSAPI", "prepay_id": prepay_id}


@pay_orders_api.route("/pay/orderquery", methods=["GET", "POST"], endpoint="orderquery")
@pay_call("transaction_id", "out_trade_no")
def order_query(call: Call) -> dict[str, Any]:
    """What became of an order."""
    trade = call.trade()
    close_when_old(trade, call.now)
    answer: dict[str, Any] = {
        "out_trade_no": trade.out_trade_no,
        "attach": trade.asked.get("attach", ""),
        "total_fee": trade.total_fee,
        "trade_state": trade.state,
        "trade_state_desc": STATE_WORDS[trade.state],
    }
    return {**answer, **paid_fields(trade)} if trade.is_paid else answer


@pay_orders_api.route("/pay/closeorder", methods=["GET", "POST"], endpoint="closeorder")
@pay_call("out_trade_no")
def close_order(call: Call) -> dict[str, Any]:
    """No more paying; may be repeated, and comes too early in the first five minutes."""
    require(call.fields, "out_trade_no")
    trade = call.trade()
    if trade.is_paid:
        raise Declined("ORDERPAID")
    close_when_old(trade, call.now)
    if trade.state != "CLOSED":
        if call.now - trade.created_at < call.desk.switches.close_after:
            raise Declined("INVALID_REQUEST", "订单生成后不能马上调用关单接口,最短调用时间间隔为5分钟")
        trade.state = "CLOSED"
        call.desk.keep(trade)
    return {}


def paid_fields(trade: Trade) -> dict[str, Any]:
    """What query and notice say of an order that was paid."""
    return {
        "openid": trade.payer,
        "sub_openid": trade.asked.get("sub_openid", ""),
        "is_subscribe": "N",
        "trade_type": "JSAPI",
        "bank_type": trade.bank_type,
        "total_fee": trade.total_fee,
        "fee_type": "CNY",
        "cash_fee": trade.total_fee,
        "cash_fee_type": "CNY",
        "transaction_id": trade.transaction_id,
        "out_trade_no": trade.out_trade_no,
        "attach": trade.asked.get("attach", ""),
        "time_end": stamp(trade.paid_at),
    }


def close_when_old(trade: Trade, now: float) -> None:
    """After seven days an unpaid order is closed by itself."""
    if trade.state in OPEN_STATES and now - trade.created_at >= DEFAULT_LIFE:
        trade.state = "CLOSED"


def _new_trade(call: Call, payer: str, asked: dict[str, str], expires_at: float) -> Trade:
    return Trade(
        out_trade_no=call.fields["out_trade_no"],
        mch_id=call.merchant.mch_id,
        sub_mch_id=call.fields.get("sub_mch_id", ""),
        payer=payer,
        total_fee=int(call.fields["total_fee"]),
        asked=asked,
        sign_type=call.sign_type,
        created_at=call.now,
        expires_at=expires_at,
    )


def _require_repetition(trade: Trade, asked: dict[str, str], now: float) -> None:
    close_when_old(trade, now)
    if trade.is_paid:
        raise Declined("ORDERPAID")
    if trade.state == "CLOSED":
        raise Declined("ORDERCLOSED")
    if trade.asked != asked:
        raise Declined("INVALID_REQUEST", "201 商户订单号重复")
    if now >= trade.expires_at:
        raise NotUnderstood("订单已过期,请使用新的商户订单号")
