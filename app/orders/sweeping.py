"""The sweep: levels whose instant has come are fired, each exactly once, in one transaction a batch.

Rows are claimed with SKIP LOCKED, so any number of sweepers may run; effects, events and outbox rows are written in
the claim's own transaction, so a kill at any instant loses nothing and doubles nothing. Written set-based in Core:
objects cost nine times as much (docs/adr/0007).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from app.core import clock
from app.core.db import claim, db, table_of, transact
from app.core.many_rows import insert_many
from app.core.outbox import publish_all
from app.core.roles import Role
from app.orders import holds, offering, questions, quotes, third_party
from app.orders.clock_models import Deadline
from app.orders.deadlines import FIRED, PENDING
from app.orders.events import ClockReached, OrderMoved
from app.orders.lifecycle import LIFECYCLE, Action, Status
from app.orders.models import Order, OrderEvent
from app.orders.quote_rules import SILENCES
from app.orders.rules import Clock, Level

BATCH = 1000
DEADLINES, ORDERS = table_of(Deadline), table_of(Order)


def sweep(limit: int = BATCH) -> int:
    """Fire up to `limit` due levels; returns how many were claimed. Call again while it returns `limit`."""
    return transact(lambda: _sweep(limit))


def _sweep(limit: int) -> int:
    at = clock.now()
    due = _claim_due(at, limit)
    if not due:
        return 0
    _mark_fired(due, at)
    breaches = [row for row in due if row.level == Level.DUE]
    for which, effect in EFFECTS.items():
        rows = [row for row in breaches if row.clock == which]
        if rows:
            effect(rows, at)
    for which, follow in PLANNED.items():
        reached = [row.order_id for row in due if row.clock == which]
        if reached:
            follow(reached, at)
    unanswered = [row.order_id for row in due if row.level in SILENCES]
    if unanswered:
        quotes.answer_for_the_silent(unanswered, at)
    publish_all(
        ClockReached(row.order_id, row.clock, row.round, row.level, row.due_at.isoformat(), at.isoformat())
        for row in due
    )
    return len(due)


# Built once: an idle sweep runs every few seconds for ever and does nothing but ask this.
_DUE = claim(
    select(*[DEADLINES.c[name] for name in ("id", "order_id", "clock", "round", "level", "due_at")])
    .where(DEADLINES.c.state == PENDING, DEADLINES.c.due_at < bindparam("at"))
    .order_by(DEADLINES.c.due_at)
    .limit(bindparam("up_to"))
)


def _claim_due(at: datetime, limit: int) -> Sequence[Any]:
    return db.session.execute(_DUE, {"at": at, "up_to": limit}).all()


def _mark_fired(due: Sequence[Any], at: datetime) -> None:
    """A promise is broken by firing; a warning is only given."""
    promises = [row.id for row in due if row.level == Level.DUE]
    others = [row.id for row in due if row.level != Level.DUE]
    for ids, breached in ((promises, True), (others, False)):
        if ids:
            values = {"state": FIRED, "fired_at": at, "breached": breached}
            _execute(update(DEADLINES).where(DEADLINES.c.id.in_(ids)).values(**values))


def _execute(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))


def _not_accepted(rows: Sequence[Any], at: datetime) -> None:
    """C1: the order goes to 962121 (T3, S1-08); the breach counts from its due instant (K10)."""
    moved = _move_all(
        [row.order_id for row in rows],
        "T3",
        Action.TO_HOTLINE,
        at=at,
        note="时限内无人接单",
        values={
            "late_accept": True,
            "hotline_at": at,
            "hotline_district_id": ORDERS.c.district_id,
        },
    )
    _flag({row.order_id for row in rows} - moved, "late_accept")


def _late_visit(rows: Sequence[Any], at: datetime) -> None:
    _flag((row.order_id for row in rows), "late_visit")


def _late_repair(rows: Sequence[Any], at: datetime) -> None:
    _flag((row.order_id for row in rows), "late_repair")


def _flag(order_ids: Iterable[int], column: str) -> None:
    ids = list(order_ids)
    if ids:
        _execute(update(ORDERS).where(ORDERS.c.id.in_(ids)).values(**{column: True}))


def _silent_resident(rows: Sequence[Any], at: datetime) -> None:
    """C5: nobody confirmed within 72 h, the order closes unrated (T21 by SYS). This is no breach of anybody."""
    ids = [row.order_id for row in rows]
    _move_all(
        ids,
        "T21",
        Action.CONFIRM,
        at=at,
        note="一直无人确认,自动办结",
        values={"closed_at": at, "closed_how": "auto", "next_due_at": None},
    )
    _execute(
        update(DEADLINES)
        .where(DEADLINES.c.id.in_([row.id for row in rows]))
        .values(breached=False, stopped_at=at)
    )


EFFECTS: dict[str, Callable[[Sequence[Any], datetime], None]] = {
    Clock.ACCEPT.value: _not_accepted,
    Clock.VISIT.value: _late_visit,
    Clock.APPOINTMENT.value: _late_visit,
    Clock.REPAIR.value: _late_repair,
    Clock.CONFIRM.value: _silent_resident,
    Clock.RESPONSE.value: offering.pass_over,
}
PLANNED: dict[str, Callable[[Sequence[int], datetime], None]] = {
    Clock.HOLD.value: holds.end_what_ran_out,
    Clock.FOLLOW_UP.value: third_party.follow_up_again,
    Clock.QUESTION.value: questions.end_silence,
}
"""What was planned without a policy, and what follows for its orders when it is reached."""


def _move_all(
    order_ids: Sequence[int], code: str, action: Action, *, at: datetime, note: str, values: dict[str, Any]
) -> set[int]:
    """The system's move of many orders by one row of the lifecycle table; returns the ids that moved."""
    transition = LIFECYCLE.by_code(code, action)
    assert transition.target is not None
    assert Role.SYS in transition.by
    sources = [status.value for status in transition.sources]
    found = db.session.execute(
        select(ORDERS.c.id, ORDERS.c.status, ORDERS.c.version)
        .where(ORDERS.c.id.in_(order_ids), ORDERS.c.status.in_(sources))
        .with_for_update()
    ).all()
    if not found:
        return set()
    ids = [row.id for row in found]
    _execute(
        update(ORDERS)
        .where(ORDERS.c.id.in_(ids))
        .values(status=transition.target.value, version=ORDERS.c.version + 1, **values)
    )
    events = [_event(row, transition.code, action, transition.target, at, note) for row in found]
    insert_many(table_of(OrderEvent), events)
    publish_all(_fact(event) for event in events)
    return set(ids)


def _event(row: Any, code: str, action: Action, target: Status, at: datetime, note: str) -> dict[str, Any]:
    return {
        "order_id": row.id,
        "seq": row.version + 1,
        "code": code,
        "action": action.value,
        "from_status": row.status,
        "to_status": target.value,
        "at": at,
        "actor_id": None,
        "actor_role": Role.SYS.value,
        "note": note,
        "data": {},
    }


def _fact(event: dict[str, Any]) -> OrderMoved:
    return OrderMoved(
        order_id=event["order_id"],
        seq=event["seq"],
        code=event["code"],
        action=event["action"],
        from_status=event["from_status"],
        to_status=event["to_status"],
        actor_id=None,
        actor_role=Role.SYS.value,
    )
