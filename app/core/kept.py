"""Reference rows that a process keeps for some seconds instead of asking for them with every command.

Only for what is dated and announced before it counts (clock parameters), or may take effect
some seconds late (categories). The process that changes them forgets at once; the others follow within KEPT_SECONDS.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from app.core.db import db

T = TypeVar("T")
KEPT_SECONDS = 5.0

_all: list[Kept[object]] = []


class Kept(Generic[T]):
    """The answer of `load`, for each database by itself. `load` must give what nobody changes."""

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self._found: WeakKeyDictionary[Engine, tuple[float, T]] = WeakKeyDictionary()
        _all.append(self)  # type: ignore[arg-type]

    def __call__(self) -> T:
        """What was loaded less than KEPT_SECONDS ago, or what the database says now."""
        engine, at = db.engine, time.monotonic()
        found = self._found.get(engine)
        if found is not None and at - found[0] < KEPT_SECONDS:
            return found[1]
        value = self._load()
        self._found[engine] = (at, value)
        return value

    def forget(self) -> None:
        """Ask again at the next call."""
        self._found.clear()


def forget_everything() -> None:
    """For tests, which change reference rows without announcing it."""
    for kept in _all:
        kept.forget()
