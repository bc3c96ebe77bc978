"""Plays the orders of the demonstration: every step at its own instant, through the services, with real sweeps between.

The clock is held at the instant of each step. Before a step all levels of clocks that are due by then are fired by the
ordinary sweep, so breaches are as real as in a running product.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update

from app.core import clock
from app.core.db import db, transact
from app.core.outbox import DONE, WAITING, OutboxRow
from app.feedback import sweeping as snap_sweeping
from app.feedback.events import SnapMoved, SnapReminded
from app.feedback.models import SnapDeadline
from app.feedback.moving import PENDING as SNAP_PENDING
from app.orders.clock_models import Deadline
from app.orders.deadlines import PENDING
from app.orders.events import ClockReached, OrderMoved
from app.orders.sweeping import sweep
from app.reactions.table import REACTIONS

Step = tuple[datetime, Callable[[], Any]]
Script = list[Step]

BATCH = 80
"""Steps in one transaction; nobody else uses the database of a demonstration while it is made."""
SWEEP_LAG = timedelta(milliseconds=2300)
"""How long after its instant a level is fired, as by a scheduler that looks every few seconds."""

NEXT_LEVELS = (
    select(func.min(Deadline.due_at)).where(Deadline.state == PENDING),
    select(func.min(SnapDeadline.due_at)).where(SnapDeadline.state == SNAP_PENDING),
)
UNHEARD = (
    select(OutboxRow.id, OutboxRow.name, OutboxRow.payload, OutboxRow.created_at)
    .where(OutboxRow.id > bindparam("heard"))
    .order_by(OutboxRow.id)
)
FACTS: dict[str, type] = {fact.__name__: fact for fact in (OrderMoved, ClockReached, SnapMoved, SnapReminded)}


class Player:
    """All scripts in the order of time, up to the instant `until`."""

    def __init__(self, scripts: Iterable[Script], *, until: datetime, told_since: datetime) -> None:
        steps = [(at, number, act) for number, script in enumerate(scripts) for at, act in _in_order(script)]
        self._steps = deque(sorted(steps, key=lambda step: (step[0], step[1])))
        self._until, self._told_since = until, told_since
        self.told: set[int] = set()
        """Orders of which people are told whatever their age; of the others only what is recent."""
        self.sweeps = 0
        self._heard = 0

    def play(self) -> None:
        """Play every step; raises what a service refuses, because a script must be legal."""
        if self._steps and self._steps[-1][0] > self._until:
            raise ValueError("a script reaches beyond the day of the demonstration")
        while True:
            if transact(self._some_steps, attempts=1):
                continue
            horizon = self._steps[0][0] if self._steps else self._until
            due = _level_before(horizon)
            if due is None:
                transact(_settle_outbox, attempts=1)
                return
            self._sweep(due, horizon)

    def _some_steps(self) -> int:
        for played in range(BATCH):
            if not self._steps or _level_before(self._steps[0][0]) is not None:
                return played
            at, _, act = self._steps.popleft()
            with clock.frozen(at):
                act()
                db.session.flush()
                if self._is_told(at):
                    self._tell()
        return BATCH

    def _sweep(self, due: datetime, horizon: datetime) -> None:
        at = clock.to_ms(due + min(SWEEP_LAG, (horizon - due) / 2))
        with clock.frozen(max(at, due + timedelta(milliseconds=1))):
            sweep()
            snap_sweeping.sweep()
            if self._is_told(clock.now()):
                transact(self._tell, attempts=1)
        self.sweeps += 1

    def _is_told(self, at: datetime) -> bool:
        return at >= self._told_since or bool(self.told)

    def _tell(self) -> None:
        """Let the reactions write the inboxes of the told orders; history stays silent."""
        rows = db.session.execute(UNHEARD, {"heard": self._heard}).all()
        for row in rows:
            self._heard = row.id
            is_snap = "snap_id" in row.payload  # few, and all of people with a phone in the sandbox
            if row.created_at >= self._told_since or is_snap or row.payload["order_id"] in self.told:
                fact = FACTS[row.name](**row.payload)
                for reaction in REACTIONS[type(fact)]:
                    reaction(fact)


def _in_order(script: Script) -> Script:
    instants = [at for at, _ in script]
    if instants != sorted(instants):
        raise ValueError("the steps of a script must follow each other in time")
    return script


def _level_before(instant: datetime) -> datetime | None:
    """The earliest level that is due before the instant."""
    found = [db.session.connection().scalar(question) for question in NEXT_LEVELS]
    return min((due for due in found if due is not None and due < instant), default=None)


def _settle_outbox() -> None:
    """Nothing of this history is left to be told."""
    waiting = update(OutboxRow).where(OutboxRow.state == WAITING)
    db.session.execute(waiting.values(state=DONE, done_at=OutboxRow.created_at))
