"""What is known of one order beside its row: photos, timeline, promises. The caller was allowed to see the order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from app.accounts.models import Account
from app.companies.models import Worker
from app.core.db import db
from app.core.roles import Role
from app.media.models import CheckState, Photo
from app.orders.clock_models import Deadline
from app.orders.lifecycle import Action, Status
from app.orders.models import OrderEvent, OrderPhoto
from app.orders.rules import Clock, Level


@dataclass(frozen=True)
class PhotoLine:
    """A photo of an order; `hidden` when the content check found it risky."""

    id: int
    step: str
    round: int
    uploaded_at: datetime
    width: int
    height: int
    hidden: bool


def order_photos(order_id: int) -> list[PhotoLine]:
    """All evidence photos of an order that the caller has already been allowed to see."""
    statement = (
        select(
            Photo.id,
            OrderPhoto.step,
            OrderPhoto.round,
            Photo.uploaded_at,
            Photo.width,
            Photo.height,
            Photo.check_state,
        )
        .join(Photo, Photo.id == OrderPhoto.photo_id)
        .where(OrderPhoto.order_id == order_id)
        .order_by(OrderPhoto.id)
    )
    return [
        PhotoLine(*row[:6], hidden=row.check_state == CheckState.RISKY)
        for row in db.session.execute(statement)
    ]


@dataclass(frozen=True)
class EventLine:
    """One step of the timeline; `actor` is a title or a surname, never a full name."""

    seq: int
    code: str
    action: str
    to_status: Status
    at: datetime
    role: Role
    actor: str
    note: str
    data: Mapping[str, Any]


def timeline(order_id: int) -> list[EventLine]:
    """Everything that happened to an order, in sequence."""
    statement = (
        select(OrderEvent, Account.name, Worker.title)
        .outerjoin(Account, Account.id == OrderEvent.actor_id)
        .outerjoin(
            Worker, and_(Worker.account_id == OrderEvent.actor_id, OrderEvent.actor_role == Role.WRK.value)
        )
        .where(OrderEvent.order_id == order_id)
        .order_by(OrderEvent.seq)
    )
    return [
        EventLine(
            seq=event.seq,
            code=event.code,
            action=event.action,
            to_status=Status(event.to_status),
            at=event.at,
            role=Role(event.actor_role),
            actor=actor_words(Role(event.actor_role), name, title, action=event.action),
            note=event.note,
            data=event.data or {},
        )
        for event, name, title in db.session.execute(statement)
    ]


BY_NEIGHBOURS = frozenset({Action.FOLLOW, Action.RATE_FOLLOWED})
"""Whoever joins the order of somebody else is a resident too, but not the reporter."""


def actor_words(role: Role, name: str | None, title: str | None, *, action: str = "") -> str:
    """How an actor is named to others: 王师傅, 李经理, 系统."""
    if action in BY_NEIGHBOURS:
        return "居民"
    if role is Role.WRK:
        return title or "师傅"
    surname = (name or "")[:1]
    return {
        Role.RES: "报修人",
        Role.SYS: "系统",
        Role.MGR: f"{surname}经理",
        Role.DSP: f"{surname}调度",
        Role.HOT: f"962121 {surname}坐席",
    }.get(role, f"{role.label}{surname}")


@dataclass(frozen=True)
class ClockLine:
    """One promise of an order and how it stands; `asks_at` is when the resident is asked whether it is mended (C5)."""

    clock: Clock
    round: int
    due_at: datetime
    warn_at: datetime | None
    stopped_at: datetime | None
    breached: bool
    state: str
    asks_at: datetime | None = None


def clocks(order_id: int) -> list[ClockLine]:
    """Every clock of an order, the rounds after a reopening included; not the crew's own, which starts with each offer
    and promises nothing to the resident, and not those from before an upheld appeal, with which it began anew."""
    return clocks_of([order_id])[order_id]


def clocks_of(order_ids: Collection[int]) -> Mapping[int, list[ClockLine]]:
    """The same for several orders in one statement."""
    promised = (Deadline.clock != Clock.RESPONSE.value) & (Deadline.round >= 0)
    statement = select(Deadline).where(Deadline.order_id.in_(order_ids), promised)
    rows: dict[int, list[Deadline]] = {each: [] for each in order_ids}
    for row in db.session.scalars(statement.order_by(Deadline.round, Deadline.id)):
        rows[row.order_id].append(row)
    return {order_id: _clock_lines(mine) for order_id, mine in rows.items()}


def _clock_lines(rows: Sequence[Deadline]) -> list[ClockLine]:
    warnings, questions = _instants(rows, Level.WARNING), _instants(rows, Level.ASK)
    return [
        ClockLine(
            clock=Clock(row.clock),
            round=row.round,
            due_at=row.due_at,
            warn_at=warnings.get((row.clock, row.round)),
            stopped_at=row.stopped_at,
            breached=row.breached,
            state=row.state,
            asks_at=questions.get((row.clock, row.round)),
        )
        for row in rows
        if row.level == Level.DUE.value
    ]


def _instants(rows: Iterable[Deadline], level: Level) -> Mapping[tuple[str, int], datetime]:
    return {(row.clock, row.round): row.due_at for row in rows if row.level == level.value}
