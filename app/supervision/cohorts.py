"""Where the counters come from: each cohort of domain 6.2 as rows with an instant, membership and flags.

The roll-up sums the flags and the drill-down lists the same rows, so a figure always equals the length of its list.
A promise is judged by its due instant and not by when the sweep fired it (K10 of domain 3.6): what is still pending
after its due instant is broken. It counts for the office that had the order then, whoever has it now
(app/orders/former.py); so does that an order went to the hotline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from app.feedback.lifecycle import Status as SnapStatus
from app.feedback.models import Snap
from app.orders.appeal_models import Appeal
from app.orders.clock_models import ClockEvent, Deadline
from app.orders.deadlines import FIRED, MET, PENDING, VOID
from app.orders.extension_models import SPECIAL, Extension
from app.orders.lifecycle import FINISHED, Status
from app.orders.models import Order
from app.orders.rating_models import Rating
from app.orders.rules import Clock, Level
from app.supervision.indicators import Cohort
from app.supervision.instants import Earlier

COUNTED = (PENDING, MET, FIRED)
"""States of a promise that counts; a void one no longer applies, a paused one is not due."""
PROMISES = (Clock.ACCEPT, Clock.VISIT, Clock.APPOINTMENT, Clock.REPAIR)
"""The clocks that promise something to a resident; C5 waits for him and is nobody's failure."""

UNREPAIRED = frozenset({"unreachable", "declined", "fund_failed"})
"""`closed_how` of orders that ended without a repair: nobody home, no agreement on price or on the owners' money."""


@dataclass(frozen=True)
class Source:
    """The rows of a cohort: `of` (an order but for 随手拍) joined to what is counted at `instant`, with a flag for each
    counter. `left` is the promise that decides whose case it is, where a former office may have had the order."""

    fact_id: Any
    instant: Any
    flags: Mapping[str, Any]
    joined: type[Any] | None = None
    belongs: tuple[Any, ...] = field(default=())
    of: type[Order] | type[Snap] = Order
    left: Any = None


AcceptedLate = aliased(Deadline)
WENT_TO_THE_HOTLINE = and_(
    Order.hotline_at.is_not(None),
    AcceptedLate.order_id == Order.id,
    AcceptedLate.clock == Clock.ACCEPT.value,
    AcceptedLate.round == 0,
    AcceptedLate.level == Level.DUE.value,
)
"""The promise of acceptance of an order that 962121 had to take: whoever let it go there has it in his volumes."""

_ALL = literal(1)
_CANCELLED_UNACCEPTED = and_(Order.status == Status.CANCELLED.value, Order.accepted_at.is_(None))
_SOLVED = and_(
    Order.status.in_(sorted(status.value for status in FINISHED)), Order.closed_how.not_in(sorted(UNREPAIRED))
)
_NOT_REJECTED = Order.status != Status.REJECTED.value
OF_ITS_OWN = Order.status != Status.MERGED.value
"""What was merged into another order is a reporter of that one and no order of its own (domain 3.8)."""
_WRONGLY_REJECTED = exists().where(Appeal.order_id == Order.id, Appeal.upheld.is_(True)).correlate(Order)
_MET = Deadline.state == MET


def _due(*clocks: Clock) -> tuple[Any, ...]:
    """Promises of these clocks that were given and neither withdrawn nor paused."""
    return (
        Deadline.level == Level.DUE.value,
        Deadline.clock.in_([which.value for which in clocks]),
        Deadline.state.in_(COUNTED),
    )


_FIRST = Deadline.round == 0
"""The order counts once, when its first promise of the kind falls due; later rounds can only spoil the outcome."""


def _not_repaired_again() -> ColumnElement[bool]:
    """Some C3' after a reopening was broken or still runs: an earlier DONE no longer counts as solved (T22)."""
    again = aliased(Deadline)
    return and_(
        Order.round > 0,
        exists()
        .where(
            again.order_id == Order.id,
            again.clock == Clock.REPAIR.value,
            again.level == Level.DUE.value,
            again.round > 0,
            again.state.not_in((MET, VOID)),
        )
        .correlate(Order),
    )


