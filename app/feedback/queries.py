"""随手拍 as people read them; every question takes a scope, which also decides how much of the words is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.accounts.models import Account
from app.companies.models import Company, Office
from app.core.db import db
from app.core.paging import Page, decode_instant_cursor, encode_cursor, newest_rows
from app.core.redaction import without_personal_data
from app.core.roles import Role
from app.core.scope import Scope, condition
from app.core.wording import duration, milliseconds
from app.estates.models import Estate
from app.feedback.errors import SnapNotFound
from app.feedback.lifecycle import OPEN, WAITING, Action, Kind, Status, Topic, actions_for, step_label
from app.feedback.models import Snap, SnapEvent, SnapPhoto
from app.feedback.rules import snap_number, span
from app.media.models import CheckState, Photo
from app.orders.evidence import PhotoLine, actor_words
from app.orders.models import Order
from app.orders.rules import order_number

READS_THE_WORDS = frozenset({Role.RES, Role.DSP, Role.MGR, Role.HOT})
"""Who must act on what was written; everybody else reads it without doors, names and numbers (domain 3.3)."""


@dataclass(frozen=True)
class SnapLine:
    """One in a list, already masked for whoever asked; instants are UTC."""

    id: int
    version: int
    number: str
    kind: Kind
    topic: Topic
    status: Status
    text: str
    place: str
    estate: str
    office: str
    company: str
    submitted_at: datetime
    due_at: datetime
    answered_at: datetime | None
    photo_id: int | None
    actions: Sequence[Action]

    @property
    def promised(self) -> str:
        """10天: how long the office had when this one was sent."""
        return span(self.submitted_at, self.due_at)

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits for an answer."""
        return self.status in OPEN

    def due_words(self, at: datetime) -> str:
        """还剩 3 天, 已超过 2 小时, or nothing when nobody waits any more."""
        if not self.is_open:
            return ""
        if at <= self.due_at:
            return f"还剩 {duration(milliseconds(self.due_at - at))}"
        return f"已超过 {duration(milliseconds(at - self.due_at))}"

    def is_late(self, at: datetime) -> bool:
        """Whether nobody answered in time, also before the sweep has said so."""
        return self.status is Status.EXPIRED or (self.is_open and at > self.due_at)


@dataclass(frozen=True)
class SnapStep:
    """One step of the timeline; `actor` is a title or a surname, never a full name."""

    seq: int
    at: datetime
    action: str
    label: str
    status: Status
    actor: str
    note: str


_THUMB = (
    select(func.min(SnapPhoto.photo_id))
    .join(Photo, Photo.id == SnapPhoto.photo_id)
    .where(SnapPhoto.snap_id == Snap.id, Photo.check_state != CheckState.RISKY.value)
    .correlate(Snap)
    .scalar_subquery()
)


def _lines(scope: Scope) -> Select[Any]:
    return (
        select(Snap, Estate.name, Office.name, Company.name, _THUMB)
        .join(Estate, Estate.id == Snap.estate_id)
        .join(Office, Office.id == Snap.office_id)
        .join(Company, Company.id == Snap.company_id)
        .where(condition(Snap, scope))
    )


def _line(row: Any, scope: Scope) -> SnapLine:
    snap, estate, office, company, photo_id = row
    kind, status = Kind(snap.kind), Status(snap.status)
    trusted = scope.role in READS_THE_WORDS
    return SnapLine(
        id=snap.id,
        version=snap.version,
        number=snap_number(snap.id, snap.submitted_at),
        kind=kind,
        topic=Topic(snap.topic),
        status=status,
        text=snap.text if trusted else without_personal_data(snap.text),
        place=snap.place,
        estate=estate,
        office=office,
        company=company,
        submitted_at=snap.submitted_at,
        due_at=snap.due_at,
        answered_at=snap.answered_at,
        photo_id=photo_id,
        actions=actions_for(status, scope.role, kind, has_asked=snap.asked_at is not None),
    )


