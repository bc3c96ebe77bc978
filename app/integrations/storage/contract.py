"""What every storage promises; the tests run one contract against each of them."""

from __future__ import annotations

import re
from typing import Protocol

from app.integrations.storage.errors import BadStorageKey

MAX_KEY_LENGTH = 200

# No segment begins with a dot: that leaves out `..`, and names for unfinished files that no key can meet.
_KEY = re.compile(r"[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*")


class Storage(Protocol):
    """Whole files under keys like `2026/11/5f3c…a1.jpg`; safe to use from several threads."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store, replacing what was there; a reader sees the old file or the new one, never a part."""

    def get(self, key: str) -> bytes:
        """The stored bytes; raises StorageMissing."""

    def delete(self, key: str) -> None:
        """Remove; nothing happens when it is not there."""

    def exists(self, key: str) -> bool:
        """Whether something is stored under the key."""


def checked_key(key: str) -> str:
    """The key itself, or BadStorageKey: lower-case letters, digits, `.`, `_`, `-`, and `/` between parts."""
    if len(key) > MAX_KEY_LENGTH or not _KEY.fullmatch(key):
        raise BadStorageKey
    return key
