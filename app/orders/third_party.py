"""等专业单位 (T15): utility, developer, whoever caused the damage, lift firm. The clock stands, the manager follows up.

The order says who is waited for, under which ticket or after which call, and what keeps people safe meanwhile; every
24 hours the manager is asked to follow up, until the hold ends (domain 2.3, 3.5.2).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.scope import Scope
from app.orders import holding
from app.orders.errors import MissingEvidence
from app.orders.hold_models import Hold
from app.orders.hold_offers import current_hold
from app.orders.lifecycle import Action, Status
from app.orders.models import Order
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.planning import plan_again
from app.orders.rules import Clock
from app.orders.standstill import third_party_words

LIABLE = "liable"
PARTIES = {
    "utility": "供水、供电、供气等专业单位",
    "developer": "开发建设单位(保修期内)",
    LIABLE: "造成损坏的责任人",
    "lift_firm": "电梯维保单位",
    "other": "其他单位",
}
FOLLOW_UP_EVERY = timedelta(hours=24)
FOLLOW_UP = "F"


@dataclass(frozen=True)
class ThirdParty:
    """Who is waited for, and what proves that they know of it: their ticket number, or who was called and what they
    said."""

    kind: str
    name: str
    ticket: str = ""
    call_record: str = ""


def hold_third(
    order_id: int,
    *,
    by: Scope,
    party: ThirdParty,
    reason: str,
    safety: str,
    expected_at: datetime | None = None,
    photo_ids: Sequence[int] = (),
) -> Order:
    """The order stands still until the manager ends it (end_hold).

    Raises Invalid, MissingEvidence without a ticket or a call, WrongOrderState.
    """
    known = _checked(party)
    words = cleaned(reason, field="reason", at_least=2, at_most=150)
    safe = cleaned(safety, field="safety", at_least=2, at_most=150)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.HOLD_THIRD, by)
    holding.require_visit(order)
    at = clock.now()
    if expected_at is not None and expected_at <= at:
        raise Invalid("预计时间要在现在之后", fields={"expected_at": "早于现在"})
    attach_photos(order.id, photo_ids, "third", by=by, round_=order.round)
    order.expected_at = expected_at
    shown = "" if known.kind == LIABLE else known.name
    note = third_party_words(PARTIES[known.kind], shown, known.ticket, words, safe)
    move(order, Action.HOLD_THIRD, by=by, at=at, note=note, data={"party": known.kind})
    holding.begin(
        order,
        "THIRD",
        by=by,
        at=at,
        why="等专业单位",
        reason=known.kind,
        text=words,
        party_kind=known.kind,
        party_name=known.name,
        ticket=known.ticket,
        call_record=known.call_record,
        safety=safe,
    )
    plan_again(order, Clock.FOLLOW_UP, FOLLOW_UP, due_at=at + FOLLOW_UP_EVERY)
    return order


def _checked(party: ThirdParty) -> ThirdParty:
    if party.kind not in PARTIES:
        raise Invalid("请选择等谁处理", fields={"party": "必选"})
    known = ThirdParty(
        kind=party.kind,
        name=cleaned(party.name, field="party_name", at_least=2, at_most=60),
        ticket=cleaned(party.ticket, field="ticket", at_least=0, at_most=60),
        call_record=cleaned(party.call_record, field="call_record", at_least=0, at_most=200),
    )
    if not known.ticket and not known.call_record:
        raise MissingEvidence(
            "请填对方的工单号;没有单号的,请写清打给谁、怎么答复的",
            fields={"ticket": "单号和通话记录至少一项"},
        )
    return known


def follow_up_again(order_ids: Collection[int], at: datetime) -> None:
    """For the sweep: a follow-up was reached, the next one is planned a day later. Days that no scheduler saw are not
    made up for: one reminder says the same as three."""
    waiting = (
        select(Order)
        .where(Order.id.in_(order_ids), Order.status == Status.HOLD_THIRD.value)
        .order_by(Order.id)
        .with_for_update()
    )
    for order in db.session.scalars(waiting).all():
        running = current_hold(order.id)
        if running is not None:
            plan_again(order, Clock.FOLLOW_UP, FOLLOW_UP, due_at=next_follow_up(running, at))


def next_follow_up(running: Hold, at: datetime) -> datetime:
    """The next whole number of days after the beginning."""
    days = (at - running.begun_at) // FOLLOW_UP_EVERY + 1
    return running.begun_at + days * FOLLOW_UP_EVERY
