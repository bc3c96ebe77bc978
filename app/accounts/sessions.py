"""Signed-in devices: opaque tokens, revocable at any time, one hat at a time (domain 5.3 A36, A37)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, delete, or_, select, update

from app.accounts.errors import AccountClosed, NotYourHat
from app.accounts.models import Account, AccountStatus, AuthSession, Credential, Hat, PrivacyConsent
from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.core import clock
from app.core.db import changed, db, table_of
from app.core.roles import Role

TOKEN_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)
KEPT_AFTER_END = timedelta(days=30)
FRESH_FOR = timedelta(minutes=15)


class Channel(StrEnum):
    """By which door somebody came in; a token of one door opens no other."""

    API = "api"
    CONSOLE = "console"


CONSOLE_LIVES = timedelta(hours=12)
API_LIVES = timedelta(days=180)
LONGEST = {Channel.CONSOLE: CONSOLE_LIVES, Channel.API: API_LIVES}
IDLE_LIMIT = {Channel.CONSOLE: timedelta(minutes=30), Channel.API: timedelta(days=30)}


@dataclass(frozen=True)
class SignedIn:
    """A valid session: who, under which hat (None: as a resident), since when seen."""

    session_id: int
    account_id: int
    hat_id: int | None
    role: Role
    channel: Channel
    must_change: bool
    second_factor: bool
    consented: bool
    """Whether the person has agreed to the present version of the privacy notice."""
    opened_at: datetime
    seen_at: datetime

    @property
    def is_fresh(self) -> bool:
        """Whether the person has shown a moment ago that it is he: by WeChat or by his password."""
        return clock.now() < self.opened_at + FRESH_FOR

    @property
    def worth_touching(self) -> bool:
        """Whether `touch` would write anything: lets a reading request stay without a write."""
        return self.seen_at <= clock.now() - TOUCH_EVERY


def open_session(
    account_id: int,
    *,
    hat_id: int | None = None,
    channel: str,
    lives_for: timedelta,
    second_factor: bool = False,
) -> str:
    """Sign the account in and return the token; only its SHA-256 is kept.

    `lives_for` is cut at the longest life of the channel (console 12 h, B02). Raises AccountClosed, and NotYourHat for
    a hat of somebody else.
    """
    account = db.session.get_one(Account, account_id)
    if account.status != AccountStatus.ACTIVE:
        raise AccountClosed()
    if hat_id is not None:
        _check_hat(hat_id, account_id)
    token, at = secrets.token_urlsafe(TOKEN_BYTES), clock.now()
    db.session.add(
        AuthSession(
            token_hash=_hash(token),
            account_id=account_id,
            hat_id=hat_id,
            channel=Channel(channel),
            created_at=at,
            seen_at=at,
            expires_at=at + min(lives_for, LONGEST[Channel(channel)]),
            second_factor_at=at if second_factor else None,
        )
    )
    db.session.flush()
    return token


_SESSIONS, _ACCOUNTS, _HATS, _CREDENTIALS = map(table_of, (AuthSession, Account, Hat, Credential))
_CONSENTS = table_of(PrivacyConsent)
_AGREED = (
    (_CONSENTS.c.account_id == _SESSIONS.c.account_id)
    & (_CONSENTS.c.document == PRIVACY)
    & (_CONSENTS.c.version == PRIVACY_VERSION)
    & _CONSENTS.c.withdrawn_at.is_(None)
)
# Built once: every request asks it.
_FIND_SESSION = (
    select(
        *_SESSIONS.c["id", "account_id", "hat_id", "channel", "second_factor_at", "created_at", "seen_at"],
        _HATS.c.role,
        _CREDENTIALS.c.must_change,
        _CONSENTS.c.id.label("consent_id"),
    )
    .prefix_with("STRAIGHT_JOIN", dialect="mysql")  # all by their keys: planning it costs more than reading
    .select_from(_SESSIONS)
    .join(_ACCOUNTS, _ACCOUNTS.c.id == _SESSIONS.c.account_id)
    .outerjoin(_HATS, _HATS.c.id == _SESSIONS.c.hat_id)
    .outerjoin(_CREDENTIALS, _CREDENTIALS.c.account_id == _SESSIONS.c.account_id)
    .outerjoin(_CONSENTS, _AGREED)
    .where(
        _SESSIONS.c.token_hash == bindparam("token"),
        _SESSIONS.c.revoked_at.is_(None),
        _SESSIONS.c.expires_at > bindparam("at"),
        _ACCOUNTS.c.status == AccountStatus.ACTIVE.value,
        or_(_SESSIONS.c.hat_id.is_(None), _HATS.c.ended_at.is_(None)),
    )
)


def find_session(token: str) -> SignedIn | None:
    """The valid session of a token, in one SELECT; None when it was never given, revoked, expired or left idle, when
    the account is not active, or when the hat was taken off."""
    at = clock.now()
    session = db.session.execute(_FIND_SESSION, {"token": _hash(token), "at": at}).one_or_none()
    if session is None or session.seen_at + IDLE_LIMIT[Channel(session.channel)] <= at:
        return None
    return SignedIn(
        session_id=session.id,
        account_id=session.account_id,
        hat_id=session.hat_id,
        role=Role(session.role or Role.RES),
        channel=Channel(session.channel),
        must_change=bool(session.must_change) and session.channel == Channel.CONSOLE,
        second_factor=session.second_factor_at is not None,
        consented=session.consent_id is not None,
        opened_at=session.created_at,
        seen_at=session.seen_at,
    )


def touch(session_id: int) -> None:
    """Note that the session is in use; writes at most once a minute."""
    at = clock.now()
    due = (AuthSession.id == session_id) & (AuthSession.seen_at <= at - TOUCH_EVERY)
    db.session.execute(update(AuthSession).where(due).values(seen_at=at))


def revoke(session_id: int) -> None:
    """Sign out on the server's side; signing out twice is no error."""
    _revoke(AuthSession.id == session_id)


