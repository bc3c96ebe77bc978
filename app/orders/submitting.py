"""T1: an order comes into being, with its clocks, its first event and its outbox row in one transaction.

Written with Core statements, a constant number of them: this is the path that the load benchmark measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select

from app.accounts.models import Account
from app.catalogue.models import Category
from app.companies.models import MAY_RECEIVE_ORDERS, Company, ServiceContract
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db, insert_later, table_of
from app.core.errors import Forbidden, Invalid
from app.core.kept import Kept
from app.core.outbox import publish
from app.core.roles import Role
from app.core.scope import Scope
from app.estates.models import Estate
from app.orders import booking, deadlines, false_reports, on_behalf
from app.orders.errors import NoService
from app.orders.events import OrderMoved
from app.orders.lifecycle import SUBMIT_ROLES, Menu, Status
from app.orders.models import Order, OrderEvent
from app.orders.moving import link_photos, take_photos
from app.orders.rules import TEXT_MIN, Clock, Level, order_number
from app.orders.slot_models import BookingSlot
from app.orders.starting import first_clocks
from app.orders.voices import attach_voice
from app.orders.whereabouts import IN_FORCE, SERVED_BY, THE_LATER_ONE, Place, Submission, find_place

CHANNELS = ("小程序", "网页", "安卓", "电话", "前台", "热线", "物联", "网格", "随手拍")
FROM_SNAP = "随手拍"
STAFF_CHANNELS = frozenset({"电话", "前台", "热线", "网格", FROM_SNAP})


_CATEGORIES, _ACCOUNTS = table_of(Category), table_of(Account)
_CONTRACTS, _COMPANIES = table_of(ServiceContract), table_of(Company)
# Built once: building a statement costs five times as much as sending it.
_OFFERED = select(*_CATEGORIES.c["code", "in_home", "bookable", "urgency", "hazardous"]).where(
    _CATEGORIES.c.active.is_(True)
)
_CONTRACT = (
    select(*SERVED_BY)
    .join(_COMPANIES, _COMPANIES.c.id == _CONTRACTS.c.company_id)
    .where(_CONTRACTS.c.estate_id == bindparam("estate"), IN_FORCE)
    .order_by(*THE_LATER_ONE)
    .limit(1)
)
_REPORTER = select(_ACCOUNTS.c.name, _ACCOUNTS.c.phone, _ACCOUNTS.c.phone_index).where(
    _ACCOUNTS.c.id == bindparam("account")
)
_WRITE_ORDER, _EVENTS = insert(table_of(Order)), table_of(OrderEvent)


@dataclass(frozen=True)
class Submitted:
    """The promise card: number and who must answer by when."""

    order_id: int
    number: str
    status: Status
    submitted_at: datetime
    promises: dict[Clock, datetime] = field(default_factory=dict)


def submit(submission: Submission, *, by: Scope) -> Submitted:
    """Accept a report from a resident, the desk or the hotline (domain T1, S1-02, S3-10).

    Raises Forbidden for other hats, Invalid naming the field, NoService, SlotFull, OneOrderADay.
    """
    if by.role not in SUBMIT_ROLES:
        raise Forbidden()
    at = clock.now()
    category = _category(submission)
    place = find_place(submission, by, at)
    _check_words(submission)
    _check_reporter(submission, by)
    on_behalf.check_on_behalf(submission, by, place)
    contract = _contract(place, at)
    _check_service(submission.menu, place.estate, contract)
    slot = _slot(submission, contract, at)
    row = _order_row(submission, by=by, at=at, category=category, place=place, contract=contract, slot=slot)
    false_reports.check(row, by=by, at=at)
    done = _write(row, submission, by=by, at=at)
    if submission.on_behalf:
        on_behalf.keep_consent(done.order_id, submission.on_behalf, by=by, place=place, at=at)
    return done


def _load_categories() -> Mapping[str, Any]:
    return {row.code: row for row in db.session.execute(_OFFERED)}


_categories = Kept(_load_categories)


def _category(submission: Submission) -> Any:
    row = _categories().get(submission.category_code)
    in_home = submission.menu is not Menu.REPORT
    if row is None or row.in_home != in_home:
        raise Invalid("请选择是哪一类问题", fields={"category_code": "没有这一类"})
    if submission.menu is Menu.BOOKING and not row.bookable:
        raise Invalid("这类问题比较急,请从“应急维修”报修", fields={"category_code": "不能预约"})
    return row


def _check_words(submission: Submission) -> None:
    if len(submission.text) > 500:
        raise Invalid("文字太长,请缩短到500字以内", fields={"text": "最多500个字"})
    if len(submission.text.strip()) < TEXT_MIN and not submission.photo_ids and submission.voice_id is None:
        raise Invalid(
            "请拍一张照片、说一段话,或用几个字说明情况",
            fields={"text": f"至少{TEXT_MIN}个字,或一张照片、一段录音"},
        )


def _check_reporter(submission: Submission, by: Scope) -> None:
    """Staff name the channel and the reporter's consent; residents never choose either (S3-10)."""
    if by.role is Role.RES:
        return
    if submission.channel not in STAFF_CHANNELS:
        raise Invalid("请选择来源(电话、前台)", fields={"channel": "必填"})
    if not submission.consent_note.strip():
        raise Invalid("请注明已征得报修人同意", fields={"consent_note": "必填"})


