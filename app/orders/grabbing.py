"""抢单: the workers of an office see its open offers and take one; the first one has it (T5 by WRK).

An open offer names the building at most: the home, the words and the telephone are read by who has taken it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import contains_eager, joinedload

from app.catalogue.models import Category
from app.catalogue.standard import GAS
from app.companies.models import Dispatching, Worker
from app.core import clock
from app.core.db import db
from app.core.redaction import without_personal_data
from app.core.scope import Dimension, Scope
from app.orders import offering
from app.orders.dispatching import Candidate, candidate, candidates_of, is_for_gas_company
from app.orders.errors import GrabbedAlready, NotDispatchable, OrderNotFound
from app.orders.lifecycle import Action, Status
from app.orders.matching import REFUSED, dispatching_of
from app.orders.models import Assignment, Order
from app.orders.moving import guard
from app.orders.rules import order_number

OFFERS_SHOWN = 50


@dataclass(frozen=True)
class OpenOffer:
    """What a worker may know before he takes it."""

    order_id: int
    number: str
    menu: str
    urgency: str
    hazardous: bool
    category_code: str
    category: str
    place: str
    estate: str
    submitted_at: datetime
    slot_begins_at: datetime | None
    slot_ends_at: datetime | None
    next_due_at: datetime | None
    reasons: tuple[str, ...]


def open_offers(scope: Scope) -> list[OpenOffer]:
    """The orders of his office that wait for somebody and that he may do, the nearest promise first."""
    worker = _worker(scope)
    if worker is None or dispatching_of(worker.office_id) is not Dispatching.GRAB:
        return []
    at = clock.now()
    found = db.session.scalars(_waiting_for(worker)).all()
    able = candidates_of(found, at=at, worker_id=worker.id)
    return [_offer(order, each) for order in found for each in able[order.id] if _is_fit(each)]


def _waiting_for(worker: Worker) -> Select[Order]:
    """What his office has accepted and nobody does, without what he has refused and what belongs to the gas company."""
    refused = exists().where(
        Assignment.order_id == Order.id,
        Assignment.worker_id == worker.id,
        Assignment.round == Order.round,
        Assignment.outcome.in_(REFUSED),
    )
    return (
        select(Order)
        .join(Order.category)
        .options(contains_eager(Order.category), joinedload(Order.estate))
        .where(
            Order.office_id == worker.office_id,
            Order.status == Status.ACCEPTED.value,
            Category.certificate.is_distinct_from(GAS),
            ~refused,
        )
        .order_by(Order.next_due_at, Order.id)
        .limit(OFFERS_SHOWN)
    )


def _is_fit(found: Candidate) -> bool:
    """Nothing speaks against it."""
    return not found.blocked and not found.doubts


def _offer(order: Order, able: Candidate) -> OpenOffer:
    return OpenOffer(
        order_id=order.id,
        number=order_number(order.id, order.menu, order.submitted_at),
        menu=order.menu,
        urgency=order.urgency,
        hazardous=order.hazardous,
        category_code=order.category_code,
        category=order.category.name,
        place=without_personal_data(order.place_public),
        estate=order.estate.name,
        submitted_at=order.submitted_at,
        slot_begins_at=order.slot_begins_at,
        slot_ends_at=order.slot_ends_at,
        next_due_at=order.next_due_at,
        reasons=able.reasons,
    )


def _worker(scope: Scope) -> Worker | None:
    mine = Worker.id.in_(sorted(scope.ids(Dimension.WORKER)))
    return db.session.scalars(select(Worker).where(mine)).first()


def grab(order_id: int, *, by: Scope) -> Order:
    """Take an open offer. Raises OrderNotFound for another office's, GrabbedAlready when somebody was faster,
    NotDispatchable naming why he may not do it."""
    worker = _worker(by)
    order = _locked(order_id, worker)
    if order is None or worker is None:
        raise OrderNotFound()
    if order.status == Status.ASSIGNED or order.worker_id is not None:
        _refuse_second(order, worker)
    guard(order, Action.GRAB, by)
    at = clock.now()
    offering.grabbed(order, _fit(order, worker.id, at), by=by, at=at)
    return order


def _locked(order_id: int, worker: Worker | None) -> Order | None:
    """The order if the worker's office has chosen to let its crew take orders; read beside his scope, which shows him
    nothing that is not his yet."""
    if worker is None or dispatching_of(worker.office_id) is not Dispatching.GRAB:
        return None
    statement = (
        select(Order)
        .where(Order.id == order_id, Order.office_id == worker.office_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(statement).one_or_none()


def _refuse_second(order: Order, worker: Worker) -> NoReturn:
    fields = {"status": order.status}
    if order.worker_id == worker.id:
        raise GrabbedAlready("这张工单已经是您的了,在“我的任务”里", fields=fields)
    raise GrabbedAlready(fields=fields)


def _fit(order: Order, worker_id: int, at: datetime) -> Candidate:
    if is_for_gas_company(order.category_code):
        raise NotDispatchable("燃气问题只能由燃气公司处理", fields={"order_id": "燃气公司处理"})
    found = candidate(order, worker_id, at=at)
    if found is None:
        raise OrderNotFound()
    if not _is_fit(found):
        why = found.blocked or "、".join(found.doubts)
        raise NotDispatchable(f"您现在不能接这张工单:{why}", fields={"order_id": why})
    return found
