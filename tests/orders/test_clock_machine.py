"""The repair clock under random sequences of pause, resume, extension, policy change, stop, with the scheduler coming
when it likes: what stands in the rows is what a few lines of arithmetic say (domain 3.6, K6, K7, K10)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.outbox import OutboxRow
from app.orders import deadlines, extensions
from app.orders.clock_models import ClockEvent, Deadline, DeadlinePolicy
from app.orders.extension_models import Extension
from app.orders.models import Order
from app.orders.policies import HOUR, REPAIR_LADDER, known_policies
from app.orders.policy_changes import take_running_orders_along
from app.orders.rules import Clock, ClockFact, read_clock
from app.orders.sweeping import sweep
from tests.factories.scene import Scene

T0 = china(2026, 11, 20, 22, 10)
C3 = Clock.REPAIR
STEPS = st.one_of(
    st.sampled_from(["pause", "resume", "pause", "resume", "extend", "sweep", "sweep", "stop"]).map(
        lambda name: (name, 0)
    ),
    st.tuples(st.just("policy"), st.sampled_from([1, 12, 48, 60, 72, 96])),
)
GAPS = st.one_of(st.integers(0, 90), st.integers(0, 30 * 60)).map(lambda minutes: timedelta(minutes=minutes))
SEQUENCES = st.lists(st.tuples(GAPS, STEPS), min_size=3, max_size=14)


@dataclass
class Model:
    """The clock as a person would keep it on paper."""

    started: datetime
    limit: timedelta = timedelta(hours=72)
    extended: bool = False
    paused: timedelta = timedelta()
    since: datetime | None = None
    stopped: bool = False
    broken_at: datetime | None = None
    newest: tuple[int, int] | None = None
    followed: tuple[int, int] = (72, 120)
    fired: Counter = field(default_factory=Counter)

    @property
    def due(self) -> datetime:
        return self.started + self.limit + self.paused

    def note_breach(self, now: datetime) -> None:
        """Broken for ever once a running clock is past its due instant."""
        if self.since is None and not self.stopped and self.broken_at is None and now > self.due:
            self.broken_at = self.due


def order_of(order_id: int) -> Order:
    return db.session.get_one(Order, order_id, with_for_update=True, populate_existing=True)


def step(model: Model, scene: Scene, order_id: int, name: str, hours: int, now: datetime) -> None:
    """One event in both worlds; what cannot happen now does not."""
    if name == "sweep":
        while sweep():
            pass
    elif model.stopped:
        return
    elif name == "pause" and model.since is None:
        transact(lambda: deadlines.pause(order_of(order_id), C3, at=now, reason="家中无人"))
        model.since = now
    elif name == "resume" and model.since is not None:
        transact(lambda: deadlines.resume(order_of(order_id), C3, at=now, reason="居民回来了"))
        model.paused, model.since = model.paused + (now - model.since), None
    elif name == "extend" and not model.extended and model.since is None and model.broken_at is None:
        extend(model, order_id, now)
    elif name == "policy":
        change_policy(model, scene, hours, now)
    elif name == "stop" and model.since is None:
        transact(lambda: deadlines.stop(order_of(order_id), C3, at=now))
        model.stopped = True


def extend(model: Model, order_id: int, now: datetime) -> None:
    def work() -> None:
        order = order_of(order_id)
        deadlines.extend(order, C3, at=now, limit_ms=extensions._extended_limit(order))
        order.extended = True
        db.session.add(granted(order_id, now))

    transact(work)
    model.extended, model.limit = True, timedelta(hours=model.followed[1])


def granted(order_id: int, now: datetime) -> Extension:
    """The record by which a later change of the limit knows that the longer one counts."""
    asked = {"requested_by": 1, "requested_role": "WRK", "requested_at": now, "expected_at": now}
    words = {"reason_code": "obsolete", "reason": "灯具停产,等厂家发货"}
    return Extension(order_id=order_id, **asked, **words, decided_by=2, decided_at=now, granted=True)


def change_policy(model: Model, scene: Scene, hours: int, now: datetime) -> None:
    values = {"clock": "C3", "urgency": "P2", "estate_id": scene.place.estate.id, "valid_from": now}
    lengths = {"limit_ms": hours * HOUR, "extended_ms": 2 * hours * HOUR, "levels": REPAIR_LADDER}
    transact(lambda: db.session.add(DeadlinePolicy(**values, **lengths, also_running=True)))
    known_policies.forget()
    took = take_running_orders_along()
    wanted = timedelta(hours=2 * hours if model.extended else hours)
    spent = (model.since or now) - model.started - model.paused
    follows = model.broken_at is None and spent < wanted
    assert took == follows
    if follows:
        model.limit, model.followed = wanted, (hours, 2 * hours)


def check(model: Model, order_id: int) -> None:
    """The rows say what the paper says."""
    db.session.rollback()
    mine = (Deadline.order_id == order_id) & (Deadline.clock == C3.value)
    rows = {row.level: row for row in db.session.scalars(select(Deadline).where(mine))}
    facts = [
        ClockFact(*row)
        for row in db.session.execute(
            select(ClockEvent.kind, ClockEvent.at, ClockEvent.limit_ms)
            .where(ClockEvent.order_id == order_id, ClockEvent.clock == C3.value)
            .order_by(ClockEvent.id)
        )
    ]
    reading = read_clock(facts)
    assert (reading.limit, reading.paused, reading.paused_since) == (model.limit, model.paused, model.since)
    promise = rows["DUE"]
    if model.broken_at is not None:
        assert promise.due_at == model.broken_at
        assert promise.state in ("pending", "fired")
    elif model.since is None and not model.stopped:
        assert promise.due_at == reading.due_at == model.due
        warning = rows["W2"]
        reached = warning.due_at < clock.now()  # before a pause: it waits for the sweep where it was
        assert (
            reached or warning.due_at == model.due - timedelta(hours=4) or warning.state in ("fired", "void")
        )
    elif model.since is not None:
        assert promise.state == "paused"
    assert promise.breached is (promise.state == "fired")
    assert model.broken_at is not None or not promise.breached


def fired_levels() -> Counter:
    payloads = db.session.scalars(select(OutboxRow.payload).where(OutboxRow.name == "ClockReached"))
    return Counter((each["order_id"], each["clock"], each["round"], each["level"]) for each in payloads)


def end(model: Model, order_id: int, now: datetime) -> None:
    """Long after, with the scheduler running: every level that was reached has fired once, and nothing else."""
    if model.since is not None:
        transact(lambda: deadlines.resume(order_of(order_id), C3, at=now, reason="居民回来了"))
        model.paused, model.since = model.paused + (now - model.since), None
    later = now + timedelta(days=40)
    with clock.frozen(later):
        model.note_breach(later)
        while sweep():
            pass
        check(model, order_id)
    counted = fired_levels()
    assert set(counted.values()) <= {1}
    mine = select(Deadline).where(Deadline.order_id == order_id)
    for row in db.session.scalars(mine):
        assert row.state not in ("pending", "paused")
        assert (row.state == "fired") == ((order_id, row.clock, row.round, row.level) in counted)
    assert db.session.get_one(Order, order_id).late_repair is (model.broken_at is not None)


@settings(
    max_examples=300,
    phases=[Phase.generate, Phase.reuse],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sequence=SEQUENCES)
def test_the_rows_are_what_arithmetic_says_after_any_sequence(scene, sequence):
    def forget_the_last_example() -> None:
        db.session.execute(delete(DeadlinePolicy).where(DeadlinePolicy.estate_id.is_not(None)))
        db.session.execute(delete(OutboxRow))

    transact(forget_the_last_example)
    known_policies.forget()
    order_id = scene.submit(at=T0).order_id
    model, now = Model(T0), T0 + timedelta(milliseconds=1)
    for gap, (name, hours) in sequence:
        now += gap
        model.note_breach(now)
        with clock.frozen(now):
            step(model, scene, order_id, name, hours, now)
            check(model, order_id)
    end(model, order_id, now)


def test_pause_and_resume_shift_the_due_instant_by_exactly_the_paused_time(scene):
    order_id = scene.submit(at=T0).order_id
    begun, ended = T0 + timedelta(hours=11, milliseconds=7), T0 + timedelta(hours=45, milliseconds=18)
    model = Model(T0)
    for name, now in (("pause", begun), ("resume", ended)):
        with clock.frozen(now):
            step(model, scene, order_id, name, 0, now)
    check(model, order_id)
    assert model.due == T0 + timedelta(hours=72) + (ended - begun)


def test_a_policy_change_keeps_the_paused_time(scene):
    order_id = scene.submit(at=T0).order_id
    model, now = Model(T0), T0
    for name, hours in (
        ("pause", 0),
        ("resume", 0),
        ("pause", 0),
        ("policy", 48),
        ("resume", 0),
        ("policy", 96),
    ):
        now += timedelta(hours=5)
        with clock.frozen(now):
            step(model, scene, order_id, name, hours, now)
            check(model, order_id)
    assert model.due == T0 + timedelta(hours=96 + 5 + 10)
