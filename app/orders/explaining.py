"""What an order waits for, in one sentence for its resident, from the events of its clocks alone. Pure.

等配件,已延至周五 18:00,由李经理批准 · 等您约时间,期间不计时 · 已超时,已通知主管.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.clock import in_china
from app.core.wording import moment
from app.orders.rules import Clock, ClockFact, ClockReading, is_late, read_clock

WEEKDAYS = "一二三四五六日"
PAUSES: Mapping[str, str] = {
    "家里没人": "等您约时间",
    "居民要求改期": "等您约时间",
    "等居民补充信息": "等您补充信息",
    "等居民同意报价": "等您确认报价",
}
"""What the company writes into its clock, and how the resident reads it; other reasons are read as they are."""
EXTENSIONS: Mapping[str, str] = {
    "采购困难": "等配件",
    "配件停产": "配件停产,在找替代",
    "定制": "等定制配件",
}
VISITS = (Clock.VISIT, Clock.APPOINTMENT)


@dataclass(frozen=True)
class ClockStep:
    """One clock event with its reason."""

    clock: str
    round: int
    kind: str
    at: datetime
    limit_ms: int | None
    reason: str


def explain(steps: Sequence[ClockStep], *, round_: int, now: datetime, agreed: bool = False) -> str:
    """The sentence for the order's present round; empty while nothing needs a word. `agreed`: a new time is chosen, so
    nobody waits for the resident any more."""
    repair = _of(steps, Clock.REPAIR, round_)
    if not repair:
        return ""
    reading = _read(repair)
    if reading.stopped_at is not None:
        return ""
    if reading.paused_since is not None:
        return f"{_paused(repair, agreed)},期间不计时"
    if _overdue(reading, now):
        return "已超时,已通知主管"
    if any(_overdue(_read(visit), now) for which in VISITS if (visit := _of(steps, which, round_))):
        return "到场已超时,已通知主管"
    return _moved(repair, reading, now)


def _of(steps: Sequence[ClockStep], which: Clock, round_: int) -> list[ClockStep]:
    return [step for step in steps if step.clock == which and step.round == round_]


def _read(steps: Sequence[ClockStep]) -> ClockReading:
    return read_clock([ClockFact(step.kind, step.at, step.limit_ms) for step in steps])


def _overdue(reading: ClockReading, now: datetime) -> bool:
    return reading.stopped_at is None and reading.due_at is not None and is_late(now, reading.due_at)


def _paused(repair: Sequence[ClockStep], agreed: bool) -> str:
    reason = next(step.reason for step in reversed(repair) if step.kind == "pause")
    if agreed:
        return "已约好上门时间"
    return PAUSES.get(reason, reason or "暂停处理")


def _moved(repair: Sequence[ClockStep], reading: ClockReading, now: datetime) -> str:
    """Why the date is another than at first: extended, or waited."""
    assert reading.due_at is not None
    extended = next((step for step in reversed(repair) if step.kind == "extend"), None)
    if extended is not None:
        why, _, by = extended.reason.partition(",")
        said = [EXTENSIONS.get(why, why), f"已延至{until(reading.due_at, now)}", by]
        return ",".join(part for part in said if part)
    if repair[-1].kind == "resume":
        return f"已继续计时,{until(reading.due_at, now)} 前修好"
    return ""


def until(at: datetime, now: datetime) -> str:
    """今天 18:00, 周五 18:00 within the coming days, 11月25日 18:00."""
    there = in_china(at)
    days = (there.date() - in_china(now).date()).days
    if 2 <= days <= 6:
        return f"周{WEEKDAYS[there.weekday()]} {there:%H:%M}"
    return moment(at, now)
