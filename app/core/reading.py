"""Units that only read: repeated when the database could not answer, and seen as of one instant where that matters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.db import db
from app.core.failures import code_of, is_retryable, pause

T = TypeVar("T")
READ_ATTEMPTS = 3
log = structlog.get_logger()


def read_again(work: Callable[[], T], *, attempts: int = READ_ATTEMPTS) -> T:
    """Run `work`, which changes nothing, and repeat it whole after a failure that passes, as `transact` does with what
    writes: a reader is not to hear of a lost connection or a busy file. Each repetition is logged with its code."""
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except DBAPIError as error:
            db.session.rollback()
            if attempt == attempts or not is_retryable(error):
                raise
            log.warning("read repeated", code=code_of(error), attempt=attempt)
            pause(attempt)
    raise AssertionError("unreachable")


def at_one_instant() -> None:
    """All that the unit reads from here on is as of one instant. Only for units that write nothing.

    SQLite's readers have that by themselves. MariaDB runs in READ COMMITTED, where each statement sees what is
    committed by then: a sweep that commits between two of them would show a broken promise beside an order on time.
    """
    db.session.rollback()
    if db.engine.dialect.name != "sqlite":
        db.session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
