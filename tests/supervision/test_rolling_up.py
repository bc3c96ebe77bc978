"""Twice is once, two at a time is once, later events mend earlier days, and nobody sees another's figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.core import clock
from app.core.db import db, table_of, transact
from app.core.errors import NotFound
from app.core.roles import Role
from app.core.scope import Dimension, Scope
from app.orders import feedback
from app.orders.lifecycle import Status
from app.orders.rules import Clock
from app.supervision.drilldown import Outcome, Question, cases
from app.supervision.indicators import K06, K07
from app.supervision.mending import mark_stale_days
from app.supervision.models import DailyCategory, DailyFigure, RollUpDay
from app.supervision.queries import (
    Group,
    Lens,
    as_of,
    by_day,
    by_group,
    choices,
    has_figures_of,
    hot_categories,
    lens,
    total,
)
from app.supervision.ratios import ratio
from app.supervision.rolling_up import KEPT_DAYS, days_to_roll_up, roll_up
from tests.engines import both_engines, in_parallel
from tests.factories import Place, make_company, make_district, make_place
from tests.factories.scene import make_scene
from tests.supervision.rows import HOUR, MINUTE, install_categories, order_row, promise, rating

NOON = clock.china(2026, 11, 20, 12)
DAY = date(2026, 11, 20)
NEXT_DAY = clock.china(2026, 11, 21, 9)


def scope_of_place(role: Role, place: Place) -> Scope:
    dimension, value = {
        Role.BUR: (Dimension.DISTRICT, place.district.id),
        Role.STR: (Dimension.STREET, place.street.id),
        Role.CO: (Dimension.COMPANY, place.company.id),
    }[role]
    return Scope(role, grants={dimension: frozenset({value})})


def busy_day(place: Place, orders: int = 3) -> None:
    for number in range(orders):
        at = NOON + number * MINUTE
        order = order_row(place, at, status=Status.CLOSED, finished_at=at + HOUR)
        promise(order, Clock.ACCEPT, stopped=at + MINUTE)
        promise(order, Clock.VISIT, stopped=at + 31 * MINUTE)
        rating(order, at + HOUR, 5)


def catch_up() -> None:
    """What the scheduler's job does, at the present instant."""
    transact(mark_stale_days)
    for day in days_to_roll_up():
        transact(lambda day=day: roll_up(day))


def stored() -> list[tuple[Any, ...]]:
    db.session.rollback()
    rows: list[tuple[Any, ...]] = []
    for model in (DailyFigure, DailyCategory):
        table = table_of(model)
        rows += [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key.columns))]
    return rows


@both_engines
def test_rolling_up_twice_is_once(app_db: Flask) -> None:
    install_categories()
    place = make_place()
    transact(lambda: busy_day(place))
    with clock.frozen(NEXT_DAY):
        transact(lambda: roll_up(DAY))
        once = stored()
        transact(lambda: roll_up(DAY))
    assert stored() == once
    assert {row[0] for row in once} == {"district", "street", "company", "office", "estate"}


@both_engines
def test_four_at_a_time_is_once(app_db: Flask) -> None:
    install_categories()
    place = make_place()
    transact(lambda: busy_day(place))
    with clock.frozen(NEXT_DAY):
        transact(lambda: roll_up(DAY))
        once = stored()
        outcomes = in_parallel(app_db, [lambda: transact(lambda: roll_up(DAY))] * 4)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert stored() == once


def test_every_level_adds_up_to_the_same(app_db: Flask) -> None:
    install_categories()
    home = make_district()
    company = make_company()
    for number in range(3):
        place = make_place(district=home, company=company if number else None)
        transact(lambda place=place, number=number: busy_day(place, number + 1))
    with clock.frozen(NEXT_DAY):
        transact(lambda: roll_up(DAY))
    rows = db.session.execute(select(DailyFigure.level, DailyFigure.new)).all()
    sums = {
        level: sum(row.new for row in rows if row.level == level) for level in {row.level for row in rows}
    }
    assert sums == dict.fromkeys(("district", "street", "company", "office", "estate"), 6)


