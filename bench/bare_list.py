"""The limit of 我的记录: the same answer from the same SELECTs, sent raw, under the same server with the same threads.

Flask, PyMySQL, and what turns rows into the answer (masking, buttons, words, links, JSON). What the product has beside
that is what the ratio shows: SQLAlchemy, the session's check, the pipeline of routes, the log, the headers.
`rows_only` leaves out even the answer and writes the rows as JSON: the least that can be done over HTTP.
"""

from __future__ import annotations

import json
import os
import threading
from collections import namedtuple
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pymysql
from flask import Flask, Response, request

from app.accounts.scopes import resident_scope
from app.core import clock
from app.media.signing import use_signing_key
from app.orders.lines import line_of
from bench.captured import BARE_SETUP, ROWS_ONLY, fill_in
from miniprogram_api.order_answers import lines_out

_setup = json.loads(Path(os.environ[BARE_SETUP]).read_text())
_local = threading.local()
use_signing_key(b"any key signs as fast")
app = Flask(__name__)


@app.get("/api/v1/orders")
def same_answer() -> Response:
    """What the product answers."""
    person = _person()
    names, found = _found(person)
    row = _row_type(names)
    at, scope = clock.now(), resident_scope(person["account_id"])
    lines = [line_of(row(*map(_aware, each)), scope, at) for each in found]
    return Response(lines_out(lines, scope).model_dump_json(), mimetype="application/json")


@app.get(ROWS_ONLY)
def rows_only() -> Response:
    """The rows and nothing else."""
    _, found = _found(_person())
    return Response(json.dumps(found, ensure_ascii=False, default=str), mimetype="application/json")


def _person() -> dict[str, Any]:
    person: dict[str, Any] = _setup["people"][request.headers["Authorization"].removeprefix("Bearer ")]
    return person


def _found(person: dict[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
    connection = _connection()
    with connection.cursor() as cursor:
        for statement in _setup["statements"]:
            cursor.execute(statement["sql"], fill_in(statement, person))
            rows = cursor.fetchall()
        names = tuple(column[0] for column in cursor.description)
    connection.commit()
    return names, rows


@cache
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _connection() -> pymysql.Connection:
    if not hasattr(_local, "connection"):
        _local.connection = pymysql.connect(**_setup["connect"])
    return _local.connection
