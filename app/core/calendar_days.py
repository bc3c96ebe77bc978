"""The holiday table as data: the standard rows, the yearly import with its checks, the question whether next year is
there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, select

from app.core import clock
from app.core.calendar import (
    HOLIDAY,
    SATURDAY,
    WORK,
    CalendarTable,
    NoCalendar,
    add_working_days,
    end_of_day,
)
from app.core.calendar_models import CalendarDay
from app.core.db import db, table_of
from app.core.errors import Conflict, Invalid
from app.core.kept import Kept

KINDS = {"holiday": HOLIDAY, "休": HOLIDAY, "休息": HOLIDAY, "work": WORK, "班": WORK, "上班": WORK}
LABELS = {HOLIDAY: "放假", WORK: "上班"}
WARN_FROM_MONTH = 12
HEADER = ("日期", "类型", "名称")

# name, first day off, last day off, worked weekend days (State Council notice for 2026, domain 3.7)
STANDARD_2026: tuple[tuple[str, date, date, tuple[date, ...]], ...] = (
    ("元旦", date(2026, 1, 1), date(2026, 1, 3), (date(2026, 1, 4),)),
    ("春节", date(2026, 2, 15), date(2026, 2, 23), (date(2026, 2, 14), date(2026, 2, 28))),
    ("清明节", date(2026, 4, 4), date(2026, 4, 6), ()),
    ("劳动节", date(2026, 5, 1), date(2026, 5, 5), (date(2026, 5, 9),)),
    ("端午节", date(2026, 6, 19), date(2026, 6, 21), ()),
    ("中秋节", date(2026, 9, 25), date(2026, 9, 27), ()),
    ("国庆节", date(2026, 10, 1), date(2026, 10, 7), (date(2026, 9, 20), date(2026, 10, 10))),
)
_DAYS = table_of(CalendarDay)


class DayStandsOtherwise(Conflict):
    """An import would silently turn a working day into a holiday or back."""

    code = "day_stands_otherwise"


@dataclass(frozen=True)
class DayRow:
    """One day that differs from Monday-to-Friday."""

    day: date
    kind: str
    name: str


def standard_rows() -> list[DayRow]:
    """The rows of 2026."""
    rows: list[DayRow] = []
    for name, first, last, worked in STANDARD_2026:
        days = ((last - first).days + 1) if last >= first else 0
        rows += [DayRow(first + timedelta(days=n), HOLIDAY, name) for n in range(days)]
        rows += [DayRow(day, WORK, f"{name}调休") for day in worked]
    return rows


def table_from(rows: Iterable[DayRow]) -> CalendarTable:
    """The pure table that the calculation takes."""
    return CalendarTable({row.day: row.kind for row in rows})


def _load() -> CalendarTable:
    return table_from(DayRow(*row) for row in db.session.execute(select(*_DAYS.c["day", "kind", "name"])))


known_calendar = Kept(_load)
"""The whole table, thirty rows a year; a year is imported weeks before its first day."""


def working_days_after(at: datetime, days: int) -> datetime:
    """The end of the nth working day after the day of `at`; while the calendar of a year is missing, weekends alone are
    left out, because nobody's answer waits for a table."""
    try:
        return add_working_days(at, days, known_calendar())
    except NoCalendar:
        day = clock.china_date(at)
        for _ in range(days):
            day += timedelta(days=1)
            while day.weekday() >= SATURDAY:
                day += timedelta(days=1)
        return end_of_day(day)


def install_standard() -> int:
    """Write the standard rows of years that have none; returns how many rows were written."""
    rows = [row for row in standard_rows() if row.day.year not in _load().years]
    _write(rows)
    return len(rows)


def import_rows(rows: Sequence[DayRow], *, replace: bool = False) -> tuple[int, int]:
    """Write what is new; returns how many days were written and how many stood already.

    Raises DayStandsOtherwise when a day stands with another kind, unless it is to be replaced.
    """
    stands = _load().days
    other = [row for row in rows if stands.get(row.day, row.kind) != row.kind]
    if other and not replace:
        first = other[0]
        raise DayStandsOtherwise(
            f"{first.day}已登记为{LABELS[stands[first.day]]},文件里是{LABELS[first.kind]};"
            "确认以文件为准请加 --replace"
        )
    db.session.execute(delete(_DAYS).where(_DAYS.c.day.in_([row.day for row in other])))
    new = [row for row in rows if row.day not in stands or row in other]
    _write(new)
    return len(new), len(rows) - len(new)


def _write(rows: Sequence[DayRow]) -> None:
    at = clock.now()
    values = [{"day": row.day, "kind": row.kind, "name": row.name, "written_at": at} for row in rows]
    if values:
        db.session.execute(insert(_DAYS), values)
    known_calendar.forget()


def read_csv(text: str) -> list[DayRow]:
    """The rows of a file `日期,类型,名称`, header optional. Raises Invalid naming the first line that is wrong."""
    rows: list[DayRow] = []
    seen: set[date] = set()
    for number, cells in enumerate(csv.reader(io.StringIO(text.lstrip("\ufeff"))), start=1):
        words = [cell.strip() for cell in cells]
        if not any(words) or (number == 1 and words[:1] == [HEADER[0]]):
            continue
        row = _row(number, words)
        if row.day in seen:
            raise Invalid(f"第{number}行:{row.day}写了两遍")
        seen.add(row.day)
        rows.append(row)
    _check_year(rows)
    return rows


def _row(number: int, words: list[str]) -> DayRow:
    if len(words) != len(HEADER):
        raise Invalid(f"第{number}行:应有三列(日期,类型,名称)")
    try:
        day = date.fromisoformat(words[0])
    except ValueError as wrong:
        raise Invalid(f"第{number}行:日期请写成 2027-01-01") from wrong
    kind = KINDS.get(words[1].lower())
    if kind is None:
        raise Invalid(f"第{number}行:类型请写“休”或“班”")
    if not 1 <= len(words[2]) <= 20:
        raise Invalid(f"第{number}行:名称要有1到20个字")
    if kind == WORK and day.weekday() < SATURDAY:
        raise Invalid(f"第{number}行:{day}本来就是工作日,“班”只写周末上班的日子")
    return DayRow(day, kind, words[2])


MUST_BE_OFF = ((1, 1, "元旦"), (5, 1, "劳动节"), (10, 1, "国庆节"))
"""Fixed by law; a file without them is not the table of a year. Days of other years may only be those around it."""


def _check_year(rows: Sequence[DayRow]) -> None:
    if not rows:
        raise Invalid("文件里没有日期")
    years = [row.day.year for row in rows]
    year = max(set(years), key=years.count)
    off = {row.day for row in rows if row.kind == HOLIDAY}
    for month, day, name in MUST_BE_OFF:
        if date(year, month, day) not in off:
            raise Invalid(f"{year}年的{name}({month}月{day}日)没有写成“休”,这份日历不完整")
    far = [row.day for row in rows if row.day.year != year and abs((row.day - date(year, 7, 2)).days) > 200]
    if far:
        raise Invalid(f"{far[0]}不属于{year}年,请分年导入")


def missing_year(at: datetime) -> int | None:
    """The year whose table is missing: this one at any time, the next one from 1 December (domain 3.7)."""
    today, years = clock.china_date(at), known_calendar().years
    if today.year not in years:
        return today.year
    return today.year + 1 if today.month >= WARN_FROM_MONTH and today.year + 1 not in years else None


def missing_year_sentence(year: int) -> str:
    """What the console and the alarm say."""
    return f"{year}年的工作日历(节假日与调休)还没有导入,按工作日计算的时限将无法起算,请尽快导入"
