"""Signing in with WeChat, signing out."""

from __future__ import annotations

from datetime import datetime

from app.accounts import sessions
from app.accounts.models import Account
from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.accounts.service import find_or_create_resident, has_consent
from app.accounts.sessions import API_LIVES, Channel
from app.core import clock
from app.core.roles import Role
from app.integrations.wechat.answers import WeChatSession
from miniprogram_api.fields import DoneOut, In, Instant, Out, RowId, WeChatCode
from miniprogram_api.neighbours import neighbours
from miniprogram_api.routing import Routes
from miniprogram_api.session import HATS_ON_THE_PHONE, PUBLIC, SIGNED_IN, Caller

routes = Routes("login", tag="登录")


class LoginIn(In):
    """The code of wx.login: five minutes, one use."""

    code: WeChatCode


class HatOut(Out):
    """A role that the person may wear on the phone."""

    id: RowId
    role: str
    label: str


class SignedInOut(Out):
    """The token for `Authorization: Bearer`, and what the client has to ask for next."""

    token: str
    expires_at: Instant
    hats: list[HatOut]
    has_phone: bool
    needs_privacy_consent: bool


def _exchange(asked: LoginIn) -> WeChatSession:
    """WeChat is asked before any transaction: while it is down, nothing here waits with a lock."""
    return neighbours().wechat.code_to_session(asked.code)


@routes.command(
    "/login",
    who=PUBLIC,
    takes=LoginIn,
    out=SignedInOut,
    title="微信登录",
    rate="login",
    prepare=_exchange,
    refuses=frozenset({401, 403, 503}),
)
def login(asked: LoginIn, wechat: WeChatSession) -> SignedInOut:
    """Open a session as a resident; hats are put on afterwards. Each login gives a new token."""
    return open_for(find_or_create_resident(wechat.openid))


def open_for(account: Account) -> SignedInOut:
    """A new session of this account; raises AccountClosed."""
    token = sessions.open_session(account.id, channel=Channel.API, lives_for=API_LIVES)
    return SignedInOut(
        token=token,
        expires_at=_end(),
        hats=hats_on_the_phone(account.id),
        has_phone=account.phone_index is not None,
        needs_privacy_consent=consent_needed(account.id),
    )


def consent_needed(account_id: int) -> bool:
    """Whether the person has still to be asked about the present privacy notice (P03)."""
    return not has_consent(account_id, PRIVACY, PRIVACY_VERSION)


def _end() -> datetime:
    return clock.now() + API_LIVES


def hats_on_the_phone(account_id: int) -> list[HatOut]:
    """The hats that can be worn in the mini-program."""
    worn = ((hat.id, Role(hat.role)) for hat in sessions.hats_of(account_id))
    return [
        HatOut(id=id_, role=role.value, label=role.label) for id_, role in worn if role in HATS_ON_THE_PHONE
    ]


@routes.command("/logout", who=SIGNED_IN, out=DoneOut, title="退出登录")
def logout(caller: Caller) -> DoneOut:
    """The token is dead on the server from now on."""
    sessions.revoke(caller.session.session_id)
    return DoneOut(message="已退出登录")
