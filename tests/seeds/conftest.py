"""The demonstration, written once; each test opens it, looks, and leaves it as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import clock
from app.core.db import db
from app.seeds.demo import Summary
from tests.seeds.demo_database import NOW, Demo, copied, opened, seeded


@pytest.fixture(scope="session")
def demo_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Summary]:
    """The address of the seeded SQLite file, and what was made."""
    directory = tmp_path_factory.mktemp("demo")
    url = copied(sqlite_template, directory)
    with opened(url):
        return url, seeded(directory / "media")


@pytest.fixture
def demo(demo_file: tuple[str, Summary]) -> Iterator[Demo]:
    """The demonstration, open, at its own instant."""
    url, summary = demo_file
    with opened(url), clock.frozen(NOW):
        yield Demo(summary)
        db.session.rollback()
