"""A provider that speaks WeChat Pay v2 by hand: neither the product's code nor the sandbox's signs for it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from config import SANDBOX_APPID, SANDBOX_MCH_ID, SANDBOX_PAY_KEY
from tests.fakes.sandbox import SandboxHandle

SUB_MCH_ID = "1900000201"
PAYER = "王阿姨"
HMAC = "HMAC-SHA256"
CERTIFICATE = {"X-Client-Certificate": SANDBOX_MCH_ID}
_CELL = re.compile(r"<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))</\1>", re.DOTALL)


def beijing(seconds: float) -> str:
    """yyyyMMddHHmmss, so many seconds from now."""
    return (datetime.now(UTC) + timedelta(hours=8, seconds=seconds)).strftime("%Y%m%d%H%M%S")


def signature(fields: Mapping[str, Any], *, key: str = SANDBOX_PAY_KEY, sign_type: str = HMAC) -> str:
    """As the platform describes it."""
    kept = sorted(
        (name, value) for name, value in fields.items() if value not in ("", None) and name != "sign"
    )
    text = "&".join(f"{name}={value}" for name, value in kept) + f"&key={key}"
    if sign_type == HMAC:
        return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest().upper()
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def xml(fields: Mapping[str, Any]) -> bytes:
    """Flat XML with CDATA."""
    return f"<xml>{''.join(f'<{name}><![CDATA[{value}]]></{name}>' for name, value in fields.items())}</xml>".encode()


def parsed(text: str) -> dict[str, str]:
    """The elements below the root."""
    inner = text[text.index(">") + 1 : text.rindex("<")]
    return {name: cdata or plain for name, cdata, plain in _CELL.findall(inner)}


@dataclass
class Merchant:
    """The provider at one sandbox."""

    sandbox: SandboxHandle

    def fields(self, **changes: Any) -> dict[str, Any]:
        """What every call carries; a change to None takes an element away."""
        common = {
            "appid": SANDBOX_APPID,
            "mch_id": SANDBOX_MCH_ID,
            "sub_mch_id": SUB_MCH_ID,
            "nonce_str": secrets.token_hex(16),
            "sign_type": HMAC,
        }
        return {name: value for name, value in {**common, **changes}.items() if value is not None}

    def order_fields(self, out_trade_no: str, **changes: Any) -> dict[str, Any]:
        """A good unifiedorder."""
        order = {
            "body": "物业费",
            "out_trade_no": out_trade_no,
            "total_fee": 12345,
            "spbill_create_ip": "127.0.0.1",
            "notify_url": "http://127.0.0.1:9/notice",
            "trade_type": "JSAPI",
            "openid": self.sandbox.openid(PAYER),
        }
        return self.fields(**{**order, **changes})

    def raw(self, path: str, body: bytes, **headers: str) -> requests.Response:
        """Bytes to a path."""
        return requests.post(self.sandbox.url + path, data=body, headers=headers, timeout=20)

    def send(self, path: str, fields: dict[str, Any], *, headers: Mapping[str, str] = {}) -> dict[str, str]:
        """Signed unless a sign is given; a signed answer is verified in the request's type."""
        sign_type = fields.get("sign_type", "MD5")
        signed = {**fields, "sign": fields.get("sign") or signature(fields, sign_type=sign_type)}
        answer = parsed(self.raw(path, xml(signed), **headers).content.decode())
        if "sign" in answer:
            assert answer["sign"] == signature(answer, sign_type=sign_type)
        return answer

    def order(self, out_trade_no: str, **changes: Any) -> dict[str, str]:
        """unifiedorder."""
        return self.send("/pay/unifiedorder", self.order_fields(out_trade_no, **changes))

    def query(self, out_trade_no: str, **changes: Any) -> dict[str, str]:
        """orderquery."""
        return self.send("/pay/orderquery", self.fields(out_trade_no=out_trade_no, **changes))

    def close(self, out_trade_no: str, **changes: Any) -> dict[str, str]:
        """closeorder."""
        return self.send("/pay/closeorder", self.fields(out_trade_no=out_trade_no, **changes))

    def refund_fields(
        self, out_trade_no: str, out_refund_no: str, fen: int, **changes: Any
    ) -> dict[str, Any]:
        """A good refund of an order of 123.45 yuan."""
        refund = {
            "out_trade_no": out_trade_no,
            "out_refund_no": out_refund_no,
            "total_fee": 12345,
            "refund_fee": fen,
            "notify_url": "http://127.0.0.1:9/refund-notice",
        }
        return self.fields(**{**refund, **changes})

    def refund(self, out_trade_no: str, out_refund_no: str, fen: int, **changes: Any) -> dict[str, str]:
        """refund."""
        fields = self.refund_fields(out_trade_no, out_refund_no, fen, **changes)
        return self.send("/secapi/pay/refund", fields, headers=CERTIFICATE)

    def refund_query(self, **asked: Any) -> dict[str, str]:
        """refundquery."""
        return self.send("/pay/refundquery", self.fields(**asked))

    def params(self, prepay_id: str, *, sign_type: str = HMAC, **changes: str) -> dict[str, str]:
        """What wx.requestPayment takes."""
        params = {
            "appId": SANDBOX_APPID,
            "timeStamp": str(int(time.time())),
            "nonceStr": secrets.token_hex(16),
            "package": f"prepay_id={prepay_id}",
            "signType": sign_type,
            **changes,
        }
        return {**params, "paySign": signature(params, sign_type=sign_type)}

    def paid(self, out_trade_no: str, **changes: Any) -> dict[str, Any]:
        """An order that was placed and paid."""
        answer = self.order(out_trade_no, **changes)
        return self.sandbox.pay_as(PAYER, self.params(answer["prepay_id"]), wait=False)
