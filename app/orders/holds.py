"""挂起 until the resident is there (T14, T17): the worker holds, the resident chooses a slot, the clock waits.

The repair clock stands from the hold until its end: the beginning of the chosen slot, 72 hours, or an earlier word of
worker or manager (K7). Nobody home a second time closes the order; it may be reopened for fifteen days (domain 3.8).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.core import clock
from app.core.clock import in_china
from app.core.db import db
from app.core.errors import Invalid
from app.core.scope import SYSTEM, Scope
from app.orders import booking, deadlines, holding
from app.orders.errors import HeldTwice, HoldOver, MissingEvidence, NoLaterSlot, SlotTooLate, WrongOrderState
from app.orders.field_work import visited
from app.orders.hold_models import Hold
from app.orders.hold_offers import (
    HOLD_ENDS,
    HOLD_REASONS,
    NOBODY_HOME,
    Offer,
    current_hold,
    free_slots,
    latest_end,
)
from app.orders.lifecycle import Action, Menu, Status
from app.orders.models import Order, OrderEvent, SiteVisit
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.rules import (
    HOLD_LIMIT,
    HOLDS_MAX,
    NO_SHOWS_MAX,
    SLOTS_OFFERED,
    Clock,
    Level,
    absence_proved,
    is_late,
    may_hold,
    next_call_at,
)
from app.orders.slot_models import BookingSlot

LEVELS = (Level.FIRST_HOLD, Level.SECOND_HOLD)


def hold(order_id: int, *, by: Scope, reason: str, text: str = "", photo_ids: Sequence[int] = ()) -> Order:
    """改约时间 (T14): nobody home is proved by two logged calls and a photo of the door; the second time closes the
    order as 无法联系. A resident who asks for a later time is quoted in `text`.

    Raises Invalid, MissingEvidence naming what is lacking, HeldTwice, WrongOrderState (also for public matters).
    """
    if reason not in HOLD_REASONS:
        raise Invalid("请选择改约的原因", fields={"reason": "必选"})
    absent = reason == NOBODY_HOME
    words = cleaned(text, field="text", at_least=0 if absent else 2, at_most=200)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.HOLD, by)
    at = clock.now()
    _refuse_where_impossible(order)
    note = HOLD_REASONS[reason] + (f":{words}" if words else "")
    if absent:
        _require_absence(order, at)
    attach_photos(order.id, photo_ids, "door", by=by, round_=order.round, at_least=1 if absent else 0)
    order.no_shows += absent
    if absent and order.no_shows >= NO_SHOWS_MAX:
        return _close(order, by=by, at=at, note=note)
    return _begin(order, by=by, at=at, reason=reason, words=words, note=note)


def _refuse_where_impossible(order: Order) -> None:
    fields = {"status": order.status}
    if order.menu == Menu.REPORT:
        raise WrongOrderState("公区报事不用等居民在家,不能改约,请直接处理", fields=fields)
    if not visited(order):
        raise WrongOrderState("请先到现场签到,再改约时间", fields=fields)
    if not may_hold(menu=order.menu, holds=order.holds, no_shows=order.no_shows):
        raise HeldTwice(fields=fields)


def _require_absence(order: Order, at: datetime) -> None:
    """Two calls since the worker came to the door this time; before the agreed time nobody has to be home."""
    agreed = order.slot_begins_at
    if agreed is not None and at < agreed:
        raise WrongOrderState(
            f"约好的时间是 {_said(agreed)},还没到,请按约好的时间上门", fields={"status": order.status}
        )
    since, calls = _arrived_at(order), _calls(order.id)
    if absence_proved(calls, since=since):
        return
    again = next_call_at(calls, since=since)
    if again is None:
        raise MissingEvidence(
            "请先给住户打电话,并点“记录电话”,隔5分钟再打一次", fields={"calls": "还没有电话记录"}
        )
    when = f"请在 {in_china(again):%H:%M} 以后" if at < again else "请"
    raise MissingEvidence(f"{when}再打一次电话并记录,两次要隔5分钟", fields={"calls": "要有两次电话记录"})


def _arrived_at(order: Order) -> datetime:
    """When this visit began: the check-in, or the end of the last hold."""
    visit = select(SiteVisit.at).where(SiteVisit.order_id == order.id, SiteVisit.round == order.round)
    ended = select(func.max(Hold.ended_at)).where(Hold.order_id == order.id, Hold.round == order.round)
    came, resumed = db.session.scalars(visit).one(), db.session.scalar(ended)
    return max(came, resumed) if resumed else came


def _calls(order_id: int) -> Sequence[datetime]:
    called = (OrderEvent.order_id == order_id) & (OrderEvent.action == Action.LOG_CALL.value)
    return db.session.scalars(select(OrderEvent.at).where(called)).all()


def _begin(order: Order, *, by: Scope, at: datetime, reason: str, words: str, note: str) -> Order:
    if order.holds >= HOLDS_MAX:
        raise HeldTwice(fields={"status": order.status})
    until = at + HOLD_LIMIT
    order.holds, order.held_until, order.expected_at = order.holds + 1, until, None
    move(order, Action.HOLD, by=by, at=at, note=note, data={"reason": reason, "until": until.isoformat()})
    values = {"reason": reason, "text": words, "ends_at": until, "slots_offered": SLOTS_OFFERED}
    holding.begin(order, "RESIDENT", by=by, at=at, why=HOLD_REASONS[reason], **values)
    deadlines.plan(order, Clock.HOLD, LEVELS[order.holds - 1], due_at=until)
    return order


def _close(order: Order, *, by: Scope, at: datetime, note: str) -> Order:
    """CLOSED(无法联系): nobody's failure, so the repair clock stops without a verdict."""
    order.closed_at, order.closed_how = at, "unreachable"
    move(order, Action.UNREACHABLE, by=by, at=at, note=note, data={"no_shows": order.no_shows})
    deadlines.void(order, (Clock.REPAIR,), at=at)
    deadlines.refresh_next_due(order)
    return order


