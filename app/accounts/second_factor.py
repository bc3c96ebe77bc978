"""One-time codes of an authenticator app (TOTP), each good for one use (domain 5.2-B04, 5.3 A35)."""

from __future__ import annotations

import hmac

import pyotp
from sqlalchemy import select

from app.accounts.errors import SecondFactorSet, WrongCode
from app.accounts.models import Credential
from app.accounts.scopes import nobody_yet
from app.audit import service as audit
from app.core import clock
from app.core.db import db, lock
from app.core.errors import NotFound
from app.core.roles import Role
from app.core.scope import Scope

ISSUER = "安居服务平台"
STEP_SECONDS = 30
TOLERATED_STEPS = 1
"""A telephone's clock may be one step early or late."""

SECOND_FACTOR_ROLES = frozenset({Role.BUR, Role.SYA, Role.SEA, Role.AUA})


def needs_second_factor(role: Role) -> bool:
    """Whether this hat must not be worn on a password alone (B04)."""
    return role in SECOND_FACTOR_ROLES


def is_confirmed(credential: Credential) -> bool:
    """Whether codes are asked for: a secret that was never confirmed locks nobody out."""
    return credential.totp_secret is not None and credential.totp_last_step is not None


def start_totp(account_id: int) -> str:
    """A new secret as an otpauth:// address for the QR code; it counts once a code of it was given back.

    Raises SecondFactorSet when one is confirmed already.
    """
    credential = _locked(account_id)
    if is_confirmed(credential):
        raise SecondFactorSet()
    credential.totp_secret = pyotp.random_base32()
    db.session.flush()
    return pyotp.TOTP(credential.totp_secret).provisioning_uri(name=credential.login_name, issuer_name=ISSUER)


def confirm_totp(account_id: int, code: str) -> None:
    """Switch the second factor on with a first code; raises WrongCode."""
    credential = _locked(account_id)
    if not code_fits(credential, code):
        raise WrongCode(fields={"code": WrongCode.message})
    audit.record("totp.confirm", by=nobody_yet(account_id), object_kind="credential", object_id=credential.id)


def reset_totp(account_id: int, *, by: Scope) -> None:
    """Take the second factor away, because the telephone is lost; the security administrator does it."""
    credential = _locked(account_id)
    credential.totp_secret, credential.totp_last_step = None, None
    audit.record("totp.reset", by=by, object_kind="credential", object_id=credential.id)


def code_fits(credential: Credential, code: str) -> bool:
    """Whether the code is one of now; a fitting code is used up, and so is every earlier one."""
    step = _step_of(credential, code.strip())
    if step is None:
        return False
    credential.totp_last_step = step
    db.session.flush()
    return True


def _step_of(credential: Credential, code: str) -> int | None:
    if credential.totp_secret is None:
        return None
    totp = pyotp.TOTP(credential.totp_secret, interval=STEP_SECONDS)
    present = int(clock.now().timestamp()) // STEP_SECONDS
    last = credential.totp_last_step or 0
    for step in range(present - TOLERATED_STEPS, present + TOLERATED_STEPS + 1):
        expected = totp.generate_otp(step)
        if step > last and hmac.compare_digest(expected.encode(), code.encode()):
            return step
    return None


def _locked(account_id: int) -> Credential:
    statement = lock(select(Credential).where(Credential.account_id == account_id))
    credential = db.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if credential is None:
        raise NotFound("这个人还没有登录账号")
    return credential
