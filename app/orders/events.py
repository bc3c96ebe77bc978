"""Facts about orders, in the past tense; ids and plain values only."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.outbox import event


@event
@dataclass(frozen=True)
class OrderMoved:
    """Something was done to an order (also what leaves the status as it is, such as an urge). `code` is the number
    of domain 3.5.2; `seq` the order's version after it."""

    order_id: int
    seq: int
    code: str
    action: str
    from_status: str | None
    to_status: str
    actor_id: int | None
    actor_role: str


@event
@dataclass(frozen=True)
class ClockReached:
    """A level of a clock was reached: a warning (W1, W2), the promise itself (DUE) or an escalation (L2, L3).
    Instants are ISO 8601 UTC; `fired_at` may be later than `due_at` when schedulers were down (K10)."""

    order_id: int
    clock: str
    round: int
    level: str
    due_at: str
    fired_at: str