def snaps_page(
    scope: Scope,
    *,
    open_: bool | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[SnapLine]:
    """The newest first; those that wait (`open_`) for staff by what is left of their time. Raises Invalid."""
    statement = _lines(scope)
    if open_ is not None:
        waiting = Snap.status.in_(sorted(status.value for status in WAITING))
        statement = statement.where(waiting if open_ else ~waiting)
    if open_ and scope.role is not Role.RES:
        return _soonest(statement, scope, cursor, limit)
    page = newest_rows(statement, Snap, cursor=cursor, limit=limit)
    return Page([_line(row, scope) for row in page.items], page.next_cursor)


def _soonest(statement: Select[Any], scope: Scope, cursor: str | None, limit: int) -> Page[SnapLine]:
    position = decode_instant_cursor(cursor)
    if position is not None:
        due, snap_id = position
        statement = statement.where(or_(Snap.due_at > due, (Snap.due_at == due) & (Snap.id > snap_id)))
    rows = db.session.execute(statement.order_by(Snap.due_at, Snap.id).limit(limit + 1)).all()
    kept = rows[:limit]
    last = kept[-1].Snap if len(rows) > limit else None
    next_cursor = encode_cursor(last.due_at.isoformat(), last.id) if last else None
    return Page([_line(row, scope) for row in kept], next_cursor)


def snap_line(snap_id: int, scope: Scope) -> SnapLine:
    """One of them; raises SnapNotFound when it is hidden."""
    row = db.session.execute(_lines(scope).where(Snap.id == snap_id)).one_or_none()
    if row is None:
        raise SnapNotFound()
    return _line(row, scope)


def snaps_by_id(snap_ids: Iterable[int], scope: Scope) -> Mapping[int, SnapLine]:
    """Those of them that the scope sees."""
    rows = db.session.execute(_lines(scope).where(Snap.id.in_(sorted(set(snap_ids)))))
    return {row.Snap.id: _line(row, scope) for row in rows}


def snap_photos(snap_id: int) -> list[PhotoLine]:
    """Its photos; the caller was allowed to see it."""
    statement = (
        select(Photo, SnapPhoto.step)
        .join(SnapPhoto, SnapPhoto.photo_id == Photo.id)
        .where(SnapPhoto.snap_id == snap_id)
        .order_by(SnapPhoto.id)
    )
    return [
        PhotoLine(
            id=photo.id,
            step=step,
            round=0,
            uploaded_at=photo.uploaded_at,
            width=photo.width,
            height=photo.height,
            hidden=photo.check_state == CheckState.RISKY,
        )
        for photo, step in db.session.execute(statement)
    ]


def timeline(snap_id: int) -> list[SnapStep]:
    """Everything that happened, in sequence; the caller was allowed to see it."""
    statement = (
        select(SnapEvent, Account.name)
        .outerjoin(Account, Account.id == SnapEvent.actor_id)
        .where(SnapEvent.snap_id == snap_id)
        .order_by(SnapEvent.seq)
    )
    return [
        SnapStep(
            seq=event.seq,
            at=event.at,
            action=event.action,
            label=step_label(event.action, Role(event.actor_role)),
            status=Status(event.to_status),
            actor=who(Role(event.actor_role), name),
            note=event.note,
        )
        for event, name in db.session.execute(statement)
    ]


def who(role: Role, name: str | None) -> str:
    """李经理, 居民, 系统."""
    return "居民" if role is Role.RES else actor_words(role, name, None)


def order_of(snap: Snap) -> tuple[int, str] | None:
    """Id and number of the repair that it became."""
    if snap.order_id is None:
        return None
    row = db.session.execute(
        select(Order.id, Order.menu, Order.submitted_at).where(Order.id == snap.order_id)
    ).one()
    return row.id, order_number(row.id, row.menu, row.submitted_at)


def snap_of_order(order_id: int, scope: Scope) -> SnapLine | None:
    """The 随手拍 from which an order was made, None when there is none or it is hidden."""
    row = db.session.execute(_lines(scope).where(Snap.order_id == order_id)).one_or_none()
    return _line(row, scope) if row else None
