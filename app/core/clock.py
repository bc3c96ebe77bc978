"""The only source of the present moment: aware UTC with milliseconds.

A development instance may be moved (`flask clock advance 30m`): the offset lives in the database, and every process
reads it at the beginning of a unit of work. Tests freeze the clock instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


class _State:
    offset: timedelta = timedelta()
    frozen: datetime | None = None


def now() -> datetime:
    """The present instant, aware UTC, truncated to milliseconds."""
    instant = _State.frozen or datetime.now(UTC) + _State.offset
    return to_ms(instant)


def to_ms(instant: datetime) -> datetime:
    """The same instant in UTC without microseconds below the millisecond, as the databases store it."""
    utc = instant.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def set_offset(offset: timedelta) -> None:
    """Pretend that it is `offset` later than it is; only a development instance calls this."""
    _State.offset = offset


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at one instant, for tests and for generating demonstration data."""
    before, _State.frozen = _State.frozen, at
    try:
        yield
    finally:
        _State.frozen = before


def freeze(at: datetime | None) -> None:
    """Hold the clock at `at`, or let it run again with None."""
    _State.frozen = at


def in_china(instant: datetime) -> datetime:
    """The instant on a clock in China; used at the edges only."""
    return instant.astimezone(CHINA)


def china_date(instant: datetime) -> date:
    """The calendar day in China on which the instant falls."""
    return in_china(instant).date()


def china(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """The UTC instant of a China wall-clock time."""
    return datetime(year, month, day, hour, minute, second, tzinfo=CHINA).astimezone(UTC)


def start_of_china_day(day: date) -> datetime:
    """The UTC instant at which the calendar day begins in China."""
    return china(day.year, day.month, day.day)
