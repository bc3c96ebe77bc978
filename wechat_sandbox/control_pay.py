"""Control interface of WeChat Pay: what the payer taps, what the books hold, and when things arrive.

POST /control/pay (also /sandbox/pay)   {params: {the six}, name, outcome: ok|cancel|paying|error, wait: true}: pays as
                                        wx.requestPayment does; 422 with the sentence of the pay sheet when it cannot;
                                        `wait` returns after the first notices were delivered
GET  /sandbox/pay/orders                ?state= ?payer=name ?limit=: newest last; /sandbox/pay/orders/<number>: one
GET  /sandbox/pay/refunds               all refunds; /sandbox/pay/refunds/<number>: one
GET  /sandbox/pay/notices               notices with their state, and every try with its body and verdict
POST /sandbox/pay/deliver               {seconds: 10}: wait until nothing is due and nothing on its way
POST /sandbox/pay/release               let held notices go
POST /sandbox/pay/resend                {out_trade_no} or {out_refund_no}: its notice once more, from the beginning
POST /sandbox/pay/late                  {out_trade_no}: money arrives for an order that is closed (or still open)
POST /sandbox/pay/refund_outcome        {next: SUCCESS|CHANGE|REFUNDCLOSE|PROCESSING}: of the next refund
POST /sandbox/pay/past                  {payments: [...]}: made before this sandbox (`pay_past.py`); again: nothing
POST /sandbox/pay/switches              any of pay_desk.Switches; GET shows them
POST /sandbox/pay/sub_merchants         {sub_mch_id, name, sub_appid, pays, refunds}: new or changed; GET lists
GET  /sandbox/users/<name>/payments     what this person paid, newest last

The clock is POST /sandbox/clock {advance_seconds, hold}; faults are POST /sandbox/faults (`wechat_sandbox.faults`); the
journal is GET /sandbox/journal?path=/pay/unifiedorder, with the elements of each call and its outcome.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from flask import Blueprint, request
from werkzeug.exceptions import NotFound

from wechat_sandbox import pay_past, pay_phone, pay_postman
from wechat_sandbox.control_people import posted
from wechat_sandbox.edge import world
from wechat_sandbox.pay_desk import REFUND_OUTCOMES, Switches
from wechat_sandbox.pay_records import Refund, SubMerchant, Trade, as_dict

pay_control = Blueprint("pay_control", __name__)
pay_control.register_error_handler(ValueError, lambda error: ({"error": str(error)}, 422))
MAX_SECONDS = 60.0


@pay_control.post("/control/pay")
@pay_control.post("/sandbox/pay")
def pay() -> dict[str, Any]:
    """wx.requestPayment on this person's phone."""
    body = posted()
    params, outcome = body.get("params"), str(body.get("outcome", "ok"))
    if not isinstance(params, dict):
        raise pay_phone.PhoneRefused("params 必须是六项支付参数")
    trade = pay_phone.pay(world(), params, str(body.get("name", "")), outcome)
    if body.get("wait"):
        pay_postman.wait_until_quiet(world(), MAX_SECONDS)
    with world().lock:
        return {"errMsg": f"requestPayment:{'ok' if outcome == 'ok' else 'fail ' + outcome}", **_shown(trade)}


@pay_control.get("/sandbox/pay/orders")
def orders() -> dict[str, Any]:
    """Newest last; narrowed by `state` and by the payer's name."""
    state, name = request.args.get("state"), request.args.get("payer")
    limit = int(request.args.get("limit", 1000))
    with world().lock:
        payer = world().people.by_name.get(name) if name else None
        openid = payer.openid if payer else name
        found = [
            trade
            for trade in world().pay.trades.values()
            if state in (None, trade.state) and openid in (None, trade.payer)
        ]
        return {"orders": [_shown(trade) for trade in found[-limit:]], "count": len(found)}


@pay_control.get("/sandbox/pay/orders/<path:number>")
def order(number: str) -> dict[str, Any]:
    """One order."""
    with world().lock:
        return _shown(_trade(number))


@pay_control.get("/sandbox/pay/refunds")
def refunds() -> dict[str, Any]:
    """All refunds, oldest first."""
    with world().lock:
        return {"refunds": [as_dict(refund) for refund in world().pay.refunds.values()]}


@pay_control.get("/sandbox/pay/refunds/<path:number>")
def refund(number: str) -> dict[str, Any]:
    """One refund."""
    with world().lock:
        return as_dict(_refund(number))


@pay_control.get("/sandbox/pay/notices")
def notices() -> dict[str, Any]:
    """Every notice with its state, and the last tries."""
    limit = int(request.args.get("limit", 1000))
    with world().lock:
        found = [as_dict(notice) for notice in world().pay.notices.values()]
        return {"notices": found[-limit:], "tries": list(world().pay.tries)[-limit:], "count": len(found)}


