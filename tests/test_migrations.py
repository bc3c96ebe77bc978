"""The migrations lead to exactly the tables that the models describe, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import text

from app import tables
from app.core.crypto import use_key
from app.core.db import db, init_db
from app.migrations.run import heads, upgrade_to_head
from tests.engines import both_engines


@pytest.fixture
def empty_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without a single table."""
    url = database_url if "mysql" in database_url else f"sqlite:///{tmp_path / 'migrated.db'}"
    app = Flask("migrations")
    use_key(b"k" * 32)
    init_db(app, url)
    with app.app_context():
        drop_everything()
        yield app
        drop_everything()
        tables.metadata.create_all(db.engine)
        db.session.remove()
        db.engine.dispose()


def drop_everything() -> None:
    tables.metadata.drop_all(db.engine)
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def test_there_is_one_head():
    assert len(heads()) == 1


@both_engines
def test_migrated_tables_equal_the_models_and_a_second_run_changes_nothing(empty_app):
    for _ in range(2):
        upgrade_to_head()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, tables.metadata) == []


@both_engines
def test_migrated_tables_carry_the_constraints_that_tie_a_status_to_its_evidence(empty_app):
    upgrade_to_head()
    if db.engine.dialect.name == "sqlite":
        found = db.session.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'orders'"))
    else:
        found = db.session.execute(text("SHOW CREATE TABLE orders")).one()[1]
    expected = {
        str(constraint.name)
        for constraint in tables.orders.Order.__table__.constraints
        if str(constraint.name).startswith("ck_")
    }
    assert len(expected) >= 8
    assert all(name in found for name in expected)
