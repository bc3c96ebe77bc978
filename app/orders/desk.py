"""What the desk and the hotline do with an order: accept, hand to 962121, reject, assign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from app.companies.models import MAY_RECEIVE_ORDERS, Company, Office
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import Scope
from app.orders import booking, deadlines, dispatching
from app.orders.errors import AlreadyHotline, NotDispatchable
from app.orders.lifecycle import Action
from app.orders.models import Assignment, Order, OrderEvent
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.rules import Clock, is_late

REJECT_REASONS = {
    "not_our_estate": "非本小区",
    "not_our_service": "非服务范围",
    "duplicate": "重复报修",
    "untrue": "信息不实",
    "malicious": "恶意报事",
}
HOTLINE_REASONS = {"no_staff": "无人可派", "not_responsible": "不属本企业职责", "other": "其他"}
ALL_CLOCKS = (Clock.ACCEPT, Clock.VISIT, Clock.APPOINTMENT, Clock.REPAIR)


def accept(order_id: int, *, by: Scope, spoken_to: str = "", office_id: int | None = None) -> Order:
    """接单: T2 by the desk within the limit, T4 by the hotline, which names whom it spoke to.

    Raises AlreadyHotline when the limit has passed, even before the sweep has moved the order (K2).
    """
    order = get_order(order_id, by, lock=True)
    guard(order, Action.ACCEPT, by)
    at = clock.now()
    if by.role is Role.HOT:
        note = f"已与{cleaned(spoken_to, field='spoken_to', at_least=2, at_most=20)}通话"
        _hand_to_office(order, office_id)
    else:
        note = ""
        _refuse_after_limit(order, at)
    order.accepted_at, order.accepted_by = at, by.account_id
    move(order, Action.ACCEPT, by=by, at=at, note=note)
    deadlines.stop(order, Clock.ACCEPT, at=at)
    deadlines.refresh_next_due(order)
    return order


def _refuse_after_limit(order: Order, at: datetime) -> None:
    due = deadlines.due_at(order, Clock.ACCEPT)
    if due is not None and is_late(at, due):
        raise AlreadyHotline(fields={"status": order.status})


def _hand_to_office(order: Order, office_id: int | None) -> None:
    """The hotline may name another office of the district; clocks run on, the scope columns move."""
    if office_id is None or office_id == order.office_id:
        return
    office = next((each for each in offices_for_hotline() if each.id == office_id), None)
    if office is None:
        raise Invalid("没有找到这个管理处", fields={"office_id": "没有找到"})
    order.office_id, order.company_id = office.id, office.company_id


def to_hotline(order_id: int, *, by: Scope, reason: str, text: str = "") -> Order:
    """不接收: the desk hands the order to 962121 itself, with a reason (T3)."""
    if reason not in HOTLINE_REASONS:
        raise Invalid("请选择原因", fields={"reason": "必选"})
    order = get_order(order_id, by, lock=True)
    at = clock.now()
    note = HOTLINE_REASONS[reason] + (f":{text.strip()[:200]}" if text.strip() else "")
    order.hotline_at, order.hotline_district_id = at, order.district_id
    move(order, Action.TO_HOTLINE, by=by, at=at, note=note, data={"reason": reason})
    return order


def reject(order_id: int, *, by: Scope, reason: str, text: str, photo_ids: Sequence[int] = ()) -> Order:
    """不予受理 (T23): a code, at least ten characters and the right of appeal; a reasoned refusal in time counts as
    answered in time (K01)."""
    if reason not in REJECT_REASONS:
        raise Invalid("请选择不予受理的原因", fields={"reason": "必选"})
    explanation = cleaned(text, field="text", at_least=10, at_most=400)
    order = get_order(order_id, by, lock=True)
    at = clock.now()
    move(
        order,
        Action.REJECT,
        by=by,
        at=at,
        note=f"{REJECT_REASONS[reason]}:{explanation}",
        data={"reason": reason},
    )
    attach_photos(order.id, photo_ids, "reject", by=by)
    deadlines.stop(order, Clock.ACCEPT, at=at)
    close_promises(order, at)
    return order


def close_promises(order: Order, at: datetime) -> None:
    """Nothing is promised any more: open clocks become void and a booked slot is free again."""
    deadlines.void(order, ALL_CLOCKS, at=at)
    if order.slot_id is not None and order.verified_at is None:
        booking.give_back(order.slot_id)
    deadlines.refresh_next_due(order)


def assign(order_id: int, *, by: Scope, worker_id: int, override_reason: str = "") -> Order:
    """派工 (T5): the worker must hold the certificate at the visit time; other doubts need a reason.

    Raises NotDispatchable naming why.
    """
    order = get_order(order_id, by, lock=True)
    guard(order, Action.ASSIGN, by)
    candidate = dispatching.candidate(order, worker_id, at=clock.now())
    if candidate is None:
        raise NotDispatchable("没有找到这位师傅", fields={"worker_id": "没有找到"})
    if candidate.blocked:
        raise NotDispatchable(
            f"{candidate.name}:{candidate.blocked}", fields={"worker_id": candidate.blocked}
        )
    if candidate.doubts and not override_reason.strip():
        doubts = "、".join(candidate.doubts)
        raise NotDispatchable(
            f"{candidate.name}{doubts},如仍要派请写明原因", fields={"override_reason": "必填"}
        )
    return _offer(order, candidate, by=by, override_reason=override_reason.strip())


def _offer(order: Order, candidate: dispatching.Candidate, *, by: Scope, override_reason: str) -> Order:
    at = clock.now()
    close_offer(order, "replaced", at)
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
        )
    )
    data = {"worker_id": candidate.worker_id, "worker": candidate.name}
    move(order, Action.ASSIGN, by=by, at=at, note=override_reason, data=data)
    return order


def close_offer(order: Order, outcome: str, at: datetime, *, reason: str = "") -> None:
    """End the offer that still waits for an answer."""
    db.session.execute(
        update(Assignment)
        .where(Assignment.order_id == order.id, Assignment.outcome.in_(("waiting", "taken")))
        .values(outcome=outcome, decided_at=at, decline_reason=reason)
        .execution_options(synchronize_session=False)
    )


def log_call(order_id: int, *, by: Scope, result: str) -> OrderEvent:
    """Keep that somebody called the reporter and what came of it (S3-05, S3-08)."""
    order = get_order(order_id, by, lock=True)
    return move(order, Action.LOG_CALL, by=by, note=cleaned(result, field="result", at_least=2))


def offices_for_hotline() -> list[Office]:
    """Where the hotline may send an order: offices of companies that may receive orders (S2-02)."""
    admitted = Company.admission.in_(sorted(MAY_RECEIVE_ORDERS))
    statement = select(Office).join(Company, Company.id == Office.company_id).where(admitted)
    return list(db.session.scalars(statement.order_by(Office.id)))
