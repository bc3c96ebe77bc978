"""Signing and encrypting of message pushes, written from the platform's description and not from wechatpy.

AES key = base64(EncodingAESKey + "="), 32 bytes; CBC with iv = key[:16]; plain text = 16 random bytes, length
as 4 bytes big-endian, message, appid; padded to a multiple of 32.
"""

from __future__ import annotations

import base64
import hashlib
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


def sign(*parts: str) -> str:
    """sha1 over the sorted parts, the platform's signature."""
    digest = hashlib.sha1(usedforsecurity=False)
    for part in sorted(parts):
        digest.update(part.encode())
    return digest.hexdigest()


def seal(message: str, *, aes_key: str, appid: str, lead: bytes | None = None) -> str:
    """The base64 text that stands in `Encrypt`; `lead` fixes the 16 random bytes for test vectors."""
    raw = message.encode()
    plain = (lead or os.urandom(16)) + len(raw).to_bytes(4, "big") + raw + appid.encode()
    missing = BLOCK - len(plain) % BLOCK
    cipher = _cipher(aes_key).encryptor()
    return base64.b64encode(cipher.update(plain + bytes([missing]) * missing) + cipher.finalize()).decode()


def unseal(sealed: str, *, aes_key: str) -> tuple[str, str]:
    """Message and appid of a sealed text; raises ValueError when it is none."""
    cipher = _cipher(aes_key).decryptor()
    padded = cipher.update(base64.b64decode(sealed, validate=True)) + cipher.finalize()
    missing = padded[-1]
    if not 1 <= missing <= BLOCK or padded[-missing:] != bytes([missing]) * missing:
        raise ValueError("wrong padding")
    plain = padded[16:-missing]
    end = 4 + int.from_bytes(plain[:4], "big")
    if end > len(plain):
        raise ValueError("wrong length")
    return plain[4:end].decode(), plain[end:].decode()


def _cipher(aes_key: str) -> Cipher:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
