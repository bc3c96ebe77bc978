"""Changed limits: what may be changed, the row that follows, and the running orders that a change takes along.

A running order keeps the policy of its T0 (policies.policy_for). Where a change says 也适用于进行中的工单, a clock
event `policy` gives each of them the new limit; its paused time stays. No order is late by a change alone: where the
new instant has passed already, the old promise stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.db import claim, db, table_of, transact
from app.core.errors import Invalid
from app.orders import deadlines
from app.orders.clock_models import ClockEvent, Deadline, DeadlinePolicy
from app.orders.declarations import place_in
from app.orders.extension_models import NORMAL, SPECIAL
from app.orders.limits import with_limit
from app.orders.models import Order
from app.orders.policies import DAY, HOUR, IN_WORKING_DAYS, MINUTE, known_policies, policy_for
from app.orders.retiming import granted_extensions
from app.orders.rules import Clock, ClockReading, Level, PolicyRow, is_late, pick_policy, read_clock
from app.orders.starting import AT_NIGHT

CHANGEABLE = {
    "C1": "接单",
    "C2": "到场核实",
    "C3": "修复",
    "C4": "说明维修资金",
    "C5": "居民确认",
    "C6": "随手拍回复",
    "C11": "申诉答复",
    "C12": "师傅确认",
    "C2R": "重开后到场",
    "C3R": "重开后修复",
}
"""Bookings have no C2 of their own: their slot is the promise."""
REPAIRS = frozenset({"C3", "C3R"})
OF_SNAPS = "C6"
ONLY_FROM_NOW_ON = frozenset({"C4", "C6", "C11", "C12"})
"""What has begun keeps its limit: a call that is due in the morning, an answer with a date that was told, an offer."""
MENUS, URGENCIES = ("PUB", "EMG", "APT"), ("P0", "P1", "P2", "P3")
SHORTEST, LONGEST = MINUTE, 60 * 24 * HOUR
BATCH = 200
_DEADLINES, _ORDERS = table_of(Deadline), table_of(Order)


@dataclass(frozen=True)
class NewLimit:
    """What somebody wants: for which orders, how long; None means any."""

    clock: str
    limit_ms: int
    extended_ms: int | None = None
    menu: str | None = None
    urgency: str | None = None
    street_id: int | None = None
    estate_id: int | None = None
    also_running: bool = False

    def checked(self, district_id: int) -> dict[str, Any]:
        """The keys and lengths of the new row; raises Invalid naming the field."""
        if self.clock not in CHANGEABLE:
            raise Invalid("请选择时限", fields={"clock": "必选"})
        if self.menu not in (None, *MENUS) or self.urgency not in (None, *URGENCIES):
            raise Invalid("请选择工单类型和紧急程度", fields={"menu": "没有这一项"})
        if not SHORTEST <= self.limit_ms <= LONGEST:
            raise Invalid("时限应在1分钟到60天之间", fields={"limit": "1分钟到60天"})
        extended = self.extended_ms if self.clock in REPAIRS and self.extended_ms else self.limit_ms
        if not self.limit_ms <= extended <= LONGEST:
            raise Invalid("延期后的时限不能短于原时限", fields={"extended": "不能短于原时限"})
        if self.clock == OF_SNAPS and (self.menu or self.urgency):
            raise Invalid("随手拍不分工单类型和紧急程度", fields={"menu": "请选全部"})
        if self.clock in IN_WORKING_DAYS and self.limit_ms % DAY:
            raise Invalid("这项时限按工作日算,请填整天", fields={"limit": "请填整天"})
        if self.also_running and self.clock in ONLY_FROM_NOW_ON:
            words = f"{CHANGEABLE[self.clock]}时限只对以后开始的,已经开始的不变"
            raise Invalid(words, fields={"also_running": "不能选"})
        street_id, estate_id = place_in(district_id, street_id=self.street_id, estate_id=self.estate_id)
        return {
            "clock": self.clock,
            "menu": self.menu,
            "urgency": self.urgency,
            "district_id": district_id,
            "street_id": street_id,
            "estate_id": estate_id,
            "limit_ms": self.limit_ms,
            "extended_ms": extended,
            "also_running": self.also_running,
        }


def in_force(content: dict[str, Any], *, at: datetime) -> PolicyRow | None:
    """The row that such orders have at an instant; for "any" menu or urgency that of common public-area reports."""
    return pick_policy(
        known_policies(),
        content["clock"],
        menu=content["menu"] or "PUB",
        urgency=content["urgency"] or "P2",
        estate_id=content["estate_id"] or 0,
        street_id=content["street_id"] or 0,
        district_id=content["district_id"],
        at=at,
    )


def new_row(content: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    """The dated row: the ladder of the one that it follows, moved to the new length."""
    standing = in_force(content, at=at)
    assert standing is not None
    levels = with_limit(standing, content["limit_ms"], content["extended_ms"]).levels
    return {**content, "levels": list(levels), "applied_upto": 0}


def take_running_orders_along(batch: int = BATCH) -> int:
    """Carry changes whose date has come to the running orders that they name; returns how many clocks changed. Safe to
    repeat and to run in several processes: each batch ends with its mark in its own transaction."""
    changed = 0
    while (done := transact(lambda: _one_batch(batch))) is not None:
        changed += done
    return changed


def _one_batch(batch: int) -> int | None:
    """None when no change waits."""
    at = clock.now()
    waiting = (
        select(DeadlinePolicy)
        .where(
            DeadlinePolicy.also_running.is_(True),
            DeadlinePolicy.applied_at.is_(None),
            DeadlinePolicy.valid_from <= at,
        )
        .order_by(DeadlinePolicy.id)
        .limit(1)
    )
    row = db.session.scalars(claim(waiting)).first()
    if row is None:
        return None
    ids = _running(row, batch)
    changed = sum(_take_along(order_id, row, at) for order_id in ids)
    if len(ids) < batch:
        row.applied_at = at
    else:
        row.applied_upto = ids[-1]
    return changed


def _running(row: DeadlinePolicy, batch: int) -> Sequence[int]:
    """Orders from before the change whose clock still runs or pauses, in the order of their ids."""
    place = [
        _ORDERS.c[name] == getattr(row, name)
        for name in ("menu", "urgency", "estate_id", "street_id", "district_id")
        if getattr(row, name) is not None
    ]
    running = (
        select(_ORDERS.c.id)
        .join(_DEADLINES, _DEADLINES.c.order_id == _ORDERS.c.id)
        .where(
            _DEADLINES.c.clock == row.clock.removesuffix("R"),
            _DEADLINES.c.round == _ORDERS.c.round,
            _DEADLINES.c.level == Level.DUE.value,
            _DEADLINES.c.state.in_((deadlines.PENDING, deadlines.PAUSED)),
            _ORDERS.c.round > 0 if row.clock.endswith("R") else _ORDERS.c.round >= 0,
            _ORDERS.c.submitted_at < row.valid_from,
            _ORDERS.c.id > row.applied_upto,
            *place,
        )
    )
    return db.session.scalars(running.order_by(_ORDERS.c.id).limit(batch)).all()


def _take_along(order_id: int, row: DeadlinePolicy, at: datetime) -> bool:
    """Give the clock of one order the new limit; False where another policy counts or the old promise stays."""
    order = db.session.get_one(Order, order_id, with_for_update=True, populate_existing=True)
    policy, which = policy_for(order, row.clock, at=at), Clock(row.clock.removesuffix("R"))
    if policy is None or policy.id != row.id:
        return False
    if which in deadlines.RECHECK and bool(order.round) != row.clock.endswith("R"):
        return False
    granted = granted_extensions(order, which)
    if SPECIAL in granted:
        return False  # the date is that of street or bureau
    rows = deadlines.rows_of(order, which)
    promise = next(each for each in rows if each.level == Level.DUE)
    if promise.state == deadlines.PENDING and is_late(at, promise.due_at):
        return False  # broken, and the sweep will say so
    limit_ms = policy.extended_ms if NORMAL in granted else policy.limit_ms
    facts = _facts(order.id, which, rows[0].round)
    reading = read_clock(facts)
    if any(fact.reason == AT_NIGHT for fact in facts) or not _leaves_time(reading, limit_ms, at):
        return False
    deadlines.note(
        order, which, rows[0].round, "policy", at, limit_ms=limit_ms, reason=f"时限调整 #{row.proposal_id}"
    )
    _move(rows, policy)
    if reading.paused_since is None:  # the end of the pause moves a paused clock
        deadlines.recompute(order, which, rows)
    deadlines.refresh_next_due(order)
    return True


def _facts(order_id: int, which: Clock, round_: int) -> Sequence[Any]:
    mine = (
        (ClockEvent.order_id == order_id) & (ClockEvent.clock == which.value) & (ClockEvent.round == round_)
    )
    columns = (ClockEvent.kind, ClockEvent.at, ClockEvent.limit_ms, ClockEvent.reason)
    return db.session.execute(select(*columns).where(mine).order_by(ClockEvent.id)).all()


def _leaves_time(reading: ClockReading, limit_ms: int, at: datetime) -> bool:
    """Whether the promise of the new length lies ahead, counted to the pause that runs or to now."""
    spent = (reading.paused_since or at) - reading.started_at - reading.paused
    return spent < timedelta(milliseconds=limit_ms)


def _move(rows: Sequence[Deadline], policy: PolicyRow) -> None:
    """The ladder of the new length; a warning that it does not have is dropped."""
    ladder = {each["level"]: each for each in policy.levels}
    for row in rows:
        level = ladder.get(row.level)
        if level is not None:
            row.anchor, row.offset_ms = level["anchor"], level["offset_ms"]
        elif row.state in (deadlines.PENDING, deadlines.PAUSED):
            row.state = deadlines.VOID
