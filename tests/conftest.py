"""Databases for tests: a copied SQLite file, and MariaDB where a test asks for it (tests/engines.py)."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Playwright, sync_playwright
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL

from app import tables
from app.core import clock
from app.core.crypto import use_key
from app.core.db import db, init_db
from app.core.kept import forget_everything
from tests.engines import MARIADB, SQLITE
from tests.mariadb_server import empty_all_tables, test_database

TEST_KEY = b"a key of 32 bytes for tests only"


LONGEST_FIRST = (
    "tests/client/test_checklist.py",
    "tests/orders/test_lifecycle_machine.py",
    "tests/journeys/",
    "tests/miniprogram_api/test_schemathesis.py",
    "tests/client/",
    "tests/weapp/",
    "tests/seeds/",
    "tests/browser/",
    "tests/scheduler/",
    "tests/payments/test_money_machine.py",
    "tests/wechat_sandbox/",
    "tests/miniprogram_api/",
    "tests/admin/",
    "tests/orders/",
)
"""What takes more than a minute comes first and alone, so that no worker is left with it at the end; stories, which
mostly wait, lie beside what reckons. Of the first three one makes the demonstration for the client, and the other
workers find it made when they come to the client (tests/client/seeded.py)."""


IN_A_BROWSER = ("tests/browser/", "tests/client/", "tests/weapp/", "tests/miniprogram_api/test_demo.py")
WITH_PROCESSES = ("tests/journeys/", "tests/scheduler/test_process.py")
"""On a busy machine a page may come too late, and so may a process that a journey waits for; such a test has more
tries, which the summary counts. No other test has: what fails once in the clocks or the commands is a fault."""


def _group(file: str) -> str:
    return "demo" if file.startswith("tests/seeds/test_demo") else file


IN_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own there, as it does under /tmp
ROOM_BYTES = 8 * 2**30
"""What all databases and photos of a run need, many times over."""


def pytest_configure(config: pytest.Config) -> None:
    """pytest-xdist would begin with the files of most tests, and end with the two longest, which are one test each.
    Where memory is plenty the scratch folders lie there: thousands of new databases need not wait for a disk."""
    config.option.loadscopereorder = False
    if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


def pytest_collection_finish() -> None:
    """All that was imported stays to the end: the collector need not go through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file stay on one worker, because they share fixtures; the demonstration is made on one of them
    alone. The longest begin."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(_group(file)))
        if file.startswith(IN_A_BROWSER):
            item.add_marker(pytest.mark.flaky(reruns=2))
        if file.startswith(WITH_PROCESSES):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: _place_in_the_queue(item.nodeid))


def _place_in_the_queue(nodeid: str) -> int:
    found = (place for place, start in enumerate(LONGEST_FIRST) if nodeid.startswith(start))
    return next(found, len(LONGEST_FIRST))


@pytest.fixture(autouse=True)
def _running_clock() -> Iterator[None]:
    """Each test begins with a clock that runs and tells the truth."""
    yield
    clock.freeze(None)
    clock.set_offset(timedelta())
    forget_everything()


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """The one driver of browsers in this process: a second one beside it is refused."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and no rows."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = create_engine(f"sqlite:///{path}")
    tables.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def mariadb_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[URL, Engine]]:
    """One database on MariaDB for this process, and an engine that empties it."""
    with test_database(tmp_path_factory.mktemp("mariadb")) as url:
        engine = create_engine(url)
        yield url, engine
        engine.dispose()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this process keeps its SQLite database: an engine that stays keeps its compiled statements."""
    return tmp_path_factory.mktemp("sqlite") / "test.db"


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database with every table; `both_engines` runs the test on two of them."""
    kind = getattr(request, "param", SQLITE)
    if kind == MARIADB:
        url, engine = request.getfixturevalue("mariadb_database")
        empty_all_tables(engine)
        return url.render_as_string(hide_password=False)
    path: Path = request.getfixturevalue("sqlite_file")
    lay_empty(path, request.getfixturevalue("sqlite_template"))
    return f"sqlite:///{path}"


def lay_empty(path: Path, template: Path) -> None:
    """A copy of the template in a new file, so that nobody who still has the old one open writes into it."""
    for each in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        each.unlink(missing_ok=True)
    shutil.copyfile(template, path)


@cache
def _plain_app(database_url: str) -> Flask:
    app = Flask("test")
    init_db(app, database_url)
    return app


@pytest.fixture
def app_db(database_url: str) -> Iterator[Flask]:
    """A plain Flask application bound to an empty database, its context pushed: what a domain test needs."""
    use_key(TEST_KEY)
    app = _plain_app(database_url)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
