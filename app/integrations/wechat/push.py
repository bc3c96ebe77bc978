"""Message push: what WeChat sends to us. Signed, encrypted, capped; every hostile input is one PushRefused
(D8, D10, D11).

Only safe mode is accepted: an unencrypted push carries no proof that WeChat wrote it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

import xmltodict
from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import WeChatException

from app.integrations.wechat.errors import PushRefused
from app.integrations.wechat.push_events import dedupe_key, parse_event

__all__ = ["MAX_BODY_BYTES", "check_signature", "decrypt", "dedupe_key", "parse_event"]

MAX_BODY_BYTES = 64 * 1024
MAX_DEPTH = 12
"""Real pushes nest four deep; thousands of levels would exhaust the stack (D10)."""
MAX_QUERY_CHARS = 128
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, struct.error, WeChatException)


def check_signature(token: str, signature: str, timestamp: str, nonce: str) -> bool:
    """Whether WeChat signed the address check (GET) or a push's query; compared in constant time (D8)."""
    return _equal(_sha1_of(token, timestamp, nonce), signature)


def decrypt(body: bytes, *, query: Mapping[str, str], token: str, aes_key: str, appid: str) -> dict[str, Any]:
    """The message inside an encrypted push, XML or JSON, as a dict without the `xml` root.

    Raises PushRefused for anything that is too large, not encrypted, not signed for us or not readable.
    """
    if len(body) > MAX_BODY_BYTES:
        raise PushRefused("body too large")
    envelope = _parse(body)
    sealed = envelope.get("Encrypt")
    if not isinstance(sealed, str) or not sealed:
        raise PushRefused("not encrypted")
    _require_signature(sealed, query, token)
    return _parse(_opened(sealed, aes_key, appid).encode())


def _require_signature(sealed: str, query: Mapping[str, str], token: str) -> None:
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    claimed = query.get("msg_signature", "")
    if max(len(timestamp), len(nonce), len(claimed)) > MAX_QUERY_CHARS:
        raise PushRefused("query too long")
    if not _equal(_sha1_of(token, timestamp, nonce, sealed), claimed):
        raise PushRefused("wrong signature")


def _opened(sealed: str, aes_key: str, appid: str) -> str:
    try:
        return PrpCrypto(base64.b64decode(aes_key + "=")).decrypt(sealed, appid)
    except _UNREADABLE as error:
        reason = type(error).__name__
    raise PushRefused(f"cannot be decrypted ({reason})")


def _parse(raw: bytes) -> dict[str, Any]:
    """A dict from XML or JSON bytes; PushRefused for everything else."""
    try:
        message = _from_xml(raw) if raw.lstrip()[:1] == b"<" else _from_json(raw)
    except (*_UNREADABLE, RecursionError, expat.ExpatError) as error:
        reason = type(error).__name__
        message = None
    else:
        reason = "no object"
    if not isinstance(message, dict):
        raise PushRefused(f"cannot be read ({reason})")
    return message


def _from_json(raw: bytes) -> Any:
    message = json.loads(raw.decode(), parse_constant=_no_constant)
    _require_shallow(message, MAX_DEPTH)
    return message


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _require_shallow(value: object, left: int) -> None:
    if left == 0:
        raise ValueError("nested too deeply")
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        _require_shallow(child, left - 1)


def _from_xml(raw: bytes) -> Any:
    _require_plain_xml(raw)
    return xmltodict.parse(raw, disable_entities=True)["xml"]


def _require_plain_xml(raw: bytes) -> None:
    """A first pass that builds nothing: refuses DTDs (D11) and deep nesting (D10) before the tree is made."""
    depth = 0

    def enter(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")

    def leave(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise ValueError("a DTD has no place in a push")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = enter, leave
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.Parse(raw, True)


def _sha1_of(*parts: str) -> str:
    """WeChat's signature: sha1 of the sorted parts joined. SHA-1 is the platform's choice, not ours."""
    return hashlib.sha1(
        "".join(sorted(parts)).encode(errors="surrogatepass"), usedforsecurity=False
    ).hexdigest()


def _equal(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode(), theirs.encode(errors="surrogatepass"))
