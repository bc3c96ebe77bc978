"""The one way in which a 随手拍 changes: guard from the lifecycle table, status, event and outbox row together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app.core.clock import in_china
from app.core.db import changed, db, insert_later, table_of
from app.core.errors import Forbidden
from app.core.lifecycle import Transition
from app.core.outbox import publish
from app.core.roles import Role
from app.core.scope import Scope, get_visible
from app.feedback.errors import SnapNotFound, SnapOver, WrongSnapState
from app.feedback.events import SnapMoved
from app.feedback.lifecycle import LIFECYCLE, OPEN, Action, Status
from app.feedback.models import Snap, SnapDeadline, SnapEvent, SnapPhoto
from app.feedback.rules import Level, is_over
from app.orders.moving import take_photos

PENDING, FIRED, STOPPED = "pending", "fired", "stopped"


def get_snap(snap_id: int, by: Scope, *, lock: bool = False) -> Snap:
    """The row if this scope sees it; raises SnapNotFound. Commands read it with a lock."""
    return get_visible(Snap, snap_id, by, lock=lock, missing=SnapNotFound())


def guard(snap: Snap, action: Action, by: Scope, at: datetime) -> Transition[Status, Action]:
    """The legal move; raises Forbidden for a hat that never may, WrongSnapState, and SnapOver when it is too late."""
    transition = LIFECYCLE.find(action, Status(snap.status), by.role)
    if transition is None:
        if by.role not in LIFECYCLE.roles(action):
            raise Forbidden()
        raise refusal(snap)
    if by.role is not Role.SYS and snap.status in OPEN and is_over(at, snap.due_at):
        raise SnapOver(fields={"status": snap.status})
    return transition


def refusal(snap: Snap) -> WrongSnapState:
    """Why the action does not fit now."""
    newest = (SnapEvent.snap_id == snap.id) & (SnapEvent.seq == snap.version)
    since = f"{in_china(db.session.scalars(select(SnapEvent.at).where(newest)).one()):%m月%d日 %H:%M} "
    words = f"这条随手拍{since}起是“{Status(snap.status).label}”,现在不能这样操作"
    return WrongSnapState(words, fields={"status": snap.status})


def move(
    snap: Snap, transition: Transition[Status, Action], *, by: Scope, at: datetime, note: str = ""
) -> None:
    """New status, event with the next sequence number, outbox row; the evidence was set by the caller."""
    assert transition.target is not None
    before = snap.status
    snap.status, snap.version = transition.target.value, snap.version + 1
    event = SnapEvent(
        snap_id=snap.id,
        seq=snap.version,
        action=transition.action.value,
        from_status=before,
        to_status=snap.status,
        at=at,
        actor_id=by.account_id,
        actor_role=by.role.value,
        note=note,
    )
    db.session.add(event)
    db.session.flush()
    publish(SnapMoved(snap.id, snap.version, event.action, snap.status, by.account_id))


def attach_photos(snap_id: int, photo_ids: Sequence[int], step: str, *, by: Scope) -> int:
    """Make the person's uploads part of it; returns how many. Raises Invalid when one is not his or was used."""
    photos = take_photos(photo_ids, by=by)
    insert_later(
        table_of(SnapPhoto), [{"snap_id": snap_id, "photo_id": each, "step": step} for each in photos]
    )
    return len(photos)


def plan(snap_id: int, levels: dict[Level, datetime]) -> None:
    """Write what will fall due."""
    rows: list[dict[str, Any]] = [
        {"snap_id": snap_id, "level": level.value, "due_at": due, "state": PENDING}
        for level, due in levels.items()
    ]
    insert_later(table_of(SnapDeadline), rows)


def plan_again(snap_id: int, level: Level, due: datetime) -> None:
    """What was stopped falls due after all, at another instant."""
    mine = (SnapDeadline.snap_id == snap_id) & (SnapDeadline.level == level.value)
    stopped = update(SnapDeadline).where(mine, SnapDeadline.state == STOPPED)
    changed(stopped.values(state=PENDING, due_at=due))


def stop_clock(snap_id: int) -> None:
    """What has not fallen due will not."""
    waiting = (SnapDeadline.snap_id == snap_id) & (SnapDeadline.state == PENDING)
    changed(update(SnapDeadline).where(waiting).values(state=STOPPED))
