"""派工方式: what an office's choice makes of an order that waits for a worker (T5 by the system).

`auto` offers it to the best worker, `rotate` to the one who has been longest without an order, `grab` leaves it open to
all who may do it, `assign` to the desk. Whoever has missed or declined it in this round is not asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum, auto

from sqlalchemy import func, select

from app.companies.models import Dispatching, Office
from app.core.db import db
from app.core.scope import SYSTEM
from app.orders import deadlines
from app.orders.clock_models import Deadline
from app.orders.dispatching import Candidate, candidates, is_for_gas_company
from app.orders.lifecycle import Status
from app.orders.models import Assignment, Order
from app.orders.moving import get_order
from app.orders.offering import DECLINED, TIMED_OUT, UNSAFE, misses_of, offer
from app.orders.rules import Clock, Level

MANAGER_AFTER = timedelta(minutes=5)
REFUSED = (DECLINED, TIMED_OUT, UNSAFE)
NEVER = datetime.min.replace(tzinfo=UTC)


class Outcome(StrEnum):
    """What became of the order."""

    OFFERED = auto()
    OPEN = auto()
    NOBODY = auto()
    BY_HAND = auto()
    GONE = auto()


@dataclass(frozen=True)
class Match:
    """The outcome, and `misses` so far in this round; `waited`: the manager was told of it before, and hears it at once
    now."""

    outcome: Outcome
    worker: str = ""
    misses: int = 0
    waited: bool = False


def match(order_id: int, *, at: datetime) -> Match:
    """Find a worker for an order that waits for one; doing it twice offers it once."""
    order = get_order(order_id, SYSTEM, lock=True)
    if order.status != Status.ACCEPTED:
        return Match(Outcome.GONE)
    mode = dispatching_of(order.office_id)
    misses = misses_of(order)
    if mode is Dispatching.ASSIGN or not _may_go_by_itself(order):
        return Match(Outcome.BY_HAND, misses=misses)
    found = willing(order, mode, at=at)
    if not found:
        return Match(Outcome.NOBODY, misses=misses, waited=not _plan_manager(order, at))
    if mode is Dispatching.GRAB:
        return Match(Outcome.OPEN, misses=misses)
    offer(order, found[0], by=SYSTEM, at=at)
    return Match(Outcome.OFFERED, found[0].name, misses)


def dispatching_of(office_id: int) -> Dispatching:
    """What the office has chosen."""
    return Dispatching(db.session.scalars(select(Office.dispatching).where(Office.id == office_id)).one())


def _may_go_by_itself(order: Order) -> bool:
    """Gas, and what a worker found unsafe, wait for a person's decision."""
    unsafe = (Assignment.order_id == order.id) & (Assignment.round == order.round)
    found = select(Assignment.id).where(unsafe, Assignment.outcome == UNSAFE).limit(1)
    return not is_for_gas_company(order.category_code) and db.session.scalar(found) is None


def willing(order: Order, mode: Dispatching, *, at: datetime) -> Sequence[Candidate]:
    """Who may be asked without anybody's word, the first one first."""
    refused = refused_by(order)
    able = [
        each
        for each in candidates(order, at=at)
        if not each.blocked and not each.doubts and each.worker_id not in refused
    ]
    return _by_turn(able) if mode is Dispatching.ROTATE else able


def refused_by(order: Order) -> set[int]:
    """The workers who have declined or missed it in the present round."""
    mine = (Assignment.order_id == order.id) & (Assignment.round == order.round)
    return set(db.session.scalars(select(Assignment.worker_id).where(mine, Assignment.outcome.in_(REFUSED))))


def _by_turn(able: Sequence[Candidate]) -> Sequence[Candidate]:
    """The longest without an order first; the stored explanation says since when."""
    last = _last_orders([each.worker_id for each in able])
    explained = [_explained(each, last.get(each.worker_id)) for each in able]
    return sorted(explained, key=lambda each: last.get(each.worker_id, NEVER))


def _last_orders(worker_ids: Sequence[int]) -> Mapping[int, datetime]:
    """When each worker last had an order. Those he declined or missed count as well: who never answers must not stay
    first for ever; those that were dangerous do not."""
    statement = (
        select(Assignment.worker_id, func.max(Assignment.offered_at))
        .where(Assignment.worker_id.in_(worker_ids), Assignment.outcome != UNSAFE)
        .group_by(Assignment.worker_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def _explained(candidate: Candidate, last: datetime | None) -> Candidate:
    why = {"by_turn": True, "last_order_at": last.isoformat() if last else None}
    reasons = ["轮到他了", *candidate.explanation["reasons"]]
    return replace(candidate, explanation={**candidate.explanation, **why, "reasons": reasons})


def _plan_manager(order: Order, at: datetime) -> bool:
    """The manager is told in five minutes if nobody has been found by then; False when he was told so before. An offer
    that was answered meanwhile has dropped the plan: then the five minutes begin anew."""
    mine = (Deadline.order_id == order.id) & (Deadline.clock == Clock.RESPONSE.value)
    planned = select(Deadline.state).where(
        mine, Deadline.round == order.round, Deadline.level == Level.NOBODY.value
    )
    state = db.session.scalar(planned)
    if state in (None, deadlines.VOID):
        deadlines.plan(order, Clock.RESPONSE, Level.NOBODY, due_at=at + MANAGER_AFTER)
    return state != deadlines.FIRED


def still_nobody(order: Order) -> bool:
    """Whether the order waits for a worker, for the manager's alarm."""
    return order.status == Status.ACCEPTED and order.worker_id is None
