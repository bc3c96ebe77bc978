"""Connections to SQLite and MariaDB: how they are opened, rested, woken and given back (docs/adr/0002).

SQLite runs in WAL mode; a unit of work that writes begins with BEGIN IMMEDIATE, so its single writer gives the promise
that `FOR UPDATE` gives on MariaDB, which runs in READ COMMITTED.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import pymysql
from pymysql.constants import FIELD_TYPE, SERVER_STATUS
from pymysql.converters import conversions
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from app.core import one_trip

writing: ContextVar[bool] = ContextVar("writing", default=False)
"""Whether the unit that begins will write; `transact` says so."""


def engine_options(url: str, pool_size: int) -> dict[str, Any]:
    """How the engine of this address is made."""
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": 30, "check_same_thread": False}}
    return {
        "hide_parameters": True,  # values may be personal; an error message is for the log
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_reset_on_return": None,  # see _close_what_is_open
        "pool_recycle": 1800,
        "isolation_level": "READ COMMITTED",
        "connect_args": {
            "charset": "utf8mb4",
            "connect_timeout": 5,
            "read_timeout": 60,
            "write_timeout": 60,
            "conv": {**conversions, FIELD_TYPE.DATETIME: _instant},
        },
    }


def _instant(text: str) -> datetime:
    """A DATETIME as the server writes it. The driver's own reader costs six times as much, and a list has hundreds."""
    return datetime.fromisoformat(f"{text}+00:00")


def tune(engine: Engine) -> None:
    """Set every connection of the engine to the modes that the code relies on. Called once for an engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _tune_mysql)
        event.listen(engine, "checkin", _note_rest)
        event.listen(engine, "checkout", _wake)
        event.listen(engine, "reset", _close_what_is_open)
        one_trip.listen(engine)


def _tune_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=30000", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")


def _tune_mysql(connection: Any, record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00', innodb_lock_wait_timeout = 20")


# The pool's own ping and rollback cost two round trips each time a connection is taken, and a request takes two.
RESTED_SECONDS = 1.0
_RESTED = "anju.resting_since"


def _note_rest(connection: Any, record: Any) -> None:
    record.info[_RESTED] = time.monotonic()


def _wake(connection: Any, record: Any, proxy: Any) -> None:
    """Ask a connection that has rested whether it still lives; the pool opens another one if it does not."""
    since = record.info.get(_RESTED)
    if since is not None and time.monotonic() - since > RESTED_SECONDS:
        try:
            connection.ping(reconnect=False)
        except (OSError, pymysql.err.MySQLError) as error:
            raise DisconnectionError("the server has closed a resting connection") from error


def _close_what_is_open(connection: Any, record: Any, state: Any) -> None:
    """Roll back on return to the pool, unless the server has said that no transaction is open."""
    if not state.terminate_only and connection.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS:
        connection.rollback()
