"""Pure rules of orders: the clock vectors of domain 3.6, numbers, distances, windows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import UTC, china
from app.orders.rules import (
    ClockFact,
    PolicyRow,
    absence_proved,
    distance_m,
    is_late,
    is_on_site,
    level_due,
    may_hold,
    may_urge,
    next_call_at,
    order_id_of,
    order_number,
    pick_policy,
    read_clock,
    regulator_may_reopen_until,
    reopen_until,
)

T0 = china(2026, 11, 20, 22, 10)
MS = timedelta(milliseconds=1)
HOUR_MS = 3_600_000


def started(hours: float, at: datetime = T0) -> ClockFact:
    return ClockFact("start", at, int(hours * HOUR_MS))


def test_k1_a_stop_at_the_due_instant_is_on_time_and_one_millisecond_later_is_not():
    due = read_clock([started(0.25)]).due_at
    assert due == china(2026, 11, 20, 22, 25)
    assert not is_late(due, due)
    assert is_late(due + MS, due)


def test_k4_the_repair_is_due_after_72_hours_and_extended_after_120_from_the_start():
    plain = read_clock([started(72)])
    extended = read_clock([started(72), ClockFact("extend", T0 + timedelta(hours=50), 120 * HOUR_MS)])
    assert plain.due_at == china(2026, 11, 23, 22, 10)
    assert extended.due_at == china(2026, 11, 25, 22, 10)


def test_k6_a_fund_consultation_gives_the_paused_time_back():
    facts = [
        started(72),
        ClockFact("pause", china(2026, 11, 21, 10)),
        ClockFact("resume", china(2026, 12, 10, 9)),
    ]
    assert read_clock(facts).due_at == china(2026, 12, 12, 21, 10)


def test_k7_a_hold_for_the_resident_shifts_the_promise_by_exactly_the_hold():
    facts = [
        started(72),
        ClockFact("pause", china(2026, 11, 21, 9)),
        ClockFact("resume", china(2026, 11, 22, 19)),
    ]
    assert read_clock(facts).due_at == china(2026, 11, 25, 8, 10)


def test_a_hold_before_the_clock_has_started_gives_back_only_what_comes_after_the_start():
    early, start = china(2026, 11, 21, 9), china(2026, 11, 21, 10)
    for resumed, hours in ((china(2026, 11, 21, 9, 30), 0), (china(2026, 11, 21, 18), 8)):
        facts = [started(72, start), ClockFact("pause", early), ClockFact("resume", resumed)]
        assert read_clock(facts).due_at == start + timedelta(hours=72 + hours)


CALL = china(2026, 11, 21, 9)


@pytest.mark.parametrize(
    ("calls", "proved", "again"),
    [
        ([], False, None),
        ([CALL], False, CALL + timedelta(minutes=5)),
        ([CALL, CALL + timedelta(minutes=5) - MS], False, CALL + timedelta(minutes=5)),
        ([CALL, CALL + timedelta(minutes=5)], True, CALL + timedelta(minutes=5)),
        ([CALL + timedelta(minutes=5), CALL + timedelta(minutes=2), CALL], True, CALL + timedelta(minutes=5)),
        ([CALL - MS, CALL + timedelta(minutes=4)], False, CALL + timedelta(minutes=9)),
    ],
)
def test_nobody_home_is_two_calls_five_minutes_apart_since_the_worker_came(calls, proved, again):
    assert absence_proved(calls, since=CALL) is proved
    assert next_call_at(calls, since=CALL) == again


@pytest.mark.parametrize(
    ("menu", "holds", "no_shows", "possible"),
    [
        ("PUB", 0, 0, False),
        ("EMG", 0, 0, True),
        ("APT", 1, 1, True),
        ("EMG", 2, 1, True),
        ("EMG", 2, 0, False),
        ("EMG", 2, 2, False),
    ],
)
def test_an_in_home_order_is_held_twice_and_a_second_no_show_closes_it(menu, holds, no_shows, possible):
    assert may_hold(menu=menu, holds=holds, no_shows=no_shows) is possible


def test_k9_clocks_of_the_district_run_through_the_national_holiday():
    assert read_clock([started(72, china(2026, 9, 30, 17))]).due_at == china(2026, 10, 3, 17)


def test_a_paused_clock_has_no_due_instant():
    assert read_clock([started(72), ClockFact("pause", T0 + timedelta(hours=1))]).due_at is None


@given(st.lists(st.integers(1, 10**9), max_size=12), st.integers(1, 10**10))
def test_any_chain_of_pauses_shifts_the_promise_by_their_sum(lengths, limit_ms):
    facts, at, paused = [ClockFact("start", T0, limit_ms)], T0, timedelta()
    for index, length in enumerate(lengths):
        step = timedelta(milliseconds=length)
        at += step
        facts.append(ClockFact("pause" if index % 2 == 0 else "resume", at))
        paused += step if index % 2 else timedelta()
    reading = read_clock(facts)
    if len(lengths) % 2:
        assert reading.due_at is None
    else:
        assert reading.due_at == T0 + timedelta(milliseconds=limit_ms) + paused


def test_levels_are_counted_from_the_start_or_from_the_promise():
    due = T0 + timedelta(minutes=15)
    assert level_due("start", 600_000, started_at=T0, due_at=due) == T0 + timedelta(minutes=10)
    assert level_due("due", -300_000, started_at=T0, due_at=due) == T0 + timedelta(minutes=10)


def test_an_order_number_reads_back_to_its_id():
    assert order_number(42, "PUB", T0) == "R1120-0042"
    assert order_id_of(" r1120-0042 ") == 42


@pytest.mark.parametrize(
    "text", ["", "R1120", "X1120-0042", "R1120-", "R1120-４２", "R1120-" + "9" * 30, "42"]
)
def test_what_is_no_number_of_ours_reads_as_none(text):
    assert order_id_of(text) is None


def test_the_day_of_a_number_is_the_day_in_china():
    late_evening_in_utc = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert order_number(7, "EMG", late_evening_in_utc).startswith("E1121-")


def test_two_hundred_metres_around_a_point_are_on_site_and_more_are_not():
    north = distance_m(39.9, 116.6, 39.9 + 200 / 111_195, 116.6)
    assert abs(north - 200) <= 1
    assert is_on_site(200, 0)
    assert not is_on_site(201, 0)
    assert is_on_site(300, 35_200)


def test_an_urge_is_possible_again_after_four_hours():
    assert may_urge(None, T0)
    assert not may_urge(T0, T0 + timedelta(hours=4) - MS)
    assert may_urge(T0, T0 + timedelta(hours=4))


def test_an_order_closed_by_the_system_may_be_reopened_longer():
    closed = T0 + timedelta(hours=72)
    assert reopen_until(T0, closed_how="rated", closed_at=closed) == T0 + timedelta(days=7)
    assert reopen_until(T0, closed_how="auto", closed_at=closed) == closed + timedelta(days=15)


def test_an_order_closed_because_nobody_was_home_may_be_reopened_for_15_days_though_it_was_never_done():
    assert reopen_until(None, closed_how="unreachable", closed_at=T0) == T0 + timedelta(days=15)
    assert regulator_may_reopen_until(None, T0) == T0 + timedelta(days=90)
    assert reopen_until(None, closed_how="", closed_at=None) is None
    assert regulator_may_reopen_until(None, None) is None


def policy(**keys) -> PolicyRow:
    base = {
        "clock": "C1",
        "menu": None,
        "urgency": None,
        "estate_id": None,
        "valid_from": china(2020, 1, 1),
        "limit_ms": 1,
        "extended_ms": 1,
        "levels": [],
    }
    return PolicyRow(**{**base, **keys})


def picked(rows, at=T0):
    return pick_policy(rows, "C1", menu="PUB", urgency="P0", estate_id=3, at=at)


def test_the_most_particular_policy_wins_and_among_equals_the_newest():
    general, urgent, own = policy(), policy(urgency="P0", limit_ms=2), policy(estate_id=3, limit_ms=3)
    assert picked([general, own]) is own
    assert picked([general, urgent]) is urgent
    newer = policy(urgency="P0", limit_ms=4, valid_from=china(2026, 1, 1))
    assert picked([urgent, newer]) is newer


def test_a_policy_of_tomorrow_or_of_another_estate_does_not_count():
    assert picked([policy(valid_from=T0 + MS), policy(estate_id=4), policy(clock="C2")]) is None
