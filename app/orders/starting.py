"""The clocks with which an order begins: the policies of its T0, longer in a declared emergency period, later at night.

Everything asked here is kept in memory (app/core/kept.py): a new order costs no statement more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.core.parameters import NIGHT_DEFERRAL, is_on
from app.orders import deadlines
from app.orders.declarations import known_declarations
from app.orders.limits import declared_for, deferred, stretched
from app.orders.policies import known_policies
from app.orders.rules import Clock, PolicyRow, pick_policy

IN_EMERGENCY, AT_NIGHT = "应急期", "夜间顺延"
"""Reasons on the start of a clock whose limit is not the policy's own."""

Rows = list[dict[str, Any]]


def first_clocks(row: dict[str, Any], at: datetime) -> tuple[Rows, Rows]:
    """The event and level rows of a new order, whose `declaration_id` is stamped here.

    C1 from submission; C2 and C3 too, except for a booking, where they belong to the slot (decision D4).
    """
    place = {name: row[name] for name in ("estate_id", "street_id", "district_id")}
    row["declaration_id"] = declared_for(known_declarations(), **place, at=at)
    begins = row["slot_begins_at"] or at
    visit = Clock.APPOINTMENT if row["slot_begins_at"] else Clock.VISIT
    limit = row["slot_ends_at"] - row["slot_begins_at"] if row["slot_begins_at"] else None
    known, events, levels = known_policies(), [], []
    for which, start, given in (
        (Clock.ACCEPT, at, None),
        (visit, begins, limit),
        (Clock.REPAIR, begins, None),
    ):
        found = pick_policy(known, which.value, menu=row["menu"], urgency=row["urgency"], **place, at=at)
        if found is not None:
            policy, reason = _adapted(found, row, at)
            event, rows = deadlines.start_rows(0, which, policy, at=start, limit=given)
            events.append({**event, "reason": reason})
            levels.extend(rows)
    return events, levels


def _adapted(policy: PolicyRow, row: dict[str, Any], at: datetime) -> tuple[PolicyRow, str]:
    """The policy with what the emergency and the night add to it, and the reason for the clock's history."""
    reason, found = "", policy
    if row["declaration_id"] is not None:
        found = stretched(policy, urgency=row["urgency"])
        reason = IN_EMERGENCY if found is not policy else ""
    if is_on(NIGHT_DEFERRAL, at, row["district_id"]):
        later = deferred(found, at, menu=row["menu"], urgency=row["urgency"])
        found, reason = later, AT_NIGHT if later is not found else reason
    return found, reason
