"""Pure calculation around 随手拍: numbers, the promised days and what is reminded before them. Time is an argument."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from app.core.clock import in_china
from app.core.wording import duration, milliseconds
from app.orders.rules import PolicyRow, level_due

ONE_DAY = timedelta(days=1)
CLOSE_AFTER = timedelta(days=7)
"""An answer that nobody rates closes the matter after a week (domain 3.12)."""
TEXT_MIN, TEXT_MAX = 2, 500
REASON_MAX = 200
RATING_MAX = 300
QUESTION_MAX = 300
NUMBER_LETTER = "S"


class Level(StrEnum):
    """What falls due: two reminders, the promise itself, the silent end after an answer. The first three are the levels
    of the policy rows of C6."""

    FIRST_REMINDER = "W1"
    LAST_REMINDER = "W2"
    DUE = "DUE"
    CLOSE = "CLOSE"


REMINDERS = frozenset({Level.FIRST_REMINDER, Level.LAST_REMINDER})


def due_at(submitted_at: datetime, policy: PolicyRow) -> datetime:
    """Until when an answer is on time; one millisecond later it is not (domain 0.5). C6 runs through nights, weekends
    and holidays, and nothing pauses it (S1-15)."""
    return submitted_at + timedelta(milliseconds=policy.limit_ms)


def is_over(at: datetime, due: datetime) -> bool:
    """Whether the promised days have passed."""
    return at > due


def answer_levels(submitted_at: datetime, policy: PolicyRow) -> dict[Level, datetime]:
    """Everything that falls due while nobody answers."""
    due = due_at(submitted_at, policy)
    return {
        Level(each["level"]): level_due(
            each["anchor"], each["offset_ms"], started_at=submitted_at, due_at=due
        )
        for each in policy.levels
    }


def span(begins: datetime, ends: datetime) -> str:
    """10天, 3天12小时; hours and minutes below a day."""
    length = ends - begins
    days, hours = length // ONE_DAY, length % ONE_DAY // timedelta(hours=1)
    if not days:
        return duration(milliseconds(length))
    return f"{days}天{hours}小时" if hours else f"{days}天"


def close_at(answered_at: datetime) -> datetime:
    """When an answered matter closes by itself."""
    return answered_at + CLOSE_AFTER


def snap_number(snap_id: int, submitted_at: datetime) -> str:
    """S1121-0042: month and day in China, the row's id."""
    day = in_china(submitted_at)
    return f"{NUMBER_LETTER}{day.month:02d}{day.day:02d}-{snap_id:04d}"
