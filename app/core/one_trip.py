"""Rows that nobody waits for travel together: MariaDB is sent several INSERTs of a unit in one statement.

A new order writes its event, clocks, levels, photos, fact and receipt after its own row. Each of them alone is a trip
to the server, two switches of the processor and a turn for whoever else waits; together they are one
(docs/adr/0020-rows-travel-together.md). The rows wait at the connection of their transaction. Whatever else this
connection is asked goes after them, so nobody ever reads the database without them; a rollback forgets them. Before a
commit the session sends them itself: what fails in the engine's own commit is not rolled back by anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Table, event

Row = Mapping[str, Any]
MOST = 200
"""Rows that wait at most, so that a long unit keeps neither them nor a text for each number of them."""
_WAITING = "anju.rows_waiting"
_Shape = tuple[Table, tuple[str, ...], int]


def listen(engine: Engine) -> None:
    """Make the engine send waiting rows before any statement. Called once for an engine of MariaDB."""
    event.listen(engine, "before_cursor_execute", _before_statement)
    event.listen(engine, "rollback", forget)
    event.listen(engine, "checkin", _forget_at_rest)


def wait(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Let the rows, which all have the same keys, go with the next trip of this transaction."""
    waiting = connection.info.setdefault(_WAITING, [])
    waiting.extend((table, row) for row in rows)
    if len(waiting) > MOST:
        send(connection)


def send(connection: Connection, *, once: tuple[Table, Row] | None = None) -> int:
    """Send what waits, and after it the row `once` unless its unique key exists; returns how many of that are new.

    Raises what the database raises for a row; which of them it was, the error's text tells."""
    waiting = connection.info.pop(_WAITING, None) or []
    parts = [(*key, [row for _, row in rows]) for key, rows in groupby(waiting, _table_and_names)]
    shapes = [(table, names, len(rows)) for table, names, rows in parts]
    given = list(_values(parts, connection.dialect))
    if once is not None:
        parts = [(once[0], tuple(once[1]), [once[1]])]
        given.extend(_values(parts, connection.dialect))
        shapes.append((once[0], tuple(once[1]), 1))
    if not shapes:
        return 0
    done = connection.exec_driver_sql(_text(tuple(shapes), once is not None), tuple(given))
    return int(done.rowcount) - len(waiting)


def forget(connection: Connection) -> None:
    """The transaction was rolled back, and with it what waited; a connection that was lost has forgotten by itself."""
    if not connection.invalidated:
        connection.info.pop(_WAITING, None)


def _before_statement(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> None:
    if connection.info.get(_WAITING):
        send(connection)


def _forget_at_rest(connection: Any, record: Any) -> None:
    record.info.pop(_WAITING, None)  # whoever is given the connection next has nothing to do with them


def _table_and_names(waiting: tuple[Table, Row]) -> tuple[Table, tuple[str, ...]]:
    table, row = waiting
    return table, tuple(row)


def _values(parts: Sequence[tuple[Table, tuple[str, ...], Sequence[Row]]], dialect: Dialect) -> Iterator[Any]:
    for table, names, rows in parts:
        writers = _writers(table, names, dialect)
        for row in rows:
            for name, write in writers:
                yield row[name] if write is None else write(row[name])


@lru_cache(maxsize=256)
def _writers(
    table: Table, names: tuple[str, ...], dialect: Dialect
) -> list[tuple[str, Callable[[Any], Any] | None]]:
    """How the driver is given the value of each column."""
    left_out = [each.name for each in table.columns if each.default is not None and each.name not in names]
    if left_out:
        raise TypeError(f"{table.name}: {', '.join(left_out)} would miss the default that Python gives")
    return [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]


@lru_cache(maxsize=256)
def _text(shapes: tuple[_Shape, ...], once: bool) -> str:
    """One INSERT as it is, several as a compound statement, which needs no leave for several statements in a text."""
    inserts = [_insert(*shape) for shape in shapes]
    if once:
        inserts[-1] = inserts[-1].replace("INSERT", "INSERT IGNORE", 1)
    return inserts[0] if len(inserts) == 1 else f"BEGIN NOT ATOMIC {'; '.join(inserts)}; END"


def _insert(table: Table, names: tuple[str, ...], count: int) -> str:
    columns = ", ".join(f"`{name}`" for name in names)
    row = f"({', '.join(['%s'] * len(names))})"
    return f"INSERT INTO `{table.name}` ({columns}) VALUES {', '.join([row] * count)}"  # noqa: S608 - names of columns
