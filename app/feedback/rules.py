"""Pure calculation around 随手拍: numbers, the ten days and what is reminded before them. Time is an argument."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from app.core.clock import in_china

LIMIT = timedelta(days=10)
"""C6: ten times 24 hours from submission, through nights, weekends and holidays; nothing pauses it (S1-15)."""
REMIND_AFTER = (timedelta(days=5), timedelta(days=9))
CLOSE_AFTER = timedelta(days=7)
"""An answer that nobody rates closes the matter after a week (domain 3.12)."""
TEXT_MIN, TEXT_MAX = 2, 500
REASON_MAX = 200
RATING_MAX = 300
NUMBER_LETTER = "S"


class Level(StrEnum):
    """What falls due: two reminders, the promise itself, the silent end after an answer."""

    FIRST_REMINDER = "W1"
    LAST_REMINDER = "W2"
    DUE = "DUE"
    CLOSE = "CLOSE"


REMINDERS = frozenset({Level.FIRST_REMINDER, Level.LAST_REMINDER})


def due_at(submitted_at: datetime) -> datetime:
    """Until when an answer is on time; one millisecond later it is not (domain 0.5)."""
    return submitted_at + LIMIT


def is_over(at: datetime, due: datetime) -> bool:
    """Whether the ten days have passed."""
    return at > due


def answer_levels(submitted_at: datetime) -> dict[Level, datetime]:
    """Everything that falls due while nobody answers."""
    first, last = REMIND_AFTER
    return {
        Level.FIRST_REMINDER: submitted_at + first,
        Level.LAST_REMINDER: submitted_at + last,
        Level.DUE: due_at(submitted_at),
    }


def close_at(answered_at: datetime) -> datetime:
    """When an answered matter closes by itself."""
    return answered_at + CLOSE_AFTER


def snap_number(snap_id: int, submitted_at: datetime) -> str:
    """S1121-0042: month and day in China, the row's id."""
    day = in_china(submitted_at)
    return f"{NUMBER_LETTER}{day.month:02d}{day.day:02d}-{snap_id:04d}"