def _needed_its_extension() -> ColumnElement[bool]:
    """Some round was finished after the limit that held before it was extended."""
    row, start, longer = aliased(Deadline), aliased(ClockEvent), aliased(ClockEvent)
    same = [
        and_(event.order_id == row.order_id, event.clock == row.clock, event.round == row.round)
        for event in (start, longer)
    ]
    without = Earlier(row.due_at, longer.limit_ms - start.limit_ms)
    return exists(
        select(row.id)
        .join(start, and_(same[0], start.kind == "start"))
        .join(longer, and_(same[1], longer.kind == "extend"))
        .where(
            row.order_id == Order.id,
            row.clock == Clock.REPAIR.value,
            row.level == Level.DUE.value,
            row.stopped_at > without,
        )
        .correlate(Order)
    )


def _given_time_by_grace() -> ColumnElement[bool]:
    """特延 without force majeure: mended by the approved date, but not on time (T19)."""
    return (
        exists()
        .where(
            Extension.order_id == Order.id,
            Extension.kind == SPECIAL,
            Extension.granted.is_(True),
            not_(Extension.force_majeure),
        )
        .correlate(Order)
    )


_REPAIRED = and_(_MET, not_(_not_repaired_again()), or_(not_(Order.special), not_(_given_time_by_grace())))

_EXTENDED = or_(Order.extended, Order.special)
_RATED = exists().where(Rating.order_id == Order.id, Rating.void.is_(False)).correlate(Order)

SOURCES: Mapping[Cohort, Source] = {
    Cohort.SUBMITTED: Source(
        Order.id,
        Order.submitted_at,
        {
            "new": _ALL,
            "effective": not_(_CANCELLED_UNACCEPTED),
            "hotline": and_(Order.hotline_at.is_not(None), not_(_CANCELLED_UNACCEPTED)),
            "rejected": Order.status == Status.REJECTED.value,
            "wrong_rejected": _WRONGLY_REJECTED,
        },
        left=AcceptedLate,
    ),
    Cohort.ACCEPT: Source(
        Deadline.id,
        Deadline.due_at,
        # What the hotline had to take over was not answered by the company, however quick the hotline was
        {"c1_due": _ALL, "c1_met": and_(_MET, Order.hotline_at.is_(None))},
        Deadline,
        (*_due(Clock.ACCEPT), _FIRST),
        left=Deadline,
    ),
    Cohort.VISIT: Source(
        Deadline.id,
        Deadline.due_at,
        {"c2_due": _ALL, "c2_met": _MET},
        Deadline,
        (*_due(Clock.VISIT), _FIRST, _NOT_REJECTED),
        left=Deadline,
    ),
    Cohort.APPOINTMENT: Source(
        Deadline.id,
        Deadline.due_at,
        {"apt_due": _ALL, "apt_met": _MET},
        Deadline,
        (*_due(Clock.APPOINTMENT), _FIRST, _NOT_REJECTED),
        left=Deadline,
    ),
    Cohort.REPAIR: Source(
        Deadline.id,
        Deadline.due_at,
        {
            "c3_due": _ALL,
            "c3_met": _REPAIRED,
            "c3_strict_met": and_(_REPAIRED, or_(not_(_EXTENDED), not_(_needed_its_extension()))),
            "c3_done": _SOLVED,
            "extended": Order.extended,
        },
        Deadline,
        (*_due(Clock.REPAIR), _FIRST),
        left=Deadline,
    ),
    Cohort.PROMISE: Source(
        Deadline.id,
        Deadline.due_at,
        {"promised": _ALL, "late": not_(_MET)},
        Deadline,
        _due(*PROMISES),
        left=Deadline,
    ),
    Cohort.FINISHED: Source(
        Order.id,
        Order.finished_at,
        {"done": _ALL, "done_once": Order.round == 0, "reopened": Order.round > 0, "done_rated": _RATED},
        None,
        (_SOLVED,),
    ),
    Cohort.RATED: Source(
        Rating.id,
        Rating.at,
        {
            "ratings": _ALL,
            "satisfied": Rating.stars >= 4,
            "low": Rating.stars <= 2,
            "stars_sum": Rating.stars,
        },
        Rating,
        (Rating.void.is_(False),),
    ),
    Cohort.SNAP: Source(
        Snap.id,
        Snap.due_at,
        # What the company handed to the hotline was not answered by the company
        {"snap_due": _ALL, "snap_answered": and_(Snap.answered_at.is_not(None), Snap.declined_at.is_(None))},
        None,
        (Snap.status != SnapStatus.CONVERTED.value,),
        Snap,
    ),
}
