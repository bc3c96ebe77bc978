"""A resident sends a 随手拍: with its promised days, first event and outbox row in one transaction (S1-10, S3-22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.accounts.models import Account
from app.companies.models import MAY_RECEIVE_ORDERS
from app.companies.queries import serving_office
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid
from app.core.outbox import publish
from app.core.roles import Role
from app.core.scope import Scope
from app.estates.models import Estate
from app.feedback import rules
from app.feedback.events import SnapMoved
from app.feedback.lifecycle import SUBMIT, Kind, Status, Topic
from app.feedback.models import Snap, SnapEvent
from app.feedback.moving import attach_photos, plan
from app.orders.errors import MissingEvidence, NoService
from app.orders.lifecycle import Menu
from app.orders.moving import cleaned
from app.orders.policies import policy_at
from app.orders.policy_changes import OF_SNAPS as C6
from app.orders.whereabouts import Place, Submission, find_place


@dataclass(frozen=True)
class Sending:
    """What a resident gives; the place is named as for 公区报事: a spot, a scanned sign, or words for his estate."""

    kind: Kind
    topic: Topic
    text: str
    photo_ids: Sequence[int] = ()
    spot_id: int | None = None
    spot_code: str | None = None
    estate_id: int | None = None
    place_note: str = ""
    text_check: str = "pass"


def send(sending: Sending, *, by: Scope) -> Snap:
    """Accept it. Raises Forbidden for other hats, MissingEvidence for a problem without a photo, Invalid naming the
    field, NoService."""
    if by.role is not Role.RES:
        raise Forbidden()
    at = clock.now()
    text = cleaned(sending.text, field="text", at_least=rules.TEXT_MIN, at_most=rules.TEXT_MAX)
    if sending.kind is Kind.PROBLEM and not sending.photo_ids:
        raise MissingEvidence("反映问题请拍一张照片,物业好找到地方", fields={"photo_ids": "至少一张"})
    place = _place(sending, by, at)
    contract = serving_office(place.estate.id, clock.china_date(at))
    if contract is None or contract.company.admission not in MAY_RECEIVE_ORDERS:
        raise NoService()
    policy = policy_at(C6, **_scope_of(place.estate), at=at)
    snap = _row(sending, text, place, by=by, at=at)
    snap.due_at = rules.due_at(at, policy)
    snap.office_id, snap.company_id = contract.office_id, contract.company_id
    db.session.add(snap)
    db.session.flush()
    attach_photos(snap.id, sending.photo_ids, SUBMIT, by=by)
    plan(snap.id, rules.answer_levels(at, policy))
    _first_event(snap, by, at)
    return snap


def _place(sending: Sending, by: Scope, at: datetime) -> Place:
    """Praise and suggestions may be about the whole estate; a problem has a place."""
    note = sending.place_note.strip()
    somewhere = sending.spot_id or sending.spot_code or len(note) >= 2
    if not somewhere and sending.kind is not Kind.PROBLEM and sending.estate_id is not None:
        estate = db.session.get(Estate, sending.estate_id)
        note = estate.name if estate else "小区"
    wanted = Submission(
        menu=Menu.REPORT,
        category_code="",
        spot_id=sending.spot_id,
        spot_code=sending.spot_code,
        estate_id=sending.estate_id,
        place_note=note,
    )
    return find_place(wanted, by, at)


def _row(sending: Sending, text: str, place: Place, *, by: Scope, at: datetime) -> Snap:
    account = db.session.get_one(Account, by.account_id)
    if len(sending.place_note.strip()) > 40:
        raise Invalid("位置请写短一些", fields={"place_note": "最多40个字"})
    return Snap(
        kind=sending.kind.value,
        topic=sending.topic.value,
        status=Status.SUBMITTED.value,
        version=1,
        text=text,
        text_check=sending.text_check,
        photos=len(set(sending.photo_ids)),
        sender_id=account.id,
        contact_name=account.name,
        contact_phone=account.phone,
        spot_id=place.spot_id,
        place=place.public,
        place_note=sending.place_note.strip(),
        estate_id=place.estate.id,
        community_id=place.estate.community_id,
        street_id=place.estate.street_id,
        district_id=place.estate.district_id,
        submitted_at=at,
    )


def _scope_of(estate: Estate) -> dict[str, Any]:
    return {"estate_id": estate.id, "street_id": estate.street_id, "district_id": estate.district_id}


def _first_event(snap: Snap, by: Scope, at: datetime) -> None:
    event = SnapEvent(
        snap_id=snap.id,
        seq=1,
        action=SUBMIT,
        from_status=None,
        to_status=snap.status,
        at=at,
        actor_id=by.account_id,
        actor_role=by.role.value,
    )
    db.session.add(event)
    db.session.flush()
    publish(SnapMoved(snap.id, 1, SUBMIT, snap.status, by.account_id))
