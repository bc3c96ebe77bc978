"""What unifiedorder and refund demand of each element; whoever breaks a rule is not understood."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from wechat_sandbox.pay_edge import Call, Declined, NotUnderstood
from wechat_sandbox.pay_records import instant_of
from wechat_sandbox.people import People, openid_of
from wechat_sandbox.settings import is_loopback_host

MAX_FEN = 100_000_000
PREPAY_LIFE = 7200
SHORTEST_LIFE = 60
DEFAULT_LIFE = 7 * 86400
"""An order that nobody pays is closed by itself after seven days."""
_FEE = re.compile(r"[1-9][0-9]{0,9}")
_TRADE_NO = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
_REFUND_NO = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
ORDER_FIELDS = (
    *("device_info", "body", "detail", "attach", "out_trade_no", "fee_type", "total_fee", "spbill_create_ip"),
    *("time_start", "time_expire", "goods_tag", "notify_url", "trade_type", "limit_pay", "openid"),
    *("sub_openid", "receipt", "scene_info", "profit_sharing"),
)
REFUND_FIELDS = (
    *("device_info", "transaction_id", "out_trade_no", "out_refund_no", "total_fee", "refund_fee"),
    *("refund_fee_type", "refund_desc", "refund_account", "notify_url", "op_user_id"),
)
LONGEST = {"attach": 127, "detail": 6144, "device_info": 32, "goods_tag": 32, "refund_desc": 80}


def require(fields: Mapping[str, str], *names: str) -> None:
    """Refuses the first element that is missing or empty."""
    for name in names:
        if name not in fields:
            raise NotUnderstood(f"缺少参数:{name}")


def check_order(call: Call) -> float:
    """Every rule of unifiedorder but those about other orders and the payer; the instant at which paying ends."""
    fields = call.fields
    require(fields, "body", "out_trade_no", "total_fee", "spbill_create_ip", "notify_url", "trade_type")
    _check_lengths(fields)
    if not _TRADE_NO.fullmatch(fields["out_trade_no"]):
        raise _wrong("out_trade_no")
    fen(fields, "total_fee")
    if fields.get("fee_type", "CNY") != "CNY":
        raise _wrong("fee_type")
    if fields["trade_type"] != "JSAPI":
        raise _wrong("trade_type")
    if not _is_address(fields["spbill_create_ip"]):
        raise NotUnderstood("invalid spbill_create_ip")
    check_notify_url(fields["notify_url"], loopback_allowed=call.desk.switches.loopback_notify)
    return _expiry(fields, call.now)


def check_refund(call: Call) -> tuple[int, int]:
    """total_fee and refund_fee, once every other element is right."""
    fields = call.fields
    require(fields, "out_refund_no", "total_fee", "refund_fee")
    _check_lengths(fields)
    if not _REFUND_NO.fullmatch(fields["out_refund_no"]):
        raise _wrong("out_refund_no")
    if fields.get("refund_fee_type", "CNY") != "CNY":
        raise _wrong("refund_fee_type")
    if fields.get("refund_account", "REFUND_SOURCE_UNSETTLED_FUNDS") not in (
        "REFUND_SOURCE_UNSETTLED_FUNDS",
        "REFUND_SOURCE_RECHARGE_FUNDS",
    ):
        raise _wrong("refund_account")
    if "notify_url" in fields:
        check_notify_url(fields["notify_url"], loopback_allowed=call.desk.switches.loopback_notify)
    return fen(fields, "total_fee"), fen(fields, "refund_fee")


def fen(fields: Mapping[str, str], name: str) -> int:
    """A whole number of fen: digits only, no zero in front, at least 1."""
    if not _FEE.fullmatch(fields[name]) or int(fields[name]) > MAX_FEN:
        raise NotUnderstood(f"invalid {name}")
    return int(fields[name])


def check_notify_url(url: str, *, loopback_allowed: bool) -> None:
    """Scheme, host and path, no query; another machine is never called by this sandbox."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise NotUnderstood("notify_url格式错误") from None
    if parts.scheme not in ("http", "https") or not host or parts.path in ("", "/") or len(url) > 255:
        raise NotUnderstood("notify_url格式错误")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise NotUnderstood("notify_url不能携带参数")
    if not loopback_allowed:
        raise NotUnderstood("notify_url不能是内网地址")
    if not is_loopback_host(host):
        raise NotUnderstood("notify_url在沙盒里只能是本机地址")


def payer_of(call: Call, people: People) -> str:
    """The openid (of the provider's app) of who shall pay: by `openid`, or by `sub_openid` with `sub_appid`."""
    openid, sub_openid = call.fields.get("openid"), call.fields.get("sub_openid")
    if bool(openid) == bool(sub_openid):
        raise NotUnderstood("JSAPI支付必须传openid或sub_openid其中之一")
    if openid:
        user = people.known(openid)
        if user is None:
            raise Declined("PARAM_ERROR", "appid and openid not match")
        return user.openid
    sub_appid = call.fields.get("sub_appid")
    if not sub_appid:
        raise NotUnderstood("传sub_openid时必须传sub_appid")
    for user in people.by_name.values():
        if openid_of(sub_appid, user.name) == sub_openid:
            return user.openid
    raise Declined("PARAM_ERROR", "sub_appid and sub_openid not match")


def _check_lengths(fields: Mapping[str, str]) -> None:
    body = fields.get("body", "")
    if len(body) > 127:
        raise NotUnderstood(f"body参数长度有误:{len(body)} 个字符,{len(body.encode())} 字节,最多 127 个字符")
    for name, longest in LONGEST.items():
        if len(fields.get(name, "")) > longest:
            raise NotUnderstood(f"{name}参数长度有误:最多 {longest} 个字符")


def _expiry(fields: Mapping[str, str], now: float) -> float:
    try:
        begins = instant_of(fields["time_start"]) if "time_start" in fields else now
        ends = instant_of(fields["time_expire"]) if "time_expire" in fields else now + DEFAULT_LIFE
    except ValueError:
        raise NotUnderstood("time_start、time_expire 格式错误,应为 yyyyMMddHHmmss") from None
    if ends <= now + SHORTEST_LIFE or ends <= begins:
        raise NotUnderstood("time_expire时间过短,至少1分钟")
    return ends


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _wrong(name: str) -> NotUnderstood:
    return NotUnderstood(f"参数错误:{name}")
