"""A running product: one for all stories of an engine, a fresh one for each test of faults."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.core.db import db
from tests.engines import MARIADB, SQLITE
from tests.journeys.product import Product
from tests.journeys.town import Town, found_town
from tests.mariadb_server import empty_all_tables


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """An empty product whose processes the test starts itself."""
    with _running(tmp_path, database_url) as running:
        yield running


@pytest.fixture(scope="module", params=[SQLITE, pytest.param(MARIADB, marks=pytest.mark.mariadb)])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A served estate in a product with two web workers and one scheduler; its clock only moves forward."""
    folder = tmp_path_factory.mktemp("town")
    with _running(folder, _empty_database(request, folder)) as running:
        built = found_town(running)
        running.start_sandbox()
        running.start_web()
        running.start_scheduler()
        running.wait_until_healthy()
        yield built


def _empty_database(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == MARIADB:
        url, engine = request.getfixturevalue("mariadb_database")
        empty_all_tables(engine)
        return str(url.render_as_string(hide_password=False))
    shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "town.db")
    return f"sqlite:///{folder / 'town.db'}"


@contextmanager
def _running(folder: Path, database_url: str) -> Iterator[Product]:
    running = Product(folder, database_url)
    try:
        yield running
    finally:
        running.stop()
        with running.app.app_context():
            db.session.remove()
            db.engine.dispose()