def test_a_running_day_is_cut_at_the_present_instant(app_db: Flask) -> None:
    install_categories()
    place = make_place()
    transact(lambda: busy_day(place))
    lens_ = Lens(scope_of_place(Role.BUR, place), DAY, DAY)
    at = NOON + MINUTE  # the second order comes at this very instant, the third later
    with clock.frozen(at):
        transact(lambda: roll_up(DAY))
        assert as_of(DAY) == at
    assert total(lens_)["new"] == 1


@pytest.mark.parametrize(("after", "counted"), [(timedelta(), 0), (timedelta(milliseconds=1), 1)])
def test_a_promise_counts_once_its_due_instant_has_passed(
    app_db: Flask, after: timedelta, counted: int
) -> None:
    install_categories()
    place = make_place()

    def waiting() -> None:
        promise(order_row(place, NOON), Clock.ACCEPT, state="pending")

    transact(waiting)
    with clock.frozen(NOON + 15 * MINUTE + after):
        transact(lambda: roll_up(DAY))
    figures = total(Lens(scope_of_place(Role.BUR, place), DAY, DAY))
    assert (figures["c1_due"], figures["c1_met"], figures["late"]) == (counted, 0, counted)


def test_days_that_were_not_over_or_are_missing_are_rolled_up_today_first(app_db: Flask) -> None:
    install_categories()
    place = make_place()
    transact(lambda: order_row(place, NOON - timedelta(days=2)))
    with clock.frozen(NOON):
        assert days_to_roll_up() == [DAY, DAY - timedelta(days=1), DAY - timedelta(days=2)]
        catch_up()
        assert days_to_roll_up() == [DAY]
    with clock.frozen(NEXT_DAY):
        assert days_to_roll_up() == [DAY + timedelta(days=1), DAY]
        catch_up()
        assert days_to_roll_up() == [DAY + timedelta(days=1)]


def test_what_is_older_than_anybody_may_reopen_is_left_alone(app_db: Flask) -> None:
    install_categories()
    place = make_place()
    transact(lambda: order_row(place, NOON - timedelta(days=KEPT_DAYS + 5)))
    with clock.frozen(NOON):
        assert days_to_roll_up() == [DAY]


@both_engines
def test_a_reopening_takes_back_what_was_counted_before_it(app_db: Flask) -> None:
    scene = make_scene(clock.china(2026, 11, 10, 9))
    order_id = scene.until_done()
    scene.do(lambda: feedback.rate(order_id, by=scene.by(Role.RES), stars=5), after=HOUR)
    lens_ = Lens(scene.by(Role.BUR), date(2026, 11, 10), date(2026, 11, 16))
    with clock.frozen(clock.china(2026, 11, 14, 9)):
        catch_up()
        before = total(lens_)
    assert ratio(K06, before).words == ratio(K07, before).words == "100.0%"
    assert before["satisfied"] == 1

    photos = scene.photos(Role.RES)
    scene.do(
        lambda: feedback.reopen(order_id, by=scene.by(Role.RES), reason="又坏了", photo_ids=photos),
        at=clock.china(2026, 11, 14, 10),
    )
    with clock.frozen(clock.china(2026, 11, 14, 11)):
        transact(mark_stale_days)
        assert date(2026, 11, 10) in days_to_roll_up()
        catch_up()
        after = total(lens_)
    assert (after["done"], after["satisfied"], after["c3_met"], after["c3_due"]) == (0, 0, 0, 1)


def test_events_are_looked_at_again_until_a_minute_has_passed(app_db: Flask) -> None:
    scene = make_scene(NOON - timedelta(days=1))
    order_id = scene.until_working()
    with clock.frozen(NOON - HOUR):
        catch_up()
    scene.finish(order_id, at=NOON)
    with clock.frozen(NOON + timedelta(seconds=10)):
        assert transact(mark_stale_days) > 0
        assert transact(mark_stale_days) > 0
    with clock.frozen(NOON + 2 * MINUTE):
        assert transact(mark_stale_days) > 0
        assert transact(mark_stale_days) == 0


