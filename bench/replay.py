"""The limit of creating orders (run by `bench.crew`): the captured statements in a raw PyMySQL loop, then a commit."""

from __future__ import annotations

import time
from typing import Any

import pymysql

from bench.captured import ORDER_ID, fill_in
from bench.crew import serve


def _prepare(setup: dict[str, Any]) -> tuple[pymysql.Connection, list[Any]]:
    connection: pymysql.Connection = pymysql.connect(**setup["connect"])
    return connection, setup["statements"]


def _work(ready: tuple[pymysql.Connection, list[Any]], people: list[dict[str, Any]]) -> dict[str, Any]:
    connection, statements = ready
    begun, found = time.monotonic(), []
    with connection.cursor() as cursor:
        for person in people:
            begin = time.perf_counter()
            _send(cursor, statements, dict(person))
            connection.commit()
            found.append((time.perf_counter() - begin) * 1000)
    return {"begun": begun, "ended": time.monotonic(), "ms": found, "failures": []}


def _send(cursor: Any, statements: list[Any], values: dict[str, Any]) -> None:
    for statement in statements:
        given = fill_in(statement, values)
        if statement["many"]:
            cursor.executemany(statement["sql"], given)
        else:
            cursor.execute(statement["sql"], given)
        if statement["creates"]:
            values[ORDER_ID] = cursor.lastrowid
        cursor.fetchall()


if __name__ == "__main__":
    serve(_prepare, _work)
