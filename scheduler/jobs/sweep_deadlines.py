"""Clocks that have reached a level: one batch as a rule, more of them after a standstill."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, current_app

from app.core.db import db
from app.orders.sweeping import BATCH, sweep
from scheduler.context import Context

AT_ONCE = 2
"""Connections that catch up on a backlog: most of a batch is the server's time, another is prepared meanwhile."""


def sweep_deadlines(context: Context) -> None:
    """Fire what is due, also all that a standstill has left."""
    catch_up(context.stopping)


def catch_up(stopping: Callable[[], bool] = lambda: False) -> int:
    """Fire everything that is due, or until somebody wants to stop; returns how many levels were claimed.

    What one batch does not take several connections take side by side, as several schedulers do; SQLite has one writer,
    and so one connection.
    """
    fired = sweep(BATCH)
    if fired < BATCH or stopping():
        return fired
    writers = 1 if db.engine.dialect.name == "sqlite" else AT_ONCE
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # threads have no application of their own
    with ThreadPoolExecutor(writers) as pool:
        parts = [pool.submit(_go_on, app, stopping) for _ in range(writers)]
    return fired + sum(part.result() for part in parts)


def _go_on(app: Flask, stopping: Callable[[], bool]) -> int:
    fired = 0
    with app.app_context():
        while not stopping():
            count = sweep(BATCH)
            fired += count
            if count < BATCH:
                break
    return fired
