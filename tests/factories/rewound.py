"""What dozens of tests begin with is built once and then laid back row by row: inserting known rows costs a tenth of
letting the services make them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, text

from app import tables
from app.core.crypto import blind_index
from app.core.db import db, transact
from tests.factories.units import last_phone, phones_go_on_after

T = TypeVar("T")
Rows = list[tuple[str, list[tuple[Any, ...]]]]


@dataclass
class Rewound(Generic[T]):
    """`build` fills an empty database and commits; `keep` takes of its result what outlives the test, `again` makes the
    result out of that. Each engine has rows of its own, as its driver reads and writes them, and so has each key under
    which personal data is stored."""

    build: Callable[[], Any]
    keep: Callable[[Any], T]
    again: Callable[[T], Any]

    def __post_init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[Rows, T, int]] = {}

    def __call__(self) -> Any:
        """The result of `build`, in an empty database."""
        where = (db.engine.dialect.name, blind_index("which key"))
        if where not in self._kept:
            built = self.build()
            self._kept[where] = (all_rows(), self.keep(built), last_phone())
            return built
        rows, kept, phone = self._kept[where]
        transact(lambda: _lay_back(db.session.connection(), rows))
        phones_go_on_after(phone)  # the numbers of those people are taken
        return self.again(kept)


def is_empty() -> bool:
    """Whether nobody has built anything yet: what every scene needs is missing."""
    db.session.rollback()
    any_of = " + ".join(f"EXISTS(SELECT 1 FROM {name})" for name in ("districts", "accounts", "categories"))
    found = db.session.execute(text(f"SELECT {any_of}")).scalar_one()
    db.session.rollback()
    return not found


def all_rows() -> Rows:
    """Everything that stands in the database, parents before children."""
    db.session.rollback()
    connection = db.session.connection()
    found: Rows = []
    for name in _filled(connection):
        rows = [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]
        found.append((_insert(name, len(rows[0]), connection.dialect.paramstyle), rows))
    db.session.rollback()
    return found


def put_back(rows: Rows, *, untouched: frozenset[str]) -> None:
    """The database as it was when `all_rows` read it; tables that nobody has touched meanwhile may be named."""

    def write() -> None:
        connection = db.session.connection()
        for name in reversed(_filled(connection)):
            if name not in untouched:
                connection.exec_driver_sql(f"DELETE FROM {name}")
        _lay_back(connection, [each for each in rows if each[0].split()[2] not in untouched])

    transact(write)


def _filled(connection: Connection) -> list[str]:
    """Which tables have rows, parents before children, asked in one statement."""
    names, ask = _question()
    return [
        name for name, has_rows in zip(names, connection.exec_driver_sql(ask).one(), strict=True) if has_rows
    ]


@cache
def _question() -> tuple[list[str], str]:
    names = [table.name for table in tables.metadata.sorted_tables]
    return names, f"SELECT {', '.join(f'EXISTS(SELECT 1 FROM {name})' for name in names)}"


def _insert(table: str, columns: int, paramstyle: str) -> str:
    mark = "?" if paramstyle == "qmark" else "%s"
    return f"INSERT INTO {table} VALUES ({', '.join([mark] * columns)})"


def _lay_back(connection: Connection, rows: Sequence[tuple[str, list[tuple[Any, ...]]]]) -> None:
    for insert, values in rows:
        connection.exec_driver_sql(insert, values)
