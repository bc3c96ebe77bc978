"""The test data set of domain 6.3 with its expected values.

o7 stands in the data with its repair clock paused, which is what HOLD_FUND does to it. o8 was merged into o9: a merged
group is one order, so o8 has no row of its own here and its follower's star is a second rating of o9. With this every
expected value of the specification holds as printed.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from app.core import clock
from app.core.db import transact
from app.core.roles import Role
from app.core.scope import Dimension, Scope
from app.orders import deadlines
from app.orders.lifecycle import Status
from app.orders.rules import Clock
from app.supervision.indicators import INDICATORS
from app.supervision.queries import Lens, total
from app.supervision.ratios import mean_stars, ratio
from app.supervision.rolling_up import days_to_roll_up, roll_up
from tests.engines import both_engines
from tests.factories import Place, make_place
from tests.supervision.rows import (
    HOUR,
    LIMITS,
    MINUTE,
    completion,
    install_categories,
    order_row,
    promise,
    rating,
)

T0 = clock.china(2026, 11, 3, 9)
SECOND = timedelta(seconds=1)

pytestmark = both_engines


def finished(
    place: Place,
    accept: timedelta,
    verify: timedelta,
    done: timedelta,
    *,
    status: Status = Status.CLOSED,
    stars: int | None = None,
    extended: bool = False,
    **values: object,
) -> object:
    order = order_row(
        place,
        T0,
        status=status,
        accepted_at=T0 + accept,
        verified_at=T0 + verify,
        finished_at=T0 + done,
        closed_at=T0 + done + HOUR,
        **values,
    )
    promise(order, Clock.ACCEPT, stopped=T0 + accept)
    promise(order, Clock.VISIT, stopped=T0 + verify)
    longer = {"limit": 120 * HOUR, "extended_from": LIMITS[Clock.REPAIR]} if extended else {}
    promise(order, Clock.REPAIR, stopped=T0 + done, **longer)
    completion(order, T0 + done)
    if stars:
        rating(order, T0 + done + HOUR, stars)
    return order


def november(place: Place) -> None:
    """o1 ... o12."""
    finished(place, 3 * MINUTE, 20 * MINUTE, 30 * HOUR, stars=5)
    finished(place, 14 * MINUTE, 30 * MINUTE, 72 * HOUR, stars=4)
    finished(place, 15 * MINUTE, 31 * MINUTE, 50 * HOUR, stars=3)
    finished(place, 22 * MINUTE, 28 * MINUTE, 60 * HOUR, hotline_at=T0 + 15 * MINUTE + SECOND)
    finished(place, 5 * MINUTE, 25 * MINUTE, 100 * HOUR, stars=5, extended=True)
    finished(place, 5 * MINUTE, 25 * MINUTE, 80 * HOUR, stars=2)
    o7 = order_row(place, T0, status=Status.WORKING)
    promise(o7, Clock.ACCEPT, stopped=T0 + 5 * MINUTE)
    promise(o7, Clock.VISIT, stopped=T0 + 25 * MINUTE)
    promise(o7, Clock.REPAIR, state=deadlines.PAUSED)
    o9 = finished(place, 2 * MINUTE, 10 * MINUTE, 20 * HOUR, stars=5)
    rating(o9, T0 + 30 * HOUR, 1)
    reopened(place)
    o11 = order_row(place, T0, status=Status.CANCELLED)
    for which in (Clock.ACCEPT, Clock.VISIT, Clock.REPAIR):
        promise(o11, which, stopped=T0 + 8 * MINUTE, state=deadlines.VOID)
    o12 = order_row(place, T0, status=Status.REJECTED)
    promise(o12, Clock.ACCEPT, stopped=T0 + 12 * MINUTE)
    for which in (Clock.VISIT, Clock.REPAIR):
        promise(o12, which, stopped=T0 + 12 * MINUTE, state=deadlines.VOID)


def reopened(place: Place) -> None:
    """o10: done after 40 h, reopened, done again a day later; the first rating is void."""
    again = T0 + 50 * HOUR
    o10 = order_row(
        place,
        T0,
        status=Status.CLOSED,
        round=1,
        finished_at=again + 24 * HOUR,
        closed_at=again + 25 * HOUR,
    )
    promise(o10, Clock.ACCEPT, stopped=T0 + 6 * MINUTE)
    promise(o10, Clock.VISIT, stopped=T0 + 29 * MINUTE)
    promise(o10, Clock.REPAIR, stopped=T0 + 40 * HOUR)
    promise(o10, Clock.VISIT, began=again, limit=24 * HOUR, stopped=again + HOUR, round_=1)
    promise(o10, Clock.REPAIR, began=again, stopped=again + 24 * HOUR, round_=1)
    completion(o10, T0 + 40 * HOUR)
    completion(o10, again + 24 * HOUR, round_=1)
    rating(o10, T0 + 45 * HOUR, 1, void=True)
    rating(o10, again + 25 * HOUR, 4, round_=1)


@pytest.fixture
def counts(app_db: Flask) -> dict[str, int]:
    install_categories()
    place = make_place()
    transact(lambda: november(place))
    with clock.frozen(clock.china(2026, 12, 1)):
        for day in days_to_roll_up():
            transact(lambda day=day: roll_up(day))
    scope = Scope(Role.BUR, grants={Dimension.DISTRICT: frozenset({place.district.id})})
    return total(Lens(scope, date(2026, 11, 1), date(2026, 11, 30)))


EXPECTED = {
    "K01": (9, 10, "90.0%"),
    "K03": (8, 9, "88.9%"),
    "K05": (8, 8, "100.0%"),
    "K06b": (7, 8, "87.5%"),
    "K06a": (6, 8, "75.0%"),
    "K07": (7, 8, "87.5%"),
    "K08": (1, 8, "12.5%"),
    "K10": (5, 8, "62.5%"),
    "K11": (2, 8, "25.0%"),
    "K12": (7, 8, "87.5%"),
    "K15": (1, 10, "10.0%"),
    "K16": (1, 11, "9.1%"),
    "K17": (1, 8, "12.5%"),
}


def test_every_expected_value_of_the_specification_comes_out(counts: dict[str, int]) -> None:
    found = {code: ratio(INDICATORS[code], counts) for code in EXPECTED}
    assert {code: (r.numerator, r.denominator, r.words) for code, r in found.items()} == EXPECTED
    assert counts["effective"] == 10
    assert mean_stars(counts) == "3.63"


def test_the_voided_rating_and_the_clocks_of_the_second_round_do_not_count(counts: dict[str, int]) -> None:
    assert counts["ratings"] == 8
    assert counts["c2_due"] == 9
