"""Notices: what WeChat sends to us. Capped, strictly read, signed with our type or decrypted with our key.

Everything hostile is one NoticeRefused (D7, D9, D10, D11); its reason is for the log and holds nothing of the content.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from app.integrations.wechat.pay import flat_xml
from app.integrations.wechat.pay.answers import told_refund, trade_of
from app.integrations.wechat.pay.contract import NoticeRefused, RefundRecord, Trade, TradeState
from app.integrations.wechat.pay.library import Provider
from app.integrations.wechat.pay.signing import PayKey, is_signed

MAX_BYTES = 64 * 1024
REPLY_TYPE = "text/xml; charset=utf-8"


def parse_pay(raw: bytes, provider: Provider) -> Trade:
    """The payment; PAYERROR when the notice says that paying failed. Raises NoticeRefused."""
    fields = _read(raw)
    if fields.get("return_code") != "SUCCESS":
        raise NoticeRefused("return_code is not SUCCESS")
    if not is_signed(fields, provider.key):
        raise NoticeRefused("the signature is missing, wrong or of another type")
    _require_ours(fields, provider)
    state = TradeState.SUCCESS if fields.get("result_code") == "SUCCESS" else TradeState.PAYERROR
    try:
        return trade_of(fields, state)
    except (ValueError, KeyError) as strange:
        reason = type(strange).__name__
    raise NoticeRefused(f"signed, but not a payment ({reason})")


def parse_refund(raw: bytes, provider: Provider) -> RefundRecord:
    """The refund. Version 2 gives no signature and the cipher has no check of its own (D18): whoever has not the key
    gets nothing readable through, but only a query says what is true. Raises NoticeRefused."""
    envelope = _read(raw)
    if envelope.get("return_code") != "SUCCESS":
        raise NoticeRefused("return_code is not SUCCESS")
    _require_ours(envelope, provider)
    inner = _read(_opened(envelope.get("req_info", ""), provider.key), root="root")
    try:
        return told_refund(envelope, inner)
    except (ValueError, KeyError) as strange:
        reason = type(strange).__name__
    raise NoticeRefused(f"decrypted, but not a refund ({reason})")


def reply(*, accepted: bool) -> tuple[str, str]:
    """Body and type; FAIL lets WeChat send the notice again."""
    code, message = ("SUCCESS", "OK") if accepted else ("FAIL", "REFUSED")
    return flat_xml.write({"return_code": code, "return_msg": message}).decode(), REPLY_TYPE


def _read(raw: bytes, root: str = "xml") -> dict[str, str]:
    if len(raw) > MAX_BYTES:
        raise NoticeRefused("the body is too large")
    try:
        return flat_xml.parse(raw, root)
    except flat_xml.NotFlat as strange:
        reason = str(strange)
    raise NoticeRefused(f"cannot be read: {reason}")


def _require_ours(fields: Mapping[str, str], provider: Provider) -> None:
    if fields.get("appid") != provider.appid:
        raise NoticeRefused("for another app")
    if fields.get("mch_id") != provider.mch_id:
        raise NoticeRefused("for another merchant")


def _opened(sealed: str, key: PayKey) -> bytes:
    """AES-256 in ECB, as WeChat chose, under the key's MD5 in lower-case hex."""
    secret = hashlib.md5(key.value.encode(), usedforsecurity=False).hexdigest().encode()
    try:
        data = base64.b64decode(sealed, validate=True)
        decryptor = Cipher(algorithms.AES(secret), modes.ECB()).decryptor()  # noqa: S305
        unpadder = PKCS7(algorithms.AES.block_size).unpadder()
        padded = decryptor.update(data) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        pass
    raise NoticeRefused("req_info cannot be decrypted with our key")
