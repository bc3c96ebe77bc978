"""Homes: at most three per number, proven by invitation or register, or left to review."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.accounts.bindings import (
    end_binding,
    live_bindings,
    request_binding,
)
from app.accounts.errors import (
    AccountClosed,
    AlreadyBound,
    HomeUnknown,
    PhoneNeeded,
    ProofMismatch,
    TooManyHomes,
)
from app.accounts.models import AccountStatus, BindingStatus, HomeBinding
from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.db import db, transact
from app.core.errors import Conflict, Invalid
from app.estates.service import invite
from tests.accounts.acts import TODAY, ask, decide
from tests.engines import both_engines, in_parallel
from tests.factories import (
    make_account,
    make_binding,
    make_owner_record,
)

# --- the three slots ---


@both_engines
def test_a_fourth_home_is_refused_until_one_is_given_up(place):
    account = make_account()
    first, *_ = [ask(account, home) for home in place.homes[:3]]
    with pytest.raises(TooManyHomes) as refused:
        ask(account, place.homes[3])
    assert refused.value.sentence == "一个手机号最多关联3套住房"
    transact(lambda: end_binding(first.id, resident_scope(account.id)))
    assert ask(account, place.homes[3]).slot == 1


@both_engines
def test_two_parallel_requests_for_the_last_slot_give_one_success(app_db, place):
    account_id = make_account().id
    homes = [home.id for home in place.homes]
    for home_id in homes[:2]:
        transact(
            lambda home_id=home_id: request_binding(
                account_id, home_id=home_id, relation="owner", method="review"
            )
        )

    def last(home_id):
        return lambda: transact(
            lambda: request_binding(account_id, home_id=home_id, relation="owner", method="review").id
        )

    outcomes = in_parallel(app_db, [last(home_id) for home_id in homes[2:5]])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["TooManyHomes", "TooManyHomes", "int"]
    assert len(live_bindings(account_id)) == 3


@both_engines
def test_two_parallel_requests_for_the_same_home_give_one_binding(app_db, place):
    account_id, home_id = make_account().id, place.homes[0].id

    def work():
        return transact(
            lambda: request_binding(account_id, home_id=home_id, relation="owner", method="review").id
        )

    outcomes = in_parallel(app_db, [work, work])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyBound", "int"]


@both_engines
def test_the_database_itself_refuses_a_slot_twice(place):
    account = make_account()
    ask(account, place.homes[0])
    row = {
        "account_id": account.id,
        "home_id": place.homes[1].id,
        "live_home_id": place.homes[1].id,
        "estate_id": place.estate.id,
        "relation": "owner",
        "method": "review",
        "status": "active",
        "valid_from": TODAY,
        "created_at": clock.now(),
    }
    with pytest.raises(TooManyHomes):
        transact(lambda: db.session.execute(insert(HomeBinding).values(slot=1, **row)))
    same_home = {**row, "home_id": place.homes[0].id, "live_home_id": place.homes[0].id}
    with pytest.raises(AlreadyBound):
        transact(lambda: db.session.execute(insert(HomeBinding).values(slot=2, **same_home)))


@both_engines
@pytest.mark.parametrize("slot", [0, 4, None])
def test_the_database_refuses_a_live_binding_without_a_proper_slot(place, slot):
    account = make_account()
    with pytest.raises(Conflict):
        make_binding(account, place.homes[0], slot=slot, status=BindingStatus.ACTIVE)


def test_rejected_ended_and_expired_bindings_hold_no_slot(place, desk):
    account = make_account()
    for home in place.homes[:3]:
        decide(ask(account, home), desk, accept=False, reason="请携带房产证到管理处核对")
    assert [ask(account, home).slot for home in place.homes[:3]] == [1, 2, 3]


def test_the_same_home_is_not_bound_twice(place):
    account = make_account()
    ask(account, place.homes[0])
    with pytest.raises(AlreadyBound):
        ask(account, place.homes[0])


def test_two_people_may_share_a_home(place):
    assert ask(make_account(), place.homes[0]).slot == ask(make_account(), place.homes[0]).slot == 1


# --- who may ask ---


def test_a_phone_number_comes_first(place):
    with pytest.raises(PhoneNeeded):
        ask(make_account(phone="19900000555", phone_index=None), place.homes[0])


def test_a_closed_account_asks_for_nothing(place):
    with pytest.raises(AccountClosed):
        ask(make_account(status=AccountStatus.DISABLED), place.homes[0])


def test_an_unknown_home_is_not_found(place):
    account = make_account()
    with pytest.raises(HomeUnknown):
        transact(lambda: request_binding(account.id, home_id=999_999, relation="owner", method="review"))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"relation": "landlord"}, "relation"),
        ({"method": "trust me"}, "method"),
        ({"relation": "tenant"}, "valid_to"),
        ({"relation": "tenant", "valid_to": TODAY - timedelta(days=1)}, "valid_to"),
        ({"relation": "proxy"}, "consent_note"),
        ({"relation": "proxy", "consent_note": "  "}, "consent_note"),
    ],
)
def test_incomplete_requests_name_the_field(place, options, field):
    with pytest.raises(Invalid) as refused:
        ask(make_account(), place.homes[0], **options)
    assert list(refused.value.fields) == [field]


def test_a_neighbour_may_act_for_an_old_couple_with_their_consent(place):
    binding = ask(make_account(), place.homes[0], relation="proxy", consent_note="301王阿姨电话同意,儿子在场")
    assert binding.consent_note.startswith("301")


# --- proof ---


@both_engines
def test_an_invitation_binds_at_once_and_only_once(place, desk):
    home = place.homes[0]
    code = transact(lambda: invite(home.id, "owner", desk))
    binding = ask(make_account(), home, method="invite", invite_code=f" {code[:5].lower()}-{code[5:]} ")
    assert binding.status == BindingStatus.ACTIVE
    with pytest.raises(ProofMismatch):
        ask(make_account(), home, method="invite", invite_code=code)


def test_an_invitation_fits_one_home_one_relation_and_seven_days(place, desk):
    home = place.homes[0]
    code = transact(lambda: invite(home.id, "owner", desk))
    for other in (
        {"home": place.homes[1]},
        {"relation": "family"},
        {"invite_code": "ABCDEFGH23"},
        {"invite_code": None},
    ):
        options = {"method": "invite", "invite_code": code, **other}
        with pytest.raises(ProofMismatch) as refused:
            ask(make_account(), options.pop("home", home), **options)
        assert refused.value.status == 422
    clock.freeze(clock.now() + timedelta(days=7))
    with pytest.raises(ProofMismatch):
        ask(make_account(), home, method="invite", invite_code=code)


def test_a_refused_request_does_not_use_the_invitation_up(place, desk):
    home = place.homes[0]
    code = transact(lambda: invite(home.id, "tenant", desk))
    with pytest.raises(Invalid):
        ask(make_account(), home, relation="tenant", method="invite", invite_code=code)
    lease = {"relation": "tenant", "valid_to": TODAY + timedelta(days=30)}
    assert (
        ask(make_account(), home, method="invite", invite_code=code, **lease).status == BindingStatus.ACTIVE
    )


def test_phone_and_last_character_match_the_register(place):
    home, phone = place.homes[0], "19900000700"
    make_owner_record(home, phone=phone, name="欧阳示范")
    owner, stranger = make_account(phone=phone), make_account()
    for account, options in [
        (owner, {"last_character": "例"}),
        (owner, {"last_character": None}),
        (stranger, {"last_character": "范"}),
        (owner, {"last_character": "范", "relation": "family"}),
    ]:
        with pytest.raises(ProofMismatch):
            ask(account, home, method="register", **options)
    assert ask(owner, home, method="register", last_character=" 范 ").status == BindingStatus.ACTIVE
