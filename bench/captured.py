"""The statements of one real request, as a template that can be sent again for another resident.

Two requests of different residents are listened to. Where their parameters differ in the way in which the residents
differ (his id, his session, his photo ...), the template has a blank; everything else is taken from the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

ORDER_ID = "order_id"
TEMPLATE, ONLY = "template", "only"
"""The key under which a job of `bench.replay` names the template it needs, and the one it has without saying so."""
BARE_SETUP = "BENCH_BARE_LIST"
"""The variable that names a JSON file for `bench.bare_list`: how to connect, statements, residents by their tokens."""
ROWS_ONLY = "/rows"
"""The path of `bench.bare_list` that answers with the rows as they are."""
CREATES = ("INSERT INTO orders ", "INSERT INTO ledger_entries ")
"""What a request makes one of, and later statements refer to by the id that the server gave it."""
Statement = dict[str, Any]
"""`sql`, `rows` (parameters of each row), `blanks` ([row, key, name] of what is filled in), `creates` the order."""


class Ear:
    """Listens to an engine: what was sent, in its sequence, and the id that the new order was given."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.order_id: int | None = None

    def before(self, connection: Any, cursor: Any, sql: str, given: Any, context: Any, many: bool) -> None:
        many = many and isinstance(given, list)  # rows that were folded into one VALUES come as one row
        rows = [dict(row) if isinstance(row, Mapping) else list(row) for row in (given if many else [given])]
        creates = sql.startswith(CREATES)
        self.statements.append({"sql": sql, "rows": rows, "many": many, "creates": creates, "blanks": []})

    def after(self, connection: Any, cursor: Any, sql: str, given: Any, context: Any, many: bool) -> None:
        if sql.startswith(CREATES):
            self.order_id = cursor.lastrowid


@contextmanager
def listening(engine: Engine) -> Iterator[Ear]:
    """What the engine sends while the block runs."""
    ear = Ear()
    event.listen(engine, "before_cursor_execute", ear.before)
    event.listen(engine, "after_cursor_execute", ear.after)
    try:
        yield ear
    finally:
        event.remove(engine, "before_cursor_execute", ear.before)
        event.remove(engine, "after_cursor_execute", ear.after)


def capture(
    engine: Engine, request: Callable[[Mapping[str, Any]], None], people: Sequence[Mapping[str, Any]]
) -> list[Statement]:
    """The template, from the same request of two people; `people` say the values by which they differ."""
    ears = []
    for person in people:
        with listening(engine) as ear:
            request(person)
        ears.append(ear)
    first, second = ears
    if [each["sql"] for each in first.statements] != [each["sql"] for each in second.statements]:
        raise AssertionError("the same request sent different statements: their number is not constant")
    names = {(str(people[0][name]), str(people[1][name])): name for name in people[0]}
    if first.order_id:
        names[str(first.order_id), str(second.order_id)] = ORDER_ID
    for mine, other in zip(first.statements, second.statements, strict=True):
        mine["blanks"] = list(_blanks(mine["rows"], other["rows"], names))
    return first.statements


def _blanks(mine: list[Any], other: list[Any], names: Mapping[tuple[str, str], str]) -> Iterator[list[Any]]:
    for place, (row, row_of_other) in enumerate(zip(mine, other, strict=True)):
        for key in row if isinstance(row, dict) else range(len(row)):
            name = names.get((str(row[key]), str(row_of_other[key])))
            if name is not None:
                yield [place, key, name]


def fill_in(statement: Statement, values: Mapping[str, Any]) -> Any:
    """The parameters of a statement for somebody: one row, or a list of rows for executemany."""
    rows = [row.copy() for row in statement["rows"]]
    for place, key, name in statement["blanks"]:
        rows[place][key] = values[name]
    return rows if statement["many"] else rows[0]
