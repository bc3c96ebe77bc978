"""What all factories share: units of work and values that do not repeat."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from app.core.connections import writing
from app.core.db import db, transact

P = ParamSpec("P")
T = TypeVar("T")
_numbers = itertools.count(1)
FACTORY_PHONES = (
    299  # 199 0000 0001 to 0299; a test that names a number takes it from 0300 to 0999, so the two never meet
)
_last_phone = FACTORY_PHONES


def committed(build: Callable[P, T]) -> Callable[P, T]:
    """Commit what the factory builds, unless a unit of work is running already."""

    @wraps(build)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if writing.get():
            return build(*args, **kwargs)
        return transact(lambda: build(*args, **kwargs))

    return run


def saved(row: T) -> T:
    """Add the row and give it its id."""
    db.session.add(row)
    db.session.flush()
    return row


def next_number() -> int:
    """1, 2, 3 ... over the whole run."""
    return next(_numbers)


def next_phone() -> str:
    """A demonstration number, one of 299 in turn; a test that needs more people at once names their numbers itself."""
    phones_go_on_after(_last_phone % FACTORY_PHONES + 1)
    return f"19900{_last_phone:06d}"


def last_phone() -> int:
    """Which of the 299 numbers was given out last."""
    return _last_phone


def phones_go_on_after(number: int) -> None:
    """The next number is the one after this: for who lays people back that have theirs already."""
    global _last_phone
    _last_phone = number
