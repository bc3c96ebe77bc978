"""Pure calculation around orders: numbers, clocks, distances, windows. Time is an argument, nothing is read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.clock import in_china
from app.core.labelled import Labelled
from app.orders.lifecycle import Menu

URGE_INTERVAL = timedelta(hours=4)
REOPEN_AFTER_DONE = timedelta(days=7)
REOPEN_AFTER_AUTO_CLOSE = timedelta(days=15)
REOPEN_BY_REGULATOR = timedelta(days=90)
WARRANTY = timedelta(days=30)
"""How long after it was done a charged repair is mended again, and for nothing (domain 3.10)."""
RATE_WITHIN = timedelta(days=15)
GPS_RADIUS_M = 200
EARTH_RADIUS_M = 6_371_000
APPEAL_WITHIN = timedelta(hours=72)
TRANSFERS_MAX = 2
"""An order changes its office twice at most; a third change is decided by street or bureau (T29)."""
HOLD_LIMIT = timedelta(hours=72)
HOLDS_MAX = 2
NO_SHOWS_MAX = 2
CALLS_APART = timedelta(minutes=5)
SLOTS_OFFERED = 3
MANAGER_ATTENDS, STREET_MEDIATES = 2, 3
"""From which reopening on the manager goes himself, and the street mediates (domain 3.8)."""
SILENT_CLOSES = frozenset({"auto", "unreachable"})
"""`closed_how` of orders that closed without a word of the resident; they may be reopened longer (T22, 3.8)."""
PHOTOS_MAX = 9
TEXT_MIN = 4

NUMBER_LETTERS = {Menu.BOOKING: "B", Menu.REPORT: "R", Menu.EMERGENCY: "E"}


class Clock(Labelled):
    """The clocks of domain 3.6 that exist so far; `label` is what the desk reads."""

    ACCEPT = "C1", "接单"
    VISIT = "C2", "到场核实"
    APPOINTMENT = "C2-APT", "按约上门"
    REPAIR = "C3", "修复"
    FUND = "C4", "说明维修资金"
    CONFIRM = "C5", "居民确认"
    APPEAL = "C11", "申诉答复"
    RESPONSE = "C12", "师傅确认"
    HOLD = "HOLD", "等居民约时间"
    QUOTE = "QUOTE", "等居民同意报价"
    PAY = "PAY", "等居民付款"
    FOLLOW_UP = "FOLLOW", "跟进专业单位"
    QUESTION = "INFO", "等居民补充信息"


class Level(StrEnum):
    """Warnings before, the promise itself, escalations after; ASK asks the resident whether it is mended; H1 and H2
    end the first and the second hold of a round."""

    TARGET = "W0"
    WARNING = "W1"
    LAST_WARNING = "W2"
    DUE = "DUE"
    SECOND = "L2"
    THIRD = "L3"
    ASK = "ASK"
    NOBODY = "N1"
    FIRST_HOLD = "H1"
    SECOND_HOLD = "H2"
    REMIND_1, REMIND_2, REMIND_3, REMIND_4, REMIND_5 = "R1", "R2", "R3", "R4", "R5"
    SILENT_1, SILENT_2, SILENT_3, SILENT_4, SILENT_5 = "Q1", "Q2", "Q3", "Q4", "Q5"
    SILENCE = "S1"


@dataclass(frozen=True)
class ClockFact:
    """One event in the life of a clock; `limit_ms` comes with start, extend and limit (a new limit), and with earlier
    (by how much the start moves back)."""

    kind: str
    at: datetime
    limit_ms: int | None = None


@dataclass(frozen=True)
class ClockReading:
    """A clock computed from its facts: `due_at` is None while it is paused."""

    started_at: datetime
    limit: timedelta
    paused: timedelta
    paused_since: datetime | None
    stopped_at: datetime | None

    @property
    def due_at(self) -> datetime | None:
        """Start + limit + time spent paused (domain 3.6: remaining = limit - (elapsed - paused))."""
        if self.paused_since is not None:
            return None
        return self.started_at + self.limit + self.paused


def read_clock(facts: Sequence[ClockFact]) -> ClockReading:
    """The state of a clock after its facts, in their order; the first one starts it.

    A pause counts from the start at the earliest: a booking's repair clock starts with its slot, and a worker may find
    nobody home before that.
    """
    first = facts[0]
    started, limit, paused = first.at, _milliseconds(first.limit_ms), timedelta()
    paused_since: datetime | None = None
    stopped: datetime | None = None
    for fact in facts[1:]:
        if fact.kind == "pause" and paused_since is None:
            paused_since = fact.at
        elif fact.kind == "resume" and paused_since is not None:
            held = fact.at - max(paused_since, started)
            paused, paused_since = paused + max(held, timedelta()), None
        elif fact.kind in ("extend", "limit", "policy"):
            limit = _milliseconds(fact.limit_ms)
        elif fact.kind == "earlier":
            started -= _milliseconds(fact.limit_ms)
        elif fact.kind in ("stop", "revive"):
            stopped = fact.at if fact.kind == "stop" else None
    return ClockReading(started, limit, paused, paused_since, stopped)


def _milliseconds(value: int | None) -> timedelta:
    return timedelta(milliseconds=value or 0)


def is_late(at: datetime, due_at: datetime) -> bool:
    """Met when the stop event is at or before the due instant, breached one millisecond later (domain 0.5)."""
    return at > due_at


def level_due(anchor: str, offset_ms: int, *, started_at: datetime, due_at: datetime) -> datetime:
    """When a level is reached, counted from the start or from the due instant of its clock."""
    base = started_at if anchor == "start" else due_at
    return base + timedelta(milliseconds=offset_ms)


def order_number(order_id: int, menu: str, submitted_at: datetime) -> str:
    """R1121-0042: menu letter, month and day in China, the order's id; unique because the id is."""
    day = in_china(submitted_at)
    return f"{NUMBER_LETTERS[Menu(menu)]}{day.month:02d}{day.day:02d}-{order_id:04d}"


