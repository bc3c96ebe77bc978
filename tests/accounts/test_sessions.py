"""Tokens: random, hashed, revocable, idle and absolute limits, one hat at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from app.accounts.errors import AccountClosed, NotYourHat
from app.accounts.models import AccountStatus, AuthSession, Hat
from app.accounts.sessions import (
    API_LIVES,
    CONSOLE_LIVES,
    find_session,
    forget_old_sessions,
    hats_of,
    open_session,
    revoke,
    revoke_all,
    sessions_of,
    touch,
    wear_hat,
)
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from tests.factories import make_account, make_credential, make_hat

NOON = clock.china(2026, 11, 20, 12)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def hat(app_db) -> Hat:
    clock.freeze(NOON)
    return make_hat(Role.SEA)


def opened(hat: Hat, channel: str = "console", **options) -> str:
    lives = {"console": CONSOLE_LIVES, "api": API_LIVES}[channel]
    return transact(lambda: open_session(hat.account_id, channel=channel, **{"lives_for": lives, **options}))


def test_the_token_is_long_and_only_its_hash_is_stored(hat):
    tokens = {opened(hat) for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) >= 43 for token in tokens), "32 bytes in base64"
    stored = db.session.scalars(select(AuthSession.token_hash)).all()
    assert not tokens & set(stored)
    assert all(len(digest) == 64 for digest in stored)


def test_a_token_finds_its_session_in_one_statement(hat):
    account_id, hat_id = hat.account_id, hat.id
    token = opened(hat, hat_id=hat_id)
    db.session.rollback()
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    found = find_session(token)
    assert [statement.split()[0] for statement in statements] == ["BEGIN", "SELECT"]
    assert (found.account_id, found.hat_id, found.role) == (account_id, hat_id, Role.SEA)


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "' OR 1=1 --", "令牌"])
def test_an_unknown_token_finds_nothing(hat, token):
    assert find_session(token) is None


def test_a_console_left_idle_for_half_an_hour_is_closed(hat):
    token = opened(hat)
    clock.freeze(NOON + 30 * MINUTE - timedelta(milliseconds=1))
    assert find_session(token)
    clock.freeze(NOON + 30 * MINUTE)
    assert find_session(token) is None


def test_a_console_in_use_ends_after_twelve_hours_whatever_was_asked_for(hat):
    token = opened(hat, lives_for=timedelta(days=9))
    for minutes in range(20, 12 * 60, 20):
        clock.freeze(NOON + minutes * MINUTE)
        assert find_session(token), f"closed after {minutes} min"
        transact(lambda: touch(find_session(token).session_id))
    clock.freeze(NOON + CONSOLE_LIVES)
    assert find_session(token) is None


def test_a_phone_may_rest_for_thirty_days(hat):
    token = opened(hat, "api")
    clock.freeze(NOON + 30 * DAY - MINUTE)
    assert find_session(token)
    clock.freeze(NOON + 30 * DAY)
    assert find_session(token) is None


def test_touching_writes_at_most_once_a_minute(hat):
    token = opened(hat)
    clock.freeze(NOON + timedelta(seconds=59))
    session = find_session(token)
    assert not session.worth_touching
    transact(lambda: touch(session.session_id))
    assert find_session(token).seen_at == NOON
    clock.freeze(NOON + MINUTE)
    assert find_session(token).worth_touching
    transact(lambda: touch(session.session_id))
    assert find_session(token).seen_at == NOON + MINUTE


def test_a_revoked_token_is_dead(hat):
    token, other = opened(hat), opened(hat)
    transact(lambda: revoke(find_session(token).session_id))
    assert find_session(token) is None
    assert find_session(other)


def test_all_sessions_can_be_ended_but_one(hat):
    keep, others = opened(hat), [opened(hat), opened(hat, "api")]
    stranger = opened(make_hat(Role.AUA))
    transact(lambda: revoke_all(hat.account_id, keep=find_session(keep).session_id))
    assert find_session(keep)
    assert find_session(stranger)
    assert [find_session(token) for token in others] == [None, None]
    assert len(sessions_of(hat.account_id)) == 1


@pytest.mark.parametrize("status", [AccountStatus.DISABLED, AccountStatus.CANCELLED])
def test_a_closed_account_is_signed_out_everywhere_and_cannot_come_back(hat, status):
    token = opened(hat)
    transact(lambda: setattr(hat.account, "status", status))
    assert find_session(token) is None
    with pytest.raises(AccountClosed):
        opened(hat)


def test_a_hat_that_was_taken_off_kills_the_sessions_that_wear_it(hat):
    wearing, plain = opened(hat, hat_id=hat.id), opened(hat)
    transact(lambda: setattr(hat, "ended_at", clock.now()))
    assert find_session(wearing) is None
    assert find_session(plain).role is Role.RES


def test_hats_are_changed_within_a_session(hat):
    second = make_hat(Role.CO, account=hat.account)
    token = opened(hat, hat_id=hat.id)
    transact(lambda: wear_hat(find_session(token).session_id, second.id))
    assert find_session(token).role is Role.CO
    transact(lambda: wear_hat(find_session(token).session_id, None))
    assert find_session(token).role is Role.RES


def test_nobody_wears_a_hat_of_somebody_else(hat):
    foreign = make_hat(Role.BUR)
    token = opened(hat, hat_id=hat.id)
    with pytest.raises(NotYourHat):
        transact(lambda: wear_hat(find_session(token).session_id, foreign.id))
    with pytest.raises(NotYourHat):
        opened(hat, hat_id=foreign.id)
    with pytest.raises(NotYourHat):
        opened(hat, hat_id=999_999)
    assert find_session(token).role is Role.SEA


def test_an_ended_hat_is_not_put_on_again(hat):
    old = make_hat(Role.CO, account=hat.account, ended_at=NOON)
    with pytest.raises(NotYourHat):
        opened(hat, hat_id=old.id)
    assert [worn.id for worn in hats_of(hat.account_id)] == [hat.id]


def test_a_first_password_shows_at_the_console_only(hat):
    credential = make_credential(hat.account)
    transact(lambda: setattr(credential, "must_change", True))
    assert find_session(opened(hat)).must_change
    assert not find_session(opened(hat, "api")).must_change


def test_the_second_factor_is_remembered(hat):
    assert find_session(opened(hat, second_factor=True)).second_factor
    assert not find_session(opened(hat)).second_factor


def test_an_unknown_channel_is_a_mistake_of_the_edge(app_db):
    account = make_account()
    with pytest.raises(ValueError, match="telnet"):
        transact(lambda: open_session(account.id, channel="telnet", lives_for=DAY))


def test_old_sessions_are_forgotten(hat):
    opened(hat)
    clock.freeze(NOON + 32 * DAY)
    fresh = opened(hat)
    assert transact(forget_old_sessions) == 1
    assert find_session(fresh)
