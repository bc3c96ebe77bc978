"""What leaves the process is a row before it is a call: claim, call without a transaction, record.

Used for messages, hand-overs to the hotline, electronic invoices, checks of photos and voices, refunds, bills. A
process that dies between call and record leaves a lease that runs out; the row is then taken again, and the caller is
told that an earlier call may have got through.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Select, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, UtcDateTime, claim, db

LEASE = timedelta(seconds=60)


class OutgoingState(StrEnum):
    """Where a call stands; HELD: not before persons have decided."""

    HELD = "held"
    WAITING = "waiting"
    CALLING = "calling"
    DONE = "done"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


class Outgoing:
    """Mixin: the columns of a row that becomes a call."""

    state: Mapped[str] = mapped_column(String(12), default=OutgoingState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(200))


@dataclass(frozen=True)
class Claimed:
    """A row taken for a call; `maybe_called` says that an earlier process died during its call."""

    id: int
    attempt: int
    maybe_called: bool


Row = TypeVar("Row", bound=Base)


def take(model: type[Any], limit: int) -> list[Claimed]:
    """Claim due rows under a lease, inside the caller's transaction."""
    at = clock.now()
    rows = db.session.scalars(claim(_due(model, at).limit(limit))).all()
    claimed = []
    for row in rows:
        claimed.append(Claimed(row.id, row.attempts + 1, row.state == OutgoingState.CALLING))
        row.state, row.attempts, row.lease_until = OutgoingState.CALLING, row.attempts + 1, at + LEASE
        row.next_at = at + LEASE
    return claimed


def _due(model: type[Any], at: datetime) -> Select[Any]:
    open_states = or_(model.state == OutgoingState.WAITING, model.state == OutgoingState.CALLING)
    return select(model).where(open_states, model.next_at <= at).order_by(model.next_at, model.id)


def record(row: Any, state: OutgoingState, *, error: str | None = None) -> None:
    """Keep the final outcome of a call."""
    row.state, row.done_at, row.lease_until, row.last_error = state, clock.now(), None, error


def put_off(row: Any, delay: timedelta, *, error: str) -> None:
    """Try again after `delay`."""
    row.state, row.lease_until, row.last_error = OutgoingState.WAITING, None, error
    row.next_at = clock.now() + delay
