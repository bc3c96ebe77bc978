"""Which failures of a database pass by themselves, told by the name that SQLite gives them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import OperationalError

from app.core.failures import code_of, is_retryable


@pytest.fixture
def engine(tmp_path: Path):
    """A file in WAL mode whose connections do not wait for each other."""
    found = create_engine(f"sqlite:///{tmp_path / 'x.db'}", connect_args={"timeout": 0})
    with found.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
        connection.commit()
    yield found
    found.dispose()


def refused(engine: Engine, *statements: str, meanwhile: str = "") -> OperationalError:
    """What one connection is told for the last statement; another one has done something before it."""
    with engine.connect() as one, engine.connect() as other:
        for each in (one, other):
            each.connection.driver_connection.isolation_level = None
        *first, last = statements
        for statement in first:
            one.exec_driver_sql(statement).close()
        if meanwhile:
            other.exec_driver_sql(meanwhile)
        with pytest.raises(OperationalError) as error:
            one.exec_driver_sql(last)
        for each in (one, other):
            each.connection.driver_connection.rollback()
        return error.value


def test_a_writer_before_us_is_a_failure_that_passes(engine):
    error = refused(engine, "BEGIN IMMEDIATE", meanwhile="BEGIN IMMEDIATE")
    assert (code_of(error), is_retryable(error)) == ("SQLITE_BUSY", True)


def test_a_reader_whose_view_is_old_when_he_writes_is_a_failure_that_passes(engine):
    write = "INSERT INTO t VALUES (1)"
    error = refused(engine, "BEGIN", "SELECT count(*) FROM t", write, meanwhile=write)
    assert (code_of(error), is_retryable(error)) == ("SQLITE_BUSY_SNAPSHOT", True)


def test_a_missing_table_stays_missing_and_its_code_says_nothing_of_the_row(engine):
    error = refused(engine, "INSERT INTO nowhere VALUES ('a name')")
    assert (code_of(error), is_retryable(error)) == ("SQLITE_ERROR", False)
