"""Hundreds of rows as one document: what arrives is what was given, and what does not fit is an error, never a NULL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Account
from app.core.db import db, table_of
from app.core.many_rows import MANY, insert_many
from app.core.outbox import OutboxRow
from app.orders.models import Order
from tests.engines import both_engines, mariadb_only

OUTBOX = table_of(OutboxRow)
AT = datetime(2026, 11, 22, 7, 30, 0, 123000, tzinfo=UTC)
AWKWARD = ("", "null", "0", '"\'\\\\"', "]]>`'); --", "您好😀\n\t", "[1, {}]", "%s :document {0}")


def rows_of(count: int, **more: Any) -> list[dict[str, Any]]:
    """Outbox rows each of which differs from the others."""
    common = {"state": "waiting", "attempts": 0, "created_at": AT, "due_at": AT, "done_at": None}
    return [
        {
            "name": f"Event{number}",
            "payload": {"number": number, "text": AWKWARD[number % len(AWKWARD)], "of": [None, True, 1.5]},
            **common,
            "last_error": AWKWARD[number % len(AWKWARD)] if number % 3 else None,
            **more,
        }
        for number in range(count)
    ]


@both_engines
@pytest.mark.parametrize("count", [0, 1, MANY - 1, MANY, 300])
def test_what_arrives_is_what_was_given(app_db, count):
    given = rows_of(count)
    insert_many(OUTBOX, given)
    found = db.session.execute(select(OUTBOX).order_by(OUTBOX.c.id)).mappings()
    assert [{name: row[name] for name in row if name != "id"} for row in found] == given


@mariadb_only
@pytest.mark.parametrize("wrong", [{"name": "n" * 65}, {"attempts": "many"}, {"attempts": 2**70}])
def test_a_value_that_does_not_fit_is_an_error_and_nothing_is_written(app_db, wrong):
    with pytest.raises(DBAPIError):
        insert_many(OUTBOX, [*rows_of(MANY), *rows_of(1, **wrong)])
    db.session.rollback()
    assert db.session.execute(select(OUTBOX.c.id)).all() == []


@mariadb_only
def test_a_column_that_is_encrypted_or_unbounded_has_no_place_in_a_document(app_db):
    with pytest.raises(TypeError, match="phone"):
        insert_many(table_of(Account), [{"phone": "x"}] * MANY)
    with pytest.raises(TypeError, match="datetime"):
        insert_many(table_of(Order), [{"expected_at": AT.replace(tzinfo=None)}] * MANY)
