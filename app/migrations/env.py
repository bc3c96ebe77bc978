"""Alembic's entry: runs inside the application context that `flask db` or `app.migrations.run` has pushed."""

from __future__ import annotations

from alembic import context

from app.core.db import db
from app.migrations.rendering import render_item
from app.tables import metadata


def run_online() -> None:
    """Migrate over the application's own engine, so that SQLite pragmas and MariaDB modes are the usual ones."""
    with db.engine.connect() as connection:
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


run_online()
