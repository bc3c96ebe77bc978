"""What follows when a clock reached a level: the ladder of domain 3.6. Each reaction may run again."""

from __future__ import annotations

from datetime import datetime

from app.core.db import db
from app.core.signing import epoch
from app.notifications.service import notify_many
from app.orders.events import ClockReached
from app.orders.lifecycle import BEFORE_VISIT, Status
from app.orders.models import Order
from app.orders.rules import Clock, Level
from app.reactions.audiences import accounts_of
from app.reactions.clock_messages import WARNINGS, company_clock_message, resident_clock_message
from app.reactions.message import Audience
from app.reactions.order_reactions import tell_reporter
from app.reactions.story import read_story

LADDER: dict[str, tuple[Audience, ...]] = {
    **{level.value: (Audience.DESK, Audience.WORKER) for level in WARNINGS},
    Level.DUE.value: (Audience.DESK, Audience.WORKER, Audience.COMPANY),
    Level.SECOND.value: (Audience.MANAGERS, Audience.COMPANY, Audience.STREET),
    Level.THIRD.value: (Audience.MANAGERS, Audience.COMPANY, Audience.BUREAU),
}
"""Who hears which level: L1 worker, desk and company at once; L2 company and street; L3 the bureau."""
AUDIENCES: dict[str, tuple[Audience, ...]] = {
    Clock.FUND.value: (Audience.DESK, Audience.MANAGERS, Audience.COMPANY),
    Clock.FOLLOW_UP.value: (Audience.MANAGERS,),
    Clock.QUESTION.value: (Audience.DESK,),
    Clock.APPEAL.value: (Audience.STREET,),
}
"""Clocks that are the desk's or the manager's alone, whatever the level."""


def tell_resident_of_clock(reached: ClockReached) -> None:
    """The reporter hears of broken promises only, and that his order is about to close by itself."""
    order = db.session.get_one(Order, reached.order_id)
    if order.reporter_id is None or reached.round != order.round:
        return
    due_at = datetime.fromisoformat(reached.due_at)
    message = resident_clock_message(reached.clock, reached.level, due_at, read_story(order))
    if message is not None:
        tell_reporter(order, order.reporter_id, message, unique_key=_key(reached))


def tell_company_of_clock(reached: ClockReached) -> None:
    """Warnings go to the desk and the worker, breaches up the ladder; each person hears a level once."""
    order = db.session.get_one(Order, reached.order_id)
    if reached.round != order.round:
        return  # reopened meanwhile: new clocks run, the old breach stays on record
    if _is_needless(reached, order):
        return
    due_at = datetime.fromisoformat(reached.due_at)
    message = company_clock_message(reached.clock, reached.level, due_at, read_story(order))
    if message is None:
        return
    audiences = AUDIENCES.get(reached.clock) or LADDER.get(reached.level, (Audience.DESK,))
    notify_many(
        set().union(*(accounts_of(audience, order) for audience in audiences)),
        unique_key=f"{_key(reached)}:company",
        template=message.template,
        title=message.title,
        body=message.body,
        order_id=order.id,
    )


def _is_needless(reached: ClockReached, order: Order) -> bool:
    """Half an hour before an appointment the desk is warned only while nobody has set off (domain 3.6, C2-APT)."""
    warned = reached.clock == Clock.APPOINTMENT and reached.level in WARNINGS
    asked = reached.clock == Clock.QUESTION and Status(order.status) not in BEFORE_VISIT
    return asked or (warned and order.departed_at is not None)


def _key(reached: ClockReached) -> str:
    """By its due instant too: after an upheld appeal the same levels are reached once more."""
    due = epoch(datetime.fromisoformat(reached.due_at))
    return f"clock:{reached.order_id}:{reached.clock}:{reached.round}:{reached.level}:{due}"
