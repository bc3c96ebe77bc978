"""What a reporter gives, and where it is: a home of his own, a spot by its QR sign, or words for his own estate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Account, BindingStatus, HomeBinding
from app.companies.models import Company, ServiceContract
from app.core import clock
from app.core.db import db, table_of
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import Dimension, Scope
from app.estates.models import Building, Estate, Home, PublicSpot, Unit
from app.estates.queries import places, spot_place
from app.orders.lifecycle import Menu

PLACE_MAX = 80
"""Characters of `orders.place_public`."""


@dataclass(frozen=True)
class OnBehalf:
    """代办: the person for whom somebody of the same home reports, and how he has agreed (S2-31, domain 3.8)."""

    name: str
    phone: str
    consent_note: str


@dataclass(frozen=True)
class Submission:
    """What a reporter gives; ids are checked against what he may use. `spot_code` stands in a scanned QR sign,
    `origin` in the first line of the timeline when the report was something else before."""

    menu: Menu
    category_code: str
    text: str = ""
    photo_ids: Sequence[int] = ()
    voice_id: int | None = None
    home_id: int | None = None
    spot_id: int | None = None
    spot_code: str | None = None
    estate_id: int | None = None
    place_note: str = ""
    slot_id: int | None = None
    hazardous: bool = False
    channel: str = "小程序"
    consent_note: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    reporter_id: int | None = None
    text_check: str = "pass"
    on_behalf: OnBehalf | None = None
    origin: str = ""


@dataclass(frozen=True)
class Place:
    """Where it is, resolved: the estate's columns and the texts for people who may know more or less; for one's own
    home also who he is (name, phone, phone_index, relation) and who serves it (office_id, company_id, admission; all
    None where nobody does), which costs no question of its own."""

    estate: Any
    public: str
    full: str
    home_id: int | None = None
    spot_id: int | None = None
    building_id: int | None = None
    resident: Any = None


def find_place(submission: Submission, by: Scope, at: datetime) -> Place:
    """Resolve where it is and whether this person may report there; raises Invalid naming the field."""
    if submission.menu is Menu.REPORT:
        return _public_place(submission, by, at)
    return _home_place(submission, by, at)


_HOMES, _ESTATES, _BINDINGS = table_of(Home), table_of(Estate), table_of(HomeBinding)
_BUILDINGS, _UNITS, _ACCOUNTS = table_of(Building), table_of(Unit), table_of(Account)
_CONTRACTS, _COMPANIES = table_of(ServiceContract), table_of(Company)
SERVED_BY = (*_CONTRACTS.c["office_id", "company_id"], _COMPANIES.c.admission)
IN_FORCE = (_CONTRACTS.c.begins_on <= bindparam("today")) & (
    _CONTRACTS.c.ends_on.is_(None) | (_CONTRACTS.c.ends_on >= bindparam("today"))
)
THE_LATER_ONE = (_CONTRACTS.c.begins_on.desc(), _CONTRACTS.c.id.desc())
"""Of two contracts in force the one that began later counts, as in app.companies.queries.serving_office."""
# Built once: building a statement costs five times as much as sending it.
_HOME = (
    select(
        *_ESTATES.c["id", "district_id", "street_id", "community_id"],
        *_ESTATES.c["is_pilot", "in_home_service", "free_trial"],
        _HOMES.c.building_id,
        _HOMES.c.number.label("home_number"),
        _BUILDINGS.c.number.label("building"),
        _UNITS.c.number.label("unit"),
    )
    .select_from(_HOMES)
    .join(_BUILDINGS, _BUILDINGS.c.id == _HOMES.c.building_id)
    .join(_UNITS, _UNITS.c.id == _HOMES.c.unit_id)
    .join(_ESTATES, _ESTATES.c.id == _HOMES.c.estate_id)
    .where(_HOMES.c.id == bindparam("home"))
)
_OWN_HOME = (
    _HOME.add_columns(*_ACCOUNTS.c["name", "phone", "phone_index"], _BINDINGS.c.relation, *SERVED_BY)
    .join(_BINDINGS, _BINDINGS.c.home_id == _HOMES.c.id)
    .join(_ACCOUNTS, _ACCOUNTS.c.id == _BINDINGS.c.account_id)
    .outerjoin(_CONTRACTS, (_CONTRACTS.c.estate_id == _ESTATES.c.id) & IN_FORCE)
    .outerjoin(_COMPANIES, _COMPANIES.c.id == _CONTRACTS.c.company_id)
    .where(
        _BINDINGS.c.account_id == bindparam("account"),
        _BINDINGS.c.status == BindingStatus.ACTIVE.value,
        _BINDINGS.c.valid_to.is_(None) | (_BINDINGS.c.valid_to >= bindparam("today")),
    )
    .order_by(*THE_LATER_ONE)
    .limit(1)
    .prefix_with(
        "STRAIGHT_JOIN", dialect="mysql"
    )  # eight tables by their keys: planning them cost twice the reading
)


def _home_place(submission: Submission, by: Scope, at: datetime) -> Place:
    """A home is usable by those bound to it, and by the desk that serves its estate."""
    if submission.home_id is None:
        raise Invalid("请选择上门的地址", fields={"home_id": "必填"})
    if by.role is Role.RES:
        mine = {"home": submission.home_id, "account": by.account_id, "today": clock.china_date(at)}
        row = db.session.execute(_OWN_HOME, mine).first()
    else:
        row = db.session.execute(_HOME.where(_served(by)), {"home": submission.home_id}).first()
    if row is None:
        raise Invalid("没有找到这个地址,请先关联住房", fields={"home_id": "没有找到"})
    public, full = places(row.building, row.unit, row.home_number)
    return Place(
        estate=row,
        public=public,
        full=full,
        home_id=submission.home_id,
        building_id=row.building_id,
        resident=row if by.role is Role.RES else None,
    )


def _live_binding(by: Scope, at: datetime) -> Any:
    today = clock.china_date(at)
    return (
        (HomeBinding.account_id == by.account_id)
        & (HomeBinding.status == BindingStatus.ACTIVE.value)
        & (HomeBinding.valid_to.is_(None) | (HomeBinding.valid_to >= today))
    )


def _served(by: Scope) -> Any:
    if by.role is Role.HOT:
        return Estate.district_id.in_(sorted(by.ids(Dimension.HOTLINE)))
    return Estate.id.in_(sorted(by.ids(Dimension.ESTATE)))


def _public_place(submission: Submission, by: Scope, at: datetime) -> Place:
    """A spot by its QR code is open to anybody standing there; otherwise the estate must be the person's own."""
    if submission.spot_code or submission.spot_id:
        return _spot_place(submission, by, at)
    note = submission.place_note.strip()
    if submission.estate_id is None or len(note) < 2:
        raise Invalid("请扫一扫墙上的点位码,或选择小区并写明位置", fields={"spot_id": "必填"})
    estate = db.session.scalars(select(Estate).where(Estate.id == submission.estate_id)).one_or_none()
    if estate is None or not _may_report_in(estate, by, at):
        raise Invalid("没有找到这个小区", fields={"estate_id": "没有找到"})
    return Place(estate=estate, public=note[:40], full=note[:40])


