"""特延 (T19): what neither three nor five days can do. The manager asks with a plan, street or bureau name the date.

The promise moves to exactly that date, the order is marked, and it counts as on time only if the bureau finds force
majeure. It may be asked after the due instant too; a breach on record stays one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.core import clock
from app.core.clock import in_china
from app.core.db import db
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import Scope
from app.orders import deadlines
from app.orders.errors import SamePerson, WrongOrderState
from app.orders.extension_models import SPECIAL, Extension
from app.orders.extensions import approver
from app.orders.lifecycle import Action
from app.orders.models import Order
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.planning import extend_to
from app.orders.rules import Clock

LONGEST = timedelta(days=90)
"""Nobody plans a repair further ahead; what takes longer is asked for again, or goes to the owners."""
REASON_CODE = "special"


def request(
    order_id: int, *, by: Scope, reason: str, plan: str, until: datetime, photo_ids: Sequence[int] = ()
) -> Extension:
    """申请特延: why, how it will be mended, by when, and a photo. Raises Invalid for a date that is no extension."""
    text = cleaned(reason, field="reason", at_least=4, at_most=200)
    steps = cleaned(plan, field="plan", at_least=4, at_most=300)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.REQUEST_SPECIAL, by)
    at = clock.now()
    _refuse_second_request(order)
    _refuse_bad_date(order, until, at)
    attach_photos(order.id, photo_ids, "special", by=by, round_=order.round, at_least=1)
    asked = Extension(
        order_id=order.id,
        round=order.round,
        kind=SPECIAL,
        requested_by=by.account_id or 0,
        requested_role=by.role.value,
        requested_at=at,
        reason_code=REASON_CODE,
        reason=text,
        plan=steps,
        expected_at=until,
    )
    db.session.add(asked)
    order.special_asked_by = by.account_id
    note = f"希望延到{_said(until)}:{text}"
    move(order, Action.REQUEST_SPECIAL, by=by, at=at, note=note, data={"until": until.isoformat()})
    return asked


def _refuse_second_request(order: Order) -> None:
    if order.special:
        raise WrongOrderState("这张工单已经特延过一次,不能再申请", fields={"status": order.status})
    if order.special_asked_by is not None:
        raise WrongOrderState("已有一个特延申请在等街道或房管局决定", fields={"status": order.status})


def _refuse_bad_date(order: Order, until: datetime, at: datetime) -> None:
    due = deadlines.due_at(order, Clock.REPAIR)
    earliest = at if due is None else max(at, due)
    if until <= earliest:
        raise Invalid(f"特延的日期要晚于{_said(earliest)}", fields={"until": "太早"})
    if until > at + LONGEST:
        raise Invalid(f"特延最多{LONGEST.days}天,请选早一些的日期", fields={"until": "太晚"})


def approve(
    order_id: int, *, by: Scope, note: str, until: datetime | None = None, force_majeure: bool = False
) -> Order:
    """同意特延: the promise is now the approved date, the asked one unless an earlier is named."""
    words = cleaned(note, field="note", at_least=2, at_most=200)
    order, asked = _asked(order_id, Action.APPROVE_SPECIAL, by)
    if force_majeure and by.role is not Role.BUR:
        raise Invalid("不可抗力由房管局认定", fields={"force_majeure": "只有房管局可以认定"})
    at = clock.now()
    date = until or asked.expected_at
    if date > asked.expected_at:
        raise Invalid(f"最晚只能同意到申请的{_said(asked.expected_at)}", fields={"until": "晚于申请"})
    _refuse_bad_date(order, date, at)
    _record(asked, by=by, at=at, note=words)
    asked.granted, asked.approved_until, asked.force_majeure = True, date, force_majeure
    extend_to(order, Clock.REPAIR, at=at, due_at=date, reason=f"特别延期,由{approver(by)}批准")
    order.special, order.special_asked_by, order.expected_at = True, None, date
    said = f"修复期限特别延长到{_said(date)}{'(不可抗力)' if force_majeure else ''}:{words}"
    data = {"due_at": date.isoformat(), "force_majeure": force_majeure}
    move(order, Action.APPROVE_SPECIAL, by=by, at=at, note=said, data=data)
    deadlines.refresh_next_due(order)
    return order


def refuse(order_id: int, *, by: Scope, note: str) -> Order:
    """不同意特延: the promise stays; the manager may ask again."""
    words = cleaned(note, field="note", at_least=2, at_most=200)
    order, asked = _asked(order_id, Action.REFUSE_SPECIAL, by)
    at = clock.now()
    _record(asked, by=by, at=at, note=words)
    order.special_asked_by = None
    move(order, Action.REFUSE_SPECIAL, by=by, at=at, note=words)
    return order


def _asked(order_id: int, action: Action, by: Scope) -> tuple[Order, Extension]:
    order = get_order(order_id, by, lock=True)
    guard(order, action, by)
    asked = newest(order)
    if asked is None or asked.decided_at is not None:
        raise WrongOrderState("没有等待决定的特延申请", fields={"status": order.status})
    if asked.requested_by == by.account_id:
        raise SamePerson("特延不能由申请人自己决定")
    return order, asked


def _record(asked: Extension, *, by: Scope, at: datetime, note: str) -> None:
    asked.decided_by, asked.decided_at, asked.decision_note = by.account_id, at, note


def newest(order: Order) -> Extension | None:
    """The last special extension that was asked for in the order's present round."""
    mine = (Extension.order_id == order.id) & (Extension.round == order.round) & (Extension.kind == SPECIAL)
    return db.session.scalars(
        select(Extension).where(mine).order_by(Extension.id.desc()).limit(1)
    ).one_or_none()


def _said(at: datetime) -> str:
    return f"{in_china(at):%m月%d日 %H:%M}"
