"""A desk with fewer than two persons is told to its manager and its company, once (S3-11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.companies.duty_alerts import warn_of_gaps
from app.companies.models import Admission
from app.core.clock import china
from app.core.db import db, transact
from app.core.roles import Role
from app.notifications.models import Notification
from tests.factories import make_hat, make_place, make_shift, make_staff

MORNING = china(2026, 11, 23, 8)


@pytest.fixture
def office(app_db):
    place = make_place()
    make_hat(Role.CO, company_id=place.company.id)
    staff = [make_staff(place.office, role=role) for role in (Role.MGR, Role.DSP, Role.DSP)]
    return place, staff


def warnings() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Notification.body).order_by(Notification.id)))


def test_two_persons_on_duty_now_and_in_the_next_shift_are_enough(office):
    _, staff = office
    for each in staff[:2]:
        make_shift(each, MORNING, hours=24)
    assert transact(lambda: warn_of_gaps(MORNING)) == 0


def test_a_shift_with_one_person_is_told_to_manager_and_company_once(office):
    _, staff = office
    make_shift(staff[0], MORNING, hours=24)
    make_shift(staff[1], MORNING, hours=8)
    assert transact(lambda: warn_of_gaps(MORNING)) == 2
    assert transact(lambda: warn_of_gaps(MORNING)) == 0
    assert len(warnings()) == 2
    assert "11月23日 16:00 起值守只有 1 人" in warnings()[0]


def test_an_empty_desk_is_told_for_now_and_for_later(office):
    assert transact(lambda: warn_of_gaps(MORNING + timedelta(minutes=5))) == 4


def test_the_desk_of_a_suspended_company_is_nobodys_worry(office):
    place, _ = office

    def suspend() -> None:
        db.session.merge(place.company).admission = Admission.SUSPENDED

    transact(suspend)
    assert transact(lambda: warn_of_gaps(MORNING)) == 0
