"""Rows that travel together: fewer trips, and who reads, commits, fails or rolls back can tell no difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.core.db import (
    Rollback,
    db,
    insert_later,
    insert_once_last,
    table_of,
    transact,
)
from app.core.errors import Conflict
from app.core.one_trip import MOST
from app.core.outbox import OutboxRow
from app.core.shared_values import SharedValue
from app.orders.clock_models import ClockEvent
from tests.core.test_connections import kill
from tests.core.test_many_rows import AWKWARD
from tests.engines import both_engines, mariadb_only

OUTBOX, VALUES = table_of(OutboxRow), table_of(SharedValue)
AT = datetime(2026, 11, 22, 7, 30, 0, 123000, tzinfo=UTC)


def fact(name: str, **more: Any) -> dict[str, Any]:
    """A row of the outbox."""
    common = {"payload": {"of": name}, "state": "waiting", "attempts": 0, "created_at": AT, "due_at": AT}
    return {"name": name, **common, **more}


def value(name: str, words: str = "x") -> dict[str, Any]:
    """A row with a unique key."""
    return {"name": name, "value": words, "changed_at": AT}


def names_in(table: Any) -> list[str]:
    return list(db.session.scalars(select(table.c.name).order_by(table.c.name)))


@contextmanager
def trips() -> Iterator[list[str]]:
    """The statements that the server is sent in the block."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, sql: str, *rest: Any) -> None:
        sent.append(sql)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@mariadb_only
def test_rows_of_several_tables_are_one_trip(app_db):
    def work() -> bool:
        insert_later(OUTBOX, [fact("a"), fact("b")])
        insert_later(VALUES, [value("v")])
        insert_later(OUTBOX, [fact("c")])
        return insert_once_last(VALUES, value("last"))

    with trips() as sent:
        assert transact(work)
    assert len(sent) == 1
    assert sent[0].count("INSERT") == 4
    assert (names_in(OUTBOX), names_in(VALUES)) == (["a", "b", "c"], ["last", "v"])


@both_engines
@pytest.mark.parametrize("words", [*AWKWARD, "100% %s %(x)s", "a;b -- c", "'); DROP TABLE outbox; --"])
def test_what_arrives_is_what_was_given(app_db, words):
    def work() -> None:
        insert_later(OUTBOX, [fact("a", payload={"words": words}, last_error=words)])
        insert_later(VALUES, [value("v", words)])

    transact(work)
    row = db.session.execute(select(OUTBOX)).one()
    assert (row.payload, row.last_error, row.created_at, row.done_at) == ({"words": words}, words, AT, None)
    assert db.session.scalar(select(VALUES.c.value)) == words


@both_engines
def test_whoever_reads_in_the_unit_finds_them(app_db):
    def work() -> list[str]:
        insert_later(OUTBOX, [fact("a")])
        return names_in(OUTBOX)

    assert transact(work) == ["a"]


@both_engines
def test_nothing_to_write_is_nothing(app_db):
    with trips() as sent:
        transact(lambda: insert_later(OUTBOX, []))
    assert not [each for each in sent if "INSERT" in each]


@both_engines
def test_a_unit_that_fails_leaves_none_and_the_next_one_does_not_inherit_them(app_db):
    def fail() -> None:
        insert_later(OUTBOX, [fact("a")])
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="middle"):
        transact(fail)
    transact(lambda: insert_later(VALUES, [value("v")]))
    assert (names_in(OUTBOX), names_in(VALUES)) == ([], ["v"])


@both_engines
def test_rows_that_waited_outside_a_unit_are_not_committed_by_the_next_one(app_db):
    db.session.execute(text("SELECT 1"))
    insert_later(OUTBOX, [fact("a")])
    transact(lambda: insert_later(VALUES, [value("v")]))
    assert (names_in(OUTBOX), names_in(VALUES)) == ([], ["v"])
    insert_later(OUTBOX, [fact("b")])
    db.session.remove()
    transact(lambda: insert_later(VALUES, [value("w")]))
    assert names_in(OUTBOX) == []


@both_engines
def test_a_unit_left_on_purpose_leaves_none(app_db):
    def leave() -> None:
        insert_later(OUTBOX, [fact("a")])
        raise Rollback()

    transact(leave)
    assert names_in(OUTBOX) == []


@both_engines
def test_what_is_undone_to_a_savepoint_takes_them_along(app_db):
    def work() -> None:
        insert_later(OUTBOX, [fact("before")])
        savepoint = db.session.begin_nested()
        insert_later(OUTBOX, [fact("undone")])
        savepoint.rollback()
        insert_later(OUTBOX, [fact("after")])

    transact(work)
    assert names_in(OUTBOX) == ["after", "before"]


