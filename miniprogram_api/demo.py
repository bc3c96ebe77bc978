"""Signing in to a demonstration from a browser. Only a development instance with the sandbox has these routes: in
production this module is not even read (`Settings.is_demonstration`)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.accounts.service import find_or_create_resident
from app.integrations.wechat.answers import WeChatSession
from app.integrations.wechat.demo_phones import login_code, phone_code
from app.seeds.credentials import NEWCOMER, PEOPLE
from miniprogram_api.fields import In, Out
from miniprogram_api.login import SignedInOut, open_for
from miniprogram_api.neighbours import neighbours
from miniprogram_api.routing import Routes
from miniprogram_api.session import PUBLIC

routes = Routes("demo", tag="演示")
PhoneName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,23}$", description="沙盒里手机的名字")]


class DemoPersonOut(Out):
    """Somebody of the demonstration and what he is good for."""

    name: str
    title: str
    role: str
    role_label: str
    good_for: str


class DemoPeopleOut(Out):
    """A short list: residents first, then those who work."""

    items: list[DemoPersonOut]


@routes.query("/demo/people", who=PUBLIC, out=DemoPeopleOut, title="演示人物", rate="public", personal=False)
def people() -> DemoPeopleOut:
    """Invented people; a name that is not in the list is somebody who opens the mini-program for the first time."""
    return DemoPeopleOut(
        items=[
            DemoPersonOut(
                name=each.name,
                title=each.title,
                role=each.role.value,
                role_label=each.role.label,
                good_for=each.good_for,
            )
            for each in (*PEOPLE, NEWCOMER)
        ]
    )


class DemoLoginIn(In):
    """Who to be."""

    name: PhoneName


def _exchange(asked: DemoLoginIn) -> WeChatSession:
    """The sandbox gives the code that wx.login would have brought; from there on it is the ordinary sign-in."""
    code = login_code(neighbours().settings.wechat_api_base, asked.name)
    return neighbours().wechat.code_to_session(code)


@routes.command(
    "/demo/login",
    who=PUBLIC,
    takes=DemoLoginIn,
    out=SignedInOut,
    title="以演示人物登录",
    rate="login",
    prepare=_exchange,
    refuses=frozenset({401, 403, 503}),
)
def login(asked: DemoLoginIn, wechat: WeChatSession) -> SignedInOut:
    """As /login does; hats are put on afterwards."""
    return open_for(find_or_create_resident(wechat.openid))


class DemoPhoneIn(In):
    """Whose button is pressed, and the number that his WeChat knows."""

    name: PhoneName
    phone: Annotated[str, Field(pattern=r"^199[0-9]{8}$", description="演示号段 199…")]


class DemoPhoneOut(Out):
    """The code for /me/phone."""

    code: str


def _press(asked: DemoPhoneIn) -> str:
    return phone_code(neighbours().settings.wechat_api_base, asked.name, asked.phone)


@routes.command(
    "/demo/phone-code",
    who=PUBLIC,
    takes=DemoPhoneIn,
    out=DemoPhoneOut,
    title="演示:使用微信手机号",
    rate="login",
    prepare=_press,
    refuses=frozenset({503}),
)
def press_phone_button(asked: DemoPhoneIn, code: str) -> DemoPhoneOut:
    """A browser has no such button either."""
    return DemoPhoneOut(code=code)
