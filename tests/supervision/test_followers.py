"""The bureau's figures and those who said 我也遇到: one order, several ratings (domain 6.1, 6.3: o8 and o9)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from app.core import clock
from app.core.clock import china_date
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.orders import feedback, following
from app.supervision.facts import facts
from app.supervision.indicators import Cohort
from app.supervision.mending import mark_stale_days
from app.supervision.models import RollUpDay
from app.supervision.rolling_up import roll_up
from tests.engines import both_engines
from tests.factories.scene import Scene, make_neighbour, make_scene

DAY = timedelta(days=1)


def counters(scene: Scene, cohort: Cohort) -> Counter[str]:
    """The counters of a cohort, summed over everything around the scene."""
    db.session.rollback()
    begin, until = scene.at - 30 * DAY, scene.at + 30 * DAY
    total: Counter[str] = Counter()
    for row in db.session.execute(facts(cohort, SYSTEM, begin=begin, until=until)).mappings():
        total.update({name: int(row[name]) for name in row if name not in _NAMES})
    return total


_NAMES = {
    "order_id",
    "fact_id",
    "instant",
    "district_id",
    "street_id",
    "company_id",
    "office_id",
    "estate_id",
    "category_code",
}


def done_and_followed(scene: Scene):
    order_id, neighbour = scene.submit().order_id, make_neighbour(scene)
    scene.do(lambda: following.follow(order_id, by=neighbour))
    for step in (scene.accept, scene.assign, scene.check_in, scene.finish):
        step(order_id)
    return order_id, neighbour


@both_engines
def test_a_followed_order_is_one_order_with_as_many_ratings_as_were_given(app_db):
    scene = make_scene()
    order_id, neighbour = done_and_followed(scene)
    scene.do(lambda: following.rate_followed(order_id, by=neighbour, stars=1))
    scene.do(lambda: feedback.rate(order_id, by=scene.by(Role.RES), stars=5))
    rated = counters(scene, Cohort.RATED)
    assert rated == {"ratings": 2, "satisfied": 1, "low": 1, "stars_sum": 6}
    finished = counters(scene, Cohort.FINISHED)
    assert (finished["done"], finished["done_rated"]) == (1, 1)
    assert counters(scene, Cohort.SUBMITTED)["new"] == 1


def test_a_followers_late_stars_mend_the_day_on_which_it_was_finished(app_db):
    scene = make_scene()
    order_id, neighbour = done_and_followed(scene)
    finished_on = china_date(scene.order(order_id).finished_at)
    with clock.frozen(scene.at + DAY):
        transact(mark_stale_days)
        transact(lambda: roll_up(finished_on))
    scene.do(lambda: following.rate_followed(order_id, by=neighbour, stars=5), after=2 * DAY)
    with clock.frozen(scene.at + DAY):
        transact(mark_stale_days)
    stale = select(RollUpDay.stale).where(RollUpDay.day == finished_on)
    assert db.session.scalar(stale) is True
