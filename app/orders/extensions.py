"""延期 (T18, S3-17): asked before the due instant with a reason, decided by somebody else, once for an order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.accounts.models import Account
from app.core import clock
from app.core.clock import in_china
from app.core.db import db
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import Scope
from app.orders import deadlines
from app.orders.clock_models import ClockEvent
from app.orders.errors import ExtendedAlready, OverdueAlready, SamePerson, WrongOrderState
from app.orders.evidence import actor_words
from app.orders.extension_models import NORMAL, Extension
from app.orders.lifecycle import Action
from app.orders.models import Order
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.policies import policy_for
from app.orders.rules import Clock, is_late

REASONS = {"buying": "采购困难", "obsolete": "配件停产", "custom": "定制"}


def request(
    order_id: int,
    *,
    by: Scope,
    reason_code: str,
    reason: str,
    expected_at: datetime,
    photo_ids: Sequence[int] = (),
) -> Extension:
    """Ask for the longer limit; raises OverdueAlready one millisecond after the due instant (K5)."""
    if reason_code not in REASONS:
        raise Invalid("请选择延期原因", fields={"reason_code": "必选"})
    text = cleaned(reason, field="reason", at_least=4, at_most=200)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.REQUEST_EXTENSION, by)
    at = clock.now()
    _refuse_impossible(order, at)
    if pending(order) is not None:
        raise WrongOrderState("已有一个延期申请在等批准", fields={"status": order.status})
    attach_photos(order.id, photo_ids, "extension", by=by, round_=order.round, at_least=1)
    extension = Extension(
        order_id=order.id,
        round=order.round,
        requested_by=by.account_id or 0,
        requested_role=by.role.value,
        requested_at=at,
        reason_code=reason_code,
        reason=text,
        expected_at=expected_at,
    )
    db.session.add(extension)
    move(order, Action.REQUEST_EXTENSION, by=by, at=at, note=f"{REASONS[reason_code]}:{text}")
    return extension


def decide(order_id: int, *, by: Scope, grant: bool, note: str = "") -> Order:
    """Grant or refuse; never by the person who asked, and a manager's own request goes to the company (D2)."""
    action = Action.APPROVE_EXTENSION if grant else Action.REFUSE_EXTENSION
    order = get_order(order_id, by, lock=True)
    guard(order, action, by)
    at = clock.now()
    asked = pending(order)
    if asked is None:
        raise WrongOrderState("没有等待批准的延期申请", fields={"status": order.status})
    if asked.requested_by == by.account_id:
        raise SamePerson()
    if asked.requested_role == Role.MGR.value and by.role is not Role.CO:
        raise SamePerson("经理提出的延期由企业管理员批准")
    reason = "" if grant else cleaned(note, field="note", at_least=2, at_most=200)
    asked.decided_by, asked.decided_at, asked.granted = by.account_id, at, grant or None
    asked.decision_note = note.strip()[:200]
    if not grant:
        move(order, action, by=by, at=at, note=reason)
        return order
    _refuse_impossible(order, at)
    why = f"{REASONS[asked.reason_code]},由{approver(by)}批准"
    due = deadlines.extend(order, Clock.REPAIR, at=at, limit_ms=_extended_limit(order), reason=why)
    order.extended = True
    said = f"{REASONS[asked.reason_code]},修复期限延至{in_china(due):%m月%d日 %H:%M}"
    move(order, action, by=by, at=at, note=said, data={"due_at": due.isoformat(), "reason": asked.reason})
    deadlines.refresh_next_due(order)
    return order


def approver(by: Scope) -> str:
    """李经理: how the clock's record names who granted it."""
    name = db.session.scalar(select(Account.name).where(Account.id == by.account_id))
    return actor_words(by.role, name, None)


def pending(order: Order) -> Extension | None:
    """The request that waits for a decision."""
    statement = select(Extension).where(
        Extension.order_id == order.id,
        Extension.round == order.round,
        Extension.kind == NORMAL,
        Extension.decided_at.is_(None),
    )
    return db.session.scalars(statement.order_by(Extension.id.desc()).limit(1)).one_or_none()


def _refuse_impossible(order: Order, at: datetime) -> None:
    if order.extended:
        raise ExtendedAlready(fields={"status": order.status})
    if order.special:  # T0 + 120 h would lie before the approved date
        raise WrongOrderState("这张工单已特别延期,请按批准的日期修好", fields={"status": order.status})
    due = deadlines.due_at(order, Clock.REPAIR)
    if due is not None and is_late(at, due):
        raise OverdueAlready(fields={"status": order.status})


def _extended_limit(order: Order) -> int:
    """The extended limit of the policy by which the clock of this round runs; 120 h in total, not 72 + 120."""
    name = deadlines.RECHECK[Clock.REPAIR] if order.round else Clock.REPAIR.value
    changed = select(func.max(ClockEvent.at)).where(
        ClockEvent.order_id == order.id,
        ClockEvent.clock == Clock.REPAIR.value,
        ClockEvent.round == order.round,
        ClockEvent.kind == "policy",
    )
    policy = policy_for(order, name, at=db.session.scalar(changed) or order.submitted_at)
    if policy is None:
        raise WrongOrderState("这张工单没有修复时限", fields={"status": order.status})
    return policy.extended_ms
