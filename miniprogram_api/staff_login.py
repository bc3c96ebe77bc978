"""员工登录: workers, dispatchers, managers and companies on a phone's browser, where WeChat cannot vouch for them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.accounts import sessions
from app.accounts.models import Account
from app.accounts.phone_sign_in import STAFF_LIVES, sign_in_on_phone
from app.accounts.sessions import Channel
from app.accounts.signing_in import SignInResult
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from miniprogram_api.fields import In, RowId
from miniprogram_api.login import SignedInOut, consent_needed, hats_on_the_phone
from miniprogram_api.routing import Routes
from miniprogram_api.session import PUBLIC, address

routes = Routes("staff_login", tag="登录")


class StaffLoginIn(In):
    """What the person types; `code` only when he has switched on the second factor."""

    account: Annotated[str, Field(min_length=1, max_length=80)]
    password: Annotated[str, Field(min_length=1, max_length=256)]
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = None


class StaffSignedInOut(SignedInOut):
    """The session begins under the first hat of work; /me/hat changes it."""

    hat_id: RowId
    role: str
    role_label: str


def _check(asked: StaffLoginIn) -> SignInResult:
    """In a unit of its own, so that a wrong password is counted although the request is refused."""
    result = transact(
        lambda: sign_in_on_phone(asked.account, asked.password, totp=asked.code, address=address())
    )
    if result.refusal is not None:
        raise result.refusal
    return result


@routes.command(
    "/staff-login",
    who=PUBLIC,
    takes=StaffLoginIn,
    out=StaffSignedInOut,
    title="员工账号登录(手机浏览器)",
    rate="login",
    prepare=_check,
    refuses=frozenset({401, 403}),
)
def staff_login(asked: StaffLoginIn, result: SignInResult) -> StaffSignedInOut:
    """Five wrong passwords within 15 minutes lock the account for 30 minutes, as at the console."""
    account = db.session.get_one(Account, result.account_id)
    hat_id, role = result.hats[0].id, Role(result.hats[0].role)
    token = sessions.open_session(
        account.id,
        hat_id=hat_id,
        channel=Channel.API,
        lives_for=STAFF_LIVES,
        second_factor=result.second_factor,
    )
    return StaffSignedInOut(
        token=token,
        expires_at=clock.now() + STAFF_LIVES,
        hats=hats_on_the_phone(account.id),
        has_phone=account.phone_index is not None,
        needs_privacy_consent=consent_needed(account.id),
        hat_id=hat_id,
        role=role.value,
        role_label=role.label,
    )