def revoke_all(account_id: int, *, keep: int | None = None) -> None:
    """End every session of a person, but for the one named `keep`."""
    others = AuthSession.account_id == account_id
    _revoke(others if keep is None else others & (AuthSession.id != keep))


def wear_hat(session_id: int, hat_id: int | None) -> None:
    """Change the hat of a session, None to be a resident again; raises NotYourHat for a hat of somebody else."""
    session = db.session.get_one(AuthSession, session_id)
    if hat_id is not None:
        _check_hat(hat_id, session.account_id)
    session.hat_id = hat_id
    db.session.flush()


def hats_of(account_id: int) -> list[Hat]:
    """The hats that a person wears now, oldest first."""
    own = (Hat.account_id == account_id) & Hat.ended_at.is_(None)
    return list(db.session.scalars(select(Hat).where(own).order_by(Hat.id)))


def sessions_of(account_id: int) -> list[AuthSession]:
    """The open sessions of a person, newest first, for his own list of devices (A38)."""
    is_open = AuthSession.revoked_at.is_(None) & (AuthSession.expires_at > clock.now())
    statement = select(AuthSession).where(AuthSession.account_id == account_id, is_open)
    return list(db.session.scalars(statement.order_by(AuthSession.id.desc())))


def forget_old_sessions() -> int:
    """Delete sessions that ended long ago; returns how many."""
    before = clock.now() - KEPT_AFTER_END
    return changed(delete(AuthSession).where(AuthSession.expires_at < before))


def _check_hat(hat_id: int, account_id: int) -> None:
    hat = db.session.get(Hat, hat_id, populate_existing=True)
    if hat is None or hat.account_id != account_id or hat.ended_at is not None:
        raise NotYourHat()


def _revoke(which) -> None:
    open_ones = which & AuthSession.revoked_at.is_(None)
    db.session.execute(update(AuthSession).where(open_ones).values(revoked_at=clock.now()))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
