"""The access token in the product's own database: shared by all nodes without any further server (D5).

The token is encrypted, because a copy of the database must not be able to speak in our name. The lock is a lease: a
row that names its end, so that a process that dies with it does not hold it for ever (D4).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import delete, update

from app.core import clock, shared_values
from app.core.crypto import decrypt, encrypt
from app.core.db import changed, insert_once, table_of, transact
from app.core.shared_values import SharedValue
from app.integrations.wechat.errors import WeChatDown
from app.integrations.wechat.tokens import LOCK_LIFE_SECONDS, LOCK_WAIT_SECONDS

PURPOSE = "wechat.token"
POLL_SECONDS = 0.05


class DatabaseTokenStore:
    """Needs an application context, and must not be used inside a running unit of work: each call is one of its own."""

    def get(self, key: str) -> str | None:
        """The token, or None when there is none or it has ended."""
        sealed = transact(lambda: shared_values.read(f"wechat.{key}"))
        return None if sealed is None else decrypt(sealed, purpose=PURPOSE)

    def put(self, key: str, value: str, ttl_seconds: int) -> None:
        """Store the token, encrypted, for `ttl_seconds`."""
        sealed = encrypt(value, purpose=PURPOSE)
        transact(
            lambda: shared_values.write(f"wechat.{key}", sealed, lives_for=timedelta(seconds=ttl_seconds))
        )

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Hold the lease; raises WeChatDown when another process has it for longer than a token call can take."""
        name = f"lock.wechat.{key}"
        give_up_at = time.monotonic() + LOCK_WAIT_SECONDS
        while not transact(lambda: _take(name)):
            if time.monotonic() > give_up_at:
                raise WeChatDown(None, "another process is still fetching the token")
            time.sleep(POLL_SECONDS)
        try:
            yield
        finally:
            transact(lambda: changed(delete(SharedValue).where(SharedValue.name == name)))


def _take(name: str) -> bool:
    """Take a free or a forgotten lease."""
    at = clock.now()
    until = at + timedelta(seconds=LOCK_LIFE_SECONDS)
    row = {"name": name, "value": "held", "changed_at": at, "expires_at": until}
    if insert_once(table_of(SharedValue), row):
        return True
    forgotten = (SharedValue.name == name) & (SharedValue.expires_at <= at)
    return changed(update(SharedValue).where(forgotten).values(expires_at=until, changed_at=at)) == 1
