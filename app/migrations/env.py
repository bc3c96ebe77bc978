"""Alembic's entry: runs inside the application context that `flask db` or `app.migrations.run` has pushed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection

from app.core.db import db
from app.migrations.rendering import render_item
from app.tables import metadata


def run_online() -> None:
    """Migrate over the application's own engine, so that SQLite pragmas and MariaDB modes are the usual ones."""
    with db.engine.connect() as connection, _references_asleep(connection):
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_item=render_item,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


@contextmanager
def _references_asleep(connection: Connection) -> Iterator[None]:
    """SQLite alters a table by copying and dropping it, and a drop would count as deleting every row that others point
    to: so references sleep meanwhile and are checked afterwards, before anybody uses the database."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection  # a transaction would ignore the pragma
    assert raw is not None

    def broken() -> set[tuple[str, int, str]]:
        return {found[:3] for found in raw.execute("PRAGMA foreign_key_check")}

    before = broken()
    raw.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
        if lost := broken() - before:
            raise RuntimeError(f"rows point to nothing after the migration: {sorted(lost)[:5]}")
    finally:
        raw.execute("PRAGMA foreign_keys = ON")


run_online()
