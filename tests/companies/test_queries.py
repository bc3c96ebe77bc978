"""Who serves an estate on a day, who works, who is on duty, whom to tell."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.accounts.models import AccountStatus
from app.companies.models import Staff
from app.companies.queries import (
    bureau_accounts,
    company_admins,
    desk_accounts,
    duty_gap,
    estate_ids_of_office,
    estates_of_office,
    hotline_accounts,
    managers_of,
    office_of_estate,
    on_duty,
    serving_office,
    skills_of,
    valid_certificate,
    worker_of_account,
    workers_of_office,
)
from app.companies.rules import Duty
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from tests.factories import (
    make_certificate,
    make_contract,
    make_hat,
    make_office,
    make_place,
    make_shift,
    make_staff,
    make_worker,
)

TODAY = date(2026, 11, 20)
NOON = clock.china(2026, 11, 20, 12)
DAY = timedelta(days=1)


@pytest.fixture
def place(app_db):
    clock.freeze(NOON)
    return make_place()


def test_the_contract_of_the_day_names_the_office(place):
    transact(lambda: setattr(place.contract, "ends_on", TODAY))
    successor = make_office()
    make_contract(place.estate, successor, begins_on=TODAY + DAY)
    assert serving_office(place.estate.id, TODAY).office.id == place.office.id
    assert serving_office(place.estate.id, TODAY + DAY).office.id == successor.id
    assert serving_office(place.estate.id, date(1999, 1, 1)) is None
    assert office_of_estate(place.estate.id).id == place.office.id
    assert office_of_estate(place.estate.id, TODAY + DAY).company_id == successor.company_id


def test_estates_of_an_office_agree_with_the_serving_office(place):
    successor = make_office()
    make_contract(place.estate, successor, begins_on=TODAY)
    for day in (TODAY - DAY, TODAY, TODAY + DAY):
        serving = serving_office(place.estate.id, day).office_id
        for office in (place.office, successor):
            served = [estate.id for estate in estates_of_office(office.id, day)]
            assert (served == [place.estate.id]) == (office.id == serving)
            assert estate_ids_of_office(office.id, day) == frozenset(served)
    assert estate_ids_of_office(successor.id) == {place.estate.id}


def test_workers_of_an_office_are_those_employed_today(place):
    here = make_worker(place.office, district_id=place.district.id, skills=("H02", "H03"))
    gone = make_worker(place.office, district_id=place.district.id)
    make_worker(make_place().office, district_id=place.district.id)
    assert {worker.id for worker in workers_of_office(place.office.id)} == {here.id, gone.id}
    transact(lambda: setattr(db.session.get_one(Staff, gone.staff_id), "employed_to", TODAY - DAY))
    assert [worker.id for worker in workers_of_office(place.office.id)] == [here.id]
    assert skills_of(here.id) == {"H02", "H03"}
    assert worker_of_account(here.account_id).id == here.id
    assert worker_of_account(here.account_id, office_id=999) is None


@pytest.mark.parametrize(
    ("changes", "valid"),
    [
        ({"valid_to": TODAY}, True),
        ({"valid_to": TODAY - DAY}, False),
        ({"valid_to": TODAY + DAY, "issued_on": TODAY + DAY}, False),
        ({"valid_to": TODAY + DAY, "revoked": True}, False),
        ({"valid_to": TODAY + DAY, "kind": "高处作业"}, False),
    ],
)
def test_a_certificate_counts_on_the_day_of_the_visit(place, changes, valid):
    worker = make_worker(place.office, district_id=place.district.id)
    make_certificate(worker, **{"kind": "低压电工", **changes})
    assert bool(valid_certificate(worker.id, "低压电工", NOON)) is valid


def test_the_visit_is_dated_in_china(place):
    worker = make_worker(place.office, district_id=place.district.id)
    make_certificate(worker, "低压电工", valid_to=TODAY)
    late = clock.china(2026, 11, 20, 23, 59, 59)
    assert valid_certificate(worker.id, "低压电工", late)
    assert valid_certificate(worker.id, "低压电工", late + timedelta(seconds=1)) is None


def test_people_to_tell_are_found_by_their_hats(place):
    dispatcher = make_staff(place.office, role=Role.DSP).account_id
    manager = make_staff(place.office, role=Role.MGR).account_id
    admin = make_hat(Role.CO, company_id=place.company.id).account_id
    hotline = make_hat(Role.HOT, district_id=place.district.id).account_id
    bureau = make_hat(Role.BUR, district_id=place.district.id).account_id
    make_worker(place.office, district_id=place.district.id)
    make_staff(make_place().office, role=Role.DSP)
    assert desk_accounts(place.office.id) == [dispatcher, manager]
    assert managers_of(place.office.id) == [manager]
    assert company_admins(place.company.id) == [admin]
    assert hotline_accounts(place.district.id) == [hotline]
    assert bureau_accounts(place.district.id) == [bureau]


def test_ended_hats_and_disabled_accounts_are_not_told(place):
    hat = make_hat(Role.MGR, company_id=place.company.id, office_id=place.office.id)
    other = make_hat(Role.DSP, company_id=place.company.id, office_id=place.office.id)
    transact(lambda: setattr(hat, "ended_at", clock.now()))
    assert desk_accounts(place.office.id) == [other.account_id]
    transact(lambda: setattr(other.account, "status", AccountStatus.DISABLED))
    assert desk_accounts(place.office.id) == []


def test_two_persons_keep_the_desk(place):
    first, second, repairer = (make_staff(place.office) for _ in range(3))
    assert duty_gap(place.office.id, NOON) == 2
    make_shift(first, NOON)
    make_shift(first, NOON - timedelta(hours=1))
    make_shift(repairer, NOON, duty=Duty.REPAIR)
    assert duty_gap(place.office.id, NOON) == 1, "one person in two shifts is one person"
    make_shift(second, NOON, hours=8)
    assert duty_gap(place.office.id, NOON) == 0
    assert [staff.id for staff in on_duty(place.office.id, NOON)] == [first.id, second.id]
    assert duty_gap(place.office.id, NOON + timedelta(hours=8)) == 2, "the end of a shift is not included"


def test_somebody_who_left_is_not_on_duty(place):
    staff = make_staff(place.office, employed_to=TODAY - DAY)
    make_shift(staff, NOON)
    assert on_duty(place.office.id, NOON) == []
