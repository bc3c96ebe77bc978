"""The signature of WeChat Pay v2: HMAC-SHA256 for everything, MD5 is neither made nor accepted (D7, D8)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

SIGN_TYPE = "HMAC-SHA256"


@dataclass(frozen=True)
class PayKey:
    """The APIv2 key, in a wrapping that shows nothing when it is printed, logged or part of a traceback."""

    value: str = field(repr=False)

    def blanked(self, text: str) -> str:
        """The text with the key, should somebody have put it there, taken out."""
        return text.replace(self.value, "***")


def new_nonce() -> str:
    """32 characters that nobody can guess (D16)."""
    return secrets.token_hex(16)


def sign(params: Mapping[str, str], key: PayKey) -> str:
    """The signature over all parameters that are not empty, upper-case hex."""
    parts = [f"{name}={params[name]}" for name in sorted(params) if name != "sign" and params[name]]
    text = "&".join([*parts, f"key={key.value}"])
    return hmac.new(key.value.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


def is_signed(params: Mapping[str, str], key: PayKey) -> bool:
    """Whether whoever wrote these parameters has the key and used the type that we use (D6, D7).

    An MD5 signature, shorter by half, is as wrong as none.
    """
    if params.get("sign_type", SIGN_TYPE) != SIGN_TYPE:
        return False
    return hmac.compare_digest(sign(params, key).encode(), params.get("sign", "").encode())
