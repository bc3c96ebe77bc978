"""Processes that sweep as schedulers do: each with its own connection, released together, counted by the server."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, text

from app.core.db import db
from app.orders.sweeping import sweep
from bench.database import bench_app
from scheduler.jobs.sweep_deadlines import catch_up

PATIENCE = 300


@dataclass(frozen=True)
class Swept:
    """One process's part of a sweep; `begun` and `ended` are monotonic seconds of the machine."""

    fired: int
    begun: float
    ended: float
    statements: int
    peak_rss_mb: float


@dataclass(frozen=True)
class Result:
    """A sweep by all processes together, from the first start to the last end."""

    seconds: float
    fired: int
    statements: int
    peak_rss_mb: float


class Sweepers:
    """A few processes that stay up between rounds, so that starting them is no part of a measurement."""

    def __init__(self, count: int, urls: list[str]) -> None:
        context = multiprocessing.get_context("spawn")
        self._ends: list[Connection] = []
        self._processes = []
        for _ in range(count):
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(there, urls), daemon=True)
            process.start()
            self._ends.append(here)
            self._processes.append(process)
        for end in self._ends:
            _answer(end)

    def sweep(self, url: str, processes: int) -> Result:
        """Let `processes` of them fire everything that is due in the database."""
        parts: list[Swept] = self._ask(processes, ("sweep", url))
        return Result(
            seconds=max(part.ended for part in parts) - min(part.begun for part in parts),
            fired=sum(part.fired for part in parts),
            statements=sum(part.statements for part in parts),
            peak_rss_mb=max(part.peak_rss_mb for part in parts),
        )

    def idle_ms(self, url: str, times: int) -> list[float]:
        """Milliseconds of `times` sweeps that find nothing."""
        return self._ask(1, ("idle", url, times))[0]

    def close(self) -> None:
        """Send them home."""
        for end in self._ends:
            end.send(None)
        for process in self._processes:
            process.join(timeout=10)

    def _ask(self, processes: int, order: tuple) -> list[Any]:
        asked = self._ends[:processes]
        for end in asked:
            end.send(("ready?", order[1]))
        for end in asked:
            _answer(end)
        for end in asked:
            end.send(order)
        return [_answer(end) for end in asked]


def _answer(end: Connection) -> Any:
    if not end.poll(PATIENCE):
        raise TimeoutError(f"a sweeper has not answered within {PATIENCE} s")
    return end.recv()


def _serve(end: Connection, urls: list[str]) -> None:
    apps = {url: bench_app(url) for url in urls}
    end.send("up")
    while (order := end.recv()) is not None:
        what, url, *rest = order
        with apps[url].app_context():
            end.send(_TASKS[what](apps[url], *rest))


def _connect(app: Flask) -> str:
    db.session.execute(text("SELECT 1"))
    db.session.rollback()
    return "ready"


def _sweep(app: Flask) -> Swept:
    with _counted(db.engine) as statements:
        begun = time.monotonic()
        fired = catch_up()
        ended = time.monotonic()
    return Swept(fired, begun, ended, len(statements), _peak_rss_mb())


@contextmanager
def _counted(engine: Engine) -> Iterator[list[None]]:
    """Statements and commits of all connections of this process."""
    sent: list[None] = []

    def count(*_: Any) -> None:
        sent.append(None)

    names = ("before_cursor_execute", "commit")
    for name in names:
        event.listen(engine, name, count)
    try:
        yield sent
    finally:
        for name in names:
            event.remove(engine, name, count)


def _idle(app: Flask, times: int) -> list[float]:
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        count = sweep()
        found.append((time.perf_counter() - begin) * 1000)
        if count:
            raise AssertionError("the idle sweep found something to do")
    return found


_TASKS: dict[str, Any] = {"ready?": _connect, "sweep": _sweep, "idle": _idle}


def _peak_rss_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
