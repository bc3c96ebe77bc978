"""What waits for the resident himself: a new time for the visit, or his word whether it is mended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import Field

from app.core.roles import Role
from app.core.wording import promise_time, span
from app.orders.evidence import ClockLine
from app.orders.hold_offers import HOLD_REASONS, Offer, offer
from app.orders.lifecycle import Action, Status
from app.orders.lines import OrderLine
from app.orders.models import Order
from app.orders.rules import Clock
from app.orders.slot_models import BookingSlot
from miniprogram_api.fields import Instant, Out
from miniprogram_api.gone_elsewhere import GoneElsewhereOut, gone_elsewhere
from miniprogram_api.menus import SlotOut
from miniprogram_api.standing_still import StandingStillOut, standing_still

AGREED_LABEL = "已约好上门时间"


class AgreedOut(Out):
    """The time that was chosen."""

    begins_at: Instant
    ends_at: Instant


class HoldOut(Out):
    """The order stands still until somebody is home."""

    reason: str = Field(description="nobody_home(家里没人)或 resident_asked(居民要求改期)")
    reason_label: str
    begun_at: Instant
    until: Instant = Field(description="到这时自动恢复处理:选好的时段开始,或挂起满 72 小时")
    agreed: AgreedOut | None
    slots: list[SlotOut] = Field(description="可以选的新时间:居民先看到三个,调度看到全部")
    more: bool = Field(description="还有更晚的时间可选(ask_later)")
    words: str


class ResidentTurnOut(StandingStillOut, GoneElsewhereOut):
    """Part of an order's answer."""

    hold: HoldOut | None
    no_shows: int = Field(description="这一轮维修中上门没人的次数;第二次就先办结")
    asks_if_fixed: bool = Field(
        description="完工满 24 小时还没有确认或评价,又不欠线上要付的维修费:显示“修好了吗?”两个大按钮"
    )


def resident_turn(
    order: Order, line: OrderLine, clocks: Iterable[ClockLine], *, role: Role, at: datetime
) -> dict[str, Any]:
    """The values of ResidentTurnOut for an order that the caller sees."""
    return {
        **standing_still(order, role=role, at=at),
        **gone_elsewhere(order, role=role, at=at),
        "hold": _hold(offer(order, at=at), role, at),
        "no_shows": order.no_shows,
        "asks_if_fixed": role is Role.RES and asks_if_fixed(line, clocks, at),
    }


def asks_if_fixed(line: OrderLine, clocks: Iterable[ClockLine], at: datetime) -> bool:
    """From a day after the repair until the resident confirms, rates, reopens, or the order closes by itself; what is
    still to be paid on the phone is asked for first, because nobody can say yes before (ADR 0019)."""
    if line.status is not Status.DONE or Action.CONFIRM not in line.actions:
        return False
    mine = (each for each in clocks if each.clock is Clock.CONFIRM and each.round == line.round)
    return any(each.stopped_at is None and each.asks_at is not None and each.asks_at <= at for each in mine)


def status_label(line: OrderLine) -> str:
    """What the resident reads as the status; once a new time is chosen nobody waits for him any more."""
    agreed = line.held_until is not None and line.held_until == line.slot_begins_at
    return AGREED_LABEL if agreed else line.status.resident


def _hold(found: Offer | None, role: Role, at: datetime) -> HoldOut | None:
    """Three times for a resident, whom a long list would only puzzle; all of them for who talks with him."""
    if found is None:
        return None
    hold, slot = found.hold, found.hold.slot
    return HoldOut(
        reason=hold.reason,
        reason_label=HOLD_REASONS[hold.reason],
        begun_at=hold.begun_at,
        until=found.until,
        agreed=AgreedOut(begins_at=slot.begins_at, ends_at=slot.ends_at) if slot else None,
        slots=[_slot(each) for each in (found.slots if role is Role.RES else found.free)],
        more=role is Role.RES and found.more,
        words=_words(found, slot, at),
    )


def _words(found: Offer, slot: BookingSlot | None, at: datetime) -> str:
    if slot is not None:
        return f"已约好 {span(slot.begins_at, slot.ends_at, at)} 上门,请家里留人"
    if not found.slots:
        return "请打电话给物业,约一个新的上门时间"
    return f"请选一个新的上门时间,{promise_time(found.until, at)}选好"


def _slot(slot: BookingSlot) -> SlotOut:
    free = slot.capacity - slot.booked
    return SlotOut(id=slot.id, begins_at=slot.begins_at, ends_at=slot.ends_at, free=free)
