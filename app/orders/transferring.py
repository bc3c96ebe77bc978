"""转单 (T29): an order changes its office only with the receiver's word; who has it is responsible until then.

Twice at most. A third time street or bureau decide who does it, and that is the end of it. The clocks run on all the
while: the resident was promised something, whoever keeps it. What was kept or broken before stays with the office that
had the order then (app/orders/former.py).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from app.companies.models import MAY_RECEIVE_ORDERS, Company, Office
from app.core import clock
from app.core.db import changed, db
from app.core.errors import Forbidden
from app.core.scope import Scope, visible
from app.orders import booking, deadlines
from app.orders.desk import close_offer
from app.orders.errors import NotThisOffice, OrderNotFound, SlotFull, SlotPast, TransferOver, WrongOrderState
from app.orders.former import leave_behind
from app.orders.lifecycle import DESK, UNVISITED, Action, Status
from app.orders.models import Order
from app.orders.moving import cleaned, get_order, guard, move
from app.orders.rules import TRANSFERS_MAX
from app.orders.slot_models import BookingSlot
from app.orders.transfer_models import Transfer

RECEIVED, SENT_BACK, DECIDED, LAPSED = "received", "sent_back", "decided", "lapsed"


def ask(order_id: int, *, by: Scope, office_id: int, reason: str) -> Transfer:
    """转给其他管理处: the other office is asked; the third time street and bureau are.

    Raises NotThisOffice, WrongOrderState when a request waits already or everything has been decided.
    """
    words = cleaned(reason, field="reason", at_least=4, at_most=200)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.TRANSFER, by)
    if order.transfer_to is not None:
        raise WrongOrderState("已经请求转单,正在等对方答复", fields={"status": order.status})
    if order.transfers > TRANSFERS_MAX:
        raise WrongOrderState("已由监管部门指定由你们处理,不能再转", fields={"status": order.status})
    office, at = _office(order, office_id), clock.now()
    end_waiting(order, LAPSED, at)
    request = Transfer(
        order_id=order.id,
        from_office_id=order.office_id,
        to_office_id=office.id,
        street_id=order.street_id,
        district_id=order.district_id,
        reason=words,
        asked_at=at,
        asked_by=by.account_id,
    )
    db.session.add(request)
    order.transfer_to = office.id
    data = {"office_id": office.id, "office": office.name, "decides": order.transfers >= TRANSFERS_MAX}
    move(order, Action.TRANSFER, by=by, at=at, note=f"{office.name}:{words}", data=data)
    db.session.flush()
    return request


def receive(order_id: int, *, by: Scope) -> Order:
    """接收转单 by the desk that was asked: from now on the order is theirs. Raises OrderNotFound unless it was asked of
    them, TransferOver, WrongOrderState when no visit fits."""
    order, request = _asked_of(order_id, by)
    guard(order, Action.RECEIVE, by)
    _refuse_answered(order, request)
    if order.transfers >= TRANSFERS_MAX:
        raise WrongOrderState("已经转过两次,由街道或房管局指定处理单位", fields={"status": order.status})
    at = clock.now()
    _hand_over(order, _office(order, request.to_office_id), Action.RECEIVE, by=by, at=at, note="")
    end_waiting(order, RECEIVED, at, by=by)
    return order


def send_back(order_id: int, *, by: Scope, reason: str) -> None:
    """不接收转单: it stays where it is, with the reason. Raises OrderNotFound, TransferOver."""
    order, request = _asked_of(order_id, by)
    words = cleaned(reason, field="reason", at_least=2, at_most=200)
    guard(order, Action.SEND_BACK, by)
    if by.role not in DESK:
        raise Forbidden()  # street and bureau decide instead
    _refuse_answered(order, request)
    at = clock.now()
    order.transfer_to = None
    data = {"office_id": request.to_office_id, "office": request.to_office.name}
    move(order, Action.SEND_BACK, by=by, at=at, note=words, data=data)
    end_waiting(order, SENT_BACK, at, by=by, answer=words)


def decide(order_id: int, *, by: Scope, office_id: int, reason: str) -> Order:
    """指定处理单位 by street or bureau, when an order was to change its office a third time; the present office may be
    the one. Nobody transfers it after that."""
    words = cleaned(reason, field="reason", at_least=2, at_most=200)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.DECIDE_TRANSFER, by)
    if order.transfer_to is None or order.transfers < TRANSFERS_MAX:
        raise WrongOrderState("这张工单没有等您指定的转单", fields={"status": order.status})
    at = clock.now()
    if office_id == order.office_id:
        order.transfers, order.transfer_to = TRANSFERS_MAX + 1, None
        data = {"office_id": office_id, "office": order.office.name, "decided": True}
        move(order, Action.SEND_BACK, by=by, at=at, note=words, data=data)
    else:
        _hand_over(order, _office(order, office_id), Action.DECIDE_TRANSFER, by=by, at=at, note=words)
    end_waiting(order, DECIDED, at, by=by, answer=words)
    return order


def asked_office(order: Order) -> str:
    """The name of the office that was asked and has not answered; empty when nobody was."""
    if order.transfer_to is None or Status(order.status) not in UNVISITED:
        return ""
    return db.session.get_one(Office, order.transfer_to).name


def offices_for(order: Order) -> list[Office]:
    """Where the order could go: other offices whose company may receive orders."""
    admitted = Company.admission.in_(sorted(MAY_RECEIVE_ORDERS))
    others = select(Office).join(Company, Company.id == Office.company_id)
    return list(db.session.scalars(others.where(admitted, Office.id != order.office_id).order_by(Office.id)))


def end_waiting(
    order: Order, outcome: str, at: datetime, *, by: Scope | None = None, answer: str = ""
) -> None:
    """Close the request that waits; what nobody answered while the order went its way has lapsed."""
    ended = {"waiting": None, "outcome": outcome, "ended_at": at, "answer": answer}
    who = {"ended_by": by.account_id if by else None}
    db.session.flush()
    changed(
        update(Transfer)
        .where(Transfer.order_id == order.id, Transfer.waiting.is_(True))
        .values(**ended, **who)
    )


def _asked_of(order_id: int, by: Scope) -> tuple[Order, Transfer]:
    """The order and the newest request that this desk received for it; the order itself it may not see yet."""
    mine = visible(Transfer, by).where(Transfer.order_id == order_id).order_by(Transfer.id.desc()).limit(1)
    request = db.session.scalars(mine).one_or_none()
    if request is None:
        raise OrderNotFound()
    locked = select(Order).where(Order.id == order_id).with_for_update()
    order = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    db.session.refresh(request)
    return order, request


def _refuse_answered(order: Order, request: Transfer) -> None:
    if not request.waiting or order.transfer_to != request.to_office_id:
        raise TransferOver(fields={"status": order.status})


def _office(order: Order, office_id: int) -> Office:
    office = db.session.get(Office, office_id)
    if office is None:
        raise NotThisOffice("没有找到这个管理处", fields={"office_id": "没有找到"})
    if office.id == order.office_id:
        raise NotThisOffice("工单已经在这个管理处", fields={"office_id": "就是本管理处"})
    if office.company.admission not in MAY_RECEIVE_ORDERS:
        raise NotThisOffice("这家企业现在不能接新工单", fields={"office_id": "企业未准入或已暂停"})
    return office


def _hand_over(order: Order, office: Office, action: Action, *, by: Scope, at: datetime, note: str) -> None:
    """Place, slot and worker in one go; the status says that a worker who was named has to be named anew."""
    _move_booking(order, office, at)
    close_offer(order, "cancelled", at, reason=f"转到{office.name}")
    before = order.office.name
    leave_behind(order, at=at)
    order.office_id, order.company_id = office.id, office.company_id
    order.transfers, order.transfer_to = order.transfers + 1, None
    data = {
        "office_id": office.id,
        "office": office.name,
        "from": before,
        "recalls": order.worker_id is not None,
    }
    move(order, action, by=by, at=at, note=note, data=data)
    order.worker_id = order.assigned_at = order.departed_at = None
    db.session.flush()
    db.session.expire(order, ["office", "company", "worker"])
    deadlines.refresh_next_due(order)


def _move_booking(order: Order, office: Office, at: datetime) -> None:
    """A booking keeps its time: the new office must be free then, else the resident would wait for nobody."""
    if order.slot_id is None:
        return
    same = select(BookingSlot.id).where(
        BookingSlot.office_id == office.id,
        BookingSlot.begins_at == order.slot_begins_at,
        BookingSlot.ends_at == order.slot_ends_at,
    )
    slot_id = db.session.scalar(same)
    try:
        if slot_id is None:
            raise SlotFull()
        booking.take(slot_id, office_id=office.id, at=at)
    except (SlotFull, SlotPast) as refusal:
        raise WrongOrderState(
            f"{office.name}在居民约好的时段没有空,不能转过去。请先和居民另约时间",
            fields={"status": order.status},
        ) from refusal
    booking.give_back(order.slot_id)
    order.slot_id = slot_id
