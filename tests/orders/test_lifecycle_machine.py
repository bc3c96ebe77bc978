"""Random lives of orders: whatever people, clock and scheduler do in whatever sequence, these things always hold.

Two thousand sequences of submissions, of everything that the lifecycle table lets anybody do, of clock jumps, of
sweeps and times without a scheduler, of limits that the bureau changes for new orders or for running ones too. After
each step: due instants equal the pure function of the clock's events, so
that a pause gives back exactly the time it took; no level fires twice, and none is lost once a scheduler was there;
a breach on record stays; nobody to whom an order is hidden sees it. The evidence of each status is the database's own
CHECK.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from app.core import clock
from app.core.clock import china
from app.core.db import db, table_of, transact
from app.core.errors import Refusal
from app.core.outbox import OutboxRow
from app.core.roles import Role
from app.core.scope import find_visible
from app.orders.clock_models import ClockEvent, Deadline, DeadlinePolicy
from app.orders.lifecycle import TRANSITIONS, Action, Status
from app.orders.models import Order
from app.orders.policies import HOUR, known_policies
from app.orders.policy_changes import NewLimit, new_row, take_running_orders_along
from app.orders.rules import ClockFact, level_due, read_clock
from app.orders.sweeping import sweep
from tests.factories.rewound import Rows, all_rows, put_back
from tests.factories.scene import Scene, make_stranger
from tests.orders.doing import DOERS, MENUS, submit

SEQUENCES, STEPS, ORDERS_AT_ONCE = 2000, 8, 2
JUMPS = ("1ms", "1m", "16m", "31m", "5h", "25h", "80h", "8d")
LENGTHS = {
    "1ms": timedelta(milliseconds=1),
    "1m": timedelta(minutes=1),
    "16m": timedelta(minutes=16),
    "31m": timedelta(minutes=31),
    "5h": timedelta(hours=5),
    "25h": timedelta(hours=25),
    "80h": timedelta(hours=80),
    "8d": timedelta(days=8),
}
ACTORS = frozenset({Role.RES, Role.DSP, Role.MGR, Role.WRK, Role.HOT, Role.CO, Role.STR, Role.BUR})
STRAIGHT = (
    (Action.ACCEPT, Role.DSP),
    (Action.ASSIGN, Role.DSP),
    (Action.DEPART, Role.WRK),
    (Action.CHECK_IN, Role.WRK),
    (Action.START, Role.WRK),
    (Action.FINISH, Role.WRK),
    (Action.CONFIRM, Role.RES),
)
AT_WORK = STRAIGHT[:5]
PATHS = (
    *(STRAIGHT[:so_far] for so_far in range(len(STRAIGHT) + 1)),
    (*AT_WORK, (Action.NEED_FUND, Role.MGR)),
    (*AT_WORK, (Action.NEED_FUND, Role.MGR), (Action.TELL_FUND, Role.DSP), (Action.HOLD_FUND, Role.MGR)),
    (*AT_WORK, (Action.REQUEST_SPECIAL, Role.MGR)),
    (*AT_WORK, (Action.REQUEST_EXTENSION, Role.WRK)),
    (*STRAIGHT[:6], (Action.REOPEN, Role.RES)),
)
"""How far the first order of a life has come: chance alone hardly ever finishes one, or asks the owners."""
TURNS = (
    ((Action.ASK_INFO, Role.DSP), (Action.GIVE_INFO, Role.RES)),
    ((Action.REQUEST_EXTENSION, Role.WRK), (Action.APPROVE_EXTENSION, Role.MGR)),
    ((Action.REQUEST_EXTENSION, Role.WRK), (Action.REFUSE_EXTENSION, Role.MGR)),
    ((Action.HOLD_FUND, Role.MGR), (Action.CLOSE_FUND, Role.MGR)),
    ((Action.REQUEST_SPECIAL, Role.MGR), (Action.REFUSE_SPECIAL, Role.STR)),
    ((Action.ASK_CANCEL, Role.RES), (Action.REFUSE_CANCEL, Role.WRK)),
    ((Action.REJECT, Role.DSP), (Action.APPEAL, Role.RES)),
)
"""A word and its answer: chance alone hardly ever says both."""
HOW_FAR_ANOTHER = (0, 0, 1, 3, 5)
BEGINNINGS = {
    "Friday late": china(2026, 11, 20, 22, 10),
    "Saturday at night": china(2026, 11, 21, 3, 40),
    "Sunday afternoon": china(2026, 11, 22, 15, 5),
    "Monday before work": china(2026, 11, 23, 7, 45),
    "Wednesday morning": china(2026, 11, 25, 9, 30),
    "before a holiday": china(2026, 9, 30, 17, 20),
}
CATEGORIES, POLICIES = frozenset({"categories"}), frozenset({"deadline_policies"})
"""Tables of reference rows: no life changes the first, some change the second."""
CHANGED_LIMITS = {"C1": (5, 600), "C2": (10, 45), "C3": (24, 96), "C5": (48, 120), "C3R": (12, 72)}
"""By clock a shorter and a longer one than usual; minutes for the first two, hours for the others."""
IN_MINUTES = frozenset({"C1", "C2"})
DONE: Counter[Action] = Counter()
TAKEN_ALONG: Counter[str] = Counter()
EVENTS, LEVELS = table_of(ClockEvent), table_of(Deadline)


@dataclass(frozen=True)
class Beginning:
    """The database after an order has come straight so far: made by the services once, laid back for each life."""

    rows: Rows
    at: datetime
    ids: tuple[int, ...]


class Lives(RuleBasedStateMachine):
    """A few orders of one estate at a time."""

    scene: Scene
    stranger: Any
    empty: Rows
    beginnings: dict[tuple[str, str, int], Beginning]
    limits_changed = False

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[int] = []
        self.fired: set[tuple[Any, ...]] = set()
        self.breached: set[tuple[Any, ...]] = set()
        self.swept_at: datetime | None = None
        self.touched = False  # since the last look at the rows; where nobody has written nothing can be wrong

    @initialize(
        when=st.sampled_from(sorted(BEGINNINGS)),
        menu=st.sampled_from(MENUS),
        path=st.integers(0, len(PATHS) - 1),
        changed=st.sampled_from((None, None, None, *sorted(CHANGED_LIMITS))),
    )
    def begin(self, when: str, menu: str, path: int, changed: str | None) -> None:
        """One life in three has a limit changed at once, wherever its order stands."""
        self._begin(when, menu, path)
        if changed is not None:
            self.the_bureau_changes_a_limit(changed, longer=bool(path % 2), also_running=True)

    def _begin(self, when: str, menu: str, path: int) -> None:
        self.touched = True
        known = self.beginnings.get((when, menu, path))
        if known is not None:
            self._lay_back(known.rows)
            self.scene.at, self.ids = known.at, list(known.ids)
            return
        self._lay_back(self.empty)
        self.scene.at = BEGINNINGS[when]
        self._submit(menu, PATHS[path])
        self.beginnings[when, menu, path] = Beginning(all_rows(), self.scene.at, tuple(self.ids))

    def _lay_back(self, rows: Rows) -> None:
        put_back(rows, untouched=CATEGORIES if Lives.limits_changed else CATEGORIES | POLICIES)
        if Lives.limits_changed:
            known_policies.forget()
        Lives.limits_changed = False

    @rule(menu=st.sampled_from(MENUS), so_far=st.sampled_from(HOW_FAR_ANOTHER))
    def another(self, menu: str, so_far: int) -> None:
        if len(self.ids) < ORDERS_AT_ONCE:
            self._submit(menu, STRAIGHT[:so_far])

    def _submit(self, menu: str, path: Sequence[tuple[Action, Role]]) -> None:
        """An order that has come along this path."""
        self.touched = True
        self.swept_at = (
            None  # who books a slot that begins at once is warned in the past: the next sweep tells
        )
        order_id = submit(self.scene, menu)
        self.ids.append(order_id)
        for action, who in path:
            self._do(order_id, action, who)

    @rule(which=st.integers(0, 7), what=st.integers(0, 255))
    def somebody_does_what_the_table_allows(self, which: int, what: int) -> None:
        order_id = self.ids[which % len(self.ids)]
        status = Status(db.session.scalars(select(Order.status).where(Order.id == order_id)).one())
        legal = [
            row for row in TRANSITIONS if status in row.sources and row.action in DOERS and row.by & ACTORS
        ]
        if legal:
            row = legal[what % len(legal)]
            able = sorted(row.by & ACTORS)
            self._do(order_id, row.action, able[what % len(able)])

    @rule(which=st.integers(0, 7), turn=st.sampled_from(TURNS))
    def somebody_is_answered(self, which: int, turn: Sequence[tuple[Action, Role]]) -> None:
        order_id = self.ids[which % len(self.ids)]
        for action, who in turn:
            if action in DOERS:
                self._do(order_id, action, who)

    def _do(self, order_id: int, action: Action, who: Role) -> None:
        self.swept_at, self.touched = None, True
        try:
            self.scene.do(lambda: DOERS[action](self.scene, order_id, who), after=timedelta(seconds=20))
        except Refusal:
            db.session.rollback()  # too early, too late or not his: then nothing has happened
        else:
            DONE[action] += 1

    @precondition(lambda self: not Lives.limits_changed)  # once in a life; most lives shall go on undisturbed
    @rule(which=st.sampled_from(sorted(CHANGED_LIMITS)), longer=st.booleans(), also_running=st.booleans())
    def the_bureau_changes_a_limit(self, which: str, longer: bool, also_running: bool) -> None:
        """The row that two persons of the bureau bring about, and the job that takes running orders along."""
        self.scene.at += timedelta(milliseconds=1)  # two rows never begin at the same instant
        self.swept_at, self.touched, Lives.limits_changed = None, True, True
        unit = HOUR // 60 if which in IN_MINUTES else HOUR
        length = CHANGED_LIMITS[which][longer] * unit
        wanted = NewLimit(which, length, extended_ms=2 * length, also_running=also_running)
        with clock.frozen(self.scene.at):
            row = new_row(wanted.checked(self.scene.place.district.id), at=self.scene.at)
            transact(lambda: db.session.add(DeadlinePolicy(**row, valid_from=self.scene.at)))
            known_policies.forget()
            TAKEN_ALONG[which] += take_running_orders_along()

    @rule(jump=st.sampled_from(JUMPS))
    def time_passes_without_a_scheduler(self, jump: str) -> None:
        self.scene.at += LENGTHS[jump]

    @rule()
    def the_scheduler_comes(self) -> None:
        with clock.frozen(self.scene.at):
            while sweep():
                pass
        self.swept_at, self.touched = self.scene.at, True

    @invariant()
    def what_stands_in_the_rows_is_right(self) -> None:
        if not self.touched:
            return
        self.touched = False
        db.session.rollback()
        rows = self._levels()
        self._due_instants_equal_the_pure_function(rows)
        self._nothing_fires_twice_or_is_lost_and_breaches_stay(rows)
        for order_id in self.ids[-1:]:
            assert find_visible(Order, order_id, self.stranger) is None, "somebody hidden sees it"

    def _due_instants_equal_the_pure_function(self, rows: Sequence[Any]) -> None:
        facts = self._facts()
        for row in rows:
            known = facts.get((row.order_id, row.clock, row.round))
            if known is None:
                continue  # planned by hand, without a policy: it has no events
            reading = read_clock(known)
            if row.state == "paused":
                assert reading.due_at is None, row
            if row.state == "pending" and reading.due_at is not None:
                assert row.due_at == _due_of(row, known) or _was_reached(row, known), (row, known)

    def _nothing_fires_twice_or_is_lost_and_breaches_stay(self, rows: Sequence[Any]) -> None:
        fired = {(row.order_id, row.clock, row.round, row.level) for row in rows if row.fired_at}
        breached = {(row.order_id, row.clock, row.round) for row in rows if row.breached}
        assert self.fired <= fired and self.breached <= breached
        self.fired, self.breached = fired, breached
        if self.swept_at == self.scene.at:
            lost = [row for row in rows if row.state == "pending" and row.due_at < self.scene.at]
            assert lost == []

    def teardown(self) -> None:
        """Each level was told once."""
        db.session.rollback()
        told = [
            (each.payload["order_id"], each.payload["clock"], each.payload["round"], each.payload["level"])
            for each in db.session.scalars(select(OutboxRow).where(OutboxRow.name == "ClockReached"))
        ]
        assert len(told) == len(set(told)), "a level was told twice"
        assert self.fired <= set(told)

    def _facts(self) -> Mapping[tuple[int, str, int], list[ClockFact]]:
        rows = db.session.execute(select(EVENTS).where(EVENTS.c.order_id.in_(self.ids)).order_by(EVENTS.c.id))
        found: dict[tuple[int, str, int], list[ClockFact]] = {}
        for row in rows:
            fact = ClockFact(row.kind, row.at, row.limit_ms)
            found.setdefault((row.order_id, row.clock, row.round), []).append(fact)
        return found

    def _levels(self) -> Sequence[Any]:
        return db.session.execute(select(LEVELS).where(LEVELS.c.order_id.in_(self.ids))).all()


def _due_of(row: Any, facts: Sequence[ClockFact]) -> datetime | None:
    """Where the clock's events put this level; None while it is paused."""
    reading = read_clock(facts)
    if reading.due_at is None:
        return None
    started = reading.started_at + reading.paused
    return level_due(row.anchor, row.offset_ms, started_at=started, due_at=reading.due_at)


def _was_reached(row: Any, facts: Sequence[ClockFact]) -> bool:
    """Its instant had passed unswept when the clock was changed: it waits for the sweep where it was."""
    return any(
        later.at > row.due_at and _due_of(row, facts[:place]) == row.due_at
        for place, later in enumerate(facts)
        if place
    )


@pytest.mark.timeout(900)
def test_whatever_happens_in_whatever_sequence_the_promises_hold(scene):
    Lives.scene, Lives.stranger = scene, make_stranger()
    Lives.empty, Lives.beginnings = all_rows(), {}
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(
        max_examples=SEQUENCES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        suppress_health_check=quiet,
    )
    DONE.clear()
    TAKEN_ALONG.clear()
    run_state_machine_as_test(Lives, settings=chosen)
    assert set(DONE) == set(DOERS), "some action was never done"
    missed = [which for which in CHANGED_LIMITS if not TAKEN_ALONG[which]]
    assert not missed, "no such change met a running order"
