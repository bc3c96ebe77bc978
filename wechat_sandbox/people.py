"""The residents' phones: who they are, their codes, consents and received messages."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from wechat_sandbox.answers import Refused

CODE_LIFE = 300
ACTIVE_FOR = 7200
MAX_MESSAGES = 500
MAX_CODES = 20_000


@dataclass
class User:
    """One person in WeChat; the openid follows from the name, so it survives a restart of the sandbox."""

    name: str
    openid: str
    unionid: str
    session_key: str = ""
    blocked: bool = False
    active_at: float = 0.0
    last_event_at: int = 0
    grants: dict[str, int] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For the control interface and the stored state; without the session key."""
        return {name: value for name, value in asdict(self).items() if name != "session_key"}


@dataclass
class Code:
    """A code of wx.login or of the phone button: five minutes, one use."""

    kind: str
    user: User
    issued_at: float
    phone: str = ""
    used: bool = False


class People:
    """All phones. The caller holds the world's lock."""

    def __init__(self, appid: str) -> None:
        self._appid = appid
        self.by_name: dict[str, User] = {}
        self._by_openid: dict[str, User] = {}
        self._codes: dict[str, Code] = {}

    def named(self, name: str, now: float) -> User:
        """The person of that name; a new one is made."""
        if name not in self.by_name:
            self.add(User(name, openid_of(self._appid, name), openid_of("union", name), active_at=now))
        return self.by_name[name]

    def add(self, user: User) -> None:
        """Know this person by name and openid."""
        self.by_name[user.name] = user
        self._by_openid[user.openid] = user

    def known(self, openid: str) -> User | None:
        """Whose openid it is, if it is one of this mini-program."""
        return self._by_openid.get(openid)

    def with_openid(self, openid: object) -> User:
        """Refuses 40003 when the openid is not of this mini-program."""
        user = self.known(openid) if isinstance(openid, str) else None
        if user is None:
            raise Refused(40003)
        return user

    def active(self, openid: object, now: float) -> User:
        """As with_openid, and the person has been in the mini-program within two hours (61010)."""
        user = self.with_openid(openid)
        if now - user.active_at > ACTIVE_FOR:
            raise Refused(61010)
        return user

    def issue(self, kind: str, user: User, now: float, phone: str = "") -> str:
        """A new code; whoever gets one is using the mini-program now."""
        value = secrets.token_urlsafe(24)
        self._codes[value] = Code(kind, user, now, phone)
        user.active_at = now
        if len(self._codes) > MAX_CODES:
            self._codes.pop(next(iter(self._codes)))
        return value

    def owner(self, value: object) -> User | None:
        """Whose code it is, if it is one."""
        code = self._codes.get(value) if isinstance(value, str) else None
        return code.user if code else None

    def redeem(self, kind: str, value: object, now: float) -> Code:
        """Use up a code: 41008 missing, 40029 unknown, of another kind or too old, 40163 used."""
        if not value:
            raise Refused(41008)
        code = self._codes.get(value) if isinstance(value, str) else None
        if code is None or code.kind != kind or now - code.issued_at > CODE_LIFE:
            raise Refused(40029, f", hints: [ req_id: {secrets.token_urlsafe(11)} ]")
        if code.used:
            raise Refused(40163, ",")
        code.used = True
        return code


def new_session_key(user: User) -> str:
    """Replaces the older one: a person has one valid key."""
    user.session_key = base64.b64encode(os.urandom(16)).decode()
    return user.session_key


def take_grant(user: User, template_id: str) -> None:
    """One consent is one message (43101 when none is left)."""
    if user.grants.get(template_id, 0) < 1:
        raise Refused(43101)
    user.grants[template_id] -= 1


def keep_message(user: User, message: dict[str, Any]) -> None:
    """Newest last; a phone keeps the last MAX_MESSAGES."""
    user.messages.append(message)
    del user.messages[:-MAX_MESSAGES]


def openid_of(appid: str, name: str) -> str:
    """28 characters beginning with o, the same for the same appid and name."""
    digest = hashlib.sha256(f"{appid}/{name}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]
