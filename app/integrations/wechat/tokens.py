"""Where the access token is kept: shared by every process (D5), fetched by one of them at a time (D4).

A token lives 7200 s and must not be fetched by each worker on its own. Production uses the database or Redis
store; the in-process one is for tests and for a single development process.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from redis.exceptions import LockError, RedisError

from app.core import clock
from app.integrations.wechat.errors import WeChatDown

if TYPE_CHECKING:
    from redis import Redis

LOCK_LIFE_SECONDS = 40
"""Longer than two token calls at their full time-out, so that a lock never ends under its holder."""
LOCK_WAIT_SECONDS = 20


class TokenStore(Protocol):
    """A small shared store of short texts with an end of life, and a lock by name."""

    def get(self, key: str) -> str | None:
        """The stored text, or None when there is none or it has ended."""

    def put(self, key: str, value: str, ttl_seconds: int) -> None:
        """Store the text for `ttl_seconds`."""

    def lock(self, key: str) -> AbstractContextManager[object]:
        """Hold the named lock; only one holder at a time across everything that shares the store."""


class MemoryTokenStore:
    """In this process only, safe for threads."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[str, datetime]] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def get(self, key: str) -> str | None:
        with self._guard:
            value, ends_at = self._values.get(key, ("", clock.now()))
        return value if clock.now() < ends_at else None

    def put(self, key: str, value: str, ttl_seconds: int) -> None:
        with self._guard:
            self._values[key] = (value, clock.now() + timedelta(seconds=ttl_seconds))

    def lock(self, key: str) -> AbstractContextManager[object]:
        with self._guard:
            return self._locks[key]


class RedisTokenStore:
    """Shared through Redis; keys begin with `prefix`. Every method raises WeChatDown while Redis is away."""

    def __init__(self, redis: Redis, prefix: str = "anju:wechat:") -> None:
        self._redis = redis
        self._prefix = prefix

    def get(self, key: str) -> str | None:
        with _redis_down_is_wechat_down():
            value = self._redis.get(self._prefix + key)
        return value.decode() if isinstance(value, bytes) else value

    def put(self, key: str, value: str, ttl_seconds: int) -> None:
        with _redis_down_is_wechat_down():
            self._redis.set(self._prefix + key, value, ex=ttl_seconds)

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Also raises WeChatDown when another process holds the lock for longer than a token call can take."""
        lock = self._redis.lock(f"{self._prefix}lock:{key}", timeout=LOCK_LIFE_SECONDS)
        with _redis_down_is_wechat_down():
            mine = lock.acquire(blocking_timeout=LOCK_WAIT_SECONDS)
        if not mine:
            raise WeChatDown(None, "another process is still fetching the token")
        try:
            yield
        finally:
            # LockError: it ended by itself and the next holder has it; RedisError: it will end by itself
            with suppress(LockError, RedisError):
                lock.release()


@contextmanager
def _redis_down_is_wechat_down() -> Iterator[None]:
    """Without the shared store nobody may fetch a token: to the caller WeChat is away, and a job tries later."""
    try:
        yield
    except RedisError as broken:
        raise WeChatDown(None, f"token store: {type(broken).__name__}") from broken
