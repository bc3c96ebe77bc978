"""Which earlier days a new event has changed: a reopening today takes back a repair that was counted last week.

Read by the roll-up job from the order events since it last looked. Ids are given out in order but committed out of
order, so the newest minute is looked at twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from app.core import clock, shared_values
from app.core.clock import china_date
from app.core.db import db, table_of
from app.orders.clock_models import Deadline
from app.orders.lifecycle import Action
from app.orders.models import Completion, Order, OrderEvent
from app.orders.rating_models import Rating
from app.orders.rules import Level
from app.supervision.cohorts import PROMISES
from app.supervision.models import RollUpDay

SEEN_UP_TO = "roll_up.event_id"
LOOKED_AT_TWICE = timedelta(minutes=1)
BATCH = 5000
CHANGES_THE_PAST = (
    Action.ACCEPT,  # by the hotline, for another office
    Action.TO_HOTLINE,
    Action.REJECT,
    Action.CANCEL,
    Action.FINISH,
    Action.RATE,
    Action.RATE_UNPAID,
    Action.RATE_FOLLOWED,
    Action.REOPEN,
    Action.MERGE,
    Action.UNMERGE,
    Action.UPHOLD_APPEAL,
    Action.RECEIVE,
    Action.DECIDE_TRANSFER,
    Action.RECATEGORISE,
    Action.CHANGE_URGENCY,
    Action.END_HOLD,  # late, when schedulers were down: the promise then falls due on a day that is counted already
)


def mark_stale_days() -> int:
    """Mark the days that events since the last call have changed, inside the running transaction; returns how many
    events were looked at. The first call only notes where to begin, because no day has been rolled up before it."""
    seen = shared_values.read(SEEN_UP_TO)
    if seen is None:
        newest = db.session.scalar(select(func.max(OrderEvent.id)))
        shared_values.write(SEEN_UP_TO, str(newest or 0))
        return 0
    after = int(seen)
    events = db.session.execute(
        select(OrderEvent.id, OrderEvent.at).where(OrderEvent.id > after).order_by(OrderEvent.id).limit(BATCH)
    ).all()
    if not events:
        return 0
    days = set(_days(after, events[-1].id))
    if days:
        marked = update(table_of(RollUpDay)).where(RollUpDay.day.in_(sorted(days)))
        db.session.execute(marked.values(stale=True))
    _remember(after, events)
    return len(events)


def _remember(after: int, events: Any) -> None:
    settled = clock.now() - LOOKED_AT_TWICE
    known = max((event.id for event in events if event.at <= settled), default=after)
    if known > after:
        shared_values.write(SEEN_UP_TO, str(known))


def _days(after: int, last: int) -> Iterator[date]:
    """Every day on which an order of these events is counted in some cohort."""
    today = china_date(clock.now())
    changing = (
        OrderEvent.id > after,
        OrderEvent.id <= last,
        OrderEvent.action.in_([action.value for action in CHANGES_THE_PAST]),
    )
    promises = (
        Deadline.level == Level.DUE.value,
        Deadline.clock.in_([which.value for which in PROMISES]),
    )
    for column, joined, more in (
        (Order.submitted_at, Order.id, ()),
        (Deadline.due_at, Deadline.order_id, promises),
        (Completion.at, Completion.order_id, ()),
        (Rating.at, Rating.order_id, ()),
    ):
        statement = select(column).join(OrderEvent, OrderEvent.order_id == joined).where(*changing, *more)
        instants: list[datetime] = list(db.session.scalars(statement.distinct()))
        yield from (day for day in map(china_date, instants) if day < today)
