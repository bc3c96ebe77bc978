"""Personal data at rest: AES-256-GCM for the value, HMAC-SHA256 for finding it again (domain 5.1-P21).

The key comes from the settings and is never stored. A value moved to another column does not decrypt, because the
column's name is authenticated with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator

NONCE_BYTES = 12


class _Keys:
    encryption: bytes = b""
    index: bytes = b""


def use_key(key: bytes) -> None:
    """Set the process's key (32 bytes); the index key is derived so that one secret is enough."""
    if len(key) != 32:
        raise ValueError("the personal-data key must be 32 bytes")
    _Keys.encryption = key
    _Keys.index = hmac.new(key, b"blind index", hashlib.sha256).digest()


def encrypt(text: str, *, purpose: str) -> str:
    """Base64 of nonce and ciphertext; `purpose` (table.column) must be named again to decrypt."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(_Keys.encryption).encrypt(nonce, text.encode(), purpose.encode())
    return base64.b64encode(nonce + sealed).decode()


def decrypt(sealed: str, *, purpose: str) -> str:
    """The text again; raises InvalidTag when the value, the key or the purpose is not the original."""
    raw = base64.b64decode(sealed)
    return AESGCM(_Keys.encryption).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode()).decode()


def blind_index(text: str) -> str:
    """A keyed fingerprint by which an encrypted value can be found, 64 hex digits."""
    return hmac.new(_Keys.index, text.encode(), hashlib.sha256).hexdigest()


class Encrypted(TypeDecorator[str]):
    """A text column that is ciphertext in the database."""

    impl = String
    cache_ok = True

    def __init__(self, purpose: str, length: int = 255) -> None:
        self.purpose = purpose
        self.length = length
        super().__init__(length)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else encrypt(value, purpose=self.purpose)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else decrypt(value, purpose=self.purpose)
