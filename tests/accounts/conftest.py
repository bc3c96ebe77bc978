"""One served estate at noon of a fixed day, and its desk."""

from __future__ import annotations

import pytest
from flask import Flask

from app.companies.hats import scope_of
from app.core import clock
from app.core.roles import Role
from app.core.scope import Scope
from tests.factories import Place, make_hat, make_place


@pytest.fixture
def place(app_db: Flask) -> Place:
    clock.freeze(clock.china(2026, 11, 20, 12))
    return make_place(homes=5)


@pytest.fixture
def desk(place: Place) -> Scope:
    """What a dispatcher of the office that serves the estate may see."""
    return scope_of(make_hat(Role.DSP, company_id=place.company.id, office_id=place.office.id))
