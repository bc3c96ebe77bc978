"""The limit of a command (run by `bench.crew`): its captured statements in a raw PyMySQL loop, then a commit.

Told once how to connect and the `templates` by name; a job names the one it needs, where there are several."""

from __future__ import annotations

import time
from typing import Any

import pymysql

from bench.captured import ONLY, ORDER_ID, TEMPLATE, fill_in
from bench.crew import serve


def _prepare(setup: dict[str, Any]) -> tuple[pymysql.Connection, dict[str, list[Any]]]:
    connection: pymysql.Connection = pymysql.connect(**setup["connect"])
    return connection, setup["templates"]


def _work(
    ready: tuple[pymysql.Connection, dict[str, list[Any]]], jobs: list[dict[str, Any]]
) -> dict[str, Any]:
    connection, templates = ready
    begun, found = time.monotonic(), []
    with connection.cursor() as cursor:
        for job in jobs:
            begin = time.perf_counter()
            _send(cursor, templates[job.get(TEMPLATE, ONLY)], dict(job))
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
