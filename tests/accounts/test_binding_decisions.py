"""The desk decides, the right people end a binding, and everybody sees what he should."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.bindings import (
    active_binding,
    decide_binding,
    end_all_of_home,
    end_binding,
    expire_leases,
    invite_to_home,
    live_bindings,
    residents_of_phone,
)
from app.accounts.errors import (
    BindingSettled,
    BindingUnknown,
    HomeUnknown,
    OwnRequest,
)
from app.accounts.models import BindingStatus, Relation
from app.accounts.queries import homes_of, homes_of_caller, pending_bindings, people_of_home
from app.accounts.scopes import resident_scope
from app.audit.models import AuditRecord
from app.companies.hats import scope_of
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid
from app.core.roles import Role
from app.estates.service import RELATIONS
from tests.accounts.acts import TODAY, ask, decide
from tests.engines import both_engines, in_parallel
from tests.factories import (
    make_account,
    make_binding,
    make_hat,
    make_place,
    make_resident,
)

# --- the desk decides ---


@both_engines
def test_the_desk_of_the_estate_accepts_and_the_log_says_so(place, desk):
    binding = ask(make_account(), place.homes[0])
    assert binding.status == BindingStatus.PENDING
    decide(binding, desk)
    assert (binding.status, binding.decided_by) == (BindingStatus.ACTIVE, desk.account_id)
    row = db.session.scalars(select(AuditRecord)).one()
    assert (row.action, row.business_district_id) == ("binding.active", place.district.id)


def test_a_refusal_needs_a_reason_which_the_resident_reads(place, desk):
    account = make_account()
    binding = ask(account, place.homes[0])
    with pytest.raises(Invalid):
        decide(binding, desk, accept=False, reason=" ")
    decide(binding, desk, accept=False, reason="照片看不清")
    assert homes_of(account.id) == []
    assert [(home.status, home.reason) for home in homes_of(account.id, with_ended=True)] == [
        ("rejected", "照片看不清")
    ]


def test_another_office_does_not_find_the_request(place):
    there = make_place()
    stranger = scope_of(make_hat(Role.MGR, company_id=there.company.id, office_id=there.office.id))
    with pytest.raises(BindingUnknown):
        decide(ask(make_account(), place.homes[0]), stranger)
    assert pending_bindings(stranger).items == []


@pytest.mark.parametrize("role", [Role.CO, Role.BUR, Role.WRK, Role.APV])
def test_other_roles_do_not_decide(place, role):
    hat = make_hat(
        role, company_id=place.company.id, office_id=place.office.id, district_id=place.district.id
    )
    with pytest.raises(Forbidden):
        decide(ask(make_account(), place.homes[0]), scope_of(hat))


def test_nobody_decides_about_himself(place):
    hat = make_hat(Role.MGR, company_id=place.company.id, office_id=place.office.id)
    with pytest.raises(OwnRequest):
        decide(ask(hat.account, place.homes[0]), scope_of(hat))


def test_a_decision_is_made_once(place, desk):
    binding = decide(ask(make_account(), place.homes[0]), desk)
    with pytest.raises(BindingSettled):
        decide(binding, desk, accept=False, reason="改主意了")


@both_engines
def test_two_colleagues_deciding_at_once_decide_once(app_db, place, desk):
    binding_id = ask(make_account(), place.homes[0]).id
    works = [
        lambda accept=accept: transact(
            lambda: decide_binding(binding_id, accept=accept, reason="核对", by=desk).status
        )
        for accept in (True, False)
    ]
    outcomes = in_parallel(app_db, works)
    assert sum(isinstance(outcome, BindingSettled) for outcome in outcomes) == 1
    assert db.session.scalar(select(func.count()).select_from(AuditRecord)) == 1


def test_waiting_requests_are_listed_masked_and_paged(place, desk):
    people = [make_account(name="王小明", phone=f"199000006{number:02d}") for number in range(3)]
    for account in people:
        ask(account, place.homes[0])
    page = pending_bindings(desk, None, 2)
    assert [row.masked_phone for row in page.items] == ["199****0602", "199****0601"]
    assert page.items[0].masked_name == "王**"
    assert page.items[0].place_full == f"{place.building.number}号楼1单元101"
    assert page.items[0].relation_label == "业主"
    rest = pending_bindings(desk, page.next_cursor, 2)
    assert [row.masked_phone for row in rest.items] == ["199****0600"]
    assert rest.next_cursor is None


# --- ending ---


def test_everybody_ends_his_own(place):
    tenant = make_resident(place.homes[0], relation=Relation.TENANT)
    binding = live_bindings(tenant.id)[0]
    transact(lambda: end_binding(binding.id, resident_scope(tenant.id)))
    assert live_bindings(tenant.id) == []
    with pytest.raises(BindingSettled):
        transact(lambda: end_binding(binding.id, resident_scope(tenant.id)))


@pytest.mark.parametrize("relation", [Relation.FAMILY, Relation.TENANT, Relation.PROXY])
def test_an_owner_ends_family_tenants_and_helpers_of_his_home(place, relation):
    owner, other = make_resident(place.homes[0]), make_resident(place.homes[0], relation=relation)
    binding = live_bindings(other.id)[0]
    transact(lambda: end_binding(binding.id, resident_scope(owner.id)))
    assert binding.status == BindingStatus.ENDED


def test_nobody_else_ends_a_binding(place, desk):
    owner = make_resident(place.homes[0])
    co_owner = make_resident(place.homes[0], relation=Relation.CO_OWNER)
    tenant = make_resident(place.homes[0], relation=Relation.TENANT)
    neighbour = make_resident(place.homes[1])
    cases = [(owner, co_owner), (tenant, owner), (neighbour, tenant), (co_owner, owner)]
    for who, whose in cases:
        binding_id = live_bindings(whose.id)[0].id
        with pytest.raises(BindingUnknown):
            transact(lambda b=binding_id, w=who: end_binding(b, resident_scope(w.id)))
    with pytest.raises(BindingUnknown):
        transact(lambda: end_binding(live_bindings(owner.id)[0].id, desk))
    with pytest.raises(BindingUnknown):
        transact(lambda: end_binding(999_999, resident_scope(owner.id)))


def test_a_sale_ends_every_tie_to_the_home(place, desk):
    home = place.homes[0]
    owner, tenant = make_resident(home), make_resident(home, relation=Relation.TENANT)
    neighbour = make_resident(place.homes[1])
    assert transact(lambda: end_all_of_home(home.id, reason="房屋已出售", by=desk)) == 2
    assert live_bindings(owner.id) == live_bindings(tenant.id) == []
    assert len(live_bindings(neighbour.id)) == 1
    with pytest.raises(Forbidden):
        transact(lambda: end_all_of_home(home.id, reason="", by=resident_scope(owner.id)))


@both_engines
def test_a_lease_ends_after_its_last_day(place):
    tenant = make_account()
    binding = ask(tenant, place.homes[0], relation="tenant", valid_to=TODAY)
    owner = make_resident(place.homes[0])
    assert transact(lambda: expire_leases(TODAY)) == 0
    assert transact(lambda: expire_leases(TODAY + timedelta(days=1))) == 1
    assert transact(lambda: expire_leases(TODAY + timedelta(days=1))) == 0
    db.session.refresh(binding)
    assert (binding.status, binding.slot, binding.live_home_id) == (BindingStatus.EXPIRED, None, None)
    assert len(live_bindings(owner.id)) == 1


# --- invitations by the owner ---


def test_an_owner_invites_his_tenant(place):
    owner, home = make_resident(place.homes[0]), place.homes[0]
    code = transact(lambda: invite_to_home(owner.id, home_id=home.id, relation="tenant"))
    lease = {"relation": "tenant", "valid_to": TODAY + timedelta(days=365)}
    assert (
        ask(make_account(), home, method="invite", invite_code=code, **lease).status == BindingStatus.ACTIVE
    )


def test_only_owners_invite_and_never_another_owner(place):
    home = place.homes[0]
    owner, tenant = make_resident(home), make_resident(home, relation=Relation.TENANT)
    with pytest.raises(HomeUnknown):
        transact(lambda: invite_to_home(tenant.id, home_id=home.id, relation="family"))
    with pytest.raises(HomeUnknown):
        transact(lambda: invite_to_home(owner.id, home_id=place.homes[1].id, relation="family"))
    with pytest.raises(Invalid):
        transact(lambda: invite_to_home(owner.id, home_id=home.id, relation="owner"))


def test_invitations_know_the_relations_of_this_domain():
    assert set(RELATIONS) == {relation.value for relation in Relation}


# --- questions ---


def test_homes_are_shown_with_their_place(place):
    account = make_account()
    ask(account, place.homes[2])
    shown = homes_of(account.id)[0]
    number = place.building.number
    assert (shown.place_public, shown.place_full) == (f"{number}号楼", f"{number}号楼1单元301")
    assert (shown.estate_name, shown.status, shown.relation_label) == (place.estate.name, "pending", "业主")


def test_only_an_active_tie_lets_somebody_order_for_a_home(place, desk):
    account, home = make_account(), place.homes[0]
    binding = ask(account, home)
    assert active_binding(account.id, home.id) is None
    decide(binding, desk)
    assert active_binding(account.id, home.id).id == binding.id
    assert active_binding(make_account().id, home.id) is None


def test_a_caller_is_found_by_number_within_the_desks_estates(place, desk):
    caller, there = make_account(phone="19900000800"), make_place()
    make_binding(caller, place.homes[0], slot=1)
    make_binding(caller, there.homes[0], slot=2)
    assert [row.home_id for row in homes_of_caller("19900000800", desk)] == [place.homes[0].id]
    assert len(residents_of_phone("19900000800")) == 2
    assert residents_of_phone("19900000801") == []
    assert homes_of_caller("19900000801", desk) == []


def test_people_of_a_home_are_masked_and_scoped(place, desk):
    make_resident(place.homes[0], name="王小明", phone="19900000810")
    people = people_of_home(place.homes[0].id, desk)
    assert [(row.masked_name, row.masked_phone) for row in people] == [("王**", "199****0810")]
    there = make_place()
    stranger = scope_of(make_hat(Role.DSP, company_id=there.company.id, office_id=there.office.id))
    assert people_of_home(place.homes[0].id, stranger) == []
