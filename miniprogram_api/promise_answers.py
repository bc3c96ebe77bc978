"""A promise of an order as it is told: until when, and in words how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.core.wording import duration, milliseconds, promise_time
from app.orders.evidence import ClockLine
from app.orders.rules import Clock
from miniprogram_api.fields import Instant, Out


class PromiseOut(Out):
    """One promise and how it stands, also in words."""

    clock: str
    label: str
    round: int
    due_at: Instant
    warn_at: Instant | None
    stopped_at: Instant | None
    breached: bool
    state: str
    words: str


def due_words(due: datetime | None, at: datetime) -> str:
    """今天 14:44 前, 已超 5 分钟, or nothing."""
    if due is None:
        return ""
    return promise_time(due, at) if at <= due else f"已超 {duration(milliseconds(at - due))}"


_STATES: Mapping[str, str] = {
    "met": "按时做到",
    "paused": "暂停计时",
    "void": "不再适用",
}


def promise_out(line: ClockLine, at: datetime) -> PromiseOut:
    """A promise with its words."""
    return PromiseOut(
        clock=line.clock.value,
        label=line.clock.label,
        round=line.round,
        due_at=line.due_at,
        warn_at=line.warn_at,
        stopped_at=line.stopped_at,
        breached=line.breached,
        state=line.state,
        words=promise_words(line, at),
    )


def promise_words(line: ClockLine, at: datetime) -> str:
    """接单:14:44 前; after it, whether it was kept and by how much it was missed."""
    if line.breached or (line.state == "pending" and at > line.due_at):
        late = milliseconds((line.stopped_at or at) - line.due_at)
        return f"{line.clock.label}超时 {duration(late)}"
    if line.clock is Clock.CONFIRM and line.state == "fired":
        return "到期自动办结"
    said = _STATES.get(line.state)
    return f"{line.clock.label}{said}" if said else f"{promise_time(line.due_at, at)}{line.clock.label}"
