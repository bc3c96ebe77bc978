"""A gateway whose WeChat is a small server of the test, signing with wechatpy's arithmetic and not with ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import xmltodict
from wechatpy.pay.utils import calculate_signature, calculate_signature_hmac

from app.core.clock import china
from app.integrations.wechat.client import MemoryTokenStore, MiniClient
from app.integrations.wechat.pay.contract import PayOrder, PayRefund
from app.integrations.wechat.pay.library import Provider
from app.integrations.wechat.pay.signing import PayKey
from app.integrations.wechat.pay.v2 import V2Gateway
from tests.fakes.loopback import Heard, Loopback, Reply, loopback

VECTORS = Path(__file__).parents[3] / "vectors" / "wechat"
KEY = "0123456789abcdef0123456789ABCDEF"
APPID, MCH_ID, SUB_MCH_ID = "wx00000000000000aa", "1600000001", "1600000101"
OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
TRADE_NO, REFUND_NO = "A261122BCDEFGHJKLMNPQR", "R261122BCDEFGHJKLMNPQR"
PROVIDER = Provider(APPID, MCH_ID, PayKey(KEY))
AT = china(2026, 11, 22, 20, 5)
IDENTITY = {
    "appid": APPID,
    "mch_id": MCH_ID,
    "sub_mch_id": SUB_MCH_ID,
    "nonce_str": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
}
DONE = {"return_code": "SUCCESS", "return_msg": "OK", "result_code": "SUCCESS", **IDENTITY}
PAID = {
    **DONE,
    "out_trade_no": TRADE_NO,
    "transaction_id": "4200001234202611220000000001",
    "trade_type": "JSAPI",
    "openid": OPENID,
    "total_fee": "28600",
    "fee_type": "CNY",
    "time_end": "20261122201530",
}
REFUSED = {"return_code": "SUCCESS", "return_msg": "OK", "result_code": "FAIL", **IDENTITY}


def vector(name: str) -> str:
    """A published file as it is."""
    return (VECTORS / name).read_text("utf-8")


def json_vector(name: str) -> dict[str, Any]:
    """A published JSON file."""
    return json.loads(vector(name))


def fields_of(xml: str | bytes) -> dict[str, str]:
    """The elements, read by another library than the product uses."""
    return {name: text or "" for name, text in next(iter(xmltodict.parse(xml).values())).items()}


def signed(fields: dict[str, str], *, key: str = KEY, md5: bool = False) -> dict[str, str]:
    """The same fields with the signature of WeChat, computed by wechatpy."""
    bare = {name: text for name, text in fields.items() if name != "sign"}
    return {**bare, "sign": (calculate_signature if md5 else calculate_signature_hmac)(bare, key)}


def xml(fields: dict[str, str], root: str = "xml") -> bytes:
    """A document of these elements, escaped and not in CDATA."""
    body = xmltodict.unparse({root: fields}, full_document=False)
    return body.encode()


def order(**other: Any) -> PayOrder:
    """A payment of 286.00 yuan."""
    plain: dict[str, Any] = {
        "out_trade_no": TRADE_NO,
        "sub_mch_id": SUB_MCH_ID,
        "openid": OPENID,
        "amount_fen": 28600,
        "body": "物业费 2026年10月",
        "client_ip": "192.0.2.7",
        "created_at": AT,
        "expires_at": AT + timedelta(minutes=30),
    }
    return PayOrder(**{**plain, **other})


def refund(**other: Any) -> PayRefund:
    """A hundred yuan of it go back."""
    plain: dict[str, Any] = {
        "out_refund_no": REFUND_NO,
        "out_trade_no": TRADE_NO,
        "sub_mch_id": SUB_MCH_ID,
        "total_fen": 28600,
        "refund_fen": 10000,
        "reason": "多收了",
    }
    return PayRefund(**{**plain, **other})


def gateway_to(
    url: str, *, provider: Provider = PROVIDER, timeout: tuple[float, float] = (2.0, 5.0)
) -> V2Gateway:
    """A gateway that takes `url` for WeChat."""
    mini = MiniClient(
        provider.appid, "a-secret-of-32-characters-or-so", api_base=url, token_store=MemoryTokenStore()
    )
    return V2Gateway(provider, api_base=url, notify_base="https://anju.example/", mini=mini, timeout=timeout)


@dataclass
class Platform:
    """WeChat as the test wants it, and the gateway that speaks to it."""

    gateway: V2Gateway
    server: Loopback

    def sent(self) -> dict[str, str]:
        """The fields of the last call."""
        return fields_of(self.server.heard[-1].body)


Answering = Callable[..., Any]


@contextmanager
def answering(answer: bytes | Reply | Callable[[Heard], Reply], **options: Any) -> Iterator[Platform]:
    """WeChat answers everything with this."""

    def reply(heard: Heard) -> Reply:
        if callable(answer):
            return answer(heard)
        return answer if isinstance(answer, Reply) else Reply(answer)

    with loopback(reply) as server:
        yield Platform(gateway_to(server.url, **options), server)


@pytest.fixture
def unreachable() -> V2Gateway:
    """A gateway whose WeChat nobody serves; for what needs no call."""
    return gateway_to("http://127.0.0.1:9")
