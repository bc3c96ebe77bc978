"""The clock stands on 22 November 2026."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.core import clock
from tests.fees.town import NOW


@pytest.fixture(autouse=True)
def _standing_clock() -> Iterator[None]:
    clock.freeze(NOW)
    yield
    clock.freeze(None)
