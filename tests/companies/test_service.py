"""Employment: accounts come from the company, leaving ends everything at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.errors import LoginNameTaken
from app.accounts.models import Hat
from app.accounts.sessions import API_LIVES, find_session, hats_of, open_session
from app.accounts.signing_in import sign_in
from app.audit.models import AuditRecord
from app.companies.errors import (
    AlreadyEmployed,
    BadCreditCode,
    CreditCodeTaken,
    MayNotGrant,
    OfficeUnknown,
    OnlyCompany,
    StaffUnknown,
    WorkerUnknown,
)
from app.companies.hats import scope_of
from app.companies.models import Admission, Staff
from app.companies.queries import desk_accounts, skills_of, workers_of_office
from app.companies.service import (
    checked_credit_code,
    create_company_account,
    create_office_account,
    employ,
    leave,
    make_worker,
    register_company,
    set_online,
)
from app.core import clock
from app.core.db import db, transact
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import SYSTEM
from tests.engines import both_engines
from tests.factories import make_account, make_company, make_hat, make_place, make_staff
from tests.factories import make_worker as existing_worker

PHONE = "19900000321"


@pytest.fixture
def place(app_db):
    clock.freeze(clock.china(2026, 11, 20, 12))
    return make_place()


@pytest.fixture
def company(place):
    return scope_of(make_hat(Role.CO, company_id=place.company.id))


def office_account(place, by, **options):
    values = {"name": "示范调度", "phone": PHONE, "login_name": "desk-one", "role": Role.DSP, **options}
    office_id = values.pop("office_id", place.office.id)
    return transact(lambda: create_office_account(office_id, by=by, **values))


@both_engines
def test_the_company_opens_an_account_for_its_office(place, company):
    made = office_account(place, company)
    result = transact(lambda: sign_in("desk-one", made.password))
    assert result.account_id == made.account_id
    assert result.must_change
    assert [hat.id for hat in result.hats] == [made.hat_id]
    assert desk_accounts(place.office.id) == [made.account_id]
    actions = db.session.scalars(select(AuditRecord.action).order_by(AuditRecord.id)).all()
    assert actions == ["staff.employ", "hat.grant", "credential.create", "session.sign_in"]


@pytest.mark.parametrize("role", [Role.MGR, Role.DSP, Role.BUR, Role.SEA])
def test_an_office_cannot_open_an_account(place, role):
    hat = make_hat(
        role, company_id=place.company.id, office_id=place.office.id, district_id=place.district.id
    )
    with pytest.raises(OnlyCompany):
        office_account(place, scope_of(hat))


def test_a_company_does_not_reach_into_another(place, company):
    there = make_place()
    with pytest.raises(OfficeUnknown):
        office_account(place, company, office_id=there.office.id)
    with pytest.raises(OnlyCompany):
        transact(lambda: employ(there.company.id, name="示范", phone=PHONE, post="保洁", by=company))
    with pytest.raises(OfficeUnknown):
        transact(
            lambda: employ(
                place.company.id, name="示范", phone=PHONE, post="保洁", office_id=there.office.id, by=SYSTEM
            )
        )


def test_office_accounts_are_for_the_desk(place, company):
    with pytest.raises(Invalid):
        office_account(place, company, role=Role.CO)


def test_a_taken_login_name_leaves_nothing_behind(place, company):
    office_account(place, company)
    with pytest.raises(LoginNameTaken):
        office_account(place, company, phone="19900000322", login_name="DESK-ONE")
    assert len(db.session.scalars(select(Staff)).all()) == 1


def test_nobody_is_employed_twice_by_one_company(place, company):
    office_account(place, company)
    with pytest.raises(AlreadyEmployed):
        transact(lambda: employ(place.company.id, name="示范调度", phone=PHONE, post="调度", by=company))


def test_a_resident_who_is_employed_keeps_his_account(place, company):
    resident = make_account(phone=PHONE)
    staff = transact(lambda: employ(place.company.id, name="示范", phone=PHONE, post="维修", by=company))
    assert staff.account_id == resident.id


def test_a_worker_gets_profile_skills_and_hat(place, company):
    staff = transact(
        lambda: employ(
            place.company.id, name="示范", phone=PHONE, post="维修", office_id=place.office.id, by=company
        )
    )
    options = {"district_id": place.district.id, "title": "示范师傅", "skills": ["H02", "G02", "H02"]}
    worker = transact(lambda: make_worker(staff.id, by=company, **options))
    assert skills_of(worker.id) == {"H02", "G02"}
    assert [(hat.role, hat.worker_id) for hat in hats_of(staff.account_id)] == [(Role.WRK, worker.id)]
    stranger = scope_of(make_hat(Role.CO, company_id=make_company().id))
    with pytest.raises(StaffUnknown):
        transact(lambda: make_worker(staff.id, by=stranger, **options))


@both_engines
def test_leaving_ends_hats_sessions_and_work_at_once(place, company):
    worker = existing_worker(place.office, district_id=place.district.id)
    account_id, elsewhere = worker.account_id, make_company()
    hat = hats_of(account_id)[0]
    other = make_hat(Role.FIN, account=worker.account, company_id=elsewhere.id)
    token = transact(lambda: open_session(account_id, hat_id=hat.id, channel="api", lives_for=API_LIVES))
    transact(lambda: leave(worker.staff_id, by=company))
    assert find_session(token) is None
    assert [worn.id for worn in hats_of(account_id)] == [other.id]
    assert workers_of_office(place.office.id) == []
    db.session.refresh(worker)
    assert not worker.online


def test_somebody_may_come_back(place, company):
    made = office_account(place, company)
    staff = db.session.scalars(select(Staff)).one()
    transact(lambda: leave(staff.id, by=company))
    again = transact(lambda: employ(place.company.id, name="示范", phone=PHONE, post="调度", by=company))
    assert again.account_id == made.account_id
    assert again.id != staff.id


def test_another_company_cannot_dismiss(place):
    staff = make_staff(place.office)
    stranger = scope_of(make_hat(Role.CO, company_id=make_company().id))
    with pytest.raises(StaffUnknown):
        transact(lambda: leave(staff.id, by=stranger))
    desk = scope_of(make_hat(Role.MGR, company_id=place.company.id, office_id=place.office.id))
    with pytest.raises(OnlyCompany):
        transact(lambda: leave(staff.id, by=desk))


def test_a_worker_goes_on_and_off_line(place):
    worker = existing_worker(place.office, district_id=place.district.id, online=False)
    himself = scope_of(hats_of(worker.account_id)[0])
    assert transact(lambda: set_online(worker.id, True, by=himself)).online
    colleague = existing_worker(place.office, district_id=place.district.id)
    with pytest.raises(WorkerUnknown):
        transact(lambda: set_online(colleague.id, False, by=himself))
    bureau = scope_of(make_hat(Role.BUR, district_id=place.district.id))
    with pytest.raises(WorkerUnknown):
        transact(lambda: set_online(worker.id, False, by=bureau))


# --- companies ---


def test_a_company_is_registered_once_and_waits_for_admission(place):
    bureau = scope_of(make_hat(Role.BUR, district_id=place.district.id))
    code = "91999999MA00000A1X"
    code = code[:17] + next(char for char in "0123456789ABCDEFGHJKLMNPQRTUWXY" if _fits(code[:17] + char))
    company = transact(lambda: register_company(f" {code.lower()} ", name="示范新物业", by=bureau))
    assert (company.credit_code, company.admission) == (code, Admission.PENDING)
    with pytest.raises(CreditCodeTaken):
        transact(lambda: register_company(code, name="同一家", by=bureau))
    with pytest.raises(MayNotGrant):
        transact(
            lambda: register_company(
                code, name="自己来", by=scope_of(make_hat(Role.CO, company_id=company.id))
            )
        )


def _fits(code: str) -> bool:
    try:
        return checked_credit_code(code) == code
    except BadCreditCode:
        return False


@pytest.mark.parametrize("code", ["", "123", "91999999MA00000000"])
def test_a_wrong_credit_code_is_named(code):
    with pytest.raises(BadCreditCode) as refused:
        checked_credit_code(code)
    assert "credit_code" in refused.value.fields


def test_the_company_signs_in_with_its_credit_code(place):
    security = scope_of(make_hat(Role.SEA))
    made = transact(
        lambda: create_company_account(place.company.id, name="示范总部", phone=PHONE, by=security)
    )
    result = transact(lambda: sign_in(place.company.credit_code, made.password))
    assert [hat.role for hat in result.hats] == [Role.CO]
    clock.freeze(clock.now() + timedelta(hours=24))
    assert transact(lambda: sign_in(place.company.credit_code, made.password)).refusal


def test_a_company_does_not_make_another_administrator(place, company):
    with pytest.raises(MayNotGrant):
        transact(lambda: create_company_account(place.company.id, name="副手", phone=PHONE, by=company))
    assert len(db.session.scalars(select(Hat)).all()) == 1
