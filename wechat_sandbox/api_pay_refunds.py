"""refund and refundquery of WeChat Pay v2.

The real address asks for the provider's TLS client certificate. On loopback there is no TLS: the header
`X-Client-Certificate: <mch_id>` stands for it (switch `certificate`).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from wechat_sandbox.edge import world
from wechat_sandbox.pay_checks import REFUND_FIELDS, check_refund
from wechat_sandbox.pay_edge import Call, Declined, NotUnderstood, pay_call
from wechat_sandbox.pay_records import Refund, Trade, beijing

pay_refunds_api = Blueprint("pay_refunds_api", __name__)
CERTIFICATE = "X-Client-Certificate"
NO_CERTIFICATE = "<html><head><title>400 No required SSL certificate was sent</title></head></html>"
YEAR = 365 * 86400
MOST_REFUNDS = 50
PAGE = 10
MAY_DIFFER = ("nonce_str", "sign", "sign_type")


@pay_refunds_api.route("/secapi/pay/refund", methods=["GET", "POST"], endpoint="refund")
@pay_call(*REFUND_FIELDS)
def refund(call: Call) -> dict[str, Any] | Response:
    """Accepts a refund; the same number with the same parameters is the same refund."""
    if call.desk.switches.certificate and request.headers.get(CERTIFICATE) != call.merchant.mch_id:
        return Response(NO_CERTIFICATE, status=400, mimetype="text/html")
    total_fee, refund_fee = check_refund(call)
    if call.sub_merchant is not None and not call.sub_merchant.refunds:
        raise Declined("NOAUTH", "特约子商户商户号未授权服务商的退款权限")
    trade = call.trade()
    asked = {name: value for name, value in call.fields.items() if name not in MAY_DIFFER}
    known = call.desk.refunds.get(f"{call.merchant.mch_id}/{call.fields['out_refund_no']}")
    if known is None:
        _check_money(trade, total_fee, refund_fee, call.now)
        known = _accept(call, trade, asked, refund_fee)
    elif known.asked != asked:
        raise Declined("INVALID_REQUEST", "订单金额或退款金额与之前请求不一致,请核实后再试")
    return {**_head(trade), **_accepted(known), **_money(trade)}


@pay_refunds_api.route("/pay/refundquery", methods=["GET", "POST"], endpoint="refundquery")
@pay_call("transaction_id", "out_trade_no", "out_refund_no", "refund_id", "offset")
def refund_query(call: Call) -> dict[str, Any]:
    """The refunds of one order (ten at a time from `offset`), or the one that was asked for."""
    wanted, trade = _wanted(call)
    offset = call.fields.get("offset", "0")
    if not (offset.isascii() and offset.isdecimal()):
        raise NotUnderstood("参数错误:offset")
    shown = wanted[int(offset) : int(offset) + PAGE]
    answer = {**_head(trade), **_money(trade), "refund_count": len(shown)}
    if len(wanted) > PAGE:
        answer["total_refund_count"] = len(wanted)
    for number, each in enumerate(shown):
        answer |= {f"{name}_{number}": value for name, value in _state(each).items()}
    return answer


def _wanted(call: Call) -> tuple[list[Refund], Trade]:
    """By refund_id before out_refund_no before transaction_id before out_trade_no."""
    desk, fields = call.desk, call.fields
    if "refund_id" in fields or "out_refund_no" in fields:
        key = f"{call.merchant.mch_id}/{fields.get('out_refund_no', '')}"
        found = desk.by_refund_id.get(fields["refund_id"]) if "refund_id" in fields else desk.refunds.get(key)
        trade = desk.trades.get(f"{found.mch_id}/{found.out_trade_no}") if found else None
        if found is None or trade is None or not _is_of(call, trade):
            raise Declined("REFUNDNOTEXIST")
        return [found], trade
    trade = call.trade()
    if not trade.refunds:
        raise Declined("REFUNDNOTEXIST")
    return [desk.refunds[f"{trade.mch_id}/{number}"] for number in trade.refunds], trade


def _is_of(call: Call, trade: Trade) -> bool:
    owner = (call.merchant.mch_id, call.fields.get("sub_mch_id", ""))
    return owner == (trade.mch_id, trade.sub_mch_id)


def _check_money(trade: Trade, total_fee: int, refund_fee: int, now: float) -> None:
    if not trade.is_paid:
        raise Declined("ERROR", "订单未支付,不能退款")
    if total_fee != trade.total_fee:
        raise Declined("INVALID_REQUEST", "订单金额或退款金额与之前请求不一致,请核实后再试")
    if now - trade.paid_at > YEAR:
        raise Declined("TRADE_OVERDUE", "订单已经超过退款期限")
    if len(trade.refunds) >= MOST_REFUNDS:
        raise Declined("ERROR", "部分退款次数超限")
    if trade.refunded + refund_fee > trade.total_fee:
        raise Declined("ERROR", "累计退款金额大于支付金额")


def _accept(call: Call, trade: Trade, asked: dict[str, str], refund_fee: int) -> Refund:
    accepted = Refund(
        out_refund_no=call.fields["out_refund_no"],
        refund_id=call.desk.new_refund_id(call.now),
        mch_id=call.merchant.mch_id,
        out_trade_no=trade.out_trade_no,
        refund_fee=refund_fee,
        asked=asked,
        accepted_at=call.now,
        notify_url=call.fields.get("notify_url", ""),
    )
    trade.refunds.append(accepted.out_refund_no)
    trade.refunded += refund_fee
    trade.state = "REFUND"
    call.desk.keep(trade)
    call.desk.keep(accepted)
    call.desk.later(call.now + call.desk.switches.refund_takes, "refund", accepted.key)
    world().woken.notify_all()
    return accepted


def _head(trade: Trade) -> dict[str, Any]:
    return {"transaction_id": trade.transaction_id, "out_trade_no": trade.out_trade_no}


def _money(trade: Trade) -> dict[str, Any]:
    fee = trade.total_fee
    return {"total_fee": fee, "settlement_total_fee": fee, "fee_type": "CNY", "cash_fee": fee}


def _accepted(each: Refund) -> dict[str, Any]:
    return {
        "out_refund_no": each.out_refund_no,
        "refund_id": each.refund_id,
        "refund_fee": each.refund_fee,
        "settlement_refund_fee": each.refund_fee,
        "cash_refund_fee": each.refund_fee,
        "coupon_refund_fee": 0,
        "coupon_refund_count": 0,
    }


def _state(each: Refund) -> dict[str, Any]:
    state: dict[str, Any] = {
        "out_refund_no": each.out_refund_no,
        "refund_id": each.refund_id,
        "refund_channel": "ORIGINAL",
        "refund_fee": each.refund_fee,
        "settlement_refund_fee": each.refund_fee,
        "refund_status": each.state,
        "refund_account": each.asked.get("refund_account", "REFUND_SOURCE_UNSETTLED_FUNDS"),
        "refund_recv_accout": "支付用户的零钱",
    }
    if each.state == "SUCCESS":
        state["refund_success_time"] = beijing(each.done_at).strftime("%Y-%m-%d %H:%M:%S")
    return state
