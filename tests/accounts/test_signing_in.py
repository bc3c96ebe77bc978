"""Signing in: generic refusals, the lock, first passwords and the second factor."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from app.accounts.errors import (
    CredentialExists,
    InitialPasswordExpired,
    LoginNameTaken,
    NoHat,
    SecondFactorSet,
    WeakPassword,
    WrongCode,
    WrongOldPassword,
)
from app.accounts.models import AccountStatus, Credential
from app.accounts.passwords import initial_password
from app.accounts.second_factor import confirm_totp, reset_totp, start_totp
from app.accounts.sessions import find_session, open_session
from app.accounts.signing_in import change_password, create_credential, reissue_password, sign_in
from app.audit.models import AuditRecord
from app.audit.service import verify_chain
from app.core import clock
from app.core.db import db, transact
from app.core.errors import NotFound
from app.core.roles import Role
from app.core.scope import SYSTEM
from tests.engines import both_engines, in_parallel
from tests.factories import make_account, make_credential, make_hat
from tests.factories.people import GOOD_PASSWORD

NOON = clock.china(2026, 11, 20, 12)
GENERIC = "登录名或密码不对"
NEW_PASSWORD = "copper-ferry-92-moss"


@pytest.fixture
def manager(app_db) -> Credential:
    clock.freeze(NOON)
    return make_credential(make_hat(Role.FIN).account, login_name="manager")


def attempt(password: str = GOOD_PASSWORD, *, name: str = "manager", totp: str | None = None):
    return transact(lambda: sign_in(name, password, totp=totp))


def enrolled(credential: Credential) -> pyotp.TOTP:
    """A confirmed second factor and the app that makes its codes."""
    uri = transact(lambda: start_totp(credential.account_id))
    app = pyotp.TOTP(parse_qs(urlsplit(uri).query)["secret"][0])
    transact(lambda: confirm_totp(credential.account_id, app.at(clock.now())))
    clock.freeze(clock.now() + timedelta(minutes=2))
    return app


@both_engines
def test_the_right_password_opens(manager):
    result = attempt()
    assert result.refusal is None
    assert result.account_id == manager.account_id
    assert [hat.role for hat in result.hats] == [Role.FIN]
    assert (result.must_change, result.needs_totp, result.must_enrol) == (False, False, False)


def test_the_login_name_ignores_case_and_spaces_around(manager):
    assert attempt(name=" Manager ").account_id == manager.account_id


@both_engines
def test_five_failures_lock_for_half_an_hour_even_for_the_right_password(manager):
    for second in range(5):
        clock.freeze(NOON + timedelta(seconds=second))
        assert attempt("wrong").refusal.sentence == GENERIC
    locked_at = clock.now()
    assert attempt().refusal.sentence == GENERIC
    clock.freeze(locked_at + timedelta(minutes=30) - timedelta(milliseconds=1))
    assert attempt().refusal
    clock.freeze(locked_at + timedelta(minutes=30))
    assert attempt().refusal is None


def test_four_failures_and_a_success_start_again(manager):
    for _ in range(4):
        attempt("wrong")
    assert attempt().account_id
    for _ in range(4):
        attempt("wrong")
    assert attempt().account_id


def test_failures_further_apart_than_a_quarter_of_an_hour_do_not_add_up(manager):
    for _ in range(4):
        attempt("wrong")
    clock.freeze(NOON + timedelta(minutes=15))
    attempt("wrong")
    assert attempt().account_id


@both_engines
def test_parallel_guesses_are_all_counted(app_db, manager):
    results = in_parallel(app_db, [lambda: attempt("wrong")] * 5)
    assert [result.refusal.sentence for result in results] == [GENERIC] * 5
    assert attempt().refusal


def test_unknown_names_wrong_passwords_and_locks_sound_the_same(manager):
    unknown = attempt(name="nobody").refusal
    wrong = attempt("wrong").refusal
    for _ in range(5):
        attempt("wrong")
    locked = attempt().refusal
    assert {(said.code, said.status, said.sentence) for said in (unknown, wrong, locked)} == {
        ("sign_in_refused", 401, GENERIC)
    }


def test_every_attempt_is_audited_without_the_typed_name(manager):
    attempt()
    attempt("wrong")
    attempt(name="mein-passwort-im-falschen-feld")
    rows = db.session.execute(select(AuditRecord.result, AuditRecord.account_id, AuditRecord.object_id)).all()
    assert [row.result for row in rows] == ["ok", "refused", "refused"]
    assert [row.account_id for row in rows] == [manager.account_id, manager.account_id, None]
    assert "passwort" not in rows[2].object_id
    assert verify_chain() is None


def test_somebody_without_a_hat_is_told_after_the_right_password_only(app_db):
    make_credential(make_account(), login_name="manager")
    assert isinstance(attempt().refusal, NoHat)
    assert attempt("wrong").refusal.sentence == GENERIC


def test_a_disabled_account_does_not_come_in(manager):
    transact(lambda: setattr(manager.account, "status", AccountStatus.DISABLED))
    result = attempt()
    assert result.refusal and result.account_id is None


def test_a_hash_with_older_parameters_is_renewed(manager):
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD_PASSWORD)
    transact(lambda: setattr(manager, "password_hash", old))
    assert attempt().account_id
    assert manager.password_hash != old
    assert attempt().account_id


# --- first passwords and changes ---


def test_a_first_password_opens_for_a_day_and_asks_to_be_changed(app_db):
    clock.freeze(NOON)
    account, password = make_hat(Role.FIN).account, initial_password()
    transact(lambda: create_credential(account, "Fresh", password))
    assert attempt(password, name="fresh").must_change
    clock.freeze(NOON + timedelta(hours=24))
    assert isinstance(attempt(password, name="fresh").refusal, InitialPasswordExpired)
    again = transact(lambda: reissue_password(account.id, by=SYSTEM))
    assert attempt(again, name="fresh").must_change
    assert attempt(password, name="fresh").refusal.sentence == GENERIC


def test_a_login_name_belongs_to_one_person(manager):
    other = make_account()
    with pytest.raises(LoginNameTaken):
        transact(lambda: create_credential(other, "MANAGER", NEW_PASSWORD))


def test_one_person_has_one_credential(manager):
    with pytest.raises(CredentialExists):
        transact(lambda: create_credential(manager.account, "second", NEW_PASSWORD))


def test_the_login_name_is_no_part_of_the_password(app_db):
    account = make_account()
    with pytest.raises(WeakPassword):
        transact(lambda: create_credential(account, "lantern", "my-lantern-4711"))


@both_engines
def test_a_changed_password_ends_the_other_sessions(manager):
    account_id = manager.account_id
    tokens = [
        transact(lambda: open_session(account_id, channel="console", lives_for=timedelta(hours=1)))
        for _ in range(2)
    ]
    mine = find_session(tokens[0]).session_id
    transact(lambda: change_password(account_id, GOOD_PASSWORD, NEW_PASSWORD, keep_session=mine))
    assert find_session(tokens[0])
    assert find_session(tokens[1]) is None
    assert attempt().refusal
    assert attempt(NEW_PASSWORD).account_id


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("wrong", NEW_PASSWORD, WrongOldPassword),
        (GOOD_PASSWORD, "tongzhou2026", WeakPassword),
        (GOOD_PASSWORD, GOOD_PASSWORD, WeakPassword),
    ],
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_poor_one(manager, old, new, refusal):
    with pytest.raises(refusal):
        transact(lambda: change_password(manager.account_id, old, new))
    assert attempt().account_id


# --- second factor ---


def test_a_confirmed_second_factor_is_asked_for(manager):
    app = enrolled(manager)
    half = attempt()
    assert half.needs_totp
    assert half.account_id is None, "no session can be opened from half a sign-in"
    whole = attempt(totp=app.at(clock.now()))
    assert whole.account_id and whole.second_factor


def test_a_code_is_good_once(manager):
    app = enrolled(manager)
    code = app.at(clock.now())
    assert attempt(totp=code).account_id
    assert attempt(totp=code).refusal.sentence == GENERIC
    clock.freeze(clock.now() + timedelta(seconds=30))
    assert attempt(totp=app.at(clock.now())).account_id


def test_the_previous_step_is_tolerated_and_older_ones_are_not(manager):
    app = enrolled(manager)
    late = app.at(clock.now() - timedelta(seconds=60))
    assert attempt(totp=late).refusal
    assert attempt(totp=app.at(clock.now() - timedelta(seconds=30))).account_id


@pytest.mark.parametrize("code", ["000000", "", "12345", "abcdef", "１２３４５６"])
def test_wrong_codes_do_not_open(manager, code):
    enrolled(manager)
    assert attempt(totp=code).account_id is None


def test_wrong_codes_lock_like_wrong_passwords(manager):
    app = enrolled(manager)
    wrong = f"{(int(app.at(clock.now())) + 500_000) % 1_000_000:06d}"
    for _ in range(5):
        attempt(totp=wrong)
    assert attempt(totp=app.at(clock.now())).refusal


def test_an_unconfirmed_secret_locks_nobody_out(manager):
    transact(lambda: start_totp(manager.account_id))
    assert attempt().account_id
    with pytest.raises(WrongCode):
        transact(lambda: confirm_totp(manager.account_id, "000000"))


def test_a_confirmed_second_factor_is_not_replaced_silently(manager):
    enrolled(manager)
    with pytest.raises(SecondFactorSet):
        transact(lambda: start_totp(manager.account_id))
    transact(lambda: reset_totp(manager.account_id, by=SYSTEM))
    assert attempt().account_id


def test_the_secret_is_not_readable_in_the_database(manager):
    app = enrolled(manager)
    stored = db.session.connection().exec_driver_sql("SELECT totp_secret FROM credentials").scalar()
    assert app.secret not in stored


@pytest.mark.parametrize("role", [Role.BUR, Role.SYA, Role.SEA, Role.AUA])
def test_supervisors_and_administrators_must_enrol(app_db, role):
    credential = make_credential(make_hat(role).account, login_name="manager")
    assert attempt().must_enrol
    app = enrolled(credential)
    assert not attempt(totp=app.at(clock.now())).must_enrol


def test_somebody_without_a_credential_cannot_start(app_db):
    account = make_account()
    with pytest.raises(NotFound):
        transact(lambda: start_totp(account.id))
