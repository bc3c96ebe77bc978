"""On which databases a test runs: SQLite unless it asks for both engines.

Mark a test, a class or a module with `both_engines`:

    @both_engines
    def test_...(app_db): ...

    pytestmark = both_engines

The MariaDB run carries the marker `mariadb` and fails, never skips, when there is no server and none can be started.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask

from app.core.db import db

SQLITE, MARIADB = "sqlite", "mariadb"

both_engines = pytest.mark.parametrize(
    "database_url", [SQLITE, pytest.param(MARIADB, marks=pytest.mark.mariadb)], indirect=True
)
mariadb_only = pytest.mark.parametrize(
    "database_url", [pytest.param(MARIADB, marks=pytest.mark.mariadb)], indirect=True
)


def in_parallel(app: Flask, works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run each work in its own thread and application context, all released at once; returns in the order given what
    each returned, or the exception it ended with."""
    db.session.rollback()  # the caller's own snapshot would hide from him what the works are about to commit
    outcomes: list[Any] = [None] * len(works)
    together = threading.Barrier(len(works))

    def run(place: int) -> None:
        try:
            with app.app_context():
                db.session.connection()  # connected before the start, so that the race is about the rows
                db.session.rollback()
                together.wait(timeout=30)
                outcomes[place] = works[place]()
        except Exception as error:
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "a parallel work did not end within 60 s"
    return outcomes
