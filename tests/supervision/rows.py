"""Orders as rows, with exactly the instants that a test of figures needs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.catalogue.service import install_standard
from app.core.db import transact
from app.orders import deadlines
from app.orders.clock_models import ClockEvent, Deadline
from app.orders.lifecycle import FINISHED, Menu, Status
from app.orders.models import Completion, Order
from app.orders.rating_models import Rating
from app.orders.rules import Clock, Level
from app.orders.slot_models import BookingSlot
from tests.factories import Place, make_account
from tests.factories.units import saved

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LIMITS = {
    Clock.ACCEPT: 15 * MINUTE,
    Clock.VISIT: 30 * MINUTE,
    Clock.APPOINTMENT: 120 * MINUTE,
    Clock.REPAIR: 72 * HOUR,
}


def install_categories() -> None:
    transact(install_standard)


def order_row(place: Place, at: datetime, *, status: Status = Status.SUBMITTED, **values: Any) -> Order:
    """An order submitted at `at` in the place; the evidence that its status needs is filled in."""
    plain: dict[str, Any] = {
        "menu": Menu.REPORT.value,
        "status": status.value,
        "category_code": "G0201",
        "urgency": "P2",
        "text": "门厅的灯不亮了",
        "channel": "小程序",
        "place_public": "门厅",
        "place_full": "门厅",
        "estate_id": place.estate.id,
        "office_id": place.office.id,
        "company_id": place.company.id,
        "community_id": place.community.id,
        "street_id": place.street.id,
        "district_id": place.district.id,
        "submitted_at": at,
        "site_photos": 1,
        "after_photos": 1,
    }
    evidence: dict[str, Any] = {}
    if status in FINISHED:
        evidence["finished_at"] = at + HOUR
    if status is Status.CLOSED:
        evidence["closed_at"] = at + 2 * HOUR
    if status not in (Status.SUBMITTED, Status.HOTLINE, Status.CANCELLED, Status.REJECTED):
        evidence |= {"accepted_at": at, "verified_at": at}
    at_home = {"menu": Menu.EMERGENCY.value, "home_id": place.homes[0].id}
    if status is Status.HOLD_RESIDENT:
        evidence |= {"held_until": at + 72 * HOUR, "holds": 1, **at_home}
    if status is Status.HOLD_FUND:
        evidence |= {"fund_needed_at": at, "fund_told_at": at}
    if status is Status.QUOTED:
        evidence |= {"quoted_fen": 6500, **at_home}
    if status is Status.MERGED:
        evidence["master_id"] = order_row(place, at).id
    if status is Status.REJECTED:
        evidence |= {"rejected_at": at, "reject_code": "untrue"}
    if status is Status.HOTLINE:
        evidence["hotline_at"] = at + 15 * MINUTE
    return saved(Order(**{**plain, **evidence, **values}))


def booked(place: Place, begins_at: datetime) -> dict[str, Any]:
    """What makes an order a booking of a home."""
    ends_at = begins_at + LIMITS[Clock.APPOINTMENT]
    slot = saved(BookingSlot(office_id=place.office.id, begins_at=begins_at, ends_at=ends_at, booked=1))
    return {
        "menu": Menu.BOOKING.value,
        "home_id": place.homes[0].id,
        "slot_id": slot.id,
        "slot_begins_at": begins_at,
        "slot_ends_at": ends_at,
    }


def promise(
    order: Order,
    clock: Clock,
    *,
    began: datetime | None = None,
    stopped: datetime | None = None,
    limit: timedelta | None = None,
    round_: int = 0,
    state: str | None = None,
    extended_from: timedelta | None = None,
) -> Deadline:
    """A promise and how it ended, by default at the instant itself: kept up to and at its due instant."""
    began = began or order.submitted_at
    limit = limit or LIMITS[clock]
    due = began + limit
    late = stopped is None or stopped > due
    row = saved(
        Deadline(
            order_id=order.id,
            clock=clock.value,
            round=round_,
            level=Level.DUE.value,
            state=state or (deadlines.FIRED if late else deadlines.MET),
            due_at=due,
            anchor="due",
            offset_ms=0,
            stopped_at=stopped,
            breached=late and state is None,
        )
    )
    _clock_event(order, clock, round_, "start", began, extended_from or limit)
    if extended_from is not None:
        _clock_event(order, clock, round_, "extend", began + HOUR, limit)
        order.extended = True
    return row


def _clock_event(order: Order, clock: Clock, round_: int, kind: str, at: datetime, limit: timedelta) -> None:
    milliseconds = limit // timedelta(milliseconds=1)
    saved(
        ClockEvent(
            order_id=order.id, clock=clock.value, round=round_, kind=kind, at=at, limit_ms=milliseconds
        )
    )


def completion(order: Order, at: datetime, round_: int = 0) -> None:
    saved(Completion(order_id=order.id, round=round_, by_account_id=1, at=at, result="已更换灯管"))


def rating(order: Order, at: datetime, stars: int, *, round_: int = 0, void: bool = False) -> Rating:
    """By somebody else each time."""
    account = make_account(phone=None)
    return saved(
        Rating(order_id=order.id, account_id=account.id, round=round_, stars=stars, tags=[], at=at, void=void)
    )
