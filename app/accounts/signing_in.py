"""Signing in to the console: password, lock, second factor (domain 5.2-B01..B04, 5.3 A29..A35).

`sign_in` returns its refusal instead of raising it: a raised refusal rolls the edge's transaction back, and with it the
count of failures that locks the door. The edge commits, then shows `result.refusal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts import passwords
from app.accounts.errors import (
    CredentialExists,
    InitialPasswordExpired,
    LoginNameTaken,
    NoHat,
    SignInRefused,
    WeakPassword,
    WrongOldPassword,
)
from app.accounts.models import Account, AccountStatus, Credential, Hat
from app.accounts.scopes import nobody_yet
from app.accounts.second_factor import code_fits, is_confirmed, needs_second_factor
from app.accounts.sessions import hats_of, revoke_all
from app.audit import service as audit
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db, lock, translate_constraint
from app.core.errors import Refusal
from app.core.roles import Role
from app.core.scope import Scope

MAX_FAILURES = 5
FAILURE_WINDOW = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=30)
INITIAL_PASSWORD_LIVES = timedelta(hours=24)

translate_constraint("uq_credentials_login_name", LoginNameTaken)
translate_constraint("uq_credentials_account_id", CredentialExists)


@dataclass(frozen=True)
class SignInResult:
    """Exactly one of three: refused (`refusal`), a code is still missing (`needs_totp`), or signed in (`account_id`).

    Only the last carries an account, so an edge that forgets to look cannot open a session. `must_change`: the only
    thing allowed next is a new password. `must_enrol`: a hat of this person demands a second factor and none is set up.
    """

    account_id: int | None = None
    hats: tuple[Hat, ...] = ()
    must_change: bool = False
    needs_totp: bool = False
    must_enrol: bool = False
    second_factor: bool = False
    refusal: Refusal | None = None


def sign_in(login_name: str, password: str, *, totp: str | None = None, address: str = "") -> SignInResult:
    """Check name, password and code; counts failures and locks after five within 15 minutes for 30 minutes, during
    which the right password is refused with the same words. Never raises a refusal (see the module)."""
    credential = _locked_credential(login_name)
    if credential is None:
        passwords.waste_the_same_time(password)
        return _refused(None, SignInRefused(), "unknown", address, login_name)
    at = clock.now()
    right = passwords.password_fits(credential.password_hash, password)
    if credential.locked_until and credential.locked_until > at:
        return _refused(credential, SignInRefused(), "locked", address)
    if not right:
        _count_failure(credential, at)
        return _refused(credential, SignInRefused(), "wrong password", address)
    if is_confirmed(credential):
        if not totp:
            return SignInResult(needs_totp=True)
        if not code_fits(credential, totp):
            _count_failure(credential, at)
            return _refused(credential, SignInRefused(), "wrong code", address)
    return _admit(credential, password, at, address)


def create_credential(
    account: Account, login_name: str, password: str, *, must_change: bool = True, by: Scope | None = None
) -> Credential:
    """Give an account a way into the console; raises WeakPassword or LoginNameTaken.

    With `must_change` the password is a first one: it opens the door for 24 hours and must be replaced at once.
    """
    passwords.check_strength(password, context=[login_name, account.name or ""])
    credential = Credential(
        account_id=account.id,
        login_name=login_name.strip().lower(),
        password_hash=passwords.hash_password(password),
        must_change=must_change,
        changed_at=clock.now(),
    )
    db.session.add(credential)
    db.session.flush()
    _audit("credential.create", credential, by=by)
    return credential


def change_password(account_id: int, old: str, new: str, *, keep_session: int | None = None) -> None:
    """Replace the password and end all other sessions; raises WrongOldPassword or WeakPassword."""
    credential = credential_of(account_id)
    if credential is None or not passwords.password_fits(credential.password_hash, old):
        raise WrongOldPassword(fields={"old": WrongOldPassword.message})
    context = [credential.login_name, credential.account.name or ""]
    passwords.check_strength(new, context=context)
    if passwords.password_fits(credential.password_hash, new):
        raise WeakPassword("新密码不能和原密码一样", fields={"password": "新密码不能和原密码一样"})
    _replace(credential, new, must_change=False)
    revoke_all(account_id, keep=keep_session)
    _audit("credential.change_password", credential)


def reissue_password(account_id: int, *, by: Scope) -> str:
    """A new random first password for somebody who lost his; ends his sessions and opens the lock."""
    credential = credential_of(account_id)
    if credential is None:
        raise WrongOldPassword("这个人还没有登录账号,请先开通")
    password = passwords.initial_password()
    _replace(credential, password, must_change=True)
    revoke_all(account_id)
    _audit("credential.reissue", credential, by=by)
    return password


def credential_of(account_id: int) -> Credential | None:
    """The locked credential of an account."""
    return db.session.scalars(_fresh(Credential.account_id == account_id)).one_or_none()


def _admit(credential: Credential, password: str, at: datetime, address: str) -> SignInResult:
    """The last checks after everything secret was right, then a clean slate."""
    hats = tuple(hats_of(credential.account_id))
    if credential.must_change and credential.changed_at + INITIAL_PASSWORD_LIVES <= at:
        return _refused(credential, InitialPasswordExpired(), "initial password expired", address)
    if not hats or credential.account.status != AccountStatus.ACTIVE:
        return _refused(credential, NoHat(), "no hat", address)
    credential.failures, credential.first_failure_at, credential.locked_until = 0, None, None
    if passwords.needs_rehash(credential.password_hash):
        credential.password_hash = passwords.hash_password(password)
    second_factor = is_confirmed(credential)
    _audit("session.sign_in", credential, address=address, role=Role(hats[0].role))
    return SignInResult(
        account_id=credential.account_id,
        hats=hats,
        must_change=credential.must_change,
        must_enrol=not second_factor and any(needs_second_factor(Role(hat.role)) for hat in hats),
        second_factor=second_factor,
    )


def _count_failure(credential: Credential, at: datetime) -> None:
    first = credential.first_failure_at
    if first is None or first + FAILURE_WINDOW <= at:
        credential.failures, credential.first_failure_at = 0, at
    credential.failures += 1
    if credential.failures >= MAX_FAILURES:
        credential.locked_until = at + LOCKED_FOR
        credential.failures, credential.first_failure_at = 0, None


def _refused(
    credential: Credential | None, refusal: Refusal, why: str, address: str, login_name: str = ""
) -> SignInResult:
    """An unknown name is kept as a fingerprint only: people type their password into the wrong field."""
    audit.record(
        "session.sign_in",
        by=nobody_yet(credential.account_id if credential else None),
        object_kind="credential",
        object_id=credential.id if credential else blind_index(login_name)[:16],
        details={"why": why},
        result="refused",
        address=address,
    )
    return SignInResult(refusal=refusal)


def _replace(credential: Credential, password: str, *, must_change: bool) -> None:
    credential.password_hash = passwords.hash_password(password)
    credential.must_change, credential.changed_at = must_change, clock.now()
    credential.failures, credential.first_failure_at, credential.locked_until = 0, None, None
    db.session.flush()


def _audit(
    action: str, credential: Credential, *, by: Scope | None = None, address: str = "", role: Role = Role.SYS
) -> None:
    actor = by or nobody_yet(credential.account_id, role)
    audit.record(action, by=actor, object_kind="credential", object_id=credential.id, address=address)


def _locked_credential(login_name: str) -> Credential | None:
    return db.session.scalars(_fresh(Credential.login_name == login_name.strip().lower())).one_or_none()


def _fresh(which):
    return lock(select(Credential).where(which)).execution_options(populate_existing=True)