def counted(work: Callable[[], object]) -> int:
    """How many statements `work` sends."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    db.session.connection()  # on SQLite BEGIN is a statement too
    event.listen(db.engine, "before_cursor_execute", note)
    work()
    event.remove(db.engine, "before_cursor_execute", note)
    return count


def test_a_day_costs_the_same_statements_whatever_the_orders(app_db: Flask) -> None:
    install_categories()
    home = make_district()
    first, second = make_place(district=home), make_place(district=home)
    transact(lambda: busy_day(first, 2))
    scope = scope_of_place(Role.BUR, first)
    lens_ = Lens(scope, DAY, DAY)
    question = Question("K01", Outcome.ALL, DAY, DAY, until=NEXT_DAY)

    def everything() -> list[int]:
        with clock.frozen(NEXT_DAY):
            works: list[Callable[[], object]] = [
                lambda: transact(lambda: roll_up(DAY)),
                lambda: by_day(lens_),
                lambda: by_group(lens_, Group.COMPANY),
                lambda: hot_categories(lens_),
                lambda: cases(question, scope),
            ]
            return [counted(work) for work in works]

    few = everything()
    transact(lambda: busy_day(second, 25))
    assert everything() == few
    assert few[0] <= 20
    assert few[1:] == [1, 1, 1, 2]


@pytest.fixture
def two_of_a_district(app_db: Flask) -> tuple[Place, Place]:
    """Two estates of different streets and companies."""
    install_categories()
    home = make_district()
    places = make_place(district=home), make_place(district=home)
    transact(lambda: busy_day(places[0], 2))
    transact(lambda: busy_day(places[1], 3))
    with clock.frozen(NEXT_DAY):
        transact(lambda: roll_up(DAY))
    return places


@pytest.mark.parametrize(("role", "sees"), [(Role.BUR, 5), (Role.STR, 2), (Role.CO, 2)])
def test_each_hat_sees_its_own_part(two_of_a_district: tuple[Place, Place], role: Role, sees: int) -> None:
    mine, other = two_of_a_district
    lens_ = Lens(scope_of_place(role, mine), DAY, DAY)
    assert total(lens_)["new"] == sees
    assert sum(hot.new for hot in hot_categories(lens_)) == sees
    for group in Group:
        assert sum(line.counts["new"] for line in by_group(lens_, group)) == sees
    seen = {line.id for line in by_group(lens_, Group.COMPANY)}
    assert (other.company.id in seen) == (role is Role.BUR)
    assert has_figures_of(lens_, Group.ESTATE, other.estate.id) == (role is Role.BUR)


def test_a_hat_without_a_grant_sees_nothing(two_of_a_district: tuple[Place, Place]) -> None:
    lens_ = Lens(Scope(Role.STR), DAY, DAY)
    assert total(lens_)["new"] == 0
    assert choices(Scope(Role.STR)) == ([], [])


@pytest.mark.parametrize("role", [Role.STR, Role.CO])
def test_another_street_or_company_is_not_found(two_of_a_district: tuple[Place, Place], role: Role) -> None:
    mine, other = two_of_a_district
    scope = scope_of_place(role, mine)
    lens(scope, first=DAY, last=DAY, street_id=mine.street.id, company_id=mine.company.id)
    for foreign in ({"street_id": other.street.id}, {"company_id": other.company.id}, {"street_id": 10**9}):
        with pytest.raises(NotFound):
            lens(scope, first=DAY, last=DAY, **foreign)


def test_the_state_of_a_day_is_one_row(two_of_a_district: tuple[Place, Place]) -> None:
    rows = db.session.execute(select(RollUpDay.day, RollUpDay.stale)).all()
    assert [tuple(row) for row in rows] == [(DAY, False)]


def test_the_present_instant_is_a_parameter_of_nothing_stored(two_of_a_district: tuple[Place, Place]) -> None:
    """A day that is over gives the same rows whenever it is rolled up."""
    once = stored()

    def again(at: datetime) -> None:
        with clock.frozen(at):
            transact(lambda: roll_up(DAY))

    again(NEXT_DAY + timedelta(days=30))
    assert stored() == once
