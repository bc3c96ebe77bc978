"""A clock whose start or limit changes while it runs, or that runs again after a void: pure (rules.read_clock)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import china
from app.orders.rules import ClockFact, read_clock

T0 = china(2026, 11, 20, 22, 10)
HOUR_MS = 3_600_000
STARTED = ClockFact("start", T0, 72 * HOUR_MS)
MS = timedelta(milliseconds=1)
hours = st.integers(0, 200).map(lambda number: T0 + timedelta(hours=number))
earlier = st.tuples(hours, st.integers(0, 100_000_000)).map(lambda each: ClockFact("earlier", *each))
limited = st.tuples(hours, st.integers(1, 100 * HOUR_MS)).map(lambda each: ClockFact("limit", *each))


@given(st.lists(earlier, max_size=5))
def test_every_earlier_start_moves_the_due_instant_by_just_so_much(facts):
    moved = sum(fact.limit_ms for fact in facts) * MS
    assert read_clock([STARTED, *facts]).due_at == T0 + timedelta(hours=72) - moved


@given(st.lists(st.one_of(earlier, limited), max_size=8))
def test_start_and_limit_do_not_depend_on_which_of_them_changed_first(facts):
    starts = [fact for fact in facts if fact.kind == "earlier"]
    limits = [fact for fact in facts if fact.kind == "limit"]
    assert read_clock([STARTED, *facts]).due_at == read_clock([STARTED, *starts, *limits]).due_at


@given(hours, hours)
def test_a_void_that_was_taken_back_leaves_no_trace(stopped, revived):
    facts = [STARTED, ClockFact("stop", stopped), ClockFact("revive", revived)]
    assert read_clock(facts) == read_clock([STARTED])


@pytest.mark.parametrize(("begins", "paused"), [(1, 5), (0, 5)])
def test_a_pause_counts_in_full_after_the_start_has_moved_back(begins, paused):
    facts = [
        STARTED,
        ClockFact("earlier", T0, 2 * HOUR_MS),
        ClockFact("pause", T0 + timedelta(hours=begins)),
        ClockFact("resume", T0 + timedelta(hours=begins + paused)),
    ]
    assert read_clock(facts).due_at == T0 + timedelta(hours=70 + paused)
