"""What was kept or broken stays with the office that had the order then, whoever has it now (T29, T4, domain 3.6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import Dimension, Scope
from app.media.signing import use_signing_key
from app.orders import desk
from app.orders.policies import MINUTE as MINUTE_MS
from app.orders.rules import order_number
from app.orders.sweeping import sweep
from app.supervision.draft_models import SupervisionDraft
from app.supervision.drilldown import Case, Outcome, Question, cases
from app.supervision.indicators import VOLUMES
from app.supervision.models import DailyFigure
from app.supervision.rolling_up import roll_up
from app.supervision.what_if import Question as Trial
from app.supervision.what_if import ask as try_out
from tests.engines import both_engines
from tests.factories.scene import Scene, make_scene
from tests.orders.test_responding import react
from tests.orders.test_transferring import another_desk, ask, office_of, receive, sees

MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 9, 0)
DAY = date(2026, 11, 20)
NEXT_DAY = china(2026, 11, 21, 8)


@pytest.fixture
def scene(app_db) -> Scene:
    use_signing_key(b"a signing key for tests only")
    return make_scene(T0)


def sweep_and_react(at) -> None:
    with clock.frozen(at):
        sweep()
    react(at)


def visited_late_by_the_first(scene: Scene, other: Scope, *, at=T0) -> int:
    """Accepted in time, not visited within half an hour, then handed to another office."""
    order_id = accepted(scene, at=at)
    sweep_and_react(at + 30 * MINUTE + MS)
    hand_over(scene, order_id, other, at=at + 40 * MINUTE)
    return order_id


def accepted(scene: Scene, *, at=T0) -> int:
    order_id = scene.submit(at=at).order_id
    scene.accept(order_id, at=at + MINUTE)
    return order_id


def hand_over(scene: Scene, order_id: int, other: Scope, *, at) -> None:
    ask(scene, order_id, other, at=at)
    receive(scene, order_id, other, at=at + MINUTE)


def counted(office_id: int) -> dict[str, int]:
    """The figures of an office on the day, as rolled up the next morning."""
    with clock.frozen(NEXT_DAY):
        transact(lambda: roll_up(DAY))
    row = db.session.scalars(
        select(DailyFigure).where(DailyFigure.level == "office", DailyFigure.entity_id == office_id)
    ).one_or_none()
    names = ("new", "hotline", "c1_due", "c1_met", "c2_due", "c2_met", "promised", "late")
    found = {name: getattr(row, name) for name in names} if row else dict.fromkeys(names, 0)
    return {name: value for name, value in found.items() if value}


def listed(scope: Scope, figure: str) -> list[Case]:
    with clock.frozen(NEXT_DAY):
        return list(cases(Question(figure, Outcome.ALL, DAY, DAY), scope).items)


def drafted_for() -> list[int]:
    db.session.rollback()
    rows = select(SupervisionDraft.office_id).where(SupervisionDraft.kind == "interview")
    return list(db.session.scalars(rows.order_by(SupervisionDraft.id)))


@both_engines
def test_a_late_visit_counts_for_the_office_that_had_the_order_when_it_fell_due(scene):
    other = another_desk()
    visited_late_by_the_first(scene, other)
    first = scene.place.office.id
    assert counted(first) == {"c1_due": 1, "c1_met": 1, "c2_due": 1, "promised": 2, "late": 1}
    assert counted(office_of(other)) == {"new": 1}


@both_engines
def test_what_the_hotline_had_to_place_elsewhere_counts_for_who_did_not_accept_it(scene):
    other = another_desk()
    order_id = scene.submit(at=T0).order_id
    sweep_and_react(T0 + 15 * MINUTE + MS)
    named = office_of(other)
    scene.do(
        lambda: desk.accept(order_id, by=scene.by(Role.HOT), spoken_to="李经理", office_id=named),
        at=T0 + 20 * MINUTE,
    )
    sweep_and_react(T0 + 30 * MINUTE + MS)
    first = counted(scene.place.office.id)
    assert first == {"new": 1, "hotline": 1, "c1_due": 1, "promised": 1, "late": 1}
    assert counted(named) == {"c2_due": 1, "promised": 1, "late": 1}, "the visit was the second office's"


def test_it_goes_by_the_due_instant_also_when_the_sweep_came_after_the_hand_over(scene):
    other = another_desk()
    hand_over(scene, accepted(scene), other, at=T0 + 40 * MINUTE)
    sweep_and_react(T0 + 50 * MINUTE)
    assert counted(scene.place.office.id)["late"] == 1
    assert "late" not in counted(office_of(other))


def test_what_falls_due_after_the_hand_over_is_the_new_offices(scene):
    other = another_desk()
    hand_over(scene, accepted(scene), other, at=T0 + 20 * MINUTE)
    sweep_and_react(T0 + 30 * MINUTE + MS)
    assert counted(scene.place.office.id) == {"c1_due": 1, "c1_met": 1, "promised": 1}
    assert counted(office_of(other)) == {"new": 1, "c2_due": 1, "promised": 1, "late": 1}


@both_engines
def test_the_list_behind_the_figure_is_as_long_for_the_company_that_does_not_see_the_order_any_more(scene):
    other = another_desk()
    order_id = visited_late_by_the_first(scene, other)
    company = scene.by(Role.CO)
    assert not sees(order_id, company)
    (case,) = listed(company, "K03")
    order = scene.order(order_id)
    assert (case.order, case.met) == (None, False)
    assert case.former.number == order_number(order.id, order.menu, order.submitted_at)
    assert case.former.office == scene.place.office.name
    (seen,) = listed(scene.by(Role.BUR), "K03")
    assert (seen.order.id, seen.former.office) == (order_id, scene.place.office.name)
    new_company = Scope(Role.CO, grants={Dimension.COMPANY: frozenset({scene.order(order_id).company_id})})
    assert listed(new_company, "K03") == []
    assert [case.order.id for case in listed(new_company, "new")] == [order_id]
    assert "new" in VOLUMES


def test_three_late_visits_draft_for_the_office_that_was_late_and_not_for_the_one_that_took_over(scene):
    other = another_desk()
    for number in range(3):
        visited_late_by_the_first(scene, other, at=T0 + number * HOUR)
    assert drafted_for() == [scene.place.office.id]


def test_two_own_late_visits_and_one_that_was_inherited_are_not_three(scene):
    other = another_desk()
    visited_late_by_the_first(scene, other)
    for number in (1, 2):
        at = T0 + number * HOUR
        hand_over(scene, accepted(scene, at=at), other, at=at + 2 * MINUTE)
        sweep_and_react(at + 30 * MINUTE + MS)
    assert drafted_for() == []


def test_an_order_that_two_offices_broke_once_each_is_nobodys_repeated_breach(scene):
    other = another_desk()
    order_id = visited_late_by_the_first(scene, other)
    sweep_and_react(T0 + 72 * HOUR + MS)
    assert scene.order(order_id).late_repair
    assert drafted_for() == []


def test_an_order_that_one_office_broke_twice_drafts_for_it(scene):
    order_id = accepted(scene)
    sweep_and_react(T0 + 30 * MINUTE + MS)
    sweep_and_react(T0 + 72 * HOUR + MS)
    assert scene.order(order_id).late_repair
    assert drafted_for() == [scene.place.office.id]


def test_a_trial_of_another_limit_shows_the_office_that_would_have_kept_it(scene):
    visited_late_by_the_first(scene, another_desk())
    question = Trial("C2", 30 * MINUTE_MS, 60 * MINUTE_MS, DAY)
    with clock.frozen(NEXT_DAY):
        answer = try_out(question, scene.by(Role.BUR))
    assert [line.id for line in answer.lines] == [scene.place.office.id]
