"""Every action in every status by every role does what the table says, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.errors import Forbidden, NotFound, WrongState
from app.core.roles import Role
from app.feedback.errors import WrongSnapState
from app.feedback.lifecycle import LIFECYCLE, OPEN, TRANSITIONS, Action, Kind, Status, actions_for, step_label
from tests.feedback import doing

STEPS = {
    Action.OPEN: doing.open_,
    Action.REPLY: doing.reply,
    Action.DECLINE: doing.decline,
    Action.CONVERT: doing.convert,
    Action.RATE: doing.rate,
    Action.FOLLOW_UP: doing.ask_again,
    Action.REPLY_AGAIN: doing.reply_again,
}
ROLES = (Role.RES, Role.DSP, Role.MGR, Role.CO, Role.HOT, Role.STR, Role.BUR)
NOT_ITS_OWN = (Status.ASKED, Role.HOT)
"""The hotline answers again what it has answered (test_asking_again.py); what the office has, it does not see."""
LOOKED_AT_AGAIN = {(Action.OPEN, role) for role in (Role.DSP, Role.MGR)}


@pytest.mark.parametrize("status", list(Status), ids=lambda status: status.value)
@pytest.mark.parametrize("action", list(STEPS), ids=lambda action: action.value)
def test_an_action_goes_where_the_table_says_or_is_refused(scene, status, action):
    for role in ROLES:
        snap_id = doing.in_status(scene, status)
        before = doing.snap(snap_id)
        version, move = before.version, LIFECYCLE.find(action, status, role)
        if move is not None and (status, role) != NOT_ITS_OWN:
            STEPS[action](scene, snap_id, role=role)
            assert doing.snap(snap_id).status == move.target
            assert doing.events(snap_id)[-1] == (version + 1, action.value, move.target.value)
            continue
        if (action, role) in LOOKED_AT_AGAIN:
            STEPS[action](scene, snap_id, role=role)
        else:
            refusals = (
                (Forbidden, NotFound) if role not in LIFECYCLE.roles(action) else (WrongState, NotFound)
            )
            with pytest.raises(refusals):
                STEPS[action](scene, snap_id, role=role)
        assert (doing.snap(snap_id).status, doing.snap(snap_id).version) == (status, version)


def test_the_system_ends_what_waits_and_what_was_answered_and_nothing_else():
    by_system = {(row.action, row.sources, row.target) for row in TRANSITIONS if Role.SYS in row.by}
    assert by_system == {
        (Action.EXPIRE, OPEN, Status.EXPIRED),
        (Action.CLOSE, frozenset({Status.ANSWERED}), Status.CLOSED),
    }


def test_only_a_problem_offers_the_repair():
    for kind in Kind:
        offered = Action.CONVERT in actions_for(Status.ACCEPTED, Role.MGR, kind)
        assert offered == (kind is Kind.PROBLEM)
    assert Action.CONVERT not in actions_for(Status.ACCEPTED, Role.DSP, Kind.PROBLEM)


def test_every_step_of_the_timeline_has_its_own_words():
    said = {step_label(row.action.value, role) for row in TRANSITIONS for role in row.by}
    assert len(said) == len(TRANSITIONS)
    assert step_label("submit", Role.RES) == "已提交"
    assert step_label(Action.REPLY.value, Role.HOT) == "962121已回复"


def test_looking_again_after_the_ten_days_is_allowed_and_changes_nothing(scene):
    snap_id = doing.send(scene)
    doing.open_(scene, snap_id, after=timedelta(days=10, milliseconds=1))
    assert doing.snap(snap_id).status == Status.SUBMITTED


def test_a_refusal_names_the_present_status(scene):
    snap_id = doing.in_status(scene, Status.CLOSED)
    with pytest.raises(WrongSnapState) as refused:
        doing.reply(scene, snap_id)
    assert refused.value.fields == {"status": "CLOSED"}
    assert "已办结" in refused.value.sentence