@pay_control.post("/sandbox/pay/deliver")
def deliver() -> dict[str, Any]:
    """Wait for what is due now."""
    seconds = min(float(posted().get("seconds", 10)), MAX_SECONDS)
    return {"quiet": pay_postman.wait_until_quiet(world(), seconds)}


@pay_control.post("/sandbox/pay/release")
def release() -> dict[str, Any]:
    """Held notices go on."""
    with world().lock:
        return {"released": pay_postman.release(world())}


@pay_control.post("/sandbox/pay/resend")
def resend() -> dict[str, Any]:
    """A notice that was delivered long ago comes again."""
    body = posted()
    with world().lock:
        desk, now = world().pay, world().clock.now()
        if "out_refund_no" in body:
            refund = _refund(str(body["out_refund_no"]))
            notice = desk.add_notice("refund", refund.key, refund.notify_url, now)
        else:
            trade = _trade(str(body.get("out_trade_no", "")))
            if not trade.is_paid:
                raise ValueError("订单没有支付,没有通知可以重发")
            notice = desk.add_notice("pay", trade.key, trade.asked["notify_url"], now)
        world().woken.notify_all()
        return {"notice": notice.number}


@pay_control.post("/sandbox/pay/late")
def late() -> dict[str, Any]:
    """The payer had tapped in time, the bank was slow: money arrives though the order is closed."""
    with world().lock:
        trade = _trade(str(posted().get("out_trade_no", "")))
        if trade.is_paid:
            raise ValueError("该订单已支付")
        pay_phone.settle(world(), trade)
        return _shown(trade)


@pay_control.post("/sandbox/pay/refund_outcome")
def refund_outcome() -> dict[str, Any]:
    """How the next refund ends; PROCESSING means that it never does."""
    outcome = posted().get("next")
    if outcome not in REFUND_OUTCOMES:
        raise ValueError(f"next must be one of {', '.join(REFUND_OUTCOMES)}")
    with world().lock:
        world().pay.refund_outcomes.append(str(outcome))
        return {"waiting": list(world().pay.refund_outcomes)}


@pay_control.post("/sandbox/pay/past")
def past() -> dict[str, Any]:
    """Know what a demonstration was made with; those that are known already stay as they are."""
    with world().lock:
        return {"new": pay_past.remember(world().pay, posted().get("payments"))}


@pay_control.route("/sandbox/pay/switches", methods=["GET", "POST"])
def switches() -> dict[str, Any]:
    """See or change how strict and how quick the cashier is."""
    with world().lock:
        if request.method == "POST":
            for name, value in posted().items():
                setattr(world().pay.switches, *_checked(name, value))
        return asdict(world().pay.switches)


@pay_control.route("/sandbox/pay/sub_merchants", methods=["GET", "POST"])
def sub_merchants() -> dict[str, Any]:
    """The companies' own accounts under the provider."""
    with world().lock:
        if request.method == "POST":
            body = posted()
            known = {each.name for each in fields(SubMerchant)}
            if not body.get("sub_mch_id") or not body.get("name") or not set(body) <= known:
                raise ValueError("sub_mch_id and name are needed, sub_appid, pays and refunds are allowed")
            world().pay.keep(SubMerchant(**body))
        return {"sub_merchants": [as_dict(each) for each in world().pay.sub_merchants.values()]}


@pay_control.get("/sandbox/users/<name>/payments")
def payments(name: str) -> dict[str, Any]:
    """What this person paid, with the company's name."""
    with world().lock:
        user = world().people.by_name.get(name)
        paid = world().pay.by_payer.get(user.openid, []) if user else []
        return {"payments": [_shown(trade) for trade in paid[-100:]], "count": len(paid)}


def _checked(name: str, value: object) -> tuple[str, object]:
    known = {each.name: type(each.default) for each in fields(Switches)}
    if name not in known:
        raise ValueError(f"switches are {', '.join(known)}")
    if known[name] is bool:
        if not isinstance(value, bool):
            raise ValueError(f"{name} is true or false")
        return name, value
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{name} is a number, not negative")
    if name == "copies" and not 1 <= value <= 10:
        raise ValueError("copies is 1 to 10: a notice always comes at least twice")
    return name, int(value) if name == "copies" else float(value)


def _trade(number: str) -> Trade:
    trade = world().pay.trades.get(f"{world().pay.provider.mch_id}/{number}")
    if trade is None:
        raise NotFound("no such order")
    return trade


def _refund(number: str) -> Refund:
    refund = world().pay.refunds.get(f"{world().pay.provider.mch_id}/{number}")
    if refund is None:
        raise NotFound("no such refund")
    return refund


def _shown(trade: Trade) -> dict[str, Any]:
    payee = world().pay.sub_merchants.get(trade.sub_mch_id)
    return {**as_dict(trade), "payee": payee.name if payee else trade.mch_id, "body": trade.asked["body"]}
