"""Short-lived permissions that carry their own proof: HMAC-SHA256 over a purpose and plain values.

Nothing is stored; whoever holds the link may use it until it ends.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from app.core import clock

MIN_KEY_BYTES = 16


class _Key:
    value: bytes = b""


class NoSigningKey(RuntimeError):
    """The process did not set its key at start; signing with an empty key would prove nothing."""


def use_signing_key(key: bytes) -> None:
    """Set the process's key; raises ValueError for one that could be guessed."""
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"the signing key needs at least {MIN_KEY_BYTES} bytes")
    _Key.value = key


def signature(purpose: str, *values: str | int) -> str:
    """64 hex digits; a signature for one purpose is worthless for another."""
    if not _Key.value:
        raise NoSigningKey
    message = "\n".join([purpose, *map(str, values)])
    return hmac.new(_Key.value, message.encode(), hashlib.sha256).hexdigest()


def is_signed(claimed: str, purpose: str, *values: str | int) -> bool:
    """Whether the signature is ours, compared in constant time."""
    return hmac.compare_digest(signature(purpose, *values).encode(), claimed.encode(errors="replace"))


def epoch(instant: datetime) -> int:
    """Whole seconds since 1970."""
    return int(instant.timestamp())


def is_over(until: int) -> bool:
    """Whether an epoch second has passed; one that no calendar holds counts as passed."""
    try:
        return datetime.fromtimestamp(until, UTC) <= clock.now()
    except (ValueError, OverflowError, OSError):
        return True
