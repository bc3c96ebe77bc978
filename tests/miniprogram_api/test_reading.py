"""What one answer says fits together while others commit, and a failure of the database that passes is not told."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.core.db import db
from app.core.reading import READ_ATTEMPTS, read_again
from app.core.roles import Role
from app.orders.sweeping import sweep
from tests.engines import both_engines


class BeforeStatement:
    """Does something once, just before the reader's first statement that names the table."""

    def __init__(self, table: str, do) -> None:
        self.table, self.do, self.reader, self.done = table, do, threading.get_ident(), False

    def __call__(self, _connection, _cursor, statement, *_) -> None:
        mine = threading.get_ident() == self.reader and f"FROM {self.table}" in statement
        if mine and not self.done and not statement.startswith("SELECT orders."):
            self.done = True
            self.do()


@pytest.fixture
def interrupted():
    """Listeners on the engine, taken off again."""
    placed = []

    def place(listener) -> None:
        event.listen(db.engine, "before_cursor_execute", listener)
        placed.append(listener)

    yield place
    for listener in placed:
        event.remove(db.engine, "before_cursor_execute", listener)


@both_engines
def test_an_order_is_shown_as_of_one_instant_while_the_sweep_commits(mariadb_api, interrupted):
    api = mariadb_api
    order_id = api.scene.submit().order_id
    api.scene.accept(order_id)
    api.later(minutes=31)

    def sweep_beside() -> None:
        def work() -> None:
            with api.app.app_context():
                sweep()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(30)

    between = BeforeStatement("deadlines", sweep_beside)
    interrupted(between)
    phone = api.phone(Role.RES)
    shown = phone.get(f"/orders/{order_id}").json
    assert between.done
    assert (shown["late"], breached(shown)) == (False, [])
    shown = phone.get(f"/orders/{order_id}").json
    assert (shown["late"], breached(shown)) == (True, ["C2"])


def breached(shown) -> list[str]:
    return [each["clock"] for each in shown["promises"] if each["breached"]]


def fails(times: int, text: str):
    tries = []

    def work() -> int:
        tries.append(1)
        if len(tries) <= times:
            raise OperationalError("SELECT", {}, sqlite3.OperationalError(text))
        return len(tries)

    return work, tries


def test_a_reader_does_not_hear_of_a_busy_database(app_db):
    work, _ = fails(READ_ATTEMPTS - 1, "database is locked")
    assert read_again(work) == READ_ATTEMPTS


@pytest.mark.parametrize(("text", "tried"), [("database is locked", READ_ATTEMPTS), ("no such table: x", 1)])
def test_a_failure_that_stays_is_told(app_db, text, tried):
    work, tries = fails(99, text)
    with pytest.raises(OperationalError):
        read_again(work)
    assert len(tries) == tried


def test_a_query_of_the_api_is_read_again(api, interrupted):
    calls = []

    def busy() -> None:
        calls.append(timedelta())
        raise sqlite3.OperationalError("database is locked")

    interrupted(BeforeStatement("shared_values", busy))
    phone = api.phone(Role.WRK)
    answer = phone.get("/tasks")
    assert (answer.status_code, calls) == (200, [timedelta()]), answer.json
