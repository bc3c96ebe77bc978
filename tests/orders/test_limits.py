"""How limits differ from their policies: emergency periods, the night, places (domain 3.7, 4.7). Pure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.clock import china
from app.orders.limits import (
    DeclaredRow,
    declared_for,
    deferred,
    stretched,
    visit_by,
    with_limit,
)
from app.orders.policies import FROM_THE_BEGINNING, HOUR, MINUTE, STANDARD
from app.orders.rules import PolicyRow, pick_policy

T0 = china(2026, 11, 20, 22, 10)
MS = timedelta(milliseconds=1)
KNOWN = [
    PolicyRow(clock, menu, urgency, None, FROM_THE_BEGINNING, limit, extended, levels, id=number)
    for number, (clock, menu, urgency, limit, extended, levels) in enumerate(STANDARD)
]
PLACE = {"estate_id": 3, "street_id": 2, "district_id": 1}


def standard(clock, urgency="P2", menu="PUB"):
    found = pick_policy(KNOWN, clock, menu=menu, urgency=urgency, **PLACE, at=T0)
    assert found is not None
    return found


def changed(**keys):
    base = {"clock": "C2", "menu": None, "urgency": None, "estate_id": None, "valid_from": T0}
    return PolicyRow(**{**base, "limit_ms": 20 * MINUTE, "extended_ms": 20 * MINUTE, "levels": [], **keys})


def picked(*rows, urgency="P2", at=T0, now=None, place=PLACE):
    return pick_policy([*KNOWN, *rows], "C2", menu="PUB", urgency=urgency, **place, at=at, now=now)


@pytest.mark.parametrize(
    ("clock", "urgency", "limit_ms"),
    [
        ("C1", "P2", 30 * MINUTE),
        ("C2", "P3", 60 * MINUTE),
        ("C3", "P2", 108 * HOUR),
        ("C1", "P0", 3 * MINUTE),
        ("C2", "P1", 30 * MINUTE),
        ("C3", "P1", 72 * HOUR),
        ("C5", "P2", 72 * HOUR),
    ],
)
def test_in_an_emergency_period_calm_orders_have_longer_limits_and_urgent_ones_the_usual(
    clock, urgency, limit_ms
):
    assert stretched(standard(clock, urgency), urgency=urgency).limit_ms == limit_ms


def test_warnings_of_a_longer_limit_keep_their_share_and_those_before_the_end_their_distance():
    assert [each["offset_ms"] for each in stretched(standard("C1"), urgency="P2").levels] == [20 * MINUTE, 0]
    before_the_end = [each["offset_ms"] for each in stretched(standard("C3"), urgency="P2").levels]
    assert before_the_end == [each["offset_ms"] for each in standard("C3").levels]
    assert stretched(standard("C3"), urgency="P2").extended_ms == 180 * HOUR


def test_a_short_limit_has_no_warning_before_its_start():
    levels = with_limit(standard("C3"), 12 * HOUR, 24 * HOUR).levels
    assert [each["level"] for each in levels] == ["W2", "DUE", "L2", "L3"]


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        (china(2026, 11, 20, 20, 59, 59), china(2026, 11, 20, 21, 29, 59)),
        (china(2026, 11, 20, 21), china(2026, 11, 21, 7, 30)),
        (china(2026, 11, 21, 0, 0), china(2026, 11, 21, 7, 30)),
        (china(2026, 11, 21, 6, 59, 59), china(2026, 11, 21, 7, 30)),
        (china(2026, 11, 21, 7), china(2026, 11, 21, 7, 30)),
        (china(2026, 11, 21, 7, 1), china(2026, 11, 21, 7, 31)),
    ],
)
def test_a_calm_report_sent_at_night_is_to_be_seen_by_half_past_seven(sent, due):
    policy = deferred(standard("C2"), sent, menu="PUB", urgency="P2")
    assert sent + timedelta(milliseconds=policy.limit_ms) == due
    warned = next(each for each in policy.levels if each["level"] == "W1")
    assert sent + timedelta(milliseconds=warned["offset_ms"]) == due - timedelta(minutes=10)


@pytest.mark.parametrize(
    ("clock", "menu", "urgency"),
    [("C2", "PUB", "P0"), ("C2", "PUB", "P1"), ("C2", "EMG", "P2"), ("C1", "PUB", "P2"), ("C3", "PUB", "P2")],
)
def test_nothing_urgent_nothing_at_home_and_no_other_clock_is_deferred(clock, menu, urgency):
    policy = standard(clock, urgency, menu)
    assert deferred(policy, T0, menu=menu, urgency=urgency) is policy


def test_a_doubled_limit_that_ends_later_than_half_past_seven_stays():
    sent = china(2026, 11, 21, 6, 50)
    doubled = stretched(standard("C2"), urgency="P2")
    assert deferred(doubled, sent, menu="PUB", urgency="P2") is doubled
    assert visit_by(china(2026, 11, 21, 12)) is None


def test_the_closest_place_wins_and_a_change_without_urgency_leaves_p0_alone():
    district, street, estate = changed(district_id=1), changed(street_id=2), changed(estate_id=3)
    assert picked(district) is district
    assert picked(district, street) is street
    assert picked(estate, district, street) is estate
    assert picked(estate, district, street, urgency="P0").limit_ms == 15 * MINUTE
    elsewhere = {"estate_id": 30, "street_id": 20, "district_id": 10}
    assert picked(district, street, estate, place=elsewhere).limit_ms == 30 * MINUTE


def test_a_running_order_keeps_its_policy_unless_the_change_takes_running_orders_along():
    later = T0 + timedelta(hours=1)
    quiet = changed(district_id=1, valid_from=later)
    loud = changed(district_id=1, valid_from=later, also_running=True)
    assert picked(quiet, now=later).limit_ms == 30 * MINUTE
    assert picked(loud, now=later) is loud
    assert picked(loud, now=later - MS).limit_ms == 30 * MINUTE
    assert picked(quiet, at=later) is quiet


def declared(number, street_id=None, estate_id=None, **keys):
    base = {"begins_at": T0, "ends_at": T0 + timedelta(hours=6)}
    return DeclaredRow(number, 1, street_id, estate_id, **{**base, **keys})


def found(*rows, at=T0):
    return declared_for(rows, **PLACE, at=at)


def test_a_period_holds_from_its_first_instant_to_before_its_last_and_for_its_place():
    assert found(declared(1)) == 1
    assert found(declared(1), at=T0 - MS) is None
    assert found(declared(1), at=T0 + timedelta(hours=6)) is None
    assert found(declared(1), at=T0 + timedelta(hours=6) - MS) == 1
    assert found(declared(1, street_id=9), declared(2, street_id=2, estate_id=8)) is None
    assert found(declared(1, street_id=2, estate_id=3), declared(2)) == 1


def test_a_lifted_period_ends_at_once():
    lifted = declared(1, lifted_at=T0 + timedelta(hours=1))
    assert found(lifted, at=T0 + timedelta(hours=1) - MS) == 1
    assert found(lifted, at=T0 + timedelta(hours=1)) is None
