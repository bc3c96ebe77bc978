"""Keyset pages: a cursor names the last row seen; nothing counts a large table."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select

from app.core.db import db
from app.core.errors import Invalid

T = TypeVar("T")
DEFAULT_LIMIT = 20
MAX_LIMIT = 100


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows and the cursor of the next ones; `next_cursor` is None on the last page."""

    items: Sequence[T]
    next_cursor: str | None


def encode_cursor(*values: Any) -> str:
    """An opaque cursor of plain values."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *, size: int) -> tuple[Any, ...] | None:
    """The values again; raises Invalid for a cursor that this product did not make."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded.encode()))
    except (ValueError, binascii.Error) as error:
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"}) from error
    if not isinstance(values, list) or len(values) != size:
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"})
    if not all(isinstance(value, int | str) and not isinstance(value, bool) for value in values):
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"})
    return tuple(values)


def decode_id_cursor(cursor: str | None) -> int | None:
    """The id inside a one-value cursor; raises Invalid when it is not a 63-bit number."""
    values = decode_cursor(cursor, size=1)
    if values is None:
        return None
    if not isinstance(values[0], int) or not 0 <= values[0] < 2**63:
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"})
    return values[0]


def decode_instant_cursor(cursor: str | None) -> tuple[datetime, int] | None:
    """Instant and id inside the cursor of a list that is ordered by both; raises Invalid when they are none."""
    values = decode_cursor(cursor, size=2)
    if values is None:
        return None
    try:
        at, row_id = datetime.fromisoformat(str(values[0])), int(values[1])
    except ValueError as error:
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"}) from error
    if at.tzinfo is None or not 0 <= row_id < 2**63:
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"})
    return at, row_id


def page_by_id(rows: Sequence[Any], limit: int) -> Page[Any]:
    """A page from `limit + 1` rows ordered by falling id."""
    more = len(rows) > limit
    kept = rows[:limit]
    return Page(items=kept, next_cursor=encode_cursor(kept[-1].id) if more else None)


def newest_page(statement: Select[Any], model: Any, *, cursor: str | None, limit: int) -> Page[Any]:
    """Rows of `model` that the statement selects, the newest first, from behind the cursor on. Raises Invalid."""
    return page_by_id(db.session.scalars(_newest(statement, model, cursor, limit)).all(), limit)


def newest_rows(
    statement: Select[*tuple[Any, ...]], model: Any, *, cursor: str | None, limit: int
) -> Page[Any]:
    """The same for a statement that selects other columns beside `model`: the rows are kept whole. Raises Invalid."""
    rows = db.session.execute(_newest(statement, model, cursor, limit)).all()
    page = page_by_id([getattr(row, model.__name__) for row in rows], limit)
    return Page(rows[:limit], page.next_cursor)


def _newest(
    statement: Select[*tuple[Any, ...]], model: Any, cursor: str | None, limit: int
) -> Select[*tuple[Any, ...]]:
    before = decode_id_cursor(cursor)
    if before is not None:
        statement = statement.where(model.id < before)
    return statement.order_by(model.id.desc()).limit(limit + 1)
