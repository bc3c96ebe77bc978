"""Where an order has gone, told to whoever opens it: into another order, to another office, to a second judgement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.accounts.scopes import resident_scope
from app.core.roles import Role
from app.core.wording import moment, promise_time
from app.orders.appeals import appeal_of
from app.orders.errors import OrderNotFound
from app.orders.followed import FollowedLine, followed
from app.orders.lifecycle import Status
from app.orders.merging import master_number
from app.orders.models import Order
from app.orders.reading import words_for
from app.orders.rules import TRANSFERS_MAX
from app.orders.transferring import asked_office
from miniprogram_api.fields import Instant, Out, RowId
from miniprogram_api.promise_answers import due_words


class MergedIntoOut(Out):
    """The order in which this one goes on; its state as far as a follower may know it."""

    order_id: RowId
    number: str
    following: bool = Field(description="可以打开“我也遇到”的详情 /following/{order_id}")
    status: str | None
    status_label: str | None
    category: str | None
    next_due_at: Instant | None
    next_due_words: str
    words: str


class AppealOut(Out):
    """The appeal against the rejection that stands, or its answer."""

    text: str
    asked_at: Instant
    due_at: Instant
    upheld: bool | None
    decided_at: Instant | None
    reason: str
    words: str


class TransferAskedOut(Out):
    """Another office was asked; this one is responsible until it says yes."""

    office_id: RowId
    office: str
    decided_by_regulator: bool
    words: str


class GoneElsewhereOut(Out):
    """Part of an order's answer."""

    merged_into: MergedIntoOut | None
    appeal: AppealOut | None
    transfer: TransferAskedOut | None


def gone_elsewhere(order: Order, *, role: Role, at: datetime) -> dict[str, Any]:
    """The values of GoneElsewhereOut for an order that the caller sees."""
    return {
        "merged_into": _merged_into(order, role, at),
        "appeal": _appeal(order, role, at),
        "transfer": _transfer(order, role),
    }


def _merged_into(order: Order, role: Role, at: datetime) -> MergedIntoOut | None:
    if order.status != Status.MERGED or order.master_id is None:
        return None
    number = master_number(order)
    line = _as_follower(order) if role is Role.RES else None
    return MergedIntoOut(
        order_id=order.master_id,
        number=number,
        following=line is not None,
        status=line.status.value if line else None,
        status_label=line.status.resident if line else None,
        category=line.category if line else None,
        next_due_at=line.next_due_at if line else None,
        next_due_words=due_words(line.next_due_at, at) if line else "",
        words=f"已并入 {number},有进展一起告诉您" if role is Role.RES else f"已并入 {number}",
    )


def _as_follower(order: Order) -> FollowedLine | None:
    """The master as its reporter follows it; nothing once he has left it."""
    if order.reporter_id is None or order.master_id is None:
        return None
    try:
        return followed(order.master_id, resident_scope(order.reporter_id)).line
    except OrderNotFound:
        return None


def _appeal(order: Order, role: Role, at: datetime) -> AppealOut | None:
    found = appeal_of(order) if order.appealed_at is not None else None
    if found is None:
        return None
    if found.decided_at is None:
        words = f"已申诉,街道或房管局 {promise_time(found.due_at, at)}答复"
    else:
        words = f"{moment(found.decided_at, at)} 答复:申诉没有成立"
    return AppealOut(
        text=words_for(role, found.text),
        asked_at=found.asked_at,
        due_at=found.due_at,
        upheld=found.upheld,
        decided_at=found.decided_at,
        reason=words_for(role, found.reason),
        words=words,
    )


def _transfer(order: Order, role: Role) -> TransferAskedOut | None:
    """Nothing for the resident: until the other office says yes, nothing has changed for him."""
    office = "" if role is Role.RES else asked_office(order)
    if not office or order.transfer_to is None:
        return None
    third = order.transfers >= TRANSFERS_MAX
    waits = "等街道或房管局指定" if third else "等对方接收"
    return TransferAskedOut(
        office_id=order.transfer_to,
        office=office,
        decided_by_regulator=third,
        words=f"请求转给{office},{waits},在此之前仍由本管理处负责",
    )
