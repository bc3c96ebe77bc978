"""A month below 80 % with ten orders or more drafts an interview and a rectification notice (domain 3.6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.roles import Role
from app.supervision import drafting
from app.supervision.draft_models import SupervisionDraft
from app.supervision.models import DailyFigure
from app.supervision.monthly import judge_last_month
from tests.engines import both_engines
from tests.factories.places import make_office
from tests.factories.scene import Scene, make_scene
from tests.orders.test_responding import told
from tests.supervision.test_drafts import drafted, visited_late

DAY = timedelta(days=1)
SECOND_OF_DECEMBER = china(2026, 12, 2, 3)


@pytest.fixture
def scene(app_db) -> Scene:
    return make_scene(china(2026, 11, 20, 9))


def figures(scene: Scene, office, **met_of_due: tuple[int, int]) -> None:
    """c3 figures of an office by day: d03=(4, 5) is four of five in time on the third."""
    rows = [
        DailyFigure(
            level="office",
            day=date(2026, 11, int(name[1:])),
            entity_id=office.id,
            part_id=0,
            district_id=scene.place.district.id,
            company_id=office.company_id,
            c3_met=met,
            c3_due=due,
        )
        for name, (met, due) in met_of_due.items()
    ]
    transact(lambda: db.session.add_all(rows))


def judge(at=SECOND_OF_DECEMBER) -> int:
    with clock.frozen(at):
        return transact(lambda: judge_last_month(clock.now()))


@both_engines
def test_below_eighty_percent_of_ten_orders_drafts_once_and_tells_the_bureau_once(scene):
    figures(scene, scene.place.office, d01=(3, 5), d30=(4, 5))
    assert [judge(), judge(SECOND_OF_DECEMBER + DAY)] == [2, 0]
    assert drafted() == [("interview", "draft"), ("rectify", "draft")]
    (basis,) = set(db.session.scalars(select(SupervisionDraft.basis)))
    assert basis == "2026年11月到期的修复时限 10 个,按期 7 个(70%),低于 80%。"
    assert told(scene, Role.BUR) == ["约谈和整改草稿待处理"]
    assert told(scene, Role.CO) == told(scene, Role.MGR) == []


@pytest.mark.parametrize("days", [{"d02": (8, 10)}, {"d02": (0, 9)}])
def test_at_the_mark_or_with_fewer_orders_nothing_is_drafted(scene, days):
    figures(scene, scene.place.office, **days)
    assert (judge(), drafted()) == (0, [])


def test_a_month_is_judged_when_it_is_over_and_by_itself(scene):
    figures(scene, scene.place.office, d05=(0, 10))
    figures(scene, make_office(), d05=(10, 10))
    assert judge(china(2026, 11, 28)) == judge(china(2026, 12, 1, 23)) == 0
    assert judge() == 2
    assert judge(china(2027, 1, 2)) == 0


def test_what_was_dropped_is_not_drafted_again_and_uses_up_no_breach_of_the_week(scene):
    figures(scene, scene.place.office, d05=(0, 10))
    for day in (china(2026, 11, 30, 9), china(2026, 12, 1, 9)):
        visited_late(scene, day)
    assert judge() == 2
    by = scene.by(Role.BUR)
    for draft in drafting.drafts(by).items:
        scene.do(lambda each=draft.id: drafting.drop(each, by=by, reason="已当面约谈过"))
    assert judge() == 0
    visited_late(scene, SECOND_OF_DECEMBER + DAY / 4)
    assert drafted()[2:] == [("interview", "draft"), ("rectify", "draft")]
