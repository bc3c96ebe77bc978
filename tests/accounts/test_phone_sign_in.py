"""Staff with a password on a phone: the console's lock and words, fewer hats, never an administrator."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from app.accounts.errors import CodeNeeded, ConsoleOnly, PasswordChangeNeeded, SecondFactorNeeded
from app.accounts.phone_sign_in import sign_in_on_phone
from app.accounts.second_factor import confirm_totp, start_totp
from app.accounts.signing_in import sign_in
from app.audit.models import AuditRecord
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from tests.factories import make_account, make_credential, make_hat
from tests.factories.people import GOOD_PASSWORD

NOON = clock.china(2026, 11, 20, 12)
ALLOWED = (Role.WRK, Role.DSP, Role.MGR, Role.CO)


@pytest.fixture(autouse=True)
def _noon(app_db):
    clock.freeze(NOON)


def staff(*roles: Role):
    """Somebody who wears these hats and has a login."""
    account = make_account(name="示范员工")
    for role in roles:
        make_hat(role, account=account)
    return make_credential(account, login_name="staff")


def attempt(password: str = GOOD_PASSWORD, **code):
    return transact(lambda: sign_in_on_phone("staff", password, **code))


@pytest.mark.parametrize("role", ALLOWED)
def test_who_works_at_doors_and_desks_comes_in(role):
    credential = staff(role)
    result = attempt()
    assert (result.account_id, [hat.role for hat in result.hats]) == (credential.account_id, [role])


@pytest.mark.parametrize("role", [Role.FIN, Role.HOT, Role.STR, Role.COM, Role.APV, Role.FND])
def test_other_hats_stay_at_the_console(role):
    staff(role)
    result = attempt()
    assert isinstance(result.refusal, ConsoleOnly)
    assert result.account_id is None


@pytest.mark.parametrize("role", [Role.SYA, Role.SEA, Role.AUA])
def test_an_administrator_never_comes_in_whatever_else_he_is(role):
    staff(Role.DSP, role)
    assert isinstance(attempt().refusal, ConsoleOnly)


def test_a_supervisor_without_a_second_factor_is_sent_to_the_console_first():
    staff(Role.MGR, Role.BUR)
    assert isinstance(attempt().refusal, SecondFactorNeeded)


def test_only_the_hats_of_work_are_offered():
    staff(Role.FIN, Role.MGR)
    assert [hat.role for hat in attempt().hats] == [Role.MGR]


def test_a_first_password_is_changed_at_the_console():
    credential = staff(Role.WRK)
    transact(lambda: setattr(credential, "must_change", True))
    refusal = attempt().refusal
    assert isinstance(refusal, PasswordChangeNeeded)
    assert "工作台" in refusal.sentence


def test_a_second_factor_is_asked_for_and_counts():
    credential = staff(Role.MGR)
    uri = transact(lambda: start_totp(credential.account_id))
    app = pyotp.TOTP(parse_qs(urlsplit(uri).query)["secret"][0])
    transact(lambda: confirm_totp(credential.account_id, app.at(NOON)))
    clock.freeze(clock.china(2026, 11, 20, 12, 2))
    assert isinstance(attempt().refusal, CodeNeeded)
    assert attempt(totp=app.at(clock.now())).second_factor


def test_failures_at_both_doors_add_up_to_one_lock():
    staff(Role.WRK)
    for _ in range(3):
        assert attempt("wrong").refusal
    for _ in range(2):
        transact(lambda: sign_in("staff", "wrong"))
    assert attempt().refusal.code == "sign_in_refused"


def test_a_right_password_for_the_wrong_door_is_audited_as_refused():
    staff(Role.SEA)
    attempt()
    rows = [(row.action, row.result) for row in db.session.query(AuditRecord).order_by(AuditRecord.id)]
    assert rows[-1] == ("session.sign_in_on_phone", "refused")
