"""Working days of China: weekends, holidays and worked weekend days, shifts of a working day. Pure; the table is given.

Clocks of residents run day and night; only the clocks of authorities and of fee consultation (C7-C9, C11) come here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from app.core.clock import CHINA, china_date, start_of_china_day
from app.core.errors import Unavailable

HOLIDAY, WORK = "holiday", "work"
Shift = tuple[time, time]
SHIFTS: tuple[Shift, ...] = ((time(9), time(12)), (time(13, 30), time(17, 30)))
"""Office hours of a working day, in order and apart from each other."""

SATURDAY = 5
DAY = timedelta(days=1)
LAST_MILLISECOND = timedelta(milliseconds=1)


class NoCalendar(Unavailable):
    """The year has no holiday table; a guess would promise a wrong day."""

    code = "no_calendar"

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"{year}年的工作日历还没有导入,暂时算不出工作日时限,请联系系统管理员")


@dataclass(frozen=True)
class CalendarTable:
    """What differs from Monday-to-Friday, by day, and the office hours of a working day."""

    days: Mapping[date, str]
    shifts: tuple[Shift, ...] = SHIFTS
    years: frozenset[int] = field(init=False)
    """A year is covered when its National Day stands in the table: the notice of a year may name a day or two of
    December before it, which does not make that year known."""

    def __post_init__(self) -> None:
        known = frozenset(
            day.year for day, kind in self.days.items() if (day.month, day.day) == (10, 1) and kind == HOLIDAY
        )
        object.__setattr__(self, "years", known)


def is_working_day(day: date, table: CalendarTable) -> bool:
    """Whether offices work on that day. Raises NoCalendar for a year that the table does not cover."""
    if day.year not in table.years:
        raise NoCalendar(day.year)
    kind = table.days.get(day)
    return kind == WORK if kind else day.weekday() < SATURDAY


def add_working_days(at: datetime, days: int, table: CalendarTable) -> datetime:
    """The last millisecond of the nth working day after the day of `at` (domain K9: the end of 10-13).

    The day on which something arrives is never counted, whatever the hour. Raises NoCalendar.
    """
    if days < 1:
        raise ValueError("at least one working day")
    day = china_date(at)
    for _ in range(days):
        day = _next_working_day(day, table)
    return end_of_day(day)


def end_of_day(day: date) -> datetime:
    """Met at this instant is met on that day; a millisecond later it is the next one."""
    return start_of_china_day(day + DAY) - LAST_MILLISECOND


def _next_working_day(day: date, table: CalendarTable) -> date:
    day += DAY
    while not is_working_day(day, table):
        day += DAY
    return day


def add_working_hours(at: datetime, hours: float, table: CalendarTable) -> datetime:
    """The instant that lies so many office hours after `at`; before it when `hours` is negative. Raises NoCalendar."""
    left = timedelta(hours=abs(hours))
    forward = hours >= 0
    for begins, ends in _spans(china_date(at), table, forward=forward):
        begins, ends = (max(begins, at), ends) if forward else (begins, min(ends, at))
        if ends <= begins:
            continue
        if ends - begins >= left:
            return begins + left if forward else ends - left
        left -= ends - begins
    raise AssertionError("office hours never end")


def working_time(begins: datetime, ends: datetime, table: CalendarTable) -> timedelta:
    """How much of the time between two instants were office hours. Raises NoCalendar."""
    total = timedelta()
    for opens, closes in _spans(china_date(begins), table, forward=True):
        if opens >= ends:
            break
        total += max(min(closes, ends) - max(opens, begins), timedelta())
    return total


def _spans(day: date, table: CalendarTable, *, forward: bool) -> Iterator[tuple[datetime, datetime]]:
    """The shifts from that day on, or from that day back, without end."""
    shifts = table.shifts if forward else tuple(reversed(table.shifts))
    while True:
        if is_working_day(day, table):
            for begins, ends in shifts:
                yield _on(day, begins), _on(day, ends)
        day += DAY if forward else -DAY


def _on(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=CHINA).astimezone(UTC)
