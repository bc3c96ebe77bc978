"""The sweep of 随手拍: reminders, the end of the promised days, the silent end after an answer; each exactly once.

Rows are claimed with SKIP LOCKED and what follows is written in the claim's own transaction, so any number of
schedulers may run and a kill at any instant loses and doubles nothing (docs/adr/0007-deadlines-as-rows.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.core import clock
from app.core.db import changed, claim, db, table_of, transact
from app.core.outbox import publish_all
from app.core.roles import Role
from app.feedback.events import SnapMoved, SnapReminded
from app.feedback.lifecycle import LIFECYCLE, Action
from app.feedback.models import Snap, SnapDeadline, SnapEvent
from app.feedback.moving import FIRED, PENDING
from app.feedback.rules import REMINDERS, Level, span

BATCH = 500
SNAPS, DEADLINES = table_of(Snap), table_of(SnapDeadline)
ENDS = {
    Level.DUE: ("F8", Action.EXPIRE, "expired", "{}内没有回复"),
    Level.CLOSE: ("F7", Action.CLOSE, "auto", "一直没有评价,自动办结"),
}

# Built once: an idle sweep does nothing but ask this.
_DUE = claim(
    select(*DEADLINES.c["id", "snap_id", "level"])
    .where(DEADLINES.c.state == PENDING, DEADLINES.c.due_at < bindparam("at"))
    .order_by(DEADLINES.c.due_at)
    .limit(bindparam("up_to"))
)


def sweep(limit: int = BATCH) -> int:
    """Fire up to `limit` due levels; returns how many. Call again while it returns `limit`."""
    return transact(lambda: _sweep(limit))


def _sweep(limit: int) -> int:
    at = clock.now()
    due = db.session.execute(_DUE, {"at": at, "up_to": limit}).all()
    if not due:
        return 0
    fired = update(DEADLINES).where(DEADLINES.c.id.in_([row.id for row in due]))
    changed(fired.values(state=FIRED, fired_at=at))
    for level in ENDS:
        _end([row.snap_id for row in due if row.level == level], level, at)
    publish_all(SnapReminded(row.snap_id, row.level) for row in due if row.level in REMINDERS)
    return len(due)


def _end(snap_ids: Sequence[int], level: Level, at: datetime) -> None:
    """The system's move of many by one row of the lifecycle table; what has gone on meanwhile is left alone."""
    code, action, how, note = ENDS[level]
    transition = LIFECYCLE.by_code(code, action)
    assert transition.target is not None
    sources = [status.value for status in transition.sources]
    found = db.session.execute(
        select(*SNAPS.c["id", "status", "version", "submitted_at", "due_at"])
        .where(SNAPS.c.id.in_(snap_ids), SNAPS.c.status.in_(sources))
        .with_for_update()
    ).all()
    if not found:
        return
    values = {"status": transition.target.value, "closed_at": at, "closed_how": how}
    mine = SNAPS.c.id.in_([row.id for row in found])
    changed(update(SNAPS).where(mine).values(version=SNAPS.c.version + 1, **values))
    events = [
        _event(row, action, transition.target.value, at, note.format(span(row.submitted_at, row.due_at)))
        for row in found
    ]
    db.session.execute(insert(table_of(SnapEvent)), events)
    publish_all(
        SnapMoved(each["snap_id"], each["seq"], each["action"], each["to_status"], None) for each in events
    )


def _event(row: Any, action: Action, to_status: str, at: datetime, note: str) -> dict[str, Any]:
    return {
        "snap_id": row.id,
        "seq": row.version + 1,
        "action": action.value,
        "from_status": row.status,
        "to_status": to_status,
        "at": at,
        "actor_id": None,
        "actor_role": Role.SYS.value,
        "note": note,
    }
