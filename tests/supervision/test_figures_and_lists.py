"""A figure always equals the length of the list behind it, whatever the orders and whoever looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.core import clock
from app.core.db import Rollback, db, transact
from app.core.roles import Role
from app.core.scope import Dimension, Scope
from app.estates.models import Street
from app.orders.lifecycle import Status
from app.orders.rules import Clock
from app.supervision.drilldown import Daily, Outcome, Question, cases
from app.supervision.indicators import INDICATORS, VOLUMES
from app.supervision.live import WATCHES, open_now
from app.supervision.queries import Group, Lens, by_day, by_group, hot_categories, hot_estates, total
from app.supervision.rolling_up import days_to_roll_up, roll_up
from tests.factories import Place, make_company, make_district, make_place
from tests.supervision.rows import HOUR, LIMITS, install_categories, order_row, promise, rating

NOW = clock.china(2026, 11, 21, 15, 30)
FIRST, LAST = date(2026, 11, 15), date(2026, 11, 21)
COLUMN = {
    Group.STREET: "street_id",
    Group.COMPANY: "company_id",
    Group.OFFICE: "office_id",
    Group.ESTATE: "estate_id",
}


@dataclass
class District:
    """Three estates, two of one company; two of them in one street."""

    places: list[Place]

    def scopes(self) -> list[Scope]:
        first = self.places[0]
        grants = {
            Role.BUR: (Dimension.DISTRICT, first.district.id),
            Role.STR: (Dimension.STREET, first.street.id),
            Role.CO: (Dimension.COMPANY, first.company.id),
        }
        return [
            Scope(role, grants={dimension: frozenset({value})}) for role, (dimension, value) in grants.items()
        ]


@pytest.fixture
def district(app_db: Flask) -> District:
    install_categories()
    home = make_district()
    company = make_company()
    places = [make_place(district=home, company=company), make_place(district=home, company=company)]
    places.append(make_place(district=home))

    def share_a_street() -> None:
        estate = places[2].estate
        estate.street_id, estate.community_id = places[0].street.id, places[0].community.id

    transact(share_a_street)
    street = db.session.get_one(Street, places[0].street.id)
    places[2] = Place(**{**places[2].__dict__, "street": street, "community": places[0].community})
    return District(places)


minutes = st.integers(0, 6 * 24 * 60).map(lambda count: timedelta(minutes=count))
promises = st.fixed_dictionaries(
    {
        "clock": st.sampled_from([Clock.ACCEPT, Clock.VISIT, Clock.APPOINTMENT, Clock.REPAIR]),
        "took": st.none() | st.sampled_from([0.1, 0.6, 1.0, 1.2]),
        "state": st.sampled_from([None, None, None, "pending", "paused", "void"]),
        "extended": st.booleans(),
    }
)
orders = st.fixed_dictionaries(
    {
        "place": st.integers(0, 2),
        "before": minutes,
        "status": st.sampled_from([each for each in Status if each not in (Status.ASSIGNED, Status.ON_WAY)]),
        "category": st.sampled_from(["G0201", "G0103", "G0101"]),
        "urgency": st.sampled_from(["P0", "P2"]),
        "round": st.integers(0, 1),
        "hotline": st.booleans(),
        "promises": st.lists(promises, max_size=4, unique_by=lambda each: each["clock"]),
        "again": st.sampled_from([None, "pending", "met", "fired"]),
        "stars": st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=2),
        "overdue": st.booleans(),
    }
)


few_examples = settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking runs hundreds of statements a step
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def build(district: District, plan: dict[str, Any]) -> None:
    place, at = district.places[plan["place"]], NOW - plan["before"]
    values: dict[str, Any] = {
        "category_code": plan["category"],
        "urgency": plan["urgency"],
        "round": plan["round"],
        "next_due_at": NOW - HOUR if plan["overdue"] else None,
    }
    if plan["hotline"]:
        values["hotline_at"] = at + HOUR
    order = order_row(place, at, status=plan["status"], **values)
    for each in plan["promises"]:
        limit = LIMITS[each["clock"]]
        stopped = at + limit * each["took"] if each["took"] and not each["state"] else None
        longer: dict[str, Any] = {}
        if each["extended"] and each["clock"] is Clock.REPAIR:
            longer = {"limit": limit * 2, "extended_from": limit}
        promise(order, each["clock"], stopped=stopped, state=each["state"], **longer)
    if plan["round"] and plan["again"]:
        promise(order, Clock.REPAIR, began=at, round_=1, state=plan["again"])
    for stars, void in plan["stars"]:
        rating(order, at + HOUR, stars, void=void)


def roll_up_all() -> datetime:
    for day in days_to_roll_up():
        roll_up(day)
    return clock.now()


def listed(
    scope: Scope,
    figure: str,
    outcome: Outcome,
    until: datetime,
    *,
    daily: Daily | None = None,
    **places: Any,
) -> int:
    """How many cases the pages of a list hold; every case once. With `daily` only the days in question are read."""
    question = Question(figure, outcome, FIRST, LAST, until=until, places=places)
    seen: list[tuple[int, datetime, int | None]] = []
    cursor = None
    while True:
        page = cases(question, scope, daily=daily, cursor=cursor, limit=5)
        seen += [(case.order.id, case.at, case.stars) for case in page.items]
        cursor = page.next_cursor
        if cursor is None:
            assert len(set(seen)) == len(seen) or figure in ("K10", "K11", "low", "late")
            return len(seen)


def check(scope: Scope, counts: dict[str, int], until: datetime, **places: Any) -> None:
    for code, what in INDICATORS.items():
        numerator, denominator = counts[what.numerator], counts[what.denominator]
        assert listed(scope, code, Outcome.ALL, until, **places) == denominator, code
        assert listed(scope, code, Outcome.MET, until, **places) == numerator, code
        assert listed(scope, code, Outcome.MISSED, until, **places) == denominator - numerator, code
    for code, volume in VOLUMES.items():
        assert listed(scope, code, Outcome.ALL, until, **places) == counts[volume.counter], code


@few_examples
@given(
    plans=st.lists(orders, min_size=1, max_size=12),
    looked_at_by=st.integers(0, 2),
    group=st.sampled_from(Group),
)
def test_every_figure_equals_the_length_of_its_list(
    district: District, plans: list[dict[str, Any]], looked_at_by: int, group: Group
) -> None:
    scope = district.scopes()[looked_at_by]
    lens = Lens(scope, FIRST, LAST)

    def scene() -> None:
        for plan in plans:
            build(district, plan)
        db.session.flush()
        until = roll_up_all()
        check(scope, total(lens), until)
        check(scope, total(lens), until, daily=by_day(lens))
        lines = by_group(lens, group)
        for line in lines[:1]:
            check(scope, dict(line.counts), until, **{COLUMN[group]: line.id})
        assert sum(line.counts["new"] for line in lines) == total(lens)["new"]
        raise Rollback()

    with clock.frozen(NOW):
        transact(scene)


@few_examples
@given(plans=st.lists(orders, min_size=1, max_size=12), looked_at_by=st.integers(0, 2))
def test_hot_places_and_figures_of_this_moment_equal_their_lists(
    district: District, plans: list[dict[str, Any]], looked_at_by: int
) -> None:
    scope = district.scopes()[looked_at_by]
    lens = Lens(scope, FIRST, LAST)

    def scene() -> None:
        for plan in plans:
            build(district, plan)
        db.session.flush()
        until = roll_up_all()
        now = open_now(scope)
        for code in WATCHES:
            assert listed(scope, code, Outcome.ALL, until) == now[code], code
        for hot in hot_categories(lens):
            assert listed(scope, "new", Outcome.ALL, until, category_code=hot.code) == hot.new
        for line in hot_estates(lens):
            assert listed(scope, "new", Outcome.ALL, until, estate_id=line.id) == line.counts["new"]
        raise Rollback()

    with clock.frozen(NOW):
        transact(scene)
