"""Who is asking: a bearer token becomes a caller with one hat and the scope that this hat gives."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request

from app.accounts import sessions
from app.accounts.errors import PrivacyConsentNeeded, SignInAgain
from app.accounts.sessions import Channel, SignedIn
from app.companies.hats import scope_of_session
from app.core.db import transact
from app.core.errors import Forbidden, NotSignedIn
from app.core.roles import Role
from app.core.scope import Scope

RESIDENT = frozenset({Role.RES})
DESK = frozenset({Role.DSP, Role.MGR})
HATS_ON_THE_PHONE = frozenset({Role.WRK, Role.DSP, Role.MGR, Role.CO, Role.HOT, Role.COM, Role.STR, Role.BUR})
"""Administrators work at the console only, behind their second factor (domain 5.2-B04)."""
SIGNED_IN = RESIDENT | HATS_ON_THE_PHONE
PUBLIC: frozenset[Role] = frozenset()
"""Nobody needs to sign in; the route reads no personal data."""

LONGEST_TOKEN = 128


@dataclass(frozen=True)
class Caller:
    """The person behind a request and what he may see under the hat of his session."""

    session: SignedIn
    scope: Scope

    @property
    def account_id(self) -> int:
        return self.session.account_id

    @property
    def role(self) -> Role:
        return self.session.role

    @property
    def actor(self) -> str:
        """The owner of idempotency keys."""
        return f"account:{self.account_id}"


def address() -> str:
    """From where the request came, for audit and rate limits; never for deciding who it is."""
    return request.remote_addr or ""


def authenticate(who: frozenset[Role]) -> Caller:
    """The caller; raises NotSignedIn without a living token and Forbidden for a hat that can never do this."""
    signed_in = sessions.find_session(_token())
    if signed_in is None or signed_in.channel is not Channel.API:
        raise NotSignedIn()
    g.role = signed_in.role.value
    if signed_in.role not in who:
        raise Forbidden()
    caller = Caller(signed_in, scope_of_session(signed_in))
    if signed_in.worth_touching:
        transact(lambda: sessions.touch(signed_in.session_id))
    return caller


def check_promises(caller: Caller, *, consent: bool, fresh: bool) -> None:
    """Before anything personal is taken from a resident, or everything about him is given away or deleted.

    Raises PrivacyConsentNeeded, SignInAgain. Staff act in their work, which the notice does not cover.
    """
    if consent and caller.role in RESIDENT and not caller.session.consented:
        raise PrivacyConsentNeeded()
    if fresh and not caller.session.is_fresh:
        raise SignInAgain()


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN:
        raise NotSignedIn()
    return token
