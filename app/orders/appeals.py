"""申诉 (T24): who was turned away asks street or bureau, who decide within one working day (C11), unless the bureau
has set another limit.

An upheld appeal starts the order anew: fresh clocks from the decision, and the rejection stays on record as wrong. The
clocks from before the appeal keep their rows and events under a round below zero: what was broken then stays broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from app.core import clock
from app.core.calendar_days import working_days_after
from app.core.db import db, table_of
from app.core.scope import Scope
from app.orders import booking, deadlines
from app.orders.appeal_models import Appeal
from app.orders.clock_models import ClockEvent, Deadline
from app.orders.errors import AppealedAlready, SlotFull, SlotPast, TooLate, WrongOrderState
from app.orders.lifecycle import Action, Status
from app.orders.lines import OrderLine, line_select, lines
from app.orders.models import Order, OrderEvent
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.policies import DAY, policy_at
from app.orders.rules import Clock, PolicyRow, may_appeal
from app.orders.slot_models import BookingSlot
from app.orders.starting import first_clocks

LISTED = 200
BEFORE_APPEAL = -1
"""The round under which the clocks of the first rejection are kept; the next one is -2."""
RESTARTED = (Clock.ACCEPT, Clock.VISIT, Clock.APPOINTMENT, Clock.REPAIR, Clock.APPEAL)


def appeal(order_id: int, *, by: Scope, text: str, photo_ids: Sequence[int] = ()) -> Appeal:
    """申诉 within 72 hours of the rejection, once. Raises TooLate, AppealedAlready, WrongOrderState."""
    words = cleaned(text, field="text", at_least=4, at_most=300)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.APPEAL, by)
    at = clock.now()
    if order.appealed_at is not None:
        raise AppealedAlready(fields={"status": order.status})
    if not may_appeal(order.rejected_at, at):
        raise TooLate(
            "申诉要在不予受理后72小时内提出,现在已过期限,请重新报修", fields={"status": order.status}
        )
    policy = _policy(order, at)
    due = answer_due(at, policy.limit_ms // DAY)
    row = Appeal(
        order_id=order.id,
        rejected_at=order.rejected_at,
        rejected_by=_rejected_by(order.id),
        reject_code=order.reject_code,
        office_id=order.office_id,
        company_id=order.company_id,
        asked_at=at,
        text=words,
        due_at=due,
    )
    db.session.add(row)
    order.appealed_at, order.appeal_open = at, True
    move(order, Action.APPEAL, by=by, at=at, note=words, data={"due_at": due.isoformat()})
    attach_photos(order.id, photo_ids, "appeal", by=by)
    event, levels = deadlines.start_rows(order.id, Clock.APPEAL, policy, at=at, limit=due - at)
    deadlines.write_rows([event], levels)
    deadlines.refresh_next_due(order)
    return row


def _policy(order: Order, at: datetime) -> PolicyRow:
    """By the rows in force when the appeal was made: its promise begins then and not with the order."""
    names = ("district_id", "street_id", "estate_id", "menu", "urgency")
    return policy_at(Clock.APPEAL, at=at, **{name: getattr(order, name) for name in names})


def answer_due(at: datetime, days: int) -> datetime:
    """The end of the last of so many working days after the day of `at`."""
    return working_days_after(at, days)


def _rejected_by(order_id: int) -> int | None:
    rejections = (OrderEvent.order_id == order_id) & (OrderEvent.action == Action.REJECT.value)
    return db.session.scalar(
        select(OrderEvent.actor_id).where(rejections).order_by(OrderEvent.seq.desc()).limit(1)
    )


def decide(order_id: int, *, by: Scope, uphold: bool, reason: str) -> Order:
    """申诉成立 or 申诉不成立, each with its reason, by street or bureau. Raises WrongOrderState when none waits."""
    words = cleaned(reason, field="reason", at_least=4, at_most=300)
    action = Action.UPHOLD_APPEAL if uphold else Action.DISMISS_APPEAL
    order = get_order(order_id, by, lock=True)
    guard(order, action, by)
    waiting = appeal_of(order)
    if waiting is None or not order.appeal_open:
        raise WrongOrderState("这张工单没有等待答复的申诉", fields={"status": order.status})
    at = clock.now()
    waiting.decided_at, waiting.decided_by, waiting.decided_role = at, by.account_id, by.role.value
    waiting.upheld, waiting.reason = uphold, words
    order.appeal_open, code = False, waiting.reject_code
    deadlines.stop(order, Clock.APPEAL, at=at)
    if uphold:
        _set_clocks_aside(order)
        _take_slot_again(order, at)
        _forget_rejection(order)
    move(order, action, by=by, at=at, note=words, data={"reject_code": code})
    if uphold:
        _start_anew(order, at)
    deadlines.refresh_next_due(order)
    return order


def appeal_of(order: Order) -> Appeal | None:
    """The appeal against the rejection that stands."""
    mine = (Appeal.order_id == order.id) & (Appeal.rejected_at == order.rejected_at)
    return db.session.scalars(select(Appeal).where(mine)).one_or_none()


def appeals_of(order_id: int) -> Sequence[Appeal]:
    """Every appeal of an order, the oldest first; the caller was allowed to see it."""
    return db.session.scalars(select(Appeal).where(Appeal.order_id == order_id).order_by(Appeal.id)).all()


def waiting(by: Scope) -> list[OrderLine]:
    """Orders whose appeal waits for street or bureau, the most urgent first."""
    undecided = select(Appeal.order_id).where(Appeal.decided_at.is_(None))  # few: where the search begins
    open_ = line_select(by).where(Order.id.in_(undecided), Order.status == Status.REJECTED.value)
    return lines(open_.order_by(Order.next_due_at, Order.id).limit(LISTED), by)


def _forget_rejection(order: Order) -> None:
    """Nobody has accepted it, nobody is on the way; what was decided wrongly stands in the appeal."""
    order.rejected_at, order.reject_code, order.appealed_at = None, "", None
    order.accepted_at = order.accepted_by = None
    order.worker_id = order.assigned_at = order.departed_at = None


def _start_anew(order: Order, at: datetime) -> None:
    """The clocks of a new order, from the decision."""
    names = ("menu", "urgency", "estate_id", "street_id", "district_id", "slot_begins_at", "slot_ends_at")
    row: dict[str, Any] = {name: getattr(order, name) for name in names}
    events, levels = first_clocks(row, at)
    order.declaration_id = row.get("declaration_id")
    for each in (*events, *levels):
        each["order_id"] = order.id
    deadlines.write_rows(events, levels)


def _set_clocks_aside(order: Order) -> None:
    """Rows and events together, so that each due instant still follows from its events."""
    db.session.flush()
    earlier = select(func.min(Deadline.round)).where(Deadline.order_id == order.id)
    aside = min(db.session.scalar(earlier) or 0, 0) + BEFORE_APPEAL
    names = [which.value for which in RESTARTED]
    for table in (table_of(Deadline), table_of(ClockEvent)):
        mine = (table.c.order_id == order.id) & (table.c.round == order.round) & table.c.clock.in_(names)
        db.session.execute(
            update(table).where(mine).values(round=aside).execution_options(synchronize_session=False)
        )
    db.session.expire_all()


def _take_slot_again(order: Order, at: datetime) -> None:
    """A booking gave its place back when it was rejected: the same one again, else the first that is free."""
    if order.slot_id is None:
        return
    later = [slot.id for slot in booking.slots(order.office_id, at=at) if slot.booked < slot.capacity]
    for slot_id in (order.slot_id, *later):
        try:
            slot: BookingSlot = booking.take(slot_id, office_id=order.office_id, at=at)
        except (SlotFull, SlotPast):
            continue
        order.slot_id, order.slot_begins_at, order.slot_ends_at = slot.id, slot.begins_at, slot.ends_at
        return
    raise WrongOrderState(
        "预约时段已过,管理处最近也没有空时段。请先请管理处开放时段,再认定申诉成立",
        fields={"status": order.status},
    )