def _contract(place: Place, at: datetime) -> Any:
    """Who serves the estate today; None where nobody does."""
    if place.resident is not None:
        return place.resident if place.resident.office_id else None
    values = {"estate": place.estate.id, "today": clock.china_date(at)}
    return db.session.execute(_CONTRACT, values).one_or_none()


def _check_service(menu: Menu, estate: Estate, contract: Any) -> None:
    if contract is None or contract.admission not in MAY_RECEIVE_ORDERS:
        raise NoService()
    if menu is not Menu.REPORT and not (estate.is_pilot and estate.in_home_service):
        raise NoService("这个小区还没有开通上门服务,公区问题可以从“公区报事”报给物业")


def _slot(submission: Submission, contract: Any, at: datetime) -> BookingSlot | None:
    if submission.menu is not Menu.BOOKING:
        return None
    if submission.slot_id is None:
        raise Invalid("请选择上门时间", fields={"slot_id": "必填"})
    return booking.take(submission.slot_id, office_id=contract.office_id, at=at)


def _order_row(
    submission: Submission,
    *,
    by: Scope,
    at: datetime,
    category: Any,
    place: Place,
    contract: Any,
    slot: BookingSlot | None,
) -> dict[str, Any]:
    """The order as one row; scope columns are stamped here and never move with later contracts."""
    estate = place.estate
    urgency = "P1" if submission.hazardous and category.urgency in ("P2", "P3") else category.urgency
    return {
        "menu": submission.menu.value,
        "status": Status.SUBMITTED.value,
        "version": 1,
        "category_code": submission.category_code,
        "urgency": urgency,
        "hazardous": submission.hazardous or category.hazardous,
        "text": submission.text.strip(),
        "text_check": submission.text_check,
        "channel": submission.channel,
        "consent_note": _consent_note(submission),
        "entered_by": None if by.role is Role.RES else by.account_id,
        "home_id": place.home_id,
        "spot_id": place.spot_id,
        "building_id": place.building_id,
        "place_public": place.public,
        "place_full": place.full,
        "estate_id": estate.id,
        "office_id": contract.office_id,
        "company_id": contract.company_id,
        "community_id": estate.community_id,
        "street_id": estate.street_id,
        "district_id": estate.district_id,
        "slot_id": slot.id if slot else None,
        "slot_begins_at": slot.begins_at if slot else None,
        "slot_ends_at": slot.ends_at if slot else None,
        "submitted_at": at,
        "closed_how": "",
        "pay_status": "免费" if estate.free_trial or submission.menu is Menu.REPORT else "未计价",
        **_contact(submission, by, place),
    }


def _consent_note(submission: Submission) -> str:
    given = submission.on_behalf
    return (given.consent_note if given else submission.consent_note).strip()[:200]


def _contact(submission: Submission, by: Scope, place: Place) -> dict[str, Any]:
    """Whom to call: the resident himself, for whom he reports, or the person whom the desk wrote down."""
    if submission.on_behalf:
        return {"reporter_id": by.account_id, **on_behalf.contact_columns(submission.on_behalf)}
    if by.role is Role.RES:
        row = place.resident or db.session.execute(_REPORTER, {"account": by.account_id}).one()
        return {
            "reporter_id": by.account_id,
            "contact_name": row.name,
            "contact_phone": row.phone,
            "contact_index": row.phone_index,
        }
    phone = submission.contact_phone.strip()
    return {
        "reporter_id": submission.reporter_id,
        "contact_name": submission.contact_name.strip()[:20] or None,
        "contact_phone": phone or None,
        "contact_index": blind_index(phone) if phone else None,
    }


def _write(row: dict[str, Any], submission: Submission, *, by: Scope, at: datetime) -> Submitted:
    events, levels = first_clocks(row, at)
    promises = {Clock(level["clock"]): level["due_at"] for level in levels if level["level"] == Level.DUE}
    row["next_due_at"] = min(promises.values(), default=None)
    photos = take_photos(submission.photo_ids, by=by)
    inserted = db.session.execute(_WRITE_ORDER, row)
    order_id = int(inserted.inserted_primary_key[0])  # type: ignore[attr-defined]
    for rows in (events, levels):
        for each in rows:
            each["order_id"] = order_id
    attach_voice(order_id, submission.voice_id, "submit", by=by)
    insert_later(_EVENTS, [_first_event(order_id, submission, by, at)])
    deadlines.write_rows(events, levels)
    link_photos(order_id, photos, "submit")
    publish(
        OrderMoved(order_id, 1, "T1", "submit", None, Status.SUBMITTED.value, by.account_id, by.role.value)
    )
    number = order_number(order_id, submission.menu, at)
    return Submitted(order_id, number, Status.SUBMITTED, at, promises)


def _first_event(order_id: int, submission: Submission, by: Scope, at: datetime) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "seq": 1,
        "code": "T1",
        "action": "submit",
        "from_status": None,
        "to_status": Status.SUBMITTED.value,
        "at": at,
        "actor_id": by.account_id,
        "actor_role": by.role.value,
        "note": submission.origin,
        "data": {"channel": submission.channel},
    }