@both_engines
@pytest.mark.parametrize("seen", ["at a statement", "at the commit"])
def test_a_row_that_does_not_fit_refuses_the_whole_unit(app_db, seen):
    transact(lambda: insert_later(VALUES, [value("v")]))

    def work() -> None:
        insert_later(OUTBOX, [fact("a")])
        insert_later(VALUES, [value("v")])
        if seen == "at a statement":
            names_in(OUTBOX)

    with pytest.raises(Conflict):
        transact(work)
    assert names_in(OUTBOX) == []
    transact(lambda: insert_later(OUTBOX, [fact("next")]))
    assert names_in(OUTBOX) == ["next"]


@both_engines
@pytest.mark.parametrize("beside", [0, 1, 3])
def test_the_last_row_is_written_once_and_says_so(app_db, beside):
    def work() -> bool:
        insert_later(OUTBOX, [fact(f"{place}") for place in range(beside)])
        return insert_once_last(VALUES, value("v"))

    assert transact(work) is True
    assert transact(work) is False
    assert (len(names_in(OUTBOX)), names_in(VALUES)) == (2 * beside, ["v"])


@mariadb_only
def test_only_so_many_wait(app_db):
    def work() -> None:
        for number in range(3 * MOST):
            insert_later(OUTBOX, [fact(f"{number}")])

    with trips() as sent:
        transact(work)
    assert len(sent) == 3
    assert len(names_in(OUTBOX)) == 3 * MOST


@mariadb_only
def test_a_default_that_python_gives_cannot_be_forgotten(app_db):
    row = fact("a")
    del row["attempts"]
    insert_later(OUTBOX, [row])
    with pytest.raises(TypeError, match="outbox: attempts"):
        db.session.execute(text("SELECT 1"))


@mariadb_only
def test_a_row_of_which_the_parent_is_missing_is_named(app_db):
    row = {"order_id": 1, "clock": "C1", "round": 0, "kind": "start", "at": AT, "limit_ms": 1, "reason": ""}

    insert_later(OUTBOX, [fact("a")])
    insert_later(table_of(ClockEvent), [row])
    with pytest.raises(IntegrityError, match="fk_clock_events_order_id"):
        db.session.commit()


@mariadb_only
def test_a_unit_begins_afresh_with_the_connection_it_has(app_db):
    def connection_id() -> int:
        return int(db.session.scalar(text("SELECT CONNECTION_ID()")) or 0)

    before = connection_id()
    assert transact(connection_id) == before


@both_engines
@pytest.mark.parametrize("how", ["by a statement", "by an object"])
def test_what_was_written_before_a_unit_is_not_committed_with_it(app_db, how):
    if how == "by a statement":
        db.session.execute(VALUES.insert(), [value("before")])
    else:
        db.session.add(SharedValue(**value("before")))
    transact(lambda: insert_later(VALUES, [value("in it")]))
    assert names_in(VALUES) == ["in it"]


@both_engines
def test_what_was_read_before_a_unit_is_read_again_in_it(app_db):
    transact(lambda: insert_later(VALUES, [value("v", "old")]))
    mine = db.session.scalars(select(SharedValue)).one()
    assert mine.value == "old"
    change_elsewhere(app_db, lambda: db.session.execute(text("UPDATE shared_values SET value = 'new'")))
    assert transact(lambda: mine.value) == "new"


def change_elsewhere(app: Any, work: Callable[[], Any]) -> None:
    """As another process would; SQLite's reader has to let go first."""
    if db.engine.dialect.name == "sqlite":
        db.session.rollback()
    with app.app_context():
        transact(work)


@mariadb_only
def test_a_connection_lost_between_reading_and_the_unit_is_replaced(app_db):
    own = db.session.scalar(text("SELECT CONNECTION_ID()"))
    kill(db.engine.url, own)
    transact(lambda: insert_later(VALUES, [value("v")]))
    assert names_in(VALUES) == ["v"]


@mariadb_only
def test_a_connection_that_was_lost_in_reading_before_the_unit_is_replaced(app_db):
    kill(db.engine.url, db.session.scalar(text("SELECT CONNECTION_ID()")))
    with pytest.raises(OperationalError):
        names_in(VALUES)
    transact(lambda: insert_later(VALUES, [value("v")]))
    assert names_in(VALUES) == ["v"]


@both_engines
def test_a_flush_that_failed_before_the_unit_does_not_stop_it(app_db):
    transact(lambda: insert_later(VALUES, [value("v")]))
    db.session.add(SharedValue(**value("v")))
    with pytest.raises(IntegrityError):
        db.session.flush()
    transact(lambda: insert_later(VALUES, [value("w")]))
    assert names_in(VALUES) == ["v", "w"]


@mariadb_only
def test_a_connection_lost_while_rows_wait_repeats_the_unit_and_doubles_none(app_db):
    tries = []

    def work() -> None:
        tries.append(db.session.scalar(text("SELECT CONNECTION_ID()")))
        insert_later(OUTBOX, [fact("a")])
        if len(tries) == 1:
            kill(db.engine.url, tries[0])
        insert_once_last(VALUES, value("v"))

    transact(work)
    assert len(set(tries)) == 2
    assert (names_in(OUTBOX), names_in(VALUES)) == (["a"], ["v"])
