"""A missing year of the calendar is told from 1 December, once a day (domain 3.7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.companies.calendar_alerts import warn_of_missing_year
from app.core.calendar_days import import_rows, install_standard, read_csv
from app.core.clock import china
from app.core.db import db, transact
from app.core.roles import Role
from app.notifications.models import Notification
from tests.core.test_calendar_days import FILE_2027
from tests.factories import make_hat, make_place

DECEMBER = china(2026, 12, 1, 8)


@pytest.fixture
def people(app_db):
    transact(install_standard)
    place = make_place()
    make_hat(Role.BUR, district_id=place.district.id)
    make_hat(Role.CO, company_id=place.company.id)
    make_hat(Role.SYA)
    make_hat(Role.DSP, company_id=place.company.id, office_id=place.office.id)


def told(at):
    return transact(lambda: warn_of_missing_year(at))


def test_bureau_company_and_system_administrator_are_told_once_a_day_until_the_year_is_there(people):
    assert told(DECEMBER - timedelta(days=1)) == 0
    assert told(DECEMBER) == 3
    assert told(DECEMBER + timedelta(hours=6)) == 0
    assert told(DECEMBER + timedelta(days=1)) == 3
    assert "2027年" in db.session.scalars(select(Notification.body).limit(1)).one()
    transact(lambda: import_rows(read_csv(FILE_2027)))
    assert told(DECEMBER + timedelta(days=2)) == 0
