"""The platform's answers: HTTP 200 with an errcode; success of some calls has no errcode at all."""

from __future__ import annotations

import secrets
from typing import Any

MESSAGES: dict[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40007: "invalid media_id",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40037: "invalid template_id",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    40169: "invalid length for scene, or the data is not json string",
    40226: "code blocked",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43002: "require POST method",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    47001: "data format error",
    47003: "argument invalid!",
    61010: "code is expired",
    10060001: "支付单不存在",
    10060003: "支付单已使用重新发货机会",
    10060004: "支付单处于不可发货的状态",
    10060005: "物流类型有误",
    10060006: "非快递发货时不允许分拆发货",
    10060007: "分拆发货模式下必须填写 is_all_delivered",
    10060008: "商品描述 item_desc 不能为空",
    10060009: "商品描述 item_desc 太长",
    10060014: "参数错误",
    10060023: "发货信息未更新",
    10060024: "物流信息列表太长",
    10060031: "该笔支付单不属于 openid 所对应的用户",
    268485194: "订单单号类型非法",
    268485195: "微信支付单号不能为空",
    268485216: "上传时间非法,请按照 RFC 3339 格式填写",
    268485224: "发货模式非法",
    268485226: "商户号不能为空",
    268485227: "商户单号不能为空",
}


class Refused(Exception):
    """The call is refused with an errcode."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        self.errcode = errcode
        self.detail = detail
        super().__init__(errcode, detail)

    def body(self) -> dict[str, Any]:
        """The JSON body, with the request id that the platform appends."""
        text = f"{MESSAGES[self.errcode]} {self.detail}".strip()
        return {"errcode": self.errcode, "errmsg": f"{text} rid: {request_id()}"}


def request_id() -> str:
    """Like 610b7ea3-036ff8e0-21a3f70c."""
    return "-".join(secrets.token_hex(4) for _ in range(3))


def ok(**more: Any) -> dict[str, Any]:
    """A success that says so."""
    return {"errcode": 0, "errmsg": "ok", **more}
