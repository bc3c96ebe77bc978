"""Events leave a unit of work as rows of the same transaction; a job turns them into reactions.

No signals and no on-commit hooks: those lose events when a process dies (docs/adr/0005-outbox.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, Id, UtcDateTime, changed, claim, db, table_of, transact
from app.core.many_rows import insert_many

WAITING, DONE, FAILED = "waiting", "done", "failed"
MAX_ATTEMPTS = 12

Reaction = Callable[[Any], None]
_event_types: dict[str, type] = {}


class OutboxRow(Id, Base):
    """A fact that reactions have not all heard of yet."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state_due_at", "state", "due_at", "id"),)

    name: Mapped[str] = mapped_column(String(64))
    payload: Mapped[Any] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8), default=WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(500))


def event(cls: type) -> type:
    """Class decorator: a frozen dataclass of plain values that may be published."""
    if not is_dataclass(cls):
        raise TypeError(f"{cls.__name__} must be a dataclass")
    _event_types[cls.__name__] = cls
    return cls


def publish(*events: Any) -> None:
    """Write the events beside the change they tell of; the caller's transaction decides their fate."""
    publish_all(events)


def publish_all(events: Iterable[Any]) -> None:
    """The same for many events in one statement, as sweeps need it."""
    at = clock.now()
    rows = [
        {
            "name": type(fact).__name__,
            "payload": dict(vars(fact)),  # plain values only; asdict would deep-copy each of them
            "state": WAITING,
            "attempts": 0,
            "created_at": at,
            "due_at": at,
        }
        for fact in events
    ]
    insert_many(table_of(OutboxRow), rows)


def dispatch_one(reactions: Mapping[type, Sequence[Reaction]]) -> bool:
    """React to the oldest waiting event in one transaction; False when nothing waits."""
    state: dict[str, int] = {}

    def work() -> bool:
        row = db.session.scalars(claim(_oldest_waiting())).first()
        if row is None:
            return False
        state["id"] = row.id
        fact = _event_types[row.name](**row.payload)
        for reaction in reactions.get(type(fact), ()):
            reaction(fact)
        row.state, row.done_at = DONE, clock.now()
        return True

    try:
        return transact(work)
    except Exception as error:  # a failing reaction must not stop the others: it is put off and kept visible
        if "id" not in state:
            raise
        reason = type(error).__name__  # the class only: a message may hold personal data
        transact(lambda: _put_off(state["id"], reason))
        return True


def _oldest_waiting() -> Any:
    waiting = (OutboxRow.state == WAITING) & (OutboxRow.due_at <= clock.now())
    return select(OutboxRow).where(waiting).order_by(OutboxRow.due_at, OutboxRow.id).limit(1)


def _put_off(row_id: int, reason: str) -> None:
    row = db.session.get_one(OutboxRow, row_id)
    row.attempts += 1
    row.state = FAILED if row.attempts >= MAX_ATTEMPTS else WAITING
    row.due_at = clock.now() + timedelta(seconds=min(2**row.attempts, 600))
    row.last_error = reason


def oldest_waiting_age() -> timedelta:
    """How long the oldest event has been waiting, for /healthz; zero when none is."""
    oldest = db.session.scalar(
        select(OutboxRow.created_at).where(OutboxRow.state == WAITING).order_by(OutboxRow.due_at).limit(1)
    )
    return max(clock.now() - oldest, timedelta()) if oldest else timedelta()


def forget_done(before: datetime) -> int:
    """Delete events that were handled long ago; returns how many."""
    return changed(delete(OutboxRow).where(OutboxRow.state == DONE, OutboxRow.done_at < before))


def retry_failed() -> int:
    """Give failed events another round after their cause was mended; returns how many."""
    return changed(
        update(OutboxRow)
        .where(OutboxRow.state == FAILED)
        .values(state=WAITING, attempts=0, due_at=clock.now())
    )
