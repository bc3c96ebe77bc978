"""Runs the table of jobs until somebody asks it to stop.

APScheduler keeps only times here, in memory: what is to be done stands in the database, so a kill at any instant
loses nothing and any number of these processes may run (docs/adr/0007-deadlines-as-rows.md).
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from structlog import get_logger

from app.core.shared_values import follow_moved_clock
from config import Settings
from scheduler.context import Context
from scheduler.heartbeat import EVERY_SECONDS, beat
from scheduler.schedule import Job

LOGGED_FRAMES = 12
GRACE_SECONDS = 4.0
"""How long running jobs may finish after the wish to stop; whoever supervises us kills after 5."""

log = get_logger("scheduler")


class Running:
    """Which jobs are inside their function right now."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0

    def __enter__(self) -> None:
        with self._condition:
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._condition:
            self._count -= 1
            self._condition.notify_all()

    def wait_until_none(self, seconds: float) -> bool:
        """Whether all jobs ended within the time."""
        with self._condition:
            return self._condition.wait_for(lambda: self._count == 0, timeout=seconds)


def run(app: Flask, context: Context, jobs: Sequence[Job], stop: threading.Event) -> bool:
    """Run the jobs until `stop` is set; True when every job had ended by then."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job longer than its interval is not news
    running = Running()
    heart = Job("heartbeat", lambda _: beat(), EVERY_SECONDS)
    scheduler = _scheduler(len(jobs) + 1)
    for job in (heart, *jobs):
        _add(scheduler, job, in_app(app, job, context, running))
    scheduler.start()
    log.info("scheduler_started", jobs=len(jobs))
    stop.wait()
    began = time.monotonic()
    scheduler.shutdown(wait=False)
    ended = running.wait_until_none(GRACE_SECONDS)
    log.info("scheduler_stopped", seconds=round(time.monotonic() - began, 1), all_ended=ended)
    return ended


def _scheduler(threads: int) -> BackgroundScheduler:
    """A thread for each job, so that a slow neighbour delays nobody else."""
    return BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(threads)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )


def _add(scheduler: BackgroundScheduler, job: Job, work: Callable[[], None]) -> None:
    """At once and then at the interval; the jitter keeps many processes from asking in the same instant."""
    scheduler.add_job(
        work,
        IntervalTrigger(seconds=job.every_seconds, jitter=job.every_seconds / 5, timezone=UTC),
        id=job.name,
        next_run_time=datetime.now(UTC),
    )


def in_app(app: Flask, job: Job, context: Context, running: Running) -> Callable[[], None]:
    """One run of a job: inside the application, at the product's time, and never the end of the scheduler."""

    def work() -> None:
        if context.stopping():
            return
        with running:
            try:
                with app.app_context():
                    _keep_time(context.settings)
                    job.run(context)
            except Exception as error:  # the database may be away for a while: the next run tries again
                # Class, number and places only: a database error's text holds the row, and the row a person
                log.error(
                    "job_failed",
                    job=job.name,
                    error=type(error).__name__,
                    number=_number(error),
                    places=_places(error),
                )

    return work


def _number(error: BaseException) -> int | None:
    """The database's own number of the error, where it has one: 1146 is a missing table, 2013 a lost connection."""
    arguments = getattr(getattr(error, "orig", None), "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None


def _places(error: BaseException) -> list[str]:
    """Where it happened, innermost last, without the values of any variable."""
    frames = traceback.extract_tb(error.__traceback__)[-LOGGED_FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _keep_time(settings: Settings) -> None:
    if settings.clock_can_be_moved:
        follow_moved_clock()
