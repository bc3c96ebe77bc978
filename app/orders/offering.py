"""An order offered to a worker, and his answer: each offer runs a response clock of its own (C12, T5, T6).

Five minutes, two for P0 and P1. Who does not answer is passed over by the system and told so; declining for safety
never counts against a worker.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from app.core.db import db
from app.core.scope import SYSTEM, Scope
from app.orders import deadlines
from app.orders.clock_models import Deadline
from app.orders.dispatching import Candidate
from app.orders.lifecycle import Action, Status
from app.orders.models import Assignment, Order
from app.orders.moving import move
from app.orders.rules import Clock, Level

WAITING, TAKEN = "waiting", "taken"
DECLINED, UNSAFE, TIMED_OUT = "declined", "unsafe", "timed_out"
MISSED = (DECLINED, TIMED_OUT)
"""Outcomes that count as a miss; 不安全 is none (domain 3.8)."""
SAFETY = "safety"
NOT_ANSWERED = "没有及时确认"
ALARM_AFTER = 2
"""After so many misses the desk is told to take the telephone (T6)."""


def offer(order: Order, candidate: Candidate, *, by: Scope, at: datetime, override_reason: str = "") -> None:
    """Give the order to a worker who has not answered yet; an earlier offer that still waits is replaced."""
    close_offer(order, "replaced", at)
    _write(order, candidate, by=by, at=at, outcome=WAITING, override_reason=override_reason)
    data = {"worker_id": candidate.worker_id, "worker": candidate.name}
    move(order, Action.ASSIGN, by=by, at=at, note=override_reason, data=data)
    deadlines.start(order, (Clock.RESPONSE,), at=at, round_=_number(order.id))


def grabbed(order: Order, candidate: Candidate, *, by: Scope, at: datetime) -> None:
    """The worker took it himself: offered and answered in one, so no clock waits for him."""
    _write(order, candidate, by=by, at=at, outcome=TAKEN, override_reason="")
    data = {"worker_id": candidate.worker_id, "worker": candidate.name}
    move(order, Action.GRAB, by=by, at=at, data=data)


def _write(
    order: Order, candidate: Candidate, *, by: Scope, at: datetime, outcome: str, override_reason: str
) -> None:
    order.worker_id, order.assigned_at = candidate.worker_id, at
    db.session.add(
        Assignment(
            order_id=order.id,
            worker_id=candidate.worker_id,
            round=order.round,
            offered_at=at,
            offered_by=by.account_id,
            explanation=candidate.explanation,
            override_reason=override_reason,
            outcome=outcome,
            decided_at=at if outcome == TAKEN else None,
        )
    )


def close_offer(order: Order, outcome: str, at: datetime, *, reason: str = "") -> None:
    """End the offer that still waits for an answer, and its clock."""
    db.session.execute(
        update(Assignment)
        .where(Assignment.order_id == order.id, Assignment.outcome.in_((WAITING, TAKEN)))
        .values(outcome=outcome, decided_at=at, decline_reason=reason)
        .execution_options(synchronize_session=False)
    )
    answered(order, at)


def answered(order: Order, at: datetime) -> None:
    """Stop the response clock of the newest offer. An answer that came before the sweep counts, however late."""
    number = _number(order.id)
    if number >= 0:
        deadlines.stop(order, Clock.RESPONSE, at=at, round_=number)


def _number(order_id: int) -> int:
    """Which offer of the order the newest one is, from 0; the round of its clock. -1 before the first."""
    offers = select(func.count()).select_from(Assignment).where(Assignment.order_id == order_id)
    return (db.session.scalar(offers) or 0) - 1


def answer_by(order_ids: Collection[int]) -> Mapping[int, datetime]:
    """Until when the worker has to answer an offer that waits, by order; afterwards somebody else is asked."""
    waiting = (Deadline.clock == Clock.RESPONSE.value) & (Deadline.level == Level.DUE.value)
    statement = select(Deadline.order_id, func.max(Deadline.due_at).label("due_at")).where(
        waiting, Deadline.order_id.in_(order_ids), Deadline.stopped_at.is_(None)
    )
    return {row.order_id: row.due_at for row in db.session.execute(statement.group_by(Deadline.order_id))}


def give_back(order: Order, *, by: Scope, at: datetime, reason: str, outcome: str, note: str) -> None:
    """T6: the order goes back to be offered to somebody else. The event says how many have missed it by now."""
    data = {"reason": reason, "worker_id": order.worker_id, "unsafe": outcome == UNSAFE}
    misses = misses_of(order) + (outcome in MISSED)
    close_offer(order, outcome, at, reason=note)
    move(order, Action.DECLINE, by=by, at=at, note=note, data={**data, "misses": misses})
    order.worker_id, order.assigned_at = None, None


def misses_of(order: Order) -> int:
    """How many workers have declined or let pass an offer in the order's present round."""
    missed = (Assignment.order_id == order.id) & (Assignment.round == order.round)
    count = select(func.count()).select_from(Assignment).where(missed, Assignment.outcome.in_(MISSED))
    return db.session.scalar(count) or 0


def pass_over(rows: Sequence[Any], at: datetime) -> None:
    """T6 by the system, for the sweep: nobody answered the offer whose clock has run out. Orders that were answered,
    cancelled or offered to somebody else meanwhile stay as they are."""
    numbers = {row.order_id: row.round for row in rows}
    unanswered = (
        select(Order)
        .where(Order.id.in_(numbers), Order.status == Status.ASSIGNED.value)
        .order_by(Order.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for order in db.session.scalars(unanswered).all():
        if _number(order.id) == numbers[order.id] and _waits(order.id):
            give_back(order, by=SYSTEM, at=at, reason=TIMED_OUT, outcome=TIMED_OUT, note=NOT_ANSWERED)


def _waits(order_id: int) -> bool:
    waiting = (Assignment.order_id == order_id) & (Assignment.outcome == WAITING)
    return db.session.scalar(select(Assignment.id).where(waiting)) is not None
