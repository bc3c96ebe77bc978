"""What a person may do with an order now: the lifecycle table, narrowed by facts and windows. Pure.

The client draws exactly these buttons and no others; the services check the same conditions again.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from app.core.roles import Role
from app.orders.lifecycle import LIFECYCLE, Action, Status
from app.orders.rules import RATE_WITHIN, may_hold, may_urge, regulator_may_reopen_until, reopen_until

NEVER_A_BUTTON = frozenset({Action.WITHDRAW, Action.UNREACHABLE, Action.FOLLOW, Action.RATE_FOLLOWED})
"""Withdrawing is how a cancelling may end, unreachable how a second hold does; following is for those who do not see
the order (app/orders/following.py)."""


class OrderFacts(NamedTuple):
    """What decides whether an action is possible. A tuple, because lists are long."""

    status: Status
    menu: str
    round: int
    extended: bool
    finished_at: datetime | None
    closed_at: datetime | None
    closed_how: str
    accept_due_at: datetime | None
    repair_due_at: datetime | None
    visited: bool
    rated: bool
    offer_waiting: bool
    extension_by: int | None
    extension_role: str | None
    last_urged_at: datetime | None
    held_until: datetime | None
    holds: int
    no_shows: int


def possible_actions(facts: OrderFacts, *, role: Role, account_id: int | None, at: datetime) -> list[Action]:
    """The actions in the table's order; SYS and hidden helpers never appear."""
    legal = LIFECYCLE.actions(facts.status, role)
    return [
        action
        for action in legal
        if action not in NEVER_A_BUTTON and _fits(action, facts, role=role, account_id=account_id, at=at)
    ]


def _fits(action: Action, facts: OrderFacts, *, role: Role, account_id: int | None, at: datetime) -> bool:
    match action:
        case Action.ACCEPT:
            return role is Role.HOT or facts.accept_due_at is None or at <= facts.accept_due_at
        case Action.TAKE:
            return facts.offer_waiting
        case Action.CHECK_IN:
            return not facts.visited and (facts.status is not Status.WORKING or facts.round > 0)
        case Action.FINISH:
            return facts.visited
        case Action.REQUEST_EXTENSION:
            return _may_still_extend(facts, at) and facts.extension_by is None
        case Action.APPROVE_EXTENSION:
            return _may_still_extend(facts, at) and _may_decide(facts, role, account_id)
        case Action.REFUSE_EXTENSION:
            return _may_decide(facts, role, account_id)
        case Action.RATE:
            return _may_rate(facts, at)
        case Action.REOPEN:
            return _may_reopen(facts, role, at)
        case Action.HOLD:
            return facts.visited and may_hold(menu=facts.menu, holds=facts.holds, no_shows=facts.no_shows)
        case Action.CHOOSE_SLOT | Action.ASK_LATER:
            return facts.held_until is not None and at <= facts.held_until
        case Action.URGE:
            return may_urge(facts.last_urged_at, at)
        case _:
            return True


def _may_still_extend(facts: OrderFacts, at: datetime) -> bool:
    return not facts.extended and (facts.repair_due_at is None or at <= facts.repair_due_at)


def _may_decide(facts: OrderFacts, role: Role, account_id: int | None) -> bool:
    if facts.extension_by is None or facts.extension_by == account_id:
        return False
    return role is Role.CO or facts.extension_role != Role.MGR.value


def _may_rate(facts: OrderFacts, at: datetime) -> bool:
    """Only what was done (S1-06): an order that closed because nobody was ever home has nothing to rate."""
    if facts.rated or facts.finished_at is None:
        return False
    return facts.closed_at is None or at <= facts.closed_at + RATE_WITHIN


def _may_reopen(facts: OrderFacts, role: Role, at: datetime) -> bool:
    if role is Role.RES:
        until = reopen_until(facts.finished_at, closed_how=facts.closed_how, closed_at=facts.closed_at)
    else:
        until = regulator_may_reopen_until(facts.finished_at, facts.closed_at)
    return until is not None and at <= until
