from __future__ import annotations

import pytest

from app.core import clock
from app.core.roles import Role
from tests.fakes.district import T0, settle


@pytest.fixture
def town(app_db):
    return settle()


@pytest.fixture
def resident(town):
    """The account id of the resident."""
    return town.accounts[Role.RES]


@pytest.fixture(autouse=True)
def _at_t0():
    with clock.frozen(T0):
        yield
