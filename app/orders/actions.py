"""What a person may do with an order now: the lifecycle table, narrowed by facts and windows. Pure.

The client draws exactly these buttons and no others; the services check the same conditions again.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from app.core.roles import Role
from app.orders.lifecycle import LIFECYCLE, Action, Menu, Status
from app.orders.quote_rules import PayStatus
from app.orders.rules import (
    RATE_WITHIN,
    TRANSFERS_MAX,
    may_appeal,
    may_hold,
    may_urge,
    regulator_may_reopen_until,
    reopen_until,
)

NEVER_A_BUTTON = frozenset(
    {
        *(Action.WITHDRAW, Action.UNREACHABLE, Action.FOLLOW, Action.RATE_FOLLOWED),
        *(Action.RECEIVE, Action.SEND_BACK, Action.GRAB, Action.SUPERVISE),
        *(Action.TAKE_IN, Action.LET_GO),
        *(Action.RATE_UNPAID, Action.PAID, Action.REFUNDING, Action.REFUNDED),
    }
)
"""Withdrawing is how a cancelling may end, unreachable how a second hold does; following is for those who do not see
the order (app/orders/following.py), and so are receiving what another office hands over and grabbing an open offer.
A 督办单 is sent from the list of drafts (app/supervision/drafting.py). Taking in and letting go is what merging and
unmerging leave on the other order's timeline (app/orders/merging.py). What became of the money is the payments' word
(app/orders/paying.py); rating before one has paid leaves the order where it is (app/orders/feedback.py)."""


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
    rejected_at: datetime | None
    appealed_at: datetime | None
    appeal_open: bool
    fund_needed_at: datetime | None
    fund_told_at: datetime | None
    cancel_asked_at: datetime | None
    info_asked_at: datetime | None
    info_open: bool
    agreed_fen: int | None
    final_fen: int | None
    paid_fen: int
    pay_status: str
    pay_enabled: bool
    transfer_to: int | None
    transfers: int
    special: bool
    special_asked_by: int | None


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
            return _fits_the_rest(action, facts, at)


def _fits_the_rest(action: Action, facts: OrderFacts, at: datetime) -> bool:
    """What only waits for another fact of the order."""
    in_home = facts.menu != Menu.REPORT
    match action:
        case Action.HOLD_THIRD:
            return facts.visited
        case Action.NEED_FUND:
            return facts.visited and not in_home and facts.fund_needed_at is None
        case Action.TELL_FUND:
            return facts.fund_needed_at is not None and facts.fund_told_at is None
        case Action.HOLD_FUND:
            return facts.fund_told_at is not None
        case Action.REQUEST_SPECIAL:
            return facts.special_asked_by is None and not facts.special
        case Action.APPROVE_SPECIAL | Action.REFUSE_SPECIAL:
            return facts.special_asked_by is not None
        case Action.ASK_CANCEL:
            return in_home and facts.cancel_asked_at is None
        case Action.AGREE_CANCEL | Action.REFUSE_CANCEL:
            return facts.cancel_asked_at is not None
        case Action.APPEAL:
            return facts.appealed_at is None and may_appeal(facts.rejected_at, at)
        case Action.UPHOLD_APPEAL | Action.DISMISS_APPEAL:
            return facts.appeal_open
        case Action.MERGE:
            return not in_home
        case Action.TRANSFER:
            return facts.transfer_to is None and facts.transfers <= TRANSFERS_MAX
        case Action.DECIDE_TRANSFER:
            return facts.transfer_to is not None and facts.transfers >= TRANSFERS_MAX
        case Action.ASK_INFO:
            return facts.info_asked_at is None
        case Action.GIVE_INFO:
            return facts.info_open
        case _:
            return _fits_the_price(action, facts)


def _fits_the_price(action: Action, facts: OrderFacts) -> bool:
    """What depends on quote and money; everything else fits."""
    in_home = facts.menu != Menu.REPORT
    match action:
        case Action.QUOTE:
            return facts.visited and in_home
        case Action.DECLINE_QUOTE:
            return facts.agreed_fen is None
        case Action.DECLINE_ADDITION:
            return facts.agreed_fen is not None
        case Action.WAIVE:
            return in_home and facts.pay_status == PayStatus.UNPRICED and facts.agreed_fen is None
        case Action.RECORD_CASH:
            return facts.pay_status == PayStatus.TO_PAY
        case Action.PAY:
            return facts.pay_status == PayStatus.TO_PAY and facts.pay_enabled
        case Action.CONFIRM:  # T21: paid if payable
            return facts.pay_status != PayStatus.TO_PAY or not facts.pay_enabled
        case _:
            return True


def _may_still_extend(facts: OrderFacts, at: datetime) -> bool:
    if facts.extended or facts.special:
        return False
    return facts.repair_due_at is None or at <= facts.repair_due_at


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
        charged = bool(facts.final_fen or facts.paid_fen)
        until = reopen_until(
            facts.finished_at, closed_how=facts.closed_how, closed_at=facts.closed_at, charged=charged
        )
    else:
        until = regulator_may_reopen_until(facts.finished_at, facts.closed_at)
    return until is not None and at <= until
