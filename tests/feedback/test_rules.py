"""The ten days as pure arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import china
from app.feedback.rules import (
    REMINDERS,
    Level,
    answer_levels,
    close_at,
    due_at,
    is_over,
    snap_number,
    span,
)
from app.orders.limits import with_limit
from app.orders.policies import DAY, standard_of

T0 = china(2026, 11, 20, 22, 10)
TEN_DAYS = standard_of("C6")
instants = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_k8_falls_due_on_the_thirtieth_at_ten_past_ten():
    assert due_at(T0, TEN_DAYS) == china(2026, 11, 30, 22, 10)


@given(instants)
def test_ten_days_are_240_hours_whatever_the_calendar(at):
    assert due_at(at, TEN_DAYS) - at == timedelta(hours=240)
    levels = answer_levels(at, TEN_DAYS)
    assert levels[Level.DUE] == due_at(at, TEN_DAYS)
    assert [levels[level] - at for level in (Level.FIRST_REMINDER, Level.LAST_REMINDER)] == [
        timedelta(days=5),
        timedelta(days=9),
    ]
    assert set(levels) == REMINDERS | {Level.DUE}


def test_an_answer_at_the_due_instant_is_on_time_and_a_millisecond_later_it_is_not():
    due = due_at(T0, TEN_DAYS)
    assert not is_over(due, due)
    assert is_over(due + timedelta(milliseconds=1), due)


def test_another_limit_moves_its_reminders_with_it():
    levels = answer_levels(T0, with_limit(TEN_DAYS, 4 * DAY, 4 * DAY))
    assert {level.value: at - T0 for level, at in levels.items()} == {
        "W1": timedelta(days=2),
        "W2": timedelta(days=3, hours=14, minutes=24),
        "DUE": timedelta(days=4),
    }


def test_a_span_is_said_in_days_and_never_rounded_up():
    said = [span(T0, T0 + each) for each in (timedelta(days=10), timedelta(days=3, hours=14, minutes=24))]
    assert said == ["10天", "3天14小时"]
    assert span(T0, T0 + timedelta(hours=5)) == "5 小时"


def test_an_answer_closes_after_a_week():
    assert close_at(T0) == china(2026, 11, 27, 22, 10)


def test_the_number_bears_the_day_in_china():
    assert snap_number(42, china(2026, 11, 21, 0, 5)) == "S1121-0042"
