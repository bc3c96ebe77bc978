"""How often a person may try: counted in Redis across all processes, or in memory on one machine (domain A13)."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from flask import Flask, current_app, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from app.core.errors import TooMany
from config import Settings, UnsafeSettings

DEFAULTS: Mapping[str, str] = {
    "login": "60/minute",
    "binding": "20/hour",
    "phone": "10/hour",
    "photos": "120/hour",
    "voices": "60/hour",
    "orders": "30/hour",
    "snaps": "30/hour",
    "payments": "60/minute",
    "reveal": "60/hour",
    "public": "300/minute",
}
"""Per account, or per address before anybody is known; a family behind one address must not lock itself out."""
_EXTENSION = "miniprogram_api.rates"
log = structlog.get_logger()


class TooOften(TooMany):
    """A limit of this edge; `retry_after_seconds` becomes the header Retry-After."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class Rates:
    """The limits of one application."""

    def __init__(self, settings: Settings, limits: Mapping[str, str]) -> None:
        self._shared = FixedWindowRateLimiter(storage_from_string(settings.redis_url or "memory://"))
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._items: dict[str, RateLimitItem] = {}
        self.replace(DEFAULTS)
        self.replace(limits)

    def replace(self, limits: Mapping[str, str]) -> None:
        """Other limits for the named kinds of tries, as "60/minute"; raises UnsafeSettings for nonsense."""
        unknown = set(limits) - set(DEFAULTS)
        if unknown:
            raise UnsafeSettings(
                f"RATE_LIMITS 里没有这一项:{'、'.join(sorted(unknown))};可用:{'、'.join(DEFAULTS)}"
            )
        try:
            self._items.update({name: parse(limit) for name, limit in limits.items()})
        except ValueError as error:
            raise UnsafeSettings(
                'RATE_LIMITS 的写法是 {"login": "60/minute"},次数/second、minute、hour 或 day'
            ) from error

    def count(self, name: str, who: str) -> None:
        """Count one try; raises TooOften when there were too many."""
        item = self._items[name]
        if not self._hit(item, name, who):
            raise TooOften(item.get_expiry())

    def _hit(self, item: RateLimitItem, name: str, who: str) -> bool:
        """Without Redis each process counts alone: nobody is locked out, nothing is unlimited."""
        try:
            return bool(self._shared.hit(item, name, who))
        except RedisError as error:
            log.warning("rate limits are counted locally", error=type(error).__name__)
            return self._own.hit(item, name, who)


def register(app: Flask, settings: Settings) -> None:
    """Set the limits up; RATE_LIMITS in the environment replaces single ones ({"login": "5/minute"})."""
    app.extensions[_EXTENSION] = Rates(settings, settings.rate_limits)


def count(name: str, who: str | None = None) -> None:
    """Count a try of this account, or of the request's address."""
    rates = current_app.extensions[_EXTENSION]
    assert isinstance(rates, Rates)
    rates.count(name, who or f"address:{request.remote_addr}")
