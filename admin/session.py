"""Who is at the console. The session is a row of `auth_sessions`; the signed cookie carries only its opaque token."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, g, request, session

from app.accounts import sessions
from app.accounts.models import Hat
from app.accounts.second_factor import needs_second_factor
from app.accounts.sessions import CONSOLE_LIVES, Channel, SignedIn
from app.accounts.signing_in import SignInResult
from app.companies.hats import scope_of_session
from app.core.db import transact
from app.core.errors import NotSignedIn
from app.core.roles import CONSOLE_ROLES, Role
from app.core.scope import Scope

TOKEN = "token"  # noqa: S105  the name of a key in the cookie, not a secret
PRESENT_HEADER = "X-Person-Present"


@dataclass(frozen=True)
class Visitor:
    """A signed-in person under the hat of this session."""

    signed_in: SignedIn
    scope: Scope

    @property
    def actor(self) -> str:
        """Under which name commands of this person and hat are kept (app/core/receipts.py)."""
        return f"console-{self.signed_in.account_id}-{self.signed_in.hat_id}"


def load() -> SignedIn | None:
    """The session of this request's cookie, if it is valid and belongs to the console."""
    token = session.get(TOKEN)
    found = sessions.find_session(token) if isinstance(token, str) else None
    if found is None or found.channel is not Channel.CONSOLE:
        return None
    if found.worth_touching and _person_is_present():
        transact(lambda: sessions.touch(found.session_id))
    return found


def _person_is_present() -> bool:
    """A page that asks by itself every two seconds must not keep a deserted desk signed in (B02); its script says
    whether somebody touched keyboard or mouse since it last asked."""
    is_polling = "/data/" in request.path and request.method == "GET"
    return not is_polling or request.headers.get(PRESENT_HEADER) == "1"


def enter(signed_in: SignedIn) -> Visitor:
    """Remember the visitor for this request."""
    g.visitor = Visitor(signed_in, scope_of_session(signed_in))
    return g.visitor


def visitor() -> Visitor:
    """The visitor of this request; raises NotSignedIn on a page that needs none."""
    found = g.get("visitor")
    if found is None:
        raise NotSignedIn()
    return found


def scope() -> Scope:
    """What the visitor may see."""
    return visitor().scope


def console_hats(account_id: int) -> list[Hat]:
    """The hats that open the console."""
    return [hat for hat in sessions.hats_of(account_id) if Role(hat.role) in CONSOLE_ROLES]


def begin(result: SignInResult) -> None:
    """Open the server-side session after a successful sign-in; the cookie is new, so nothing can be fixated."""
    assert result.account_id is not None
    account_id = result.account_id

    def work() -> str:
        hats = console_hats(account_id)
        return sessions.open_session(
            account_id,
            hat_id=hats[0].id if len(hats) == 1 else None,
            channel=Channel.CONSOLE,
            lives_for=CONSOLE_LIVES,
            second_factor=result.second_factor,
        )

    token = transact(work)
    session.clear()
    session[TOKEN] = token


def end() -> None:
    """Sign out on the server and forget the cookie."""
    found = load()
    if found is not None:
        transact(lambda: sessions.revoke(found.session_id))
    session.clear()


def second_factor_is_due(signed_in: SignedIn) -> bool:
    """Whether this hat must not be used before a second factor was given (B04); a demonstration may do without."""
    enforced = bool(current_app.config["SECOND_FACTOR_ENFORCED"])
    return enforced and needs_second_factor(signed_in.role) and not signed_in.second_factor
