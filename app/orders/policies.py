"""The clock parameters of domain 3.6 as data; the bureau adds dated rows, nothing here is edited in place."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from app.core.db import db, table_of
from app.core.kept import Kept
from app.orders.clock_models import DeadlinePolicy
from app.orders.limits import stretched
from app.orders.models import Order
from app.orders.rules import PolicyRow, pick_policy

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
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
FUND_CALL: Levels = [_level("W1", "due", -HOUR), _level("DUE", "due", 0)]
"""From the due instant backwards, because a call that is decided at night is due in the morning (C4)."""
PROMISE_ONLY: Levels = [_level("DUE", "due", 0)]
ANSWER: Levels = [
    _level("W1", "start", 5 * DAY),
    _level("W2", "start", 9 * DAY),
    _level("DUE", "due", 0),
]
"""随手拍 (C6): desk and manager are reminded on day 5 and on day 9."""
DAY_BEFORE: Levels = [_level("W1", "due", -DAY), _level("DUE", "due", 0)]
TWO_DAYS_BEFORE: Levels = [_level("W1", "due", -2 * DAY), _level("DUE", "due", 0)]
IN_WORKING_DAYS = frozenset({"C7", "C7A", "C7B", "C9", "C11"})
"""Clocks whose limit counts working days, each written as 24 hours; their due instant comes from the calendar."""
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
    ("C4", None, None, 2 * HOUR, 2 * HOUR, FUND_CALL),
    ("C5", None, None, 72 * HOUR, 72 * HOUR, CONFIRMATION),
    ("C12", None, None, 5 * MINUTE, 5 * MINUTE, PROMISE_ONLY),
    ("C12", None, "P0", 2 * MINUTE, 2 * MINUTE, PROMISE_ONLY),
    ("C12", None, "P1", 2 * MINUTE, 2 * MINUTE, PROMISE_ONLY),
    ("C2R", None, None, 24 * HOUR, 24 * HOUR, _from_start(20 * 60)),
    ("C3R", None, None, 72 * HOUR, 120 * HOUR, REPAIR_LADDER),
    ("C6", None, None, 10 * DAY, 10 * DAY, ANSWER),
    ("C11", None, None, DAY, DAY, PROMISE_ONLY),
    # Of businesses that come later (complaint accepted, answered and concluded; review; rectification; danger made
    # safe): the rows stand, so that a bureau's change has something to begin from.
    ("C7A", None, None, DAY, DAY, PROMISE_ONLY),
    ("C7B", None, None, 3 * DAY, 3 * DAY, DAY_BEFORE),
    ("C7", None, None, 5 * DAY, 15 * DAY, DAY_BEFORE),
    ("C9", None, None, 5 * DAY, 5 * DAY, DAY_BEFORE),
    ("C10", None, None, 30 * DAY, 30 * DAY, TWO_DAYS_BEFORE),
    ("C13", None, None, 2 * HOUR, 2 * HOUR, PROMISE_ONLY),
)


_COLUMNS = tuple(each.name for each in fields(PolicyRow))
_POLICIES = select(*[table_of(DeadlinePolicy).c[name] for name in _COLUMNS])


def _load() -> tuple[PolicyRow, ...]:
    return tuple(PolicyRow(*row) for row in db.session.execute(_POLICIES))


known_policies = Kept(_load)
"""All parameter rows, a few dozen at most; dated, so that one kept for some seconds is never out of force early."""


def policy_for(order: Order, clock: str, *, at: datetime) -> PolicyRow | None:
    """The policy by which a clock of the order runs: the one of its T0, unless a later one takes running orders along;
    longer when the order was sent in a declared emergency period."""
    found = pick_policy(
        known_policies(),
        clock,
        menu=order.menu,
        urgency=order.urgency,
        estate_id=order.estate_id,
        street_id=order.street_id,
        district_id=order.district_id,
        at=order.submitted_at,
        now=at,
    )
    if found is None or order.declaration_id is None or order.round:
        return found
    return stretched(found, urgency=order.urgency)


def policy_at(
    clock: str,
    *,
    district_id: int,
    street_id: int,
    estate_id: int,
    at: datetime,
    menu: str = "",
    urgency: str = "",
) -> PolicyRow:
    """The policy of a clock that belongs to no order's T0 but begins at `at`, of a place (and of a kind of orders). An
    instance whose rows are not installed yet goes by the standard."""
    found = pick_policy(
        known_policies(),
        clock,
        menu=menu,
        urgency=urgency,
        estate_id=estate_id,
        street_id=street_id,
        district_id=district_id,
        at=at,
    )
    return found or standard_of(clock)


def standard_of(clock: str) -> PolicyRow:
    """The standard row of a clock that has one for everybody."""
    _, _, _, limit, extended, levels = next(row for row in STANDARD if row[:3] == (clock, None, None))
    return PolicyRow(clock, None, None, None, FROM_THE_BEGINNING, limit, extended, levels)


def install_standard() -> int:
    """Write the standard parameters that are missing, all of them into an empty table and those of new clocks after an
    upgrade; returns how many rows were written. A row that stands is never touched."""
    columns = table_of(DeadlinePolicy).c["clock", "menu", "urgency"]
    everywhere = (
        DeadlinePolicy.estate_id.is_(None)
        & DeadlinePolicy.street_id.is_(None)
        & DeadlinePolicy.district_id.is_(None)
    )
    standing = {tuple(row) for row in db.session.execute(select(*columns).where(everywhere))}
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
            "also_running": False,
            "applied_upto": 0,
        }
        for clock, menu, urgency, limit, extended, levels in STANDARD
        if (clock, menu, urgency) not in standing
    ]
    if rows:
        db.session.execute(insert(DeadlinePolicy), rows)
    known_policies.forget()
    return len(rows)
