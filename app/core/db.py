"""The database: one code path for SQLite and MariaDB, and the only commit in the repository.

See docs/adr/0001-edges-commit.md and 0002; how connections are opened and kept: app/core/connections.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import pymysql
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, Table, insert
from sqlalchemy.dialects.mysql import DATETIME as MYSQL_DATETIME
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from app.core import one_trip
from app.core.clock import to_ms
from app.core.connections import engine_options, tune, writing
from app.core.errors import Conflict, Refusal
from app.core.failures import ATTEMPTS, MYSQL_CHECK_VIOLATED, code_of, is_retryable, pause

T = TypeVar("T")

# The application context is cut at constraint names: an error message is found by the name that stands here.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)


class OneDatabase(FlaskSession):
    """A session that does not look for the engine of each statement: there is one; and that commits what waits."""

    def commit(self) -> None:
        self.flush()
        if self.in_transaction():
            one_trip.send(self.connection())
        super().commit()

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **more: Any) -> Any:
        return bind if bind is not None else self._db.engine


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": OneDatabase})

BigId = BigInteger().with_variant(Integer, "sqlite")
"""Primary and foreign keys: 64 bits on MariaDB, the rowid on SQLite."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant with milliseconds; naive values are refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(MYSQL_DATETIME(fsp=3))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        if (
            value.tzinfo is UTC and value.microsecond % 1000 == 0
        ):  # what clock.now() gives: nothing to convert
            return value.replace(tzinfo=None)
        return to_ms(value).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Id:
    """Mixin: the surrogate key."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)


def init_db(app: Flask, url: str, *, pool_size: int = 8) -> None:
    """Bind the tables to `url` and set both engines to the modes that the code relies on."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url, pool_size)
    db.init_app(app)
    with app.app_context():
        tune(db.engine)


class Rollback(Exception):
    """Leave a unit of work without writing, with a value for the caller."""

    def __init__(self, value: Any = None) -> None:
        self.value = value
        super().__init__("rolled back on purpose")


def transact(work: Callable[[], T], *, attempts: int = ATTEMPTS) -> T:
    """Run `work` as one unit and commit it: the only place in the repository that commits.

    Deadlocks and lost connections repeat the whole unit, so `work` must be safe to repeat: whatever it did before was
    rolled back, and every command carries a request id in case the commit itself had succeeded. A violated unique
    constraint becomes the refusal registered for its name.
    """
    for attempt in range(1, attempts + 1):
        try:
            return _once(work)
        except Rollback as wish:
            return wish.value
        except IntegrityError as error:
            raise refusal_for(error) from error
        except DBAPIError as error:
            if code_of(error) == MYSQL_CHECK_VIOLATED:
                raise refusal_for(error) from error
            if attempt == attempts or not is_retryable(error):
                raise
            pause(attempt)
    raise AssertionError("unreachable")


def _once(work: Callable[[], T]) -> T:
    _begin_afresh()
    token = writing.set(True)
    try:
        result = work()
        db.session.commit()
        return result
    except BaseException:
        db.session.rollback()
        raise
    finally:
        writing.reset(token)


def _begin_afresh() -> None:
    """Nothing read before the unit decides how it begins, and nothing written before it is committed with it.

    MariaDB is told by the driver, and the session keeps its connection: giving that back and taking it again costs a
    request of the load benchmark a fourteenth of its processor.
    """
    session = db.session()
    if db.engine.dialect.name == "sqlite" or not _has_only_read(session):
        session.rollback()
        return
    connection = session.connection()
    one_trip.forget(connection)
    session.expire_all()
    try:
        connection.connection.rollback()
    except (OSError, pymysql.err.MySQLError):
        session.invalidate()


def _has_only_read(session: Session) -> bool:
    """Whether a transaction is open and sound, and no object would have to be thrown away or put right with it."""
    if not session.in_transaction() or not session.is_active or session.in_nested_transaction():
        return False
    return not (session.new or session.dirty or session.deleted or session.connection().invalidated)


_refusals: dict[str, Callable[[], Refusal]] = {}


def translate_constraint(name: str, refusal: Callable[[], Refusal]) -> None:
    """Say which refusal a person reads when the named constraint is violated."""
    _refusals[name] = refusal


def refusal_for(error: DBAPIError) -> Refusal:
    """The refusal registered for the violated constraint, else a plain Conflict."""
    text = str(error.orig)
    for name, refusal in _refusals.items():
        if name in text or _sqlite_columns(name) in text:
            return refusal()
    return Conflict()


def _sqlite_columns(name: str) -> str:
    """SQLite reports a unique violation by 'table.column, table.column', not by the constraint's name; a violated
    check by its name, and it has no columns here."""
    for table in Base.metadata.tables.values():
        constraints: list[Any] = [*table.constraints, *table.indexes]
        for constraint in constraints:
            if constraint.name == name and len(getattr(constraint, "columns", ())):
                return ", ".join(f"{table.name}.{column.name}" for column in constraint.columns)
    return name


def table_of(model: type[Base]) -> Table:
    """The table behind a model, for Core statements."""
    assert isinstance(model.__table__, Table)
    return model.__table__


def changed(statement: Any) -> int:
    """Execute an UPDATE or DELETE and say how many rows it found."""
    return _rowcount(db.session.execute(statement.execution_options(synchronize_session=False)))


def changed_by(statement: Any, values: dict[str, Any]) -> int:
    """Execute a statement that was built once and say how many rows it wrote."""
    return _rowcount(db.session.execute(statement, values))


def _rowcount(result: Any) -> int:
    return int(result.rowcount)


def insert_once(table: Any, row: dict[str, Any] | list[dict[str, Any]]) -> bool:
    """Insert the row unless its unique key exists; True when it was inserted. Of several rows those that are new.

    Only for rows whose values the product made itself: INSERT IGNORE would also shorten values that are too long.
    """
    return bool(_rowcount(db.session.execute(_insert_once(table, db.engine.dialect.name), row)))


def insert_later(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of which nobody needs an answer (app/core/one_trip.py): at the latest before anything else is asked
    in this transaction, and so also only there a row that does not fit is refused. All have the same keys; a column
    with a default of Python's may not be left out."""
    if not rows:
        return
    if db.engine.dialect.name == "sqlite":  # no way to a server that could be saved
        db.session.execute(insert(table), rows)
    else:
        one_trip.wait(db.session.connection(), table, rows)


def insert_once_last(table: Table, row: Mapping[str, Any]) -> bool:
    """As `insert_once`, and what waits goes in the same trip: for the last row of a unit."""
    if db.engine.dialect.name == "sqlite":
        return insert_once(table, dict(row))
    return bool(one_trip.send(db.session.connection(), once=(table, row)))


@cache
def _insert_once(table: Table, dialect: str) -> Any:
    if dialect == "sqlite":
        return sqlite_insert(table).on_conflict_do_nothing()
    return insert(table).prefix_with("IGNORE")


def lock(statement: Any) -> Any:
    """Read the rows with a lock, as every command does before it changes them."""
    return statement.with_for_update()


def claim(statement: Any) -> Any:
    """Read rows that no other process has claimed; on SQLite the single writer gives the same promise."""
    return statement.with_for_update(skip_locked=True)
