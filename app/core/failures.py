"""What a database says when it cannot: which of it passes if the whole unit is repeated (docs/adr/0002)."""

from __future__ import annotations

import random
import time
from typing import Any

from sqlalchemy.exc import DBAPIError

# Deadlock, lock wait, cluster not ready, commit failed, server gone, connection lost: the whole unit is repeated.
RETRYABLE_MYSQL = frozenset({1213, 1205, 1047, 1180, 2006, 2013})
MYSQL_CHECK_VIOLATED = 4025
"""MariaDB reports a violated CHECK as an operational error; SQLite as the integrity error that it is."""
LOCKED = "database is locked"
"""What the driver itself says where it has no name for it."""
ATTEMPTS = 5


def code_of(error: DBAPIError) -> Any:
    """The server's number, or SQLite's name, of what went wrong; its text may hold a row and is never logged."""
    named = getattr(error.orig, "sqlite_errorname", None)
    return named or (error.orig.args[0] if error.orig and error.orig.args else None)


def is_retryable(error: DBAPIError) -> bool:
    """Whether repeating the whole unit can help (measured on a Galera cluster, docs/adr/0002). SQLite says BUSY when
    another connection writes, PROTOCOL when it found no place among the readers of the log."""
    code = code_of(error)
    return code in RETRYABLE_MYSQL or str(code).startswith(("SQLITE_BUSY", "SQLITE_PROTOCOL", LOCKED))


def pause(attempt: int) -> None:
    """Wait before the next attempt, longer each time. Jitter only spreads colliding workers; it protects nothing."""
    time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 - how long to wait is no secret
