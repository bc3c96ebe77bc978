"""Connections of the pool: asked after a rest whether they live, rolled back only when something is open."""

from __future__ import annotations

import pytest
from sqlalchemy import URL, create_engine, event, text
from sqlalchemy.pool import NullPool

from app.core.db import db
from tests.engines import mariadb_only

pytestmark = mariadb_only


@pytest.fixture
def engine(app_db):
    """The engine of a fresh session."""
    db.session.remove()
    yield db.engine


def counter(name: str) -> int:
    return int(db.session.execute(text(f"SHOW SESSION STATUS LIKE '{name}'")).one()[1])


def test_a_connection_that_died_while_resting_is_replaced(engine):
    def long_ago(connection, record):
        record.info["anju.resting_since"] = -1e9

    event.listen(engine, "checkin", long_ago)
    try:
        own = db.session.scalar(text("SELECT CONNECTION_ID()"))
        db.session.remove()
        kill(engine.url, own)
        assert db.session.scalar(text("SELECT CONNECTION_ID()")) != own
    finally:
        event.remove(engine, "checkin", long_ago)


def kill(url: URL, connection_id: int) -> None:
    """From outside, and only when the server has really let it go."""
    outside = create_engine(url, poolclass=NullPool)
    with outside.connect() as connection:
        connection.exec_driver_sql(f"KILL {connection_id}")
        alive = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = %s"
        for _ in range(1000):
            if not connection.exec_driver_sql(alive, (connection_id,)).scalar():
                return
    raise AssertionError("the connection is still there")


def test_an_open_transaction_is_rolled_back_when_its_connection_comes_back(engine):
    connection = engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute("INSERT INTO shared_values (name, value, changed_at) VALUES ('half', 'done', NOW(3))")
    connection.close()
    assert db.session.scalar(text("SELECT COUNT(*) FROM shared_values WHERE name = 'half'")) == 0


def test_nothing_is_rolled_back_after_a_commit(engine):
    before = counter("Com_rollback")
    db.session.commit()
    db.session.remove()
    assert counter("Com_rollback") == before
