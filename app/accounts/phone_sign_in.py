"""Staff on a phone's browser, where there is no WeChat: the console's password opens a session of the API (S2-28).

The same lock, the same words, the same audit as at the console (`app.accounts.signing_in`), and fewer people: those who
work at doors and desks. Administrators and supervisors stay at the console, behind their second factor (B04, B07).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.accounts.errors import CodeNeeded, ConsoleOnly, PasswordChangeNeeded, SecondFactorNeeded
from app.accounts.scopes import nobody_yet
from app.accounts.signing_in import SignInResult, sign_in
from app.audit import service as audit
from app.core.errors import Refusal
from app.core.roles import Role

STAFF_ON_THE_PHONE = frozenset({Role.WRK, Role.DSP, Role.MGR, Role.CO})
ADMINISTRATORS = frozenset({Role.SYA, Role.SEA, Role.AUA})
STAFF_LIVES = timedelta(days=7)
"""A browser is not bound to a person as WeChat is: after a week the password is asked again."""


def sign_in_on_phone(
    login_name: str, password: str, *, totp: str | None = None, address: str = ""
) -> SignInResult:
    """As `sign_in`, with the hats that count on the phone only; never raises a refusal, so that failures count."""
    result = sign_in(login_name, password, totp=totp, address=address)
    if result.refusal is not None:
        return result
    if result.needs_totp:
        return SignInResult(refusal=CodeNeeded())
    worn = tuple(hat for hat in result.hats if hat.role in STAFF_ON_THE_PHONE)
    refusal = _why_not(result, has_work=bool(worn))
    if refusal is None:
        return replace(result, hats=worn)
    audit.record(
        "session.sign_in_on_phone",
        by=nobody_yet(result.account_id),
        object_kind="account",
        object_id=result.account_id or "",
        details={"why": refusal.code},
        result="refused",
        address=address,
    )
    return SignInResult(refusal=refusal)


def _why_not(result: SignInResult, *, has_work: bool) -> Refusal | None:
    if not has_work or any(hat.role in ADMINISTRATORS for hat in result.hats):
        return ConsoleOnly()
    if result.must_change:
        return PasswordChangeNeeded()
    return SecondFactorNeeded() if result.must_enrol else None
