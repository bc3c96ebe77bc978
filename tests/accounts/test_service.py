"""WeChat identities, phone numbers that were known before, consents."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.errors import PhoneTaken
from app.accounts.models import Account, AccountStatus, PrivacyConsent
from app.accounts.service import (
    create_account,
    find_by_phone,
    find_or_create_resident,
    give_consent,
    has_consent,
    set_phone,
    withdraw_consent,
)
from app.accounts.sessions import API_LIVES, find_session, hats_of, open_session
from app.core import clock
from app.core.db import db, transact
from app.core.errors import Invalid
from app.core.roles import Role
from tests.engines import both_engines, in_parallel
from tests.factories import make_account, make_hat

PHONE = "19900000323"


def newcomer(openid: str = "openid-new") -> Account:
    return transact(lambda: find_or_create_resident(openid))


def with_phone(account: Account, phone: str = PHONE) -> Account:
    return transact(lambda: set_phone(db.session.merge(account, load=True), phone))


@both_engines
def test_two_first_calls_at_once_make_one_account(app_db):
    works = [lambda: transact(lambda: find_or_create_resident("openid-new").id)] * 4
    ids = in_parallel(app_db, works)
    assert len(set(ids)) == 1
    assert newcomer().id == ids[0]
    assert db.session.scalar(select(func.count()).select_from(Account)) == 1


@both_engines
def test_the_number_is_kept_encrypted_and_found_by_its_fingerprint(app_db):
    account = with_phone(newcomer(), " +8619900000323 ")
    assert find_by_phone(PHONE).id == account.id
    assert account.phone == PHONE
    stored = db.session.connection().exec_driver_sql("SELECT phone, phone_index FROM accounts").one()
    assert PHONE not in "".join(stored)


@pytest.mark.parametrize(
    "phone", ["", "1990000012", "199000003234", "29900000123", "1990000012a", "１９９００００0123"]
)
def test_what_is_no_mobile_number_is_refused(app_db, phone):
    with pytest.raises(Invalid):
        with_phone(newcomer(), phone)


def test_setting_the_same_number_again_changes_nothing(app_db):
    account = with_phone(newcomer())
    assert with_phone(account).id == account.id


def test_a_number_with_a_wechat_of_its_own_is_refused(app_db):
    make_account(phone=PHONE)
    with pytest.raises(PhoneTaken):
        with_phone(newcomer())


@both_engines
def test_a_person_entered_by_the_desk_takes_over_the_wechat(app_db):
    known = transact(lambda: create_account(phone=PHONE, name="示范居民"))
    account = newcomer()
    transact(lambda: give_consent(account.id, "privacy", "1.0"))
    token = transact(lambda: open_session(account.id, channel="api", lives_for=API_LIVES))
    merged = with_phone(account)
    assert merged.id == known.id
    assert merged.openid == "openid-new"
    assert has_consent(known.id, "privacy", "1.0")
    assert find_session(token) is None, "the edge opens a session for the account that is left"
    assert db.session.get_one(Account, account.id).status == AccountStatus.CANCELLED
    assert newcomer().id == known.id


def test_a_worker_signs_in_with_the_number_his_company_entered(app_db):
    worker = transact(lambda: create_account(phone=PHONE, name="示范师傅"))
    make_hat(Role.WRK, account=worker)
    assert [hat.role for hat in hats_of(with_phone(newcomer()).id)] == [Role.WRK]


def test_somebody_who_has_a_number_is_not_merged_into_another(app_db):
    transact(lambda: create_account(phone=PHONE))
    settled = make_account()
    with pytest.raises(PhoneTaken):
        with_phone(settled)


def test_a_disabled_account_is_not_taken_over(app_db):
    holder = transact(lambda: create_account(phone=PHONE))
    transact(lambda: setattr(holder, "status", AccountStatus.DISABLED))
    with pytest.raises(PhoneTaken):
        with_phone(newcomer())


@both_engines
def test_two_people_claiming_one_number_at_once_give_one_success(app_db):
    ids = [newcomer(f"openid-{number}").id for number in range(2)]

    def claim(account_id):
        return lambda: transact(lambda: set_phone(db.session.get_one(Account, account_id), PHONE).id)

    outcomes = in_parallel(app_db, [claim(account_id) for account_id in ids])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PhoneTaken", "int"]


@both_engines
def test_consent_is_per_version_and_taken_back_as_easily(app_db):
    clock.freeze(clock.china(2026, 11, 20, 12))
    account = newcomer()
    assert not has_consent(account.id, "privacy", "1.0")
    transact(lambda: give_consent(account.id, "privacy", "1.0"))
    transact(lambda: give_consent(account.id, "privacy", "1.0"))
    assert has_consent(account.id, "privacy", "1.0")
    assert not has_consent(account.id, "privacy", "2.0"), "a new version asks again"
    transact(lambda: withdraw_consent(account.id, "privacy"))
    assert not has_consent(account.id, "privacy", "1.0")
    clock.freeze(clock.now() + timedelta(days=1))
    transact(lambda: give_consent(account.id, "privacy", "1.0"))
    row = db.session.scalars(select(PrivacyConsent)).one()
    assert (row.given_at, row.withdrawn_at) == (clock.now(), None)


def test_withdrawing_what_was_never_given_is_no_error(app_db):
    account = newcomer()
    transact(lambda: withdraw_consent(account.id, "privacy"))
    assert not has_consent(account.id, "privacy", "1.0")
