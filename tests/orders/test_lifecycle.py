"""The lifecycle table itself, and every combination of action, status and role that follows from it."""

from __future__ import annotations

import itertools

import pytest

from app.core.clock import china
from app.core.roles import Role
from app.orders.actions import NEVER_A_BUTTON, OrderFacts, possible_actions
from app.orders.lifecycle import LIFECYCLE, TRANSITIONS, Action, Status

AT = china(2026, 11, 20, 22, 10)


def facts(status: Status) -> OrderFacts:
    return OrderFacts(
        menu="PUB",
        status=status,
        round=0,
        extended=False,
        finished_at=AT,
        closed_at=AT if status is Status.CLOSED else None,
        closed_how="",
        accept_due_at=None,
        repair_due_at=None,
        visited=True,
        rated=False,
        offer_waiting=True,
        extension_by=None,
        extension_role=None,
        last_urged_at=None,
        held_until=AT,
        holds=0,
        no_shows=0,
        rejected_at=AT,
        appealed_at=None,
        appeal_open=False,
        fund_needed_at=None,
        fund_told_at=None,
        cancel_asked_at=None,
        info_asked_at=None,
        info_open=False,
        agreed_fen=None,
        final_fen=None,
        paid_fen=0,
        pay_status="未计价",
        pay_enabled=True,
        transfer_to=None,
        transfers=0,
        special=False,
        special_asked_by=None,
    )


def test_a_row_leads_to_one_place_for_an_action_a_status_and_a_role():
    seen = set()
    for row in TRANSITIONS:
        for key in itertools.product((row.action,), row.sources, row.by):
            assert key not in seen, key
            seen.add(key)


def test_every_status_but_the_first_can_be_reached():
    reached = {row.target for row in TRANSITIONS if row.target}
    assert reached | {Status.SUBMITTED} == set(Status)


def test_every_action_stands_in_the_table():
    assert {row.action for row in TRANSITIONS} == set(Action)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("status", list(Status))
def test_a_button_is_offered_only_where_the_table_has_a_row(status, role):
    offered = possible_actions(facts(status), role=role, account_id=1, at=AT)
    legal = {row.action for row in TRANSITIONS if status in row.sources and role in row.by}
    assert set(offered) <= legal - NEVER_A_BUTTON


@pytest.mark.parametrize("action", list(Action))
def test_the_guard_finds_a_move_exactly_where_the_table_has_one(action):
    """Every combination of action, status and role."""
    for status, role in itertools.product(Status, Role):
        rows = [
            row for row in TRANSITIONS if row.action == action and status in row.sources and role in row.by
        ]
        assert LIFECYCLE.find(action, status, role) == (rows[0] if rows else None), (status, role)


def test_a_worker_never_accepts_and_a_resident_never_dispatches():
    assert Role.WRK not in LIFECYCLE.roles(Action.ACCEPT)
    assert Role.RES not in LIFECYCLE.roles(Action.ASSIGN)


def test_nobody_can_do_anything_to_a_cancelled_order_and_only_appeal_against_a_rejection():
    for role in Role:
        assert possible_actions(facts(Status.CANCELLED), role=role, account_id=1, at=AT) == []
        rejected = possible_actions(facts(Status.REJECTED), role=role, account_id=1, at=AT)
        assert rejected == ([Action.APPEAL] if role is Role.RES else [])
