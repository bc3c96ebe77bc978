"""The payer's WeChat: everything that wx.requestPayment checks before money moves."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wechat_sandbox import pay_crypto
from wechat_sandbox.pay_checks import PREPAY_LIFE
from wechat_sandbox.pay_records import Notice, Trade
from wechat_sandbox.world import World

PARAMS = ("appId", "timeStamp", "nonceStr", "package", "signType", "paySign")
OUTCOMES = ("ok", "cancel", "paying", "error")
BANKS = ("OTHERS", "CMB_DEBIT", "ICBC_DEBIT", "ABC_DEBIT", "PSBC_DEBIT")
_SECONDS = re.compile(r"[0-9]{10}")


class PhoneRefused(ValueError):
    """The pay sheet shows this sentence in place of the amount."""


def opened(world: World, params: Mapping[str, str], name: str) -> Trade:
    """The order behind the six parameters, fit to be paid by this person now. The caller holds the lock.

    Raises PhoneRefused: for parameters that are not the six, another signature or signType than the order's, another
    app, a prepay_id older than two hours, another payer, an order that is paid, closed or over.
    """
    trade = _signed_for(world, params)
    now = world.clock.now()
    if trade.is_paid:
        raise PhoneRefused("该订单已支付")
    if trade.state == "CLOSED":
        raise PhoneRefused("该订单已关闭")
    if now - trade.prepays[_prepay_id(params)] >= PREPAY_LIFE:
        raise PhoneRefused("支付凭证已超过两小时,请重新发起支付")
    if now >= trade.expires_at:
        raise PhoneRefused("订单已过期,请重新下单")
    user = world.people.by_name.get(name)
    if user is None or user.openid != trade.payer:
        raise PhoneRefused("支付账号与下单账号不一致")
    return trade


def pay(world: World, params: Mapping[str, str], name: str, outcome: str = "ok") -> Trade:
    """What the person does with the pay sheet; `paying` and `error` leave the order open, as a wrong password does."""
    if outcome not in OUTCOMES:
        raise PhoneRefused(f"outcome 只能是 {'、'.join(OUTCOMES)}")
    with world.lock:
        trade = opened(world, params, name)
        if outcome == "ok":
            settle(world, trade)
        elif outcome != "cancel":
            trade.state = "USERPAYING" if outcome == "paying" else "PAYERROR"
            world.pay.keep(trade)
    return trade


def settle(world: World, trade: Trade) -> Notice:
    """The money arrives, and the order's notice_url hears of it. The caller holds the lock."""
    now = world.clock.now()
    trade.state, trade.paid_at = "SUCCESS", now
    trade.transaction_id = world.pay.new_transaction_id(now)
    trade.bank_type = BANKS[int(trade.transaction_id[-1]) % len(BANKS)]
    world.pay.keep(trade)
    notice = world.pay.add_notice("pay", trade.key, trade.asked["notify_url"], now)
    world.woken.notify_all()
    return notice


def _signed_for(world: World, params: Mapping[str, str]) -> Trade:
    if sorted(params) != sorted(PARAMS) or not all(isinstance(value, str) for value in params.values()):
        raise PhoneRefused(
            "支付参数必须正好是 appId、timeStamp、nonceStr、package、signType、paySign 六项文字"
        )
    trade = world.pay.by_prepay.get(_prepay_id(params))
    if trade is None:
        raise PhoneRefused("预支付订单不存在")
    if params["appId"] != trade.asked.get("sub_appid", trade.asked["appid"]):
        raise PhoneRefused("支付参数的 appId 不是下单的小程序")
    if not _SECONDS.fullmatch(params["timeStamp"]) or not 1 <= len(params["nonceStr"]) <= 32:
        raise PhoneRefused("支付参数的 timeStamp 或 nonceStr 格式错误")
    key = world.pay.merchant_of(trade).key
    right_type = params["signType"] == trade.sign_type
    if not right_type or not pay_crypto.is_signed(
        params, params["paySign"], key=key, sign_type=trade.sign_type
    ):
        raise PhoneRefused("支付验证签名失败")
    return trade


def _prepay_id(params: Mapping[str, str]) -> str:
    return params["package"].removeprefix("prepay_id=") if params["package"].startswith("prepay_id=") else ""
