"""What the desk and the hotline do with an order: accept, hand to 962121, reject, assign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.companies.models import MAY_RECEIVE_ORDERS, Company, Office
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import Scope, find_visible
from app.orders import booking, deadlines, dispatching
from app.orders.errors import AlreadyHotline, MissingEvidence, NotDispatchable
from app.orders.former import leave_behind
from app.orders.lifecycle import Action
from app.orders.models import Order, OrderEvent
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.offering import close_offer as close_offer
from app.orders.offering import offer
from app.orders.rules import Clock, is_late, order_id_of, order_number

REJECT_REASONS = {
    "not_our_estate": "非本小区",
    "not_our_service": "非服务范围",
    "duplicate": "重复报修",
    "untrue": "信息不实",
    "malicious": "恶意报事",
}
DUPLICATE = "duplicate"
NUMBER = re.compile(r"(?<![0-9A-Z])[BRE]\d{4}-\d{4,18}(?!\d)")
"""An order's number inside a sentence."""
EVIDENCE_MIN = 4
HOTLINE_REASONS = {"no_staff": "无人可派", "not_responsible": "不属本企业职责", "other": "其他"}
CORDON = ("警戒", "cordon")
"""How the reason begins with which property staff may be sent to a gas leak."""
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
        _hand_to_office(order, office_id, at)
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


def _hand_to_office(order: Order, office_id: int | None, at: datetime) -> None:
    """The hotline may name another office of the district; clocks run on, the scope columns move. Not to have accepted
    it stays with the former office."""
    if office_id is None or office_id == order.office_id:
        return
    office = next((each for each in offices_for_hotline() if each.id == office_id), None)
    if office is None:
        raise Invalid("没有找到这个管理处", fields={"office_id": "没有找到"})
    leave_behind(order, at=at, ended=(Clock.ACCEPT,))
    order.office_id, order.company_id = office.id, office.company_id
    order.transfer_to = None  # what the former office had asked for is over


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


def reject(
    order_id: int,
    *,
    by: Scope,
    reason: str,
    text: str,
    photo_ids: Sequence[int] = (),
    evidence: str = "",
) -> Order:
    """不予受理 (T23): a code, at least ten characters, evidence and the right of appeal; a reasoned refusal in time
    counts as answered in time (K01). Raises MissingEvidence, also for a number that is no other order of the estate."""
    if reason not in REJECT_REASONS:
        raise Invalid("请选择不予受理的原因", fields={"reason": "必选"})
    explanation = cleaned(text, field="text", at_least=10, at_most=400)
    proof = cleaned(evidence, field="evidence", at_least=0, at_most=60)
    require_evidence(reason, f"{explanation} {proof}", proof, has_photo=bool(photo_ids))
    order = get_order(order_id, by, lock=True)
    guard(order, Action.REJECT, by)
    data: dict[str, Any] = {"reason": reason, "evidence": proof}
    if reason == DUPLICATE:
        data |= _reported_before(order, f"{explanation} {proof}", by)
    at = clock.now()
    order.rejected_at, order.reject_code = at, reason
    note = f"{REJECT_REASONS[reason]}:{explanation}" + (f"(依据:{proof})" if proof else "")
    move(order, Action.REJECT, by=by, at=at, note=note, data=data)
    attach_photos(order.id, photo_ids, "reject", by=by)
    deadlines.stop(order, Clock.ACCEPT, at=at)
    close_promises(order, at)
    return order


def require_evidence(reason: str, words: str, proof: str, *, has_photo: bool) -> None:
    """A duplicate names the other order; anything else is shown by a photo or names what proves it (3.5.3)."""
    if reason == DUPLICATE:
        if not NUMBER.search(words.upper()):
            raise MissingEvidence(
                "请写出已有的工单编号,如 R1121-0042", fields={"evidence": "请写已有工单的编号"}
            )
    elif not has_photo and len(proof) < EVIDENCE_MIN:
        raise MissingEvidence(
            "请拍一张照片,或写明依据(如:巡查记录、合同条款、通话时间)",
            fields={"evidence": f"至少{EVIDENCE_MIN}个字,或一张照片"},
        )


def _reported_before(order: Order, words: str, by: Scope) -> dict[str, Any]:
    """Which order the words name: one of the same estate that this desk sees, and not the order itself. Kept with the
    event, so that desk and bureau get from the one to the other."""
    named = list(dict.fromkeys(NUMBER.findall(words.upper())))
    for number in named:
        found = find_visible(Order, order_id_of(number) or 0, by)
        if found is None or found.id == order.id or found.estate_id != order.estate_id:
            continue
        if number == order_number(found.id, found.menu, found.submitted_at):
            return {"duplicate_of": found.id, "number": number}
    raise MissingEvidence(
        f"{'、'.join(named)} 不是这个小区的另一张工单,请核对编号",
        fields={"evidence": "没有找到这张工单"},
    )


def close_promises(order: Order, at: datetime) -> None:
    """Nothing is promised any more: open clocks become void and a booked slot is free again."""
    deadlines.void(order, ALL_CLOCKS, at=at)
    order.transfer_to = None
    if order.slot_id is not None and order.verified_at is None:
        booking.give_back(order.slot_id)
    deadlines.refresh_next_due(order)


def assign(order_id: int, *, by: Scope, worker_id: int, override_reason: str = "") -> Order:
    """派工 (T5): the worker must hold the certificate at the visit time; other doubts need a reason.

    Raises NotDispatchable naming why.
    """
    order = get_order(order_id, by, lock=True)
    guard(order, Action.ASSIGN, by)
    cordon = _refuse_gas(order, override_reason)
    candidate = dispatching.candidate(order, worker_id, at=clock.now(), cordon=cordon)
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
    offer(order, candidate, by=by, at=clock.now(), override_reason=override_reason.strip())
    return order


def _refuse_gas(order: Order, override_reason: str) -> bool:
    """Gas belongs to the gas company; property staff may only cordon off, air and shut the outside valve (3.8).
    True when that is what they are sent for."""
    if not dispatching.is_for_gas_company(order.category_code):
        return False
    if override_reason.strip().startswith(CORDON):
        return True
    raise NotDispatchable(
        "燃气问题只能由燃气公司处理,请马上打燃气公司抢修电话。物业只能派人警戒疏散、通风、关户外阀门,原因请写“警戒”",
        fields={"override_reason": "燃气公司处理;只派警戒请写“警戒”"},
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
