"""Access tokens: cgi-bin/token and cgi-bin/stable_token are two lines that do not touch each other."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from wechat_sandbox.answers import Refused

LIFE = 7200
OVERLAP = 300
"""The platform renews five minutes early, and an old token lives five minutes beside its successor."""
FORCED_PER_DAY = 20
FORCED_PAUSE = 30
TOKEN_LENGTH = 136
DAY = 86400


@dataclass
class Token:
    """A token and the instant at which it dies."""

    value: str
    dies_at: float


class TokenDesk:
    """All tokens of the one app. The caller holds the world's lock."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._killed: set[str] = set()
        self._plain: Token | None = None
        self._stable: Token | None = None
        self._forced_at: list[float] = []

    def plain(self, now: float) -> tuple[str, int]:
        """cgi-bin/token: always a new one; the one before lives five minutes more."""
        if self._plain is not None:
            self._plain.dies_at = min(self._plain.dies_at, now + OVERLAP)
        self._plain = self._new(now)
        return self._plain.value, LIFE

    def stable(self, now: float, *, force: bool) -> tuple[str, int]:
        """cgi-bin/stable_token: the same one until five minutes before its end; forced, the old one dies at
        once.
        """
        if force:
            self._count_forced(now)
            if self._stable is not None:
                self.kill(self._stable.value)
            self._stable = self._new(now)
        elif self._stable is None or self._stable.dies_at - now <= OVERLAP:
            self._stable = self._new(now)
        return self._stable.value, int(self._stable.dies_at - now)

    def kill(self, value: str) -> None:
        """From now on the token is "not latest" (40001)."""
        self._tokens.pop(value, None)
        self._killed.add(value)
        if self._stable is not None and self._stable.value == value:
            self._stable = None

    def kill_all(self) -> None:
        """As after a reset of the secret."""
        for value in list(self._tokens):
            self.kill(value)

    def require(self, value: str | None, now: float) -> None:
        """41001 missing, 40014 no token at all, 40001 not latest, 42001 too old."""
        if not value:
            raise Refused(41001)
        token = self._tokens.get(value)
        if token is None:
            raise Refused(40001 if value in self._killed or len(value) == TOKEN_LENGTH else 40014)
        if now >= token.dies_at:
            raise Refused(42001)

    def _new(self, now: float) -> Token:
        token = Token(secrets.token_hex(TOKEN_LENGTH // 2), now + LIFE)
        self._tokens[token.value] = token
        return token

    def _count_forced(self, now: float) -> None:
        self._forced_at = [at for at in self._forced_at if now - at < DAY]
        if len(self._forced_at) >= FORCED_PER_DAY:
            raise Refused(45009)
        if self._forced_at and now - self._forced_at[-1] < FORCED_PAUSE:
            raise Refused(45011)
        self._forced_at.append(now)
