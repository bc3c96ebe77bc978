"""督办、约谈、整改 are drafted by the system and sent or dropped by a person (domain 3.6, escalation ladder)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from app.audit.models import AuditRecord
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.outbox import dispatch_one
from app.core.roles import Role
from app.media.signing import use_signing_key
from app.orders import evidence
from app.orders.errors import WrongOrderState
from app.orders.sweeping import sweep
from app.reactions.table import REACTIONS
from app.supervision import drafting
from app.supervision.draft_models import SupervisionDraft
from app.supervision.drafting import DraftDecided, NoSuchDraft
from tests.engines import both_engines, in_parallel
from tests.factories.scene import Scene, make_scene
from tests.orders.test_responding import react, told

MS, HOUR = timedelta(milliseconds=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
DUE = T0 + 72 * HOUR


@pytest.fixture
def scene(app_db) -> Scene:
    use_signing_key(b"a signing key for tests only")
    return make_scene(T0)


def run_to(instant) -> None:
    """Sweep and react at that instant, and again: the second time nothing happens."""
    for _ in range(2):
        with clock.frozen(instant):
            sweep()
        react(instant)


def drafted() -> list[tuple[str, str]]:
    db.session.rollback()
    rows = select(SupervisionDraft.kind, SupervisionDraft.state).order_by(SupervisionDraft.id)
    return [tuple(row) for row in db.session.execute(rows)]


def one(scene: Scene) -> SupervisionDraft:
    return drafting.drafts(scene.by(Role.BUR)).items[0]


def visited_late(scene: Scene, at) -> None:
    """Accepted in time, visited a minute late, mended: one breach of C2."""
    order_id = scene.submit(at=at).order_id
    scene.accept(order_id, after=HOUR / 60)
    scene.assign(order_id, after=HOUR / 60)
    scene.check_in(order_id, at=at + HOUR / 60 * 31)
    scene.finish(order_id, after=HOUR)
    run_to(scene.at)


def overdue(scene: Scene) -> int:
    """Verified in time, not mended; the third level has been reached."""
    order_id = scene.until_working(at=T0)
    for instant in (DUE, DUE + 24 * HOUR, DUE + 72 * HOUR):
        run_to(instant + MS)
    scene.at = DUE + 73 * HOUR
    return order_id


@both_engines
def test_the_third_level_drafts_a_supervision_once_and_sends_nothing(scene):
    order_id = overdue(scene)
    assert drafted() == [("supervise", "draft")]
    draft = one(scene)
    assert draft.order_id == order_id
    assert "修复时限 11月23日 22:10" in draft.basis
    assert not scene.order(order_id).supervised
    assert "房管局督办" not in told(scene, Role.MGR)
    assert told(scene, Role.BUR)[-1] == "修复超时,升级督促"


def test_the_ladder_goes_up_step_by_step(scene):
    scene.until_working(at=T0)
    heard = {}
    for level, instant in (("L1", DUE), ("L2", DUE + 24 * HOUR), ("L3", DUE + 72 * HOUR)):
        run_to(instant + MS)
        heard[level] = {
            role
            for role in (Role.WRK, Role.DSP, Role.MGR, Role.CO, Role.STR, Role.BUR)
            if any(title.startswith("修复超时") for title in told(scene, role))
        }
    assert heard["L1"] == {Role.WRK, Role.DSP, Role.MGR, Role.CO}
    assert heard["L2"] - heard["L1"] == {Role.STR}
    assert heard["L3"] - heard["L2"] == {Role.BUR}


def test_an_order_that_was_mended_before_the_third_level_drafts_nothing(scene):
    order_id = scene.until_working(at=T0)
    scene.finish(order_id, at=DUE + 30 * HOUR)
    run_to(DUE + 72 * HOUR + MS)
    assert drafted() == []


@both_engines
def test_sending_marks_the_order_tells_everybody_and_is_audited(scene):
    order_id = overdue(scene)
    draft, by = one(scene), scene.by(Role.BUR)
    words = "请贵司24小时内修复外墙渗水,并书面说明原因。"
    scene.do(lambda: drafting.send(draft.id, by=by, text=words))
    react(scene.at)
    assert drafted() == [("supervise", "sent")]
    assert scene.order(order_id).supervised
    last = evidence.timeline(order_id)[-1]
    assert (last.code, last.role, last.note) == ("U10", Role.BUR, words)
    for role in (Role.MGR, Role.CO, Role.STR):
        assert told(scene, role)[-1] == "房管局督办"
    assert told(scene, Role.RES)[-1] == "房管局已督办"
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "draft.sent")).one()
    assert (record.account_id, record.object_id) == (by.account_id, str(draft.id))
    with pytest.raises(DraftDecided):
        scene.do(lambda: drafting.send(draft.id, by=by, text=words))


def test_dropping_needs_a_reason_and_keeps_what_it_rested_on(scene):
    order_id = overdue(scene)
    draft, by = one(scene), scene.by(Role.BUR)
    basis = draft.basis
    with pytest.raises(Invalid):
        scene.do(lambda: drafting.drop(draft.id, by=by, reason=" "))
    scene.do(lambda: drafting.drop(draft.id, by=by, reason="配件已到,今晚修好"))
    (kept,) = drafting.drafts(by, state="dropped").items
    assert (kept.basis, kept.note, kept.decided_by) == (basis, "配件已到,今晚修好", by.account_id)
    assert not scene.order(order_id).supervised


def test_only_the_bureau_of_the_district_decides(scene):
    overdue(scene)
    draft_id = one(scene).id
    for role in (Role.STR, Role.CO, Role.MGR):
        with pytest.raises(Forbidden):
            scene.do(lambda role=role: drafting.drop(draft_id, by=scene.by(role), reason="不需要了"))
    elsewhere = make_scene(scene.at).by(Role.BUR)
    with pytest.raises(NoSuchDraft):
        scene.do(lambda: drafting.drop(draft_id, by=elsewhere, reason="不需要了"))
    assert drafting.drafts(elsewhere).items == []


def test_a_supervision_of_an_order_that_is_mended_by_now_is_refused(scene):
    order_id = overdue(scene)
    draft = one(scene)
    scene.finish(order_id)
    with pytest.raises(WrongOrderState):
        scene.do(lambda: drafting.send(draft.id, by=scene.by(Role.BUR), text=draft.text))
    assert drafted() == [("supervise", "draft")]


@both_engines
def test_three_breaches_of_an_office_in_seven_days_draft_interview_and_rectification_once(scene):
    for day in range(5):
        visited_late(scene, T0 + day * 24 * HOUR)
        expected = [] if day < 2 else [("interview", "draft"), ("rectify", "draft")]
        assert drafted() == expected, day
    draft = drafting.drafts(scene.by(Role.BUR)).items[0]
    assert (draft.order_id, draft.office_id) == (None, scene.place.office.id)
    assert "超时 3 次" in draft.basis
    assert told(scene, Role.BUR).count("约谈和整改草稿待处理") == 1
    assert not any("约谈" in title for title in told(scene, Role.CO))


def test_three_breaches_over_more_than_seven_days_draft_nothing(scene):
    for day in (0, 4, 8):
        visited_late(scene, T0 + day * 24 * HOUR)
    assert drafted() == []


@both_engines
def test_two_clocks_breached_on_one_order_draft_once_however_many_follow(scene):
    order_id = scene.submit(at=T0).order_id
    for after in (HOUR / 4, HOUR / 2, 72 * HOUR):
        run_to(T0 + after + MS)
    assert [kind for kind, _ in drafted()] == ["interview", "rectify"]
    draft = drafting.drafts(scene.by(Role.BUR)).items[0]
    assert draft.order_id == order_id
    assert "2 个时限超时" in draft.basis


def test_an_interview_that_is_sent_reaches_manager_and_company(scene):
    scene.submit(at=T0)
    for after in (HOUR / 4, HOUR / 2):
        run_to(T0 + after + MS)
    interview = next(each for each in drafting.drafts(scene.by(Role.BUR)).items if each.kind == "interview")
    scene.do(lambda: drafting.send(interview.id, by=scene.by(Role.BUR), text=interview.text), after=HOUR)
    react(scene.at)
    assert told(scene, Role.MGR)[-1] == told(scene, Role.CO)[-1] == "房管局约谈通知"


@both_engines
def test_two_reactors_at_once_write_a_draft_once(scene, app_db):
    for number in range(3):
        scene.submit(at=T0 + number * MS)
    clock.freeze(T0 + HOUR / 4 + HOUR / 5)
    sweep()

    def work() -> None:
        while dispatch_one(REACTIONS):
            pass

    in_parallel(app_db, [work] * 3)
    react(clock.now())
    of_the_office = select(func.count()).where(SupervisionDraft.order_id.is_(None))
    assert db.session.scalar(of_the_office) == 2


@both_engines
@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE supervision_drafts SET state = 'sent'",
        "UPDATE supervision_drafts SET state = 'dropped', decided_by = 1, decided_at = made_at",
        "UPDATE supervision_drafts SET order_id = NULL",
    ],
)
def test_the_database_itself_refuses_a_draft_that_nobody_sent(scene, lie):
    overdue(scene)
    with pytest.raises(Conflict):
        transact(lambda: db.session.execute(text(lie)))
