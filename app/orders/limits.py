"""How a limit differs from its policy: declared emergency periods, the night, another length. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Any

from app.core.clock import CHINA, in_china
from app.orders.lifecycle import Menu
from app.orders.rules import PolicyRow

CALM = frozenset({"P2", "P3"})
"""P0 and P1 are never stretched and never deferred."""
IN_EMERGENCY = {"C1": Fraction(2), "C2": Fraction(2), "C3": Fraction(3, 2)}
NIGHT_BEGINS, NIGHT_ENDS, VISIT_BY = time(21), time(7), time(7, 30)
ONE_MS = timedelta(milliseconds=1)


def with_limit(policy: PolicyRow, limit_ms: int, extended_ms: int) -> PolicyRow:
    """The same promise with another length: levels counted from the start keep their share of it, those before the
    due instant their distance; what would come before the start is left out."""
    share = Fraction(limit_ms, policy.limit_ms)
    levels = [_moved(level, share) for level in policy.levels]
    kept = [each for each in levels if each["anchor"] != "due" or each["offset_ms"] > -limit_ms]
    return replace(policy, limit_ms=limit_ms, extended_ms=extended_ms, levels=kept)


def _moved(level: dict[str, Any], share: Fraction) -> dict[str, Any]:
    if level["anchor"] != "start" or level["offset_ms"] <= 0:
        return level
    return {**level, "offset_ms": int(level["offset_ms"] * share)}


def stretched(policy: PolicyRow, *, urgency: str) -> PolicyRow:
    """The policy within a declared emergency period: C3 by half, C1 and C2 twice as long; P0 and P1 as ever (3.7)."""
    factor = IN_EMERGENCY.get(policy.clock)
    if factor is None or urgency not in CALM:
        return policy
    return with_limit(policy, int(policy.limit_ms * factor), int(policy.extended_ms * factor))


def deferred(policy: PolicyRow, at: datetime, *, menu: str, urgency: str) -> PolicyRow:
    """The visit policy of an order sent at night, where the deferral is on: due at 07:30, warned as long before the
    due instant as by day."""
    wanted = visit_by(at)
    if menu != Menu.REPORT or urgency not in CALM or policy.clock != "C2" or wanted is None:
        return policy
    extra = (wanted - at) // ONE_MS - policy.limit_ms
    if extra <= 0:
        return policy
    levels = [
        {**each, "offset_ms": each["offset_ms"] + extra} if each["anchor"] == "start" else each
        for each in policy.levels
    ]
    return replace(
        policy, limit_ms=policy.limit_ms + extra, extended_ms=policy.extended_ms + extra, levels=levels
    )


def visit_by(at: datetime) -> datetime | None:
    """07:30 after the night in which `at` lies, None by day; 21:00 is night, 07:00 is not."""
    local = in_china(at)
    hour = local.time()
    if NIGHT_ENDS <= hour < NIGHT_BEGINS:
        return None
    day = local.date() + timedelta(days=hour >= NIGHT_BEGINS)
    return datetime.combine(day, VISIT_BY, tzinfo=CHINA).astimezone(at.tzinfo)


@dataclass(frozen=True)
class DeclaredRow:
    """An emergency period of a place; None means any below the one that is named."""

    id: int
    district_id: int
    street_id: int | None
    estate_id: int | None
    begins_at: datetime
    ends_at: datetime
    lifted_at: datetime | None = None


def declared_for(
    rows: Iterable[DeclaredRow], *, district_id: int, street_id: int, estate_id: int, at: datetime
) -> int | None:
    """The id of the period in which an order of that place was sent; of several the one that names the place most
    closely, among equals the newest."""
    fitting = [
        row
        for row in rows
        if row.district_id == district_id
        and row.street_id in (None, street_id)
        and row.estate_id in (None, estate_id)
        and row.begins_at <= at < (row.lifted_at or row.ends_at)
        and at < row.ends_at
    ]
    best = max(
        fitting, key=lambda row: (row.estate_id is not None, row.street_id is not None, row.id), default=None
    )
    return best.id if best else None