def choose_slot(order_id: int, *, by: Scope, slot_id: int) -> Order:
    """选上门时间: the hold ends when the slot begins. Choosing again gives the earlier place back.

    Raises SlotFull, SlotPast, SlotTooLate, HoldOver.
    """
    order, running = _held(order_id, Action.CHOOSE_SLOT, by)
    if running.slot_id == slot_id:
        return order
    at = clock.now()
    slot = booking.take(slot_id, office_id=order.office_id, at=at)
    if slot.begins_at > latest_end(running):
        raise SlotTooLate(
            f"最晚只能约到 {_said(latest_end(running))},请选早一些的时间", fields={"slot_id": "太晚"}
        )
    if running.slot_id is not None:
        booking.give_back(running.slot_id)
    running.slot_id, running.ends_at = slot.id, slot.begins_at
    order.held_until = slot.begins_at
    order.slot_begins_at, order.slot_ends_at = slot.begins_at, slot.ends_at
    said = f"{_said(slot.begins_at)}–{in_china(slot.ends_at):%H:%M}"
    move(order, Action.CHOOSE_SLOT, by=by, at=at, note=said, data={"slot_id": slot.id})
    deadlines.plan(order, Clock.HOLD, LEVELS[order.holds - 1], due_at=slot.begins_at)
    return order


def ask_later(order_id: int, *, by: Scope) -> Order:
    """想更晚一些: three more slots are shown; raises NoLaterSlot when there are none within the 72 hours."""
    order, running = _held(order_id, Action.ASK_LATER, by)
    at = clock.now()
    if not Offer(running, free_slots(running, order.office_id, at=at)).more:
        raise NoLaterSlot(fields={"status": order.status})
    running.slots_offered += SLOTS_OFFERED
    move(order, Action.ASK_LATER, by=by, at=at)
    return order


def _held(order_id: int, action: Action, by: Scope) -> tuple[Order, Hold]:
    """The order and its hold, if the action still fits; late by a millisecond is late, even before the sweep."""
    order = get_order(order_id, by, lock=True)
    guard(order, action, by)
    running = current_hold(order.id)
    if running is None or running.ends_at is None or is_late(clock.now(), running.ends_at):
        raise HoldOver(fields={"status": order.status})
    return order, running


def end_hold(order_id: int, *, by: Scope, reason: str) -> Order:
    """恢复处理 (T17) by a person, with the reason: the worker when the resident is home after all, the manager whoever
    was waited for. A place that was chosen and has not begun is free again."""
    words = cleaned(reason, field="reason", at_least=2, at_most=200)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.END_HOLD, by)
    running = current_hold(order.id)
    assert running is not None, "an order on hold has its hold"
    at = clock.now()
    released = running.slot_id is not None and running.ends_at is not None and at < running.ends_at
    if running.slot_id is not None and released:
        booking.give_back(running.slot_id)
        _restore_slot(order)
    holding.go_on(order, running, by=by, at=at, how="hand", note=words, released=released)
    return order


def _restore_slot(order: Order) -> None:
    """The visit that was agreed does not take place: a booking has its first slot again, an emergency none."""
    first = db.session.get(BookingSlot, order.slot_id) if order.slot_id is not None else None
    order.slot_begins_at = first.begins_at if first else None
    order.slot_ends_at = first.ends_at if first else None


def end_what_ran_out(order_ids: Collection[int], at: datetime) -> None:
    """T17 by the system, for the sweep: the chosen slot has begun, or 72 hours have passed. The clock runs on from that
    instant, whenever the sweep came (K7, K10)."""
    held = (
        select(Order)
        .where(Order.id.in_(order_ids), Order.status == Status.HOLD_RESIDENT.value)
        .order_by(Order.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for order in db.session.scalars(held).all():
        running = current_hold(order.id)
        if running is not None and running.ends_at is not None and is_late(at, running.ends_at):
            how = "limit" if running.slot_id is None else "slot"
            holding.go_on(order, running, by=SYSTEM, at=at, how=how, note=HOLD_ENDS[how])


def _said(at: datetime) -> str:
    return f"{in_china(at):%m月%d日 %H:%M}"
