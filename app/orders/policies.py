"""The clock parameters of domain 3.6 as data; the bureau adds dated rows, nothing here is edited in place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select

from app.core.db import db, table_of
from app.core.kept import Kept
from app.orders.clock_models import DeadlinePolicy
from app.orders.rules import PolicyRow

MINUTE = 60_000
HOUR = 60 * MINUTE
FROM_THE_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

Levels = list[dict[str, Any]]


def _level(level: str, anchor: str, offset_ms: int) -> dict[str, Any]:
    return {"level": level, "anchor": anchor, "offset_ms": offset_ms}


def _from_start(minutes: float) -> Levels:
    return [_level("W1", "start", int(minutes * MINUTE)), _level("DUE", "due", 0)]


REPAIR_LADDER: Levels = [
    _level("W1", "due", -24 * HOUR),
    _level("W2", "due", -4 * HOUR),
    _level("DUE", "due", 0),
    _level("L2", "due", 24 * HOUR),
    _level("L3", "due", 72 * HOUR),
]
CONFIRMATION: Levels = [
    _level("ASK", "start", 24 * HOUR),
    _level("W1", "due", -24 * HOUR),
    _level("DUE", "due", 0),
]
"""A day after the repair the resident is asked 修好了吗, a day before the order closes he is told so."""
URGENT_REPAIR: Levels = [_level("W0", "start", 24 * HOUR), *REPAIR_LADDER]

# clock, menu, urgency, limit, limit with extension, levels
STANDARD: tuple[tuple[str, str | None, str | None, int, int, Levels], ...] = (
    ("C1", None, None, 15 * MINUTE, 15 * MINUTE, _from_start(10)),
    ("C1", None, "P0", 3 * MINUTE, 3 * MINUTE, _from_start(1)),
    ("C2", "PUB", None, 30 * MINUTE, 30 * MINUTE, _from_start(20)),
    ("C2", "EMG", None, 30 * MINUTE, 30 * MINUTE, _from_start(20)),
    ("C2", "PUB", "P0", 15 * MINUTE, 15 * MINUTE, _from_start(10)),
    ("C2", "EMG", "P0", 15 * MINUTE, 15 * MINUTE, _from_start(10)),
    ("C2-APT", "APT", None, 120 * MINUTE, 120 * MINUTE, _from_start(-30)),
    ("C3", None, None, 72 * HOUR, 120 * HOUR, REPAIR_LADDER),
    ("C3", None, "P0", 72 * HOUR, 120 * HOUR, URGENT_REPAIR),
    ("C3", None, "P1", 72 * HOUR, 120 * HOUR, URGENT_REPAIR),
    ("C5", None, None, 72 * HOUR, 72 * HOUR, CONFIRMATION),
    ("C2R", None, None, 24 * HOUR, 24 * HOUR, _from_start(20 * 60)),
    ("C3R", None, None, 72 * HOUR, 120 * HOUR, REPAIR_LADDER),
)


_COLUMNS = ("clock", "menu", "urgency", "estate_id", "valid_from", "limit_ms", "extended_ms", "levels")
_POLICIES = select(*[table_of(DeadlinePolicy).c[name] for name in _COLUMNS])


def _load() -> tuple[PolicyRow, ...]:
    return tuple(PolicyRow(*row) for row in db.session.execute(_POLICIES))


known_policies = Kept(_load)
"""All parameter rows, a few dozen at most; dated, so that one kept for some seconds is never out of force early."""


def install_standard() -> int:
    """Write the standard parameters into an empty table; returns how many rows were written."""
    if db.session.scalar(select(func.count()).select_from(DeadlinePolicy)):
        return 0
    rows = [
        {
            "clock": clock,
            "menu": menu,
            "urgency": urgency,
            "estate_id": None,
            "valid_from": FROM_THE_BEGINNING,
            "limit_ms": limit,
            "extended_ms": extended,
            "levels": levels,
        }
        for clock, menu, urgency, limit, extended, levels in STANDARD
    ]
    db.session.execute(insert(DeadlinePolicy), rows)
    known_policies.forget()
    return len(rows)
