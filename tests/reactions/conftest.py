from __future__ import annotations

import pytest

from app.core import clock
from tests.fakes.district import T0, settle


@pytest.fixture
def town(app_db):
    return settle()


@pytest.fixture(autouse=True)
def _at_t0():
    with clock.frozen(T0):
        yield
