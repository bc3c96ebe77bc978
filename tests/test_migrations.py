"""The migrations lead to exactly the tables that the models describe, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import CheckConstraint, Connection, MetaData, String, Table, insert, inspect, literal, text

from app import tables
from app.core.crypto import use_key
from app.core.db import db, init_db
from app.migrations.run import heads, upgrade_to, upgrade_to_head
from tests.engines import both_engines

REFUSED = datetime(2026, 11, 2, 3, 4, 5)  # noqa: DTZ001 - as a driver gives it


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


@both_engines
def test_every_check_of_the_models_stands_in_the_migrated_tables(empty_app):
    upgrade_to_head()
    inspector = inspect(db.engine)
    for table in tables.metadata.tables.values():
        expected = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
        found = {check["name"] for check in inspector.get_check_constraints(table.name)}
        assert expected <= found, table.name


@both_engines
def test_a_check_that_a_new_state_changed_does_not_stand_beside_its_old_words(empty_app):
    upgrade_to_head()
    checks = inspect(db.engine).get_check_constraints("snaps")
    about_states = [
        check["sqltext"] for check in checks if check["name"] in ("ck_snaps_status", "ck_snaps_answered")
    ]
    assert len(about_states) == 2
    assert all("ASKED" in words for words in about_states)


@both_engines
def test_orders_refused_before_the_appeal_existed_keep_when_and_why(empty_app):
    upgrade_to("0001")
    before = MetaData()
    before.reflect(db.engine)
    rows = (
        (before.tables["orders"], {"status": "REJECTED", "menu": "PUB", "holds": 0}),
        (
            before.tables["order_events"],
            {"order_id": 1, "to_status": "REJECTED", "data": literal('{"reason": "OLD"}', String)},
        ),
    )
    with references_unchecked() as connection:
        for table, known in rows:
            connection.execute(insert(table).values(_filled(table) | known))
    db.engine.dispose()
    upgrade_to_head()
    with db.engine.connect() as connection:
        row = connection.execute(
            text("SELECT rejected_at, reject_code, transfers, special FROM orders")
        ).one()
        events = connection.scalar(text("SELECT COUNT(*) FROM order_events"))
    assert str(row.rejected_at).startswith("2026-11-02 03:04:05")
    assert (row.reject_code, row.transfers, row.special, events) == ("OLD", 0, 0, 1)


@contextmanager
def references_unchecked() -> Iterator[Connection]:
    """The order stands alone here; its district, office and reporter are not part of the question."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        else:
            connection.execute(text("SET SESSION foreign_key_checks = 0"))
        yield connection
        connection.commit()


def _filled(table: Table) -> dict[str, Any]:
    """Something in every column that asks for it."""
    kinds = {datetime: REFUSED, str: "", int: 1, bool: False}
    return {column.name: kinds[column.type.python_type] for column in table.columns if not column.nullable}
