"""The three menus of a place, what can be chosen behind them, and the slots of a booking."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.accounts.errors import HomeUnknown
from app.accounts.queries import BoundHome, homes_of
from app.catalogue import queries as catalogue
from app.catalogue.models import Category
from app.companies.models import MAY_RECEIVE_ORDERS, ServiceContract
from app.companies.queries import serving_office
from app.core import clock
from app.core.errors import Invalid
from app.core.parameters import NIGHT_DEFERRAL, is_on
from app.core.wording import promise_time
from app.estates import queries as estates
from app.estates.models import Estate
from app.orders import booking
from app.orders.lifecycle import Menu
from app.orders.limits import visit_by
from miniprogram_api.fields import In, Instant, OneOf, Out, QueryId, RowId, Text
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, SIGNED_IN, Caller

routes = Routes("menus", tag="三个菜单")
CODES = tuple(menu.value for menu in Menu)
NOT_SERVED = "这个小区暂未开通线上报修,请拨打社区或962121"
NOT_A_PILOT = "这个小区还没有开通上门服务,公区问题可以从“公区报事”报给物业"


class MenusIn(In):
    """For one of one's homes, or for an estate (a public-area report needs no home)."""

    home_id: QueryId | None = None
    estate_id: QueryId | None = None


class CategoryOut(Out):
    """One kind of trouble."""

    code: str
    name: str
    urgency: str
    hazardous: bool
    pays: str = Field(description="通常由谁承担,仅供参考")


class MenuOut(Out):
    """One of the three; `reason` says why it is off."""

    menu: str
    label: str
    enabled: bool
    reason: str
    note: str = Field(description="提交前要让居民看到的话,例如夜间顺延;多数时候为空")
    categories: list[CategoryOut]


class MenusOut(Out):
    """Always exactly three (S2-04)."""

    estate_id: RowId
    estate: str
    office_phone: str
    items: list[MenuOut]


@routes.query("/menus", who=SIGNED_IN, asks=MenusIn, out=MenusOut, title="三个菜单和分类")
def menus(caller: Caller, asked: MenusIn) -> MenusOut:
    """Which menus are on here (pilot flags, S2-29), with their categories. A home that is not one's own is a 404."""
    estate = estates.estate(_estate_id(caller, asked))
    contract = serving_office(estate.id, clock.china_date(clock.now()))
    return MenusOut(
        estate_id=estate.id,
        estate=estate.name,
        office_phone=contract.office.duty_phone if contract else "",
        items=[_menu(menu, _why_off(menu, estate, contract), estate) for menu in Menu],
    )


def _estate_id(caller: Caller, asked: MenusIn) -> int:
    if asked.home_id is not None:
        return own_home(caller, asked.home_id).estate_id
    if asked.estate_id is None:
        raise Invalid("请选择地址或小区", fields={"estate_id": "必填"})
    return asked.estate_id


def own_home(caller: Caller, home_id: int) -> BoundHome:
    """The home to which this resident is actively tied; raises HomeUnknown for every other one."""
    homes = homes_of(caller.account_id) if caller.role in RESIDENT else []
    found = next((each for each in homes if each.home_id == home_id and each.status == "active"), None)
    if found is None:
        raise HomeUnknown()
    return found


def _why_off(menu: Menu, estate: Estate, contract: ServiceContract | None) -> str:
    if contract is None or contract.company.admission not in MAY_RECEIVE_ORDERS:
        return NOT_SERVED
    at_home = menu is not Menu.REPORT
    return NOT_A_PILOT if at_home and not (estate.is_pilot and estate.in_home_service) else ""


def _menu(menu: Menu, why_off: str, estate: Estate) -> MenuOut:
    known = [] if why_off else catalogue.categories_for(menu.value)
    return MenuOut(
        menu=menu.value,
        label=menu.label,
        enabled=not why_off,
        reason=why_off,
        note="" if why_off else _note(menu, estate.district_id),
        categories=[_category(each) for each in known],
    )


def _note(menu: Menu, district_id: int) -> str:
    """What is later than by day is said before it is sent (domain 3.7)."""
    at = clock.now()
    deferred = menu is Menu.REPORT and is_on(NIGHT_DEFERRAL, at, district_id)
    by = visit_by(at) if deferred else None
    if by is None:
        return ""
    return f"现在是夜间,一般问题在 {promise_time(by, at)}到现场核实。有危险请选“有危险”,仍按白天的时限到场。"


def _category(found: Category) -> CategoryOut:
    return CategoryOut(
        code=found.code,
        name=found.name,
        urgency=found.urgency,
        hazardous=found.hazardous,
        pays=found.pays,
    )


class GuessIn(In):
    """What the reporter has typed so far."""

    menu: Annotated[str, OneOf(CODES)]
    text: Annotated[Text, Field(min_length=1, max_length=500)]


class GuessOut(Out):
    """A suggestion, never a decision; null when the words say nothing."""

    category: CategoryOut | None


@routes.query("/categories/guess", who=SIGNED_IN, asks=GuessIn, out=GuessOut, title="按描述猜分类")
def guess(caller: Caller, asked: GuessIn) -> GuessOut:
    """Which category the words point to."""
    found = catalogue.guess(asked.menu, asked.text)
    return GuessOut(category=_category(found) if found else None)


class SlotsIn(In):
    """The home that is to be visited."""

    home_id: QueryId


class SlotOut(Out):
    """Two hours in which a worker can come; a full one is shown so that people see why they cannot choose it."""

    id: RowId
    begins_at: Instant
    ends_at: Instant
    free: int


class SlotsOut(Out):
    """The coming seven days."""

    items: list[SlotOut]


@routes.query("/slots", who=RESIDENT, asks=SlotsIn, out=SlotsOut, title="可预约时段")
def slots(caller: Caller, asked: SlotsIn) -> SlotsOut:
    """Of the office that serves the home's estate today; empty when nobody does."""
    at = clock.now()
    contract = serving_office(own_home(caller, asked.home_id).estate_id, clock.china_date(at))
    found = booking.slots(contract.office_id, at=at) if contract else []
    return SlotsOut(
        items=[
            SlotOut(
                id=slot.id, begins_at=slot.begins_at, ends_at=slot.ends_at, free=slot.capacity - slot.booked
            )
            for slot in found
        ]
    )
