"""One sentence for the resident, and the whole ladder for the bureau, both from recorded events."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.clock import china
from app.core.roles import Role
from app.media.signing import use_signing_key
from app.orders import deadlines, extensions, feedback, holds
from app.orders.errors import OrderNotFound
from app.orders.explaining import ClockStep, explain, until
from app.orders.ladder import KINDS, clock_steps, ladder
from app.orders.marks import marks_of
from tests.factories.scene import make_scene
from tests.orders.test_clock_vectors import sweep_at
from tests.orders.test_responding import react

MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
HOURS_72 = 72 * 3_600_000


def step(kind: str, at=T0, *, clock: str = "C3", round_: int = 0, limit: int | None = None, reason: str = ""):
    return ClockStep(clock, round_, kind, at, limit, reason)


STARTED = step("start", limit=HOURS_72)


@pytest.mark.parametrize(
    ("steps", "later", "sentence"),
    [
        ((), HOUR, ""),
        ((), 72 * HOUR, ""),
        ((), 72 * HOUR + MS, "已超时,已通知主管"),
        ((step("stop", T0 + 80 * HOUR),), 90 * HOUR, ""),
        ((step("pause", T0 + HOUR, reason="家里没人"),), 100 * HOUR, "等您约时间,期间不计时"),
        (
            (step("pause", T0 + HOUR, reason="等供电公司抢修"),),
            2 * HOUR,
            "等供电公司抢修,期间不计时",
        ),
        (
            (step("pause", T0 + HOUR, reason="家里没人"), step("resume", T0 + 3 * HOUR, reason="到时间")),
            4 * HOUR,
            "已继续计时,周二 00:10 前修好",
        ),
        (
            (step("extend", T0 + HOUR, limit=120 * 3_600_000, reason="采购困难,由李经理批准"),),
            2 * HOUR,
            "等配件,已延至周三 22:10,由李经理批准",
        ),
        (
            (step("extend", T0 + HOUR, limit=120 * 3_600_000, reason="采购困难,由李经理批准"),),
            120 * HOUR + MS,
            "已超时,已通知主管",
        ),
    ],
)
def test_the_sentence_follows_from_the_clock_events(steps, later, sentence):
    assert explain([STARTED, *steps], round_=0, now=T0 + later) == sentence


def test_a_visit_that_is_late_is_said_until_somebody_has_come():
    visit = step("start", clock="C2", limit=30 * 60_000)
    now = T0 + 30 * MINUTE
    assert explain([STARTED, visit], round_=0, now=now) == ""
    assert explain([STARTED, visit], round_=0, now=now + MS) == "到场已超时,已通知主管"
    came = step("stop", now + MINUTE, clock="C2")
    assert explain([STARTED, visit, came], round_=0, now=now + 2 * MINUTE) == ""


def test_only_the_present_round_is_told_and_a_chosen_time_waits_for_nobody():
    paused = step("pause", T0 + HOUR, reason="家里没人")
    again = step("start", T0 + 50 * HOUR, round_=1, limit=HOURS_72)
    assert explain([STARTED, paused, again], round_=1, now=T0 + 51 * HOUR) == ""
    said = explain([STARTED, paused], round_=0, now=T0 + 2 * HOUR, agreed=True)
    assert said == "已约好上门时间,期间不计时"
    assert explain([], round_=0, now=T0) == ""


def test_days_are_named_as_people_name_them():
    assert until(T0 + HOUR, T0) == "今天 23:10"
    assert until(T0 + 24 * HOUR, T0) == "明天 22:10"
    assert until(T0 + 6 * 24 * HOUR, T0) == "周四 22:10"
    assert until(T0 + 7 * 24 * HOUR, T0) == "11月27日 22:10"


# ---- from a real order


@pytest.fixture
def scene(app_db):
    use_signing_key(b"a signing key for tests only")
    return make_scene(T0)


def extended(scene) -> int:
    order_id = scene.until_working(at=T0)
    photos, worker, manager = scene.photos(Role.WRK), scene.by(Role.WRK), scene.by(Role.MGR)
    asked = {"reason_code": "buying", "reason": "灯具要从厂家发货", "expected_at": T0 + 90 * HOUR}
    scene.do(lambda: extensions.request(order_id, by=worker, photo_ids=photos, **asked), after=HOUR)
    scene.do(lambda: extensions.decide(order_id, by=manager, grant=True), after=HOUR)
    return order_id


def test_an_extension_names_reason_date_and_who_granted_it(scene):
    steps = clock_steps(extended(scene))
    assert explain(steps, round_=0, now=scene.at) == "等配件,已延至周三 22:10,由示经理批准"


def test_a_closed_door_is_told_as_waiting_for_the_resident(scene):
    order_id = scene.at_a_closed_door(at=T0)
    scene.hold(order_id)
    assert explain(clock_steps(order_id), round_=0, now=scene.at) == "等您约时间,期间不计时"
    by = scene.by(Role.WRK)
    scene.do(lambda: holds.end_hold(order_id, by=by, reason="有人在家了"), after=HOUR)
    assert explain(clock_steps(order_id), round_=0, now=scene.at).startswith("已继续计时")


def test_the_ladder_says_for_each_level_when_it_was_due_when_it_fired_and_who_was_told(scene):
    order_id = scene.until_working(at=T0)
    due = T0 + 72 * HOUR
    for instant in (due + 7 * MINUTE, due + 24 * HOUR + MS):
        sweep_at(instant)
        react(instant)
    rungs = [each for each in ladder(order_id, scene.by(Role.BUR)) if each.clock == "修复"]
    said = {each.what: each for each in rungs}
    first, second = said["到期(L1)"], said["升级 L2"]
    assert (first.at, first.fired_at, first.state) == (due, due + 7 * MINUTE, "超时")
    assert first.late_words == "7 分钟"
    assert first.told[0] == "报修人"
    assert {"示经理", "示调度", "师傅"} <= set(first.told)
    assert not any("街道" in name for name in first.told)
    assert any("街道" in name for name in second.told)
    assert second.late_words == ""
    assert (said["升级 L3"].state, said["升级 L3"].told) == ("未到", [])
    assert said["开始计时"].at == T0


def test_every_kind_of_clock_event_has_a_chinese_name_on_the_ladder():
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in Path(deadlines.__file__).parent.glob("*.py")
    )
    written = {kind for _, kind in re.findall(r"\bnote\(\s*order, (\w+), [^,]+, \"(\w+)\"", code)} | {"start"}
    assert written == set(KINDS)


def test_another_district_finds_no_ladder(scene):
    order_id = scene.until_working(at=T0)
    with pytest.raises(OrderNotFound):
        ladder(order_id, make_scene(T0).by(Role.BUR))


def test_the_second_reopening_is_the_managers_and_the_third_the_streets(scene):
    order_id, by = scene.until_done(at=T0), scene.by(Role.RES)
    marks = []
    for _ in range(3):
        photos = scene.photos(Role.RES)
        scene.do(
            lambda p=photos: feedback.reopen(order_id, by=by, reason="还是不亮", photo_ids=p), after=HOUR
        )
        order = scene.order(order_id)
        marks.append((order.flagged, marks_of(order)))
        scene.check_in(order_id, after=HOUR)
        scene.finish(order_id, after=HOUR)
    attends, mediates = "多次没修好,经理须亲自到场", "已请街道出面协调"
    assert marks == [(False, []), (False, [attends]), (True, [attends, mediates])]
