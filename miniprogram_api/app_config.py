"""What the client shows before anybody has signed in: numbers to call, entries that are on, the privacy notice."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.accounts.privacy import NOTICE, PRIVACY_VERSION
from app.estates.queries import estate, lift_rescue_phone
from miniprogram_api.fields import In, Out, QueryId
from miniprogram_api.neighbours import neighbours
from miniprogram_api.routing import Routes
from miniprogram_api.session import PUBLIC

routes = Routes("app_config", tag="客户端")

NAME = "安居"
FIRE, AMBULANCE, POLICE = "119", "120", "110"


class AppConfigIn(In):
    """With an estate the numbers of that estate are added."""

    estate_id: QueryId | None = None


class EmergencyOut(Out):
    """Numbers for the safety cards; one that nobody has told is empty, and the card says where it is written."""

    fire: str
    ambulance: str
    police: str
    gas: str = Field(description="燃气公司抢修电话")
    lift: str = Field(description="本小区电梯的救援电话;要带 estate_id")


class HotlineOut(Out):
    """The hotline behind the property company."""

    label: str
    phone: str


class FeaturesOut(Out):
    """Which entries exist; an entry that is off is not shown at all."""

    snap: bool = Field(description="随手拍")
    notices: bool = Field(description="小区公告")
    bills: bool = Field(description="缴费账单")
    demo_login: bool = Field(description="演示人物登录,只有开发环境有")


class AppConfigOut(Out):
    """Everything that is the same for everybody."""

    name: str
    hotline: HotlineOut
    emergency: EmergencyOut
    features: FeaturesOut
    privacy_version: str


@routes.query(
    "/app-config",
    who=PUBLIC,
    asks=AppConfigIn,
    out=AppConfigOut,
    title="客户端配置",
    rate="public",
    personal=False,
)
def app_config(asked: AppConfigIn) -> AppConfigOut:
    """For the first screen and the safety cards. Raises EstateUnknown."""
    settings = neighbours().settings
    return AppConfigOut(
        name=NAME,
        hotline=HotlineOut(label=settings.hotline_label, phone=settings.hotline_label),
        emergency=_emergency(asked.estate_id, settings.gas_phone),
        features=FeaturesOut(
            snap=True,
            notices=False,
            bills=neighbours().pay is not None,
            demo_login=settings.is_demonstration,
        ),
        privacy_version=PRIVACY_VERSION,
    )


def _emergency(estate_id: int | None, gas_phone: str) -> EmergencyOut:
    return EmergencyOut(
        fire=FIRE,
        ambulance=AMBULANCE,
        police=POLICE,
        gas=gas_phone,
        lift=lift_rescue_phone(estate(estate_id).id) if estate_id is not None else "",
    )


class SectionOut(Out):
    """One heading and what stands under it."""

    heading: str
    lines: list[str]


class PrivacyOut(Out):
    """The notice to which a consent refers, with its version."""

    document: str
    version: str
    title: str
    effective_on: date
    summary: str
    sections: list[SectionOut]


@routes.query("/privacy", who=PUBLIC, out=PrivacyOut, title="隐私说明", rate="public", personal=False)
def privacy() -> PrivacyOut:
    """Readable at any time, before and after the consent (P01)."""
    return PrivacyOut(
        document=NOTICE.document,
        version=NOTICE.version,
        title=NOTICE.title,
        effective_on=NOTICE.effective_on,
        summary=NOTICE.summary,
        sections=[SectionOut(heading=each.heading, lines=list(each.lines)) for each in NOTICE.sections],
    )
