"""Working days of China (domain 3.7, vector K9)."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.calendar import (
    CalendarTable,
    NoCalendar,
    add_working_days,
    add_working_hours,
    is_working_day,
    working_time,
)
from app.core.calendar_days import standard_rows, table_from
from app.core.clock import china, in_china

TABLE = table_from(standard_rows())
MS = timedelta(milliseconds=1)


def test_k9_five_working_days_over_national_day_count_the_worked_saturday():
    due = add_working_days(china(2026, 9, 30, 17), 5, TABLE)
    assert due == china(2026, 10, 14) - MS
    counted = [
        date(2026, 10, 8),
        date(2026, 10, 9),
        date(2026, 10, 10),
        date(2026, 10, 12),
        date(2026, 10, 13),
    ]
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(13)]
    assert [day for day in days if is_working_day(day, TABLE)] == counted


def test_the_2026_table_has_33_days_off_and_6_worked_weekend_days():
    rows = standard_rows()
    assert sum(row.kind == "holiday" for row in rows) == 33
    worked = [row.day for row in rows if row.kind == "work"]
    assert all(day.weekday() >= 5 for day in worked)
    assert sorted(f"{day.month}-{day.day}" for day in worked) == sorted(
        ["1-4", "2-14", "2-28", "5-9", "9-20", "10-10"]
    )


@pytest.mark.parametrize("day", [(1, 2), (2, 16), (4, 6), (5, 5), (6, 19), (9, 25), (10, 7), (11, 21)])
def test_holidays_and_plain_weekends_are_off(day):
    assert not is_working_day(date(2026, *day), TABLE)


@pytest.mark.parametrize("day", [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10), (11, 20)])
def test_worked_weekend_days_and_plain_days_are_worked(day):
    assert is_working_day(date(2026, *day), TABLE)


def test_the_day_of_arrival_is_not_counted_whatever_the_hour():
    morning, night = china(2026, 11, 19, 0, 1), china(2026, 11, 19, 23, 59)
    assert (
        add_working_days(morning, 1, TABLE) == add_working_days(night, 1, TABLE) == china(2026, 11, 21) - MS
    )


def test_what_arrives_on_a_holiday_counts_from_the_first_working_day():
    assert add_working_days(china(2026, 10, 3, 12), 1, TABLE) == china(2026, 10, 9) - MS


def test_a_year_without_data_is_an_error_with_a_name_and_no_guess():
    with pytest.raises(NoCalendar) as missing:
        add_working_days(china(2026, 12, 30, 10), 3, TABLE)
    assert missing.value.year == 2027
    assert "2027年" in missing.value.sentence
    with pytest.raises(NoCalendar):
        is_working_day(date(2025, 12, 31), TABLE)


def test_a_lone_day_of_december_does_not_make_its_year_known():
    assert CalendarTable({date(2027, 12, 31): "holiday"}).years == frozenset()


@pytest.mark.parametrize(
    ("at", "hours", "expected"),
    [
        (china(2026, 11, 20, 10), 4, china(2026, 11, 20, 15, 30)),  # over the noon break
        (china(2026, 11, 20, 16), 4, china(2026, 11, 23, 11, 30)),  # over the weekend
        (china(2026, 11, 20, 22), 1, china(2026, 11, 23, 10)),  # sent at night
        (
            china(2026, 11, 20, 10),
            2,
            china(2026, 11, 20, 12),
        ),  # the end of a shift, not the begin of the next
        (china(2026, 11, 23, 10), -4, china(2026, 11, 20, 14, 30)),
        (china(2026, 10, 14) - MS, -4, china(2026, 10, 13, 13, 30)),  # domain C8: 4 working hours before
        (china(2026, 10, 11, 12), -1, china(2026, 10, 10, 16, 30)),  # back into the worked Saturday
    ],
)
def test_office_hours_are_counted_over_breaks_weekends_and_holidays(at, hours, expected):
    assert add_working_hours(at, hours, TABLE) == expected


def test_an_office_with_one_long_shift_counts_by_its_own_hours():
    table = CalendarTable(TABLE.days, shifts=((time(8), time(20)),))
    assert add_working_hours(china(2026, 11, 20, 19), 2, table) == china(2026, 11, 23, 9)


minutes_of_2026 = st.integers(min_value=0, max_value=300 * 24 * 60)


@given(minutes_of_2026, st.integers(min_value=0, max_value=80))
def test_hours_added_are_the_office_hours_that_pass(minute, hours):
    at = china(2026, 1, 5) + timedelta(minutes=minute)
    due = add_working_hours(at, hours, TABLE)
    assert working_time(at, due, TABLE) == timedelta(hours=hours)


@given(minutes_of_2026, st.integers(min_value=1, max_value=15))
def test_a_due_day_is_a_working_day_and_never_comes_earlier_with_more_days(minute, days):
    at = china(2026, 1, 5) + timedelta(minutes=minute)
    due = add_working_days(at, days, TABLE)
    assert is_working_day(in_china(due).date(), TABLE)
    assert add_working_days(at, days + 1, TABLE) > due
