"""The person behind the session: hats, phone number, consents, duty."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.accounts import sessions
from app.accounts.models import Account
from app.accounts.privacy import PRIVACY_VERSION
from app.accounts.service import give_consent, set_phone, withdraw_consent
from app.companies.models import Worker
from app.companies.service import set_online
from app.core.db import db
from app.core.errors import Forbidden
from app.core.masking import mask_phone
from app.core.roles import Role
from app.core.scope import Dimension, get_visible
from app.notifications.consents import stock
from app.notifications.taps import Tap, left_words, template_ids
from miniprogram_api.fields import DoneOut, In, Instant, Out, RowId, WeChatCode
from miniprogram_api.login import HatOut, consent_needed, hats_on_the_phone, open_for
from miniprogram_api.neighbours import neighbours
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, SIGNED_IN, Caller

routes = Routes("me", tag="我的")


class MessagesLeftOut(Out):
    """The budget of WeChat reminders over all templates."""

    total: int
    words: str


class MeOut(Out):
    """Who is signed in, under which hat."""

    account_id: RowId
    phone: str = Field(description="打码的手机号,没有时为空")
    has_phone: bool
    role: str
    role_label: str
    hat_id: RowId | None
    hats: list[HatOut]
    on_duty: bool | None = Field(description="师傅是否在岗;其他身份为空")
    needs_privacy_consent: bool
    privacy_version: str
    message_stock: dict[str, int] = Field(
        description="每种订阅消息还能收几条;只由微信的推送增减,客户端不上报"
    )
    messages_left: MessagesLeftOut


@routes.query("/me", who=SIGNED_IN, out=MeOut, title="我是谁")
def me(caller: Caller) -> MeOut:
    """The account with its phone masked, the hats, and how many WeChat messages of each kind may still come."""
    return _me(caller.account_id, caller.role, caller.session.hat_id, _duty(caller))


def _me(account_id: int, role: Role, hat_id: int | None, on_duty: bool | None) -> MeOut:
    account, left = _account(account_id), stock(account_id)
    total = sum(left.values())
    return MeOut(
        account_id=account.id,
        phone=mask_phone(account.phone),
        has_phone=account.phone_index is not None,
        role=role.value,
        role_label=role.label,
        hat_id=hat_id,
        hats=hats_on_the_phone(account.id),
        on_duty=on_duty,
        needs_privacy_consent=consent_needed(account.id),
        privacy_version=PRIVACY_VERSION,
        message_stock=left,
        messages_left=MessagesLeftOut(total=total, words=left_words(total)),
    )


def _account(account_id: int) -> Account:
    return db.session.get_one(Account, account_id)


def _worker_id(caller: Caller) -> int | None:
    return next(iter(caller.scope.ids(Dimension.WORKER)), None)


def _duty(caller: Caller) -> bool | None:
    worker_id = _worker_id(caller)
    return None if worker_id is None else get_visible(Worker, worker_id, caller.scope).online


class TemplatesOut(Out):
    """What the client passes to wx.requestSubscribeMessage at each tap: at most three template ids."""

    send: list[str] = Field(description="提交报修时")
    urge: list[str] = Field(description="催办时")
    rate: list[str] = Field(description="评价时")
    pay: list[str] = Field(description="缴费时")
    tell: list[str] = Field(description="发随手拍、再问时")


@routes.query("/me/message-templates", who=SIGNED_IN, out=TemplatesOut, title="各处要问的订阅消息")
def message_templates(caller: Caller) -> TemplatesOut:
    """The consents come back through WeChat's push, never from the client."""
    configured = neighbours().settings.wechat_templates
    return TemplatesOut(**{tap.value: template_ids(tap, configured) for tap in Tap})


class HatIn(In):
    """Which hat to wear; null is the resident without a hat."""

    hat_id: RowId | None


@routes.command("/me/hat", who=SIGNED_IN, takes=HatIn, out=DoneOut, title="切换身份")
def change_hat(caller: Caller, wanted: HatIn) -> DoneOut:
    """One session wears one hat; everything it may see changes with it. Raises NotYourHat."""
    known = {hat.id: hat.label for hat in hats_on_the_phone(caller.account_id)}
    worn_elsewhere = {hat.id for hat in sessions.hats_of(caller.account_id)} - set(known)
    if wanted.hat_id in worn_elsewhere:
        raise Forbidden("这个身份请在电脑上的工作台使用")
    sessions.wear_hat(caller.session.session_id, wanted.hat_id)
    label = known.get(wanted.hat_id or 0, Role.RES.label)
    return DoneOut(message=f"现在的身份是{label}")


class PhoneIn(In):
    """The code of the button “使用微信手机号”."""

    code: WeChatCode


class PhoneOut(Out):
    """The number that counts now. A new token comes when the number belonged to an account made by a desk: the two
    are one account from now on, and the old token is dead."""

    phone: str
    token: str | None
    expires_at: Instant | None
    hats: list[HatOut]


def _ask_number(caller: Caller, given: PhoneIn) -> str:
    return neighbours().wechat.phone_number(given.code)


@routes.command(
    "/me/phone",
    who=RESIDENT,
    takes=PhoneIn,
    out=PhoneOut,
    title="绑定微信手机号",
    rate="phone",
    prepare=_ask_number,
    refuses=frozenset({503}),
    consent=True,
)
def bind_phone(caller: Caller, given: PhoneIn, phone: str) -> PhoneOut:
    """The number comes from WeChat and never from the client. Raises PhoneTaken."""
    account = set_phone(_account(caller.account_id), phone)
    opened = open_for(account) if account.id != caller.account_id else None
    return PhoneOut(
        phone=mask_phone(account.phone),
        token=opened.token if opened else None,
        expires_at=opened.expires_at if opened else None,
        hats=hats_on_the_phone(account.id),
    )


class ConsentIn(In):
    """Agreeing to this version of the privacy notice, or taking the agreement back."""

    document: Literal["privacy"]
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.\-]{1,12}$")]
    agreed: bool


@routes.command("/me/consents", who=SIGNED_IN, takes=ConsentIn, out=DoneOut, title="同意或撤回隐私说明")
def consent(caller: Caller, said: ConsentIn) -> DoneOut:
    """Kept with version and time; taken back as easily as given."""
    if not said.agreed:
        withdraw_consent(caller.account_id, said.document)
        return DoneOut(message="已撤回同意,您仍可以浏览公开信息")
    give_consent(caller.account_id, said.document, said.version)
    return DoneOut(message="已记录您的同意")


class DutyIn(In):
    """Whether the worker takes work now."""

    on: bool


@routes.command("/me/duty", who=frozenset({Role.WRK}), takes=DutyIn, out=DoneOut, title="上岗或下岗")
def duty(caller: Caller, wish: DutyIn) -> DoneOut:
    """The desk sees at once who can be sent."""
    set_online(_worker_id(caller) or 0, wish.on, by=caller.scope)
    return DoneOut(message="已上班,有新任务会提醒您" if wish.on else "已下班,不再派新任务给您")
