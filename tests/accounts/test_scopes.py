"""What each role may see, and that a hat without its place sees nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.accounts.models import Account, Credential, Hat, HomeBinding
from app.accounts.scopes import ROLE_SEES, own_scope, resident_scope
from app.accounts.sessions import API_LIVES, find_session, open_session
from app.companies.hats import PLACE, scope_of, scope_of_session
from app.companies.models import Staff, Worker
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import Dimension, visible
from app.estates.models import Home
from app.orders.models import Order
from tests.factories import (
    make_binding,
    make_credential,
    make_estate,
    make_hat,
    make_place,
    make_resident,
    make_staff,
    make_worker,
)


def count(model, scope) -> int:
    return len(db.session.scalars(visible(model, scope)).all())


@pytest.fixture
def two_places(app_db):
    return make_place(), make_place()


@pytest.mark.parametrize("role", sorted(PLACE))
def test_a_hat_without_its_place_sees_nothing(app_db, role):
    scope = scope_of(make_hat(role))
    needs_no_place = not PLACE[role]
    assert needs_no_place or not any(scope.grants.values())


@pytest.mark.parametrize("role", sorted(set(PLACE)))
def test_no_staff_scope_shows_what_the_person_did_as_a_resident(app_db, role):
    assert not scope_of(make_hat(role)).ids(Dimension.ACCOUNT)


@pytest.mark.parametrize("role", [Role.FIN, Role.FND, Role.THIRD, Role.APV, Role.SYA, Role.SEA, Role.AUA])
def test_roles_outside_the_repair_see_no_order(role):
    order_dimensions = set(Order.__seen_by__)
    assert not order_dimensions & set(ROLE_SEES.get(role, {}))


def test_a_desk_sees_the_homes_of_its_estates_only(two_places):
    here, _ = two_places
    staff = make_staff(here.office, role=Role.DSP)
    hat = db.session.query(Hat).filter_by(account_id=staff.account_id).one()
    scope = scope_of(hat)
    assert scope.ids(Dimension.OFFICE) == {here.office.id}
    assert {home.estate_id for home in db.session.scalars(visible(Home, scope))} == {here.estate.id}


def test_a_desk_loses_an_estate_with_its_contract(two_places):
    here, _ = two_places
    today = clock.china_date(clock.now())
    hat = make_hat(Role.MGR, company_id=here.company.id, office_id=here.office.id)
    assert scope_of(hat).ids(Dimension.ESTATE) == {here.estate.id}
    transact(lambda: setattr(here.contract, "ends_on", today))
    assert scope_of(hat).ids(Dimension.ESTATE) == {here.estate.id}, "the last day counts"
    transact(lambda: setattr(here.contract, "ends_on", today - timedelta(days=1)))
    assert scope_of(hat).ids(Dimension.ESTATE) == frozenset()


def test_a_company_sees_its_people_and_no_home(two_places):
    here, there = two_places
    for place in two_places:
        make_worker(place.office, district_id=place.district.id)
    scope = scope_of(make_hat(Role.CO, company_id=here.company.id))
    assert {row.company_id for row in db.session.scalars(visible(Worker, scope))} == {here.company.id}
    assert {row.company_id for row in db.session.scalars(visible(Staff, scope))} == {here.company.id}
    assert count(Home, scope) == 0
    assert there.company.id not in scope.ids(Dimension.COMPANY)


def test_the_bureau_sees_workers_of_its_district(two_places):
    here, there = two_places
    for place in two_places:
        make_worker(place.office, district_id=place.district.id)
    scope = scope_of(make_hat(Role.BUR, district_id=there.district.id))
    assert {row.district_id for row in db.session.scalars(visible(Worker, scope))} == {there.district.id}
    assert count(Home, scope) == 0
    assert count(HomeBinding, scope) == 0
    assert here.district.id not in scope.ids(Dimension.DISTRICT)


def test_the_security_administrator_sees_accounts_of_the_console_and_nothing_else(two_places):
    here, _ = two_places
    make_credential(make_resident(here.homes[0]))
    scope = scope_of(make_hat(Role.SEA))
    assert count(Credential, scope) == 1
    assert count(Hat, scope) == 1
    assert (count(Home, scope), count(HomeBinding, scope), count(Order, scope)) == (0, 0, 0)


def test_a_resident_sees_himself_only(two_places):
    here, there = two_places
    me, other = make_resident(here.homes[0]), make_resident(there.homes[0])
    scope = resident_scope(me.id)
    assert [row.id for row in db.session.scalars(visible(Account, scope))] == [me.id]
    assert [row.account_id for row in db.session.scalars(visible(HomeBinding, scope))] == [me.id]
    assert other.id not in scope.ids(Dimension.ACCOUNT)


def test_a_member_of_staff_reads_his_own_inbox_through_own_scope(two_places):
    here, _ = two_places
    staff = make_staff(here.office, role=Role.DSP)
    make_binding(staff.account, here.homes[0])
    scope = scope_of(db.session.query(Hat).filter_by(account_id=staff.account_id).one())
    mine = own_scope(scope)
    assert (mine.role, mine.hat_id, mine.account_id) == (Role.DSP, scope.hat_id, staff.account_id)
    assert dict(mine.grants) == {Dimension.ACCOUNT: frozenset({staff.account_id})}


def test_an_ended_hat_sees_nothing(two_places):
    here, _ = two_places
    hat = make_hat(Role.BUR, district_id=here.district.id)
    transact(lambda: setattr(hat, "ended_at", clock.now()))
    assert not scope_of(hat).grants


def test_a_session_sees_by_its_hat(two_places):
    here, _ = two_places
    hat = make_hat(Role.BUR, district_id=here.district.id)

    def opened(hat_id):
        token = transact(
            lambda: open_session(hat.account_id, hat_id=hat_id, channel="api", lives_for=API_LIVES)
        )
        return scope_of_session(find_session(token))

    assert opened(hat.id).role is Role.BUR
    assert opened(None) == resident_scope(hat.account_id)


def test_an_estate_served_by_nobody_is_in_no_desks_scope(app_db):
    place = make_place()
    make_estate(district=place.district)
    hat = make_hat(Role.DSP, company_id=place.company.id, office_id=place.office.id)
    assert scope_of(hat).ids(Dimension.ESTATE) == {place.estate.id}
