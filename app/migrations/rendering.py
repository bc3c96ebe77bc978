"""How our own column types stand in a migration: as plain SQLAlchemy types, so that old migrations never change."""

from __future__ import annotations

from typing import Any, Literal

from app.core.crypto import Encrypted
from app.core.db import UtcDateTime


def render_item(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Source text of a type, or False to let Alembic write it."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        context.imports.add("from sqlalchemy.dialects import mysql")
        return 'sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")'
    if isinstance(item, Encrypted):
        return f"sa.String(length={item.length})"
    return False
