"""发货信息管理: where money is frozen until the mini-program says that the goods (or the service) were delivered."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask import Blueprint

from wechat_sandbox.answers import Refused, ok
from wechat_sandbox.edge import json_body, require_token, world
from wechat_sandbox.pay_records import Trade

shipping_api = Blueprint("shipping_api", __name__)
EXPRESS = 1
LOGISTICS = (EXPRESS, 2, 3, 4)
UNIFIED, SPLIT = 1, 2
MAX_ITEM = 120
MOST_PARCELS = 10
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)", re.ASCII)


@shipping_api.route("/wxa/sec/order/is_trade_managed", methods=["GET", "POST"])
def is_trade_managed() -> dict[str, Any]:
    """Whether this mini-program's money waits for shipping information (switch `trade_managed`)."""
    with world().lock:
        require_token()
        if json_body().get("appid") != world().settings.appid:
            raise Refused(40013)
        return ok(is_trade_managed=world().pay.switches.trade_managed)


@shipping_api.route("/wxa/sec/order/upload_shipping_info", methods=["GET", "POST"])
def upload_shipping_info() -> dict[str, Any]:
    """Once, and one change: for an order of this mini-program that is paid, by the openid that paid it."""
    with world().lock:
        require_token()
        body = json_body()
        trade = _trade(body.get("order_key"))
        uploaded_at = _uploaded_at(body.get("upload_time"))
        _check_parcels(body)
        if _text(body.get("payer"), "openid") != trade.payer:
            raise Refused(10060031)
        if trade.state != "SUCCESS":
            raise Refused(10060004)
        if len(trade.shipping) >= 2:
            raise Refused(10060003)
        if trade.shipping and uploaded_at <= datetime.fromisoformat(trade.shipping[-1]):
            raise Refused(10060023)
        trade.shipping.append(uploaded_at.isoformat())
        world().pay.keep(trade)
    return ok()


def _trade(order_key: object) -> Trade:
    """By transaction_id (type 2), or by mchid and out_trade_no (type 1): the provider's or the sub-merchant's id."""
    if not isinstance(order_key, dict) or order_key.get("order_number_type") not in (1, 2):
        raise Refused(268485194)
    desk = world().pay
    if order_key["order_number_type"] == 2:
        transaction_id = _text(order_key, "transaction_id")
        if not transaction_id:
            raise Refused(268485195)
        found = desk.by_transaction.get(transaction_id)
    else:
        mchid, number = _text(order_key, "mchid"), _text(order_key, "out_trade_no")
        if not mchid:
            raise Refused(268485226)
        if not number:
            raise Refused(268485227)
        found = desk.trades.get(f"{desk.provider.mch_id}/{number}")
        if found is not None and mchid not in (found.mch_id, found.sub_mch_id):
            found = None
    if found is None or not found.transaction_id:
        raise Refused(10060001)
    return found


def _uploaded_at(text: object) -> datetime:
    try:
        if isinstance(text, str) and _RFC3339.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise Refused(268485216)


def _check_parcels(body: dict[str, Any]) -> None:
    kind, mode, parcels = body.get("logistics_type"), body.get("delivery_mode"), body.get("shipping_list")
    if kind not in LOGISTICS or isinstance(kind, bool):
        raise Refused(10060005)
    if mode not in (UNIFIED, SPLIT) or isinstance(mode, bool):
        raise Refused(268485224)
    if mode == SPLIT and kind != EXPRESS:
        raise Refused(10060006)
    if mode == SPLIT and not isinstance(body.get("is_all_delivered"), bool):
        raise Refused(10060007)
    if not isinstance(parcels, list) or not parcels or (mode == UNIFIED and len(parcels) != 1):
        raise Refused(10060014)
    if len(parcels) > MOST_PARCELS:
        raise Refused(10060024)
    for parcel in parcels:
        _check_parcel(parcel, express=kind == EXPRESS)


def _check_parcel(parcel: object, *, express: bool) -> None:
    item = _text(parcel, "item_desc")
    if not item.strip():
        raise Refused(10060008)
    if len(item) > MAX_ITEM:
        raise Refused(10060009)
    if express and not (_text(parcel, "tracking_no") and _text(parcel, "express_company")):
        raise Refused(10060014)


def _text(holder: object, name: str) -> str:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""