def _spot_place(submission: Submission, by: Scope, at: datetime) -> Place:
    wanted = (
        PublicSpot.code == submission.spot_code.strip().upper()
        if submission.spot_code
        else PublicSpot.id == submission.spot_id
    )
    row = db.session.execute(
        select(PublicSpot, Estate)
        .join(Estate, Estate.id == PublicSpot.estate_id)
        .options(joinedload(PublicSpot.building))
        .where(wanted)
    ).one_or_none()
    field_name = "spot_code" if submission.spot_code else "spot_id"
    if row is None or not (submission.spot_code or _may_report_in(row.Estate, by, at)):
        raise Invalid("没有找到这个点位,请重新扫码或换一种方式", fields={field_name: "没有找到"})
    spot, estate = row
    note = f"({submission.place_note.strip()[:30]})" if submission.place_note.strip() else ""
    name = f"{spot_place(spot)}{note}"[:PLACE_MAX]
    return Place(estate=estate, public=name, full=name, spot_id=spot.id, building_id=spot.building_id)


def _may_report_in(estate: Estate, by: Scope, at: datetime) -> bool:
    if by.role is not Role.RES:
        return bool(estate.id in by.ids(Dimension.ESTATE) or estate.district_id in by.ids(Dimension.HOTLINE))
    bound = (
        select(func.count())
        .select_from(HomeBinding)
        .where(_live_binding(by, at), HomeBinding.estate_id == estate.id)
    )
    return bool(db.session.scalar(bound))
