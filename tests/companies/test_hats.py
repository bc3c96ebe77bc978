"""Who may give and take which role (B07, 3.3)."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from app.accounts.models import Hat
from app.accounts.sessions import CONSOLE_LIVES, find_session, hats_of, open_session
from app.audit.models import AuditRecord
from app.companies.errors import (
    AdministratorsSeparated,
    HatIncomplete,
    HatTaken,
    HatUnknown,
    MayNotGrant,
)
from app.companies.hats import COMPANY_GRANTS, PLACE, end_hat, grant_hat, scope_of
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from tests.engines import both_engines, in_parallel
from tests.factories import make_account, make_hat, make_place

ADMINISTRATORS = [Role.SYA, Role.SEA, Role.AUA]


@pytest.fixture
def place(app_db):
    return make_place()


def place_of(role: Role, place) -> dict[str, int]:
    known = {
        "company_id": place.company.id,
        "office_id": place.office.id,
        "district_id": place.district.id,
        "street_id": place.street.id,
        "community_id": place.community.id,
    }
    return {column: known[column] for column in PLACE[role]}


def give(account, role, by, **where) -> Hat:
    return transact(lambda: grant_hat(account.id, role, by=by, **where))


@pytest.mark.parametrize("role", sorted(set(PLACE) - {Role.WRK}))
def test_the_security_administrator_grants_every_role_and_it_is_audited(place, role):
    security = scope_of(make_hat(Role.SEA))
    hat = give(make_account(), role, security, **place_of(role, place))
    assert hats_of(hat.account_id) == [hat]
    row = db.session.scalars(select(AuditRecord)).one()
    assert (row.action, row.account_id, row.details["role"]) == ("hat.grant", security.account_id, role)


def test_the_security_administrator_grants_nothing_to_himself(place):
    hat = make_hat(Role.SEA)
    with pytest.raises(MayNotGrant):
        give(hat.account, Role.BUR, scope_of(hat), district_id=place.district.id)


@pytest.mark.parametrize("role", [Role.SYA, Role.AUA, Role.BUR, Role.MGR, Role.DSP, Role.HOT])
def test_no_other_role_grants_anything(place, role):
    granter = scope_of(make_hat(role, **place_of(role, place)))
    with pytest.raises(MayNotGrant):
        give(make_account(), Role.DSP, granter, **place_of(Role.DSP, place))


@pytest.mark.parametrize("role", sorted(set(PLACE) - {Role.WRK}))
def test_a_company_grants_work_roles_of_its_own_only(place, role):
    company = scope_of(make_hat(Role.CO, company_id=place.company.id))
    account = make_account()
    if role in COMPANY_GRANTS:
        assert give(account, role, company, **place_of(role, place)).company_id == place.company.id
        foreign = scope_of(make_hat(Role.CO, company_id=make_place().company.id))
        with pytest.raises(MayNotGrant):
            give(make_account(), role, foreign, **place_of(role, place))
    else:
        with pytest.raises(MayNotGrant):
            give(account, role, company, **place_of(role, place))


@pytest.mark.parametrize("pair", list(itertools.permutations(ADMINISTRATORS, 2)))
def test_nobody_holds_two_administrations(app_db, pair):
    account = make_account()
    give(account, pair[0], SYSTEM)
    with pytest.raises(AdministratorsSeparated):
        give(account, pair[1], SYSTEM)


@both_engines
def test_two_administrations_at_once_give_one(app_db):
    account_id = make_account().id
    works = [
        lambda role=role: transact(lambda: grant_hat(account_id, role, by=SYSTEM).id)
        for role in ADMINISTRATORS
    ]
    outcomes = in_parallel(app_db, works)
    names = sorted(type(outcome).__name__ for outcome in outcomes)
    assert names == ["AdministratorsSeparated", "AdministratorsSeparated", "int"]


def test_an_ended_administration_makes_room_for_another(app_db):
    account = make_account()
    hat = give(account, Role.SYA, SYSTEM)
    transact(lambda: end_hat(hat.id, by=SYSTEM))
    assert give(account, Role.AUA, SYSTEM).role == Role.AUA


def test_the_same_hat_is_given_once_and_another_place_is_another_hat(place):
    account, there = make_account(), make_place()
    give(account, Role.MGR, SYSTEM, **place_of(Role.MGR, place))
    with pytest.raises(HatTaken):
        give(account, Role.MGR, SYSTEM, **place_of(Role.MGR, place))
    give(account, Role.MGR, SYSTEM, **place_of(Role.MGR, there))
    assert len(hats_of(account.id)) == 2


def test_a_role_needs_its_place_and_keeps_no_other(place):
    with pytest.raises(HatIncomplete) as refused:
        give(make_account(), Role.DSP, SYSTEM, company_id=place.company.id)
    assert list(refused.value.fields) == ["office_id"]
    hat = give(make_account(), Role.BUR, SYSTEM, district_id=place.district.id, company_id=place.company.id)
    assert hat.company_id is None


@pytest.mark.parametrize("role", [Role.RES, Role.SYS, Role.HOA])
def test_some_roles_are_not_granted(app_db, role):
    with pytest.raises(MayNotGrant):
        give(make_account(), role, SYSTEM)


def test_taking_a_hat_kills_the_session_that_wears_it(place):
    security = scope_of(make_hat(Role.SEA))
    hat = make_hat(Role.BUR, district_id=place.district.id)
    options = {"hat_id": hat.id, "channel": "console", "lives_for": CONSOLE_LIVES}
    token = transact(lambda: open_session(hat.account_id, **options))
    transact(lambda: end_hat(hat.id, by=security))
    transact(lambda: end_hat(hat.id, by=security))
    assert find_session(token) is None
    assert db.session.scalars(select(AuditRecord.action)).all() == ["hat.end"]


def test_a_company_takes_hats_of_its_own_people_only(place):
    mine = make_hat(Role.DSP, **place_of(Role.DSP, place))
    foreign = make_hat(Role.DSP, **place_of(Role.DSP, make_place()))
    company = scope_of(make_hat(Role.CO, company_id=place.company.id))
    transact(lambda: end_hat(mine.id, by=company))
    assert hats_of(mine.account_id) == []
    with pytest.raises(HatUnknown):
        transact(lambda: end_hat(foreign.id, by=company))
    with pytest.raises(MayNotGrant):
        transact(lambda: end_hat(company.hat_id, by=company))