def order_id_of(number: str) -> int | None:
    """The id inside a number that a person typed, None when it is no number of ours."""
    letter_and_day, _, digits = number.strip().upper().partition("-")
    known = len(letter_and_day) == 5 and letter_and_day[0] in NUMBER_LETTERS.values()
    return int(digits) if known and digits.isascii() and digits.isdigit() and len(digits) < 19 else None


def distance_m(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> int:
    """Metres between two points given in degrees (haversine on a sphere, good to 0.5 %)."""
    phi, other_phi = math.radians(latitude), math.radians(other_latitude)
    half_phi = (other_phi - phi) / 2
    half_lambda = math.radians(other_longitude - longitude) / 2
    a = math.sin(half_phi) ** 2 + math.cos(phi) * math.cos(other_phi) * math.sin(half_lambda) ** 2
    return round(2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, a))))


def is_on_site(distance: int, estate_area_m2: float, radius_m: int = GPS_RADIUS_M) -> bool:
    """Within 200 m of the estate: its area is taken as a circle around its coordinates (domain T8)."""
    return distance <= radius_m + math.sqrt(max(estate_area_m2, 0) / math.pi)


def reopen_until(
    finished_at: datetime | None, *, closed_how: str, closed_at: datetime | None, charged: bool = False
) -> datetime | None:
    """Until when a resident may say 没修好 (T22): 7 days after DONE, 15 days after a close without his word (by the
    system, or because nobody was ever home), and for what was charged as long as its warranty runs. None while there
    is nothing to reopen."""
    untils = [finished_at + WARRANTY] if charged and finished_at else []
    if closed_how in SILENT_CLOSES and closed_at is not None:
        untils.append(closed_at + REOPEN_AFTER_AUTO_CLOSE)
    elif finished_at is not None:
        untils.append(finished_at + REOPEN_AFTER_DONE)
    return max(untils, default=None)


def regulator_may_reopen_until(finished_at: datetime | None, closed_at: datetime | None) -> datetime | None:
    """Street and bureau may reopen for 90 days after DONE, or after the close of what was never done."""
    ended = finished_at or closed_at
    return ended + REOPEN_BY_REGULATOR if ended else None


def may_appeal(rejected_at: datetime | None, at: datetime) -> bool:
    """Whether the reporter may still appeal: 72 hours after the rejection (T24)."""
    return rejected_at is not None and at <= rejected_at + APPEAL_WITHIN


def absence_proved(calls: Sequence[datetime], *, since: datetime) -> bool:
    """Nobody home (T14): two logged calls at least five minutes apart since the worker came, or since the last hold."""
    counted = [call for call in calls if call >= since]
    return len(counted) >= 2 and max(counted) - min(counted) >= CALLS_APART


def next_call_at(calls: Sequence[datetime], *, since: datetime) -> datetime | None:
    """From when a further call proves it; None when the first one has not been made."""
    counted = [call for call in calls if call >= since]
    return min(counted) + CALLS_APART if counted else None


def may_hold(*, menu: str, holds: int, no_shows: int) -> bool:
    """Whether a hold, or the close after the second no-show, is possible: never for a public matter (3.8), twice at
    most; who was not home once may still turn out not to be home again."""
    return menu != Menu.REPORT and (holds < HOLDS_MAX or no_shows == NO_SHOWS_MAX - 1)


def may_urge(last_urged_at: datetime | None, at: datetime) -> bool:
    """催办 at most once in four hours (domain 3.11)."""
    return last_urged_at is None or at - last_urged_at >= URGE_INTERVAL


@dataclass(frozen=True)
class PolicyRow:
    """A dated row of clock parameters; None in a key means any."""

    clock: str
    menu: str | None
    urgency: str | None
    estate_id: int | None
    valid_from: datetime
    limit_ms: int
    extended_ms: int
    levels: Sequence[dict]
    street_id: int | None = None
    district_id: int | None = None
    also_running: bool = False
    id: int = 0


def pick_policy(
    rows: Iterable[PolicyRow],
    clock: str,
    *,
    menu: str,
    urgency: str,
    estate_id: int,
    at: datetime,
    street_id: int | None = None,
    district_id: int | None = None,
    now: datetime | None = None,
) -> PolicyRow | None:
    """The most particular row in force at `at`, which is the order's T0; among equals the newest. With `now` also rows
    that came into force since and take running orders along. None when the clock does not apply.

    Urgency comes first: whoever makes the limit of a place longer does not do so for people in danger unless he says
    so.
    """
    fitting = [
        row
        for row in rows
        if row.clock == clock
        and row.menu in (None, menu)
        and row.urgency in (None, urgency)
        and row.estate_id in (None, estate_id)
        and row.street_id in (None, street_id)
        and row.district_id in (None, district_id)
        and row.valid_from <= (now if now is not None and row.also_running else at)
    ]
    return max(fitting, key=_particularity, default=None)


def _particularity(row: PolicyRow) -> tuple[bool, bool, bool, bool, bool, datetime, int]:
    places = (row.estate_id is not None, row.street_id is not None, row.district_id is not None)
    return (row.urgency is not None, *places, row.menu is not None, row.valid_from, row.id)
