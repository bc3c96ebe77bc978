"""Facts about 随手拍, in the past tense; ids and plain values only."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.outbox import event


@event
@dataclass(frozen=True)
class SnapMoved:
    """Something was done to one; `seq` is its version after it."""

    snap_id: int
    seq: int
    action: str
    to_status: str
    actor_id: int | None


@event
@dataclass(frozen=True)
class SnapReminded:
    """A reminder fell due while nobody had answered: W1 on day 5, W2 on day 9 (C6)."""

    snap_id: int
    level: str
