"""How often the platform lets an app call: 45011 for the minute, 45009 for the day."""

from __future__ import annotations

from wechat_sandbox.answers import Refused

LOGINS_PER_USER_AND_MINUTE = 100
PER_MINUTE = {
    "/cgi-bin/stable_token": 10_000,
    "/wxa/msg_sec_check": 4_000,
    "/wxa/media_check_async": 2_000,
    "/wxa/getwxacodeunlimit": 5_000,
    "/sns/jscode2session": LOGINS_PER_USER_AND_MINUTE,
}
PER_DAY = {
    "/cgi-bin/token": 2_000,
    "/cgi-bin/stable_token": 500_000,
    "/wxa/msg_sec_check": 2_000_000,
    "/wxa/media_check_async": 200_000,
}


class Quotas:
    """Counts calls per minute and day. The caller holds the world's lock."""

    def __init__(self) -> None:
        self.per_minute = dict(PER_MINUTE)
        self.per_day = dict(PER_DAY)
        self._counts: dict[tuple[str, str, int], tuple[int, int]] = {}

    def use(self, path: str, now: float, *, who: str = "") -> None:
        """Count one call of `path` (by `who`): 45011 beyond the minute's limit, 45009 beyond the day's."""
        self._count(path, who, int(now // 60), 60, self.per_minute.get(path), 45011)
        if not who:
            self._count(path, who, int(now // 86400), 86400, self.per_day.get(path), 45009)

    def _count(self, path: str, who: str, window: int, length: int, limit: int | None, errcode: int) -> None:
        if limit is None:
            return
        key = (path, who, length)
        last_window, count = self._counts.get(key, (window, 0))
        count = count + 1 if last_window == window else 1
        self._counts[key] = (window, count)
        if count > limit:
            raise Refused(errcode)
