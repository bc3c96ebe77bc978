"""The ladder of an order as it was climbed: every level of every clock, when it was due, when it fired, who was told.

Read from the clocks' events, the levels and the messages that were written, so that the bureau can replay it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.models import Account, Hat
from app.core.db import db
from app.core.roles import Role
from app.core.scope import Scope
from app.core.wording import duration, milliseconds
from app.notifications.models import Notification
from app.orders.clock_models import ClockEvent, Deadline
from app.orders.deadlines import FIRED, MET, PAUSED, PENDING, VOID
from app.orders.evidence import actor_words
from app.orders.explaining import ClockStep
from app.orders.moving import get_order
from app.orders.rules import Clock, Level

LEVELS: Mapping[str, str] = {
    Level.TARGET: "目标提醒",
    Level.WARNING: "提前提醒",
    Level.LAST_WARNING: "最后提醒",
    Level.DUE: "到期(L1)",
    Level.SECOND: "升级 L2",
    Level.THIRD: "升级 L3",
    Level.ASK: "问居民修好没有",
    Level.NOBODY: "没有师傅,告知经理",
}
STATES: Mapping[str, str] = {
    PENDING: "未到",
    PAUSED: "暂停",
    FIRED: "已触发",
    MET: "按时做到",
    VOID: "不再适用",
}
KINDS: Mapping[str, str] = {
    "start": "开始计时",
    "pause": "暂停计时",
    "resume": "恢复计时",
    "extend": "延长",
    "stop": "停止计时",
    "limit": "时限收紧",
    "policy": "时限调整",
    "earlier": "起算时间提前",
    "revive": "重新计时",
}
"""What each kind of clock event is called; a timeline never shows the code."""
LEVEL_KEY = 5
"""clock:order:clock:round:level begins the key of every message about a level (app/reactions/clock_reactions.py)."""
NOTICEABLE = timedelta(minutes=1)


@dataclass(frozen=True)
class Rung:
    """One level, or one event of a clock; `at` is when it happened or will. `late` is how long after its due instant it
    was fired."""

    at: datetime
    clock: str
    round: int
    what: str
    state: str
    fired_at: datetime | None
    late: timedelta | None
    told: Sequence[str]

    @property
    def late_words(self) -> str:
        """By how much the level fired late; nothing while that is the sweep's own second."""
        return duration(milliseconds(self.late)) if self.late and self.late >= NOTICEABLE else ""


def clock_steps(order_id: int) -> list[ClockStep]:
    """Everything that happened to the clocks of an order that the caller was allowed to see."""
    mine = select(
        *(getattr(ClockEvent, name) for name in ("clock", "round", "kind", "at", "limit_ms", "reason"))
    ).where(ClockEvent.order_id == order_id)
    return [ClockStep(*row) for row in db.session.execute(mine.order_by(ClockEvent.id))]


def ladder(order_id: int, scope: Scope) -> list[Rung]:
    """The whole of it in the order of time; raises OrderNotFound when the order is hidden."""
    order = get_order(order_id, scope)
    told = _told(order.id, order.reporter_id)
    levels = db.session.scalars(select(Deadline).where(Deadline.order_id == order.id)).all()
    rungs = [_level(row, told) for row in levels] + [_event(step) for step in clock_steps(order.id)]
    return sorted(rungs, key=lambda rung: (rung.fired_at or rung.at, rung.at))


def _level(row: Deadline, told: Mapping[str, list[str]]) -> Rung:
    key = f"clock:{row.order_id}:{row.clock}:{row.round}:{row.level}"
    return Rung(
        at=row.due_at,
        clock=Clock(row.clock).label,
        round=row.round,
        what=LEVELS.get(row.level, "到时处理"),
        state="超时" if row.breached else STATES[row.state],
        fired_at=row.fired_at,
        late=row.fired_at - row.due_at if row.fired_at else None,
        told=told.get(key, []),
    )


def _event(step: ClockStep) -> Rung:
    what = KINDS.get(step.kind, step.kind) + (f":{step.reason}" if step.reason else "")
    return Rung(step.at, Clock(step.clock).label, step.round, what, "", None, None, ())


def _told(order_id: int, reporter_id: int | None) -> Mapping[str, list[str]]:
    """Who has a message for which level, by surname and hat as in the timeline."""
    statement = (
        select(Notification.unique_key, Notification.account_id, Account.name, Hat.role)
        .join(Account, Account.id == Notification.account_id)
        .outerjoin(Hat, Hat.account_id == Account.id)
        .where(Notification.order_id == order_id, Notification.unique_key.startswith("clock:"))
        .order_by(Notification.id, Hat.id)
    )
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for key, account_id, name, role in db.session.execute(statement):
        hat = Role.RES if account_id == reporter_id else Role(role or Role.RES)
        found[":".join(key.split(":")[:LEVEL_KEY])].setdefault(account_id, actor_words(hat, name, None))
    return {key: list(people.values()) for key, people in found.items()}
