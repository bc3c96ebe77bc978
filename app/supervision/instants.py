"""Arithmetic on instants inside a statement, the same on both engines, exact to the millisecond."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.core.db import UtcDateTime


class Earlier(FunctionElement[Any]):
    """`Earlier(instant, milliseconds)`: the instant so much before, both columns or expressions."""

    inherit_cache = True
    name = "earlier"
    type = UtcDateTime()


@compiles(Earlier)
def _mysql(element: Any, compiler: Any, **options: Any) -> str:
    instant, milliseconds = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({instant} - INTERVAL ({milliseconds}) * 1000 MICROSECOND)"


@compiles(Earlier, "sqlite")
def _sqlite(element: Any, compiler: Any, **options: Any) -> str:
    """Instants are texts with six decimals there, and texts are what is compared."""
    instant, milliseconds = (compiler.process(clause, **options) for clause in element.clauses)
    shift = f"printf('-%.3f seconds', ({milliseconds}) / 1000.0)"
    return f"(strftime('%Y-%m-%d %H:%M:%f', {instant}, {shift}) || '000')"
