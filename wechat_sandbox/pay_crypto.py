"""Signatures and the sealed part of refund notices of WeChat Pay v2, written from the platform's description.

Nothing here comes from wechatpy or from the product: the published vectors are run against both sides.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MD5 = "MD5"
HMAC_SHA256 = "HMAC-SHA256"
SIGN_TYPES = (MD5, HMAC_SHA256)
_BLOCK = 16


def signing_text(fields: Mapping[str, object]) -> str:
    """Names in the order of their characters, empty values and the sign itself left out."""
    kept = {name: str(value) for name, value in fields.items() if name not in ("sign", "paySign")}
    return "&".join(f"{name}={kept[name]}" for name in sorted(kept) if kept[name] != "")


def sign(fields: Mapping[str, object], *, key: str, sign_type: str) -> str:
    """Upper-case hex over the fields and the merchant's key."""
    text = f"{signing_text(fields)}&key={key}".encode()
    if sign_type == HMAC_SHA256:
        return hmac.new(key.encode(), text, hashlib.sha256).hexdigest().upper()
    return hashlib.md5(text, usedforsecurity=False).hexdigest().upper()


def is_signed(fields: Mapping[str, object], given: str, *, key: str, sign_type: str) -> bool:
    """Whether `given` is the signature; lower-case letters are none."""
    expected = sign(fields, key=key, sign_type=sign_type)
    return hmac.compare_digest(expected.encode(), given.encode())


def seal_refund(plain: bytes, *, key: str) -> str:
    """req_info of a refund notice: AES-256-ECB under the lower-case MD5 of the key, PKCS#7, base64."""
    missing = _BLOCK - len(plain) % _BLOCK
    cipher = _refund_cipher(key).encryptor()
    sealed = cipher.update(plain + bytes([missing]) * missing) + cipher.finalize()
    return base64.b64encode(sealed).decode()


def unseal_refund(req_info: str, *, key: str) -> bytes:
    """What a req_info says; raises ValueError when it is none of this key."""
    cipher = _refund_cipher(key).decryptor()
    padded = cipher.update(base64.b64decode(req_info, validate=True)) + cipher.finalize()
    missing = padded[-1] if padded else 0
    if not 1 <= missing <= _BLOCK or padded[-missing:] != bytes([missing]) * missing:
        raise ValueError("wrong padding")
    return padded[:-missing]


def _refund_cipher(key: str) -> Cipher:
    secret = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest().encode()
    return Cipher(algorithms.AES(secret), modes.ECB())  # noqa: S305 the platform's own choice
