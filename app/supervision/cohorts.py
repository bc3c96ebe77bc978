"""Where the counters come from: each cohort of domain 6.2 as rows with an instant, membership and flags.

The roll-up sums the flags and the drill-down lists the same rows, so a figure always equals the length of its list.
A promise is judged by its due instant and not by when the sweep fired it (K10 of domain 3.6): what is still pending
after its due instant is broken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    literal,
    not_,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from app.core.clock import start_of_china_day
from app.core.scope import Scope, condition
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

PLACE = ("district_id", "street_id", "company_id", "office_id", "estate_id", "category_code")


@dataclass(frozen=True)
class Source:
    """The rows of a cohort: `of` (an order but for 随手拍) joined to what is counted at `instant`, with a flag for each
    counter."""

    fact_id: Any
    instant: Any
    flags: Mapping[str, Any]
    joined: type[Any] | None = None
    belongs: tuple[Any, ...] = field(default=())
    of: type[Order] | type[Snap] = Order


def facts(
    cohort: Cohort, scope: Scope, *, begin: datetime, until: datetime, days: Sequence[date] | None = None
) -> Select[Any]:
    """The cases of a cohort with begin <= instant < until that the scope sees, one row each; `days` leaves out the
    cases of all other days in China.

    Columns: order_id (of a 随手拍 its own id), fact_id, instant, the place columns and one 0/1 flag per counter
    (`stars_sum`: the stars).
    """
    source = SOURCES[cohort]
    columns = [getattr(source.of, name, null().label(name)) for name in PLACE]
    flags = [_number(flag).label(name) for name, flag in source.flags.items()]
    statement = select(
        source.of.id.label("order_id"),
        source.fact_id.label("fact_id"),
        source.instant.label("instant"),
        *columns,
        *flags,
    )
    if source.joined is not None:
        statement = statement.join(source.joined, source.joined.order_id == Order.id)
    if days is not None:
        statement = statement.where(or_(false(), *[_on(source.instant, day) for day in days]))
    if source.of is Order:
        statement = statement.where(_OF_ITS_OWN)
    return statement.where(
        condition(source.of, scope), source.instant >= begin, source.instant < until, *source.belongs
    )


def _on(instant: Any, day: date) -> ColumnElement[bool]:
    return and_(instant >= start_of_china_day(day), instant < start_of_china_day(day + timedelta(days=1)))


def _number(flag: Any) -> Any:
    """A condition as 0 or 1; a number as it is."""
    return case((flag, 1), else_=0) if isinstance(flag.type, Boolean) else flag


_ALL = literal(1)
_CANCELLED_UNACCEPTED = and_(Order.status == Status.CANCELLED.value, Order.accepted_at.is_(None))
_SOLVED = and_(
    Order.status.in_(sorted(status.value for status in FINISHED)), Order.closed_how.not_in(sorted(UNREPAIRED))
)
_NOT_REJECTED = Order.status != Status.REJECTED.value
_OF_ITS_OWN = Order.status != Status.MERGED.value
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
    ),
    Cohort.ACCEPT: Source(
        Deadline.id,
        Deadline.due_at,
        # What the hotline had to take over was not answered by the company, however quick the hotline was
        {"c1_due": _ALL, "c1_met": and_(_MET, Order.hotline_at.is_(None))},
        Deadline,
        (*_due(Clock.ACCEPT), _FIRST),
    ),
    Cohort.VISIT: Source(
        Deadline.id,
        Deadline.due_at,
        {"c2_due": _ALL, "c2_met": _MET},
        Deadline,
        (*_due(Clock.VISIT), _FIRST, _NOT_REJECTED),
    ),
    Cohort.APPOINTMENT: Source(
        Deadline.id,
        Deadline.due_at,
        {"apt_due": _ALL, "apt_met": _MET},
        Deadline,
        (*_due(Clock.APPOINTMENT), _FIRST, _NOT_REJECTED),
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
    ),
    Cohort.PROMISE: Source(
        Deadline.id,
        Deadline.due_at,
        {"promised": _ALL, "late": not_(_MET)},
        Deadline,
        _due(*PROMISES),
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
