"""The runner: every job again and again, none of them able to stop it, and a quick end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pymysql
import pytest
from sqlalchemy.exc import ProgrammingError

from app.core import clock, shared_values
from app.core.db import db, transact
from config import Settings
from scheduler.context import Context, build_context
from scheduler.heartbeat import NEWEST, beat, process_name
from scheduler.runner import GRACE_SECONDS, run
from scheduler.schedule import JOBS, Job


@pytest.fixture
def stop():
    return threading.Event()


@pytest.fixture
def context(tmp_path, stop) -> Context:
    return build_context(Settings(environment="test", data_dir=tmp_path), stop.is_set)


class Counting:
    """A job that says when it has run often enough."""

    def __init__(self, enough: int, work: Callable[[int], None] = lambda count: None) -> None:
        self.count, self.enough, self.work, self.reached = 0, enough, work, threading.Event()

    def __call__(self, context: Context) -> None:
        self.count += 1
        if self.count >= self.enough:
            self.reached.set()
        self.work(self.count)


class Background:
    """The runner in a thread of the test."""

    def __init__(self, app, context, jobs, stop) -> None:
        self.ended: list[bool] = []
        self.stop = stop
        self.thread = threading.Thread(target=lambda: self.ended.append(run(app, context, jobs, stop)))
        self.thread.start()

    def end(self) -> float:
        """Ask it to stop; the seconds that it took."""
        began = time.monotonic()
        self.stop.set()
        self.thread.join(timeout=30)
        return time.monotonic() - began


def test_a_job_runs_again_and_again_until_the_end(app_db, context, stop):
    job = Counting(3)
    runner = Background(app_db, context, [Job("count", job, 0.05)], stop)
    assert job.reached.wait(20)
    assert runner.end() < 5
    assert runner.ended == [True]
    after = job.count
    assert not threading.Event().wait(0.3)
    assert job.count == after


def test_a_failing_job_goes_on_after_the_outage(app_db, context, stop):
    def outage(count: int) -> None:
        if count < 3:
            raise ConnectionError("the database is away")

    failing, healthy = Counting(4, outage), Counting(4)
    jobs = [Job("failing", failing, 0.05), Job("healthy", healthy, 0.05)]
    runner = Background(app_db, context, jobs, stop)
    assert failing.reached.wait(20)
    assert healthy.reached.wait(20)
    runner.end()


def test_the_log_of_a_failure_holds_no_values(app_db, context, stop, capsys):
    def fails(count: int) -> None:
        raise ValueError("phone 19900000001")

    job = Counting(1, fails)
    runner = Background(app_db, context, [Job("failing", job, 0.05)], stop)
    assert job.reached.wait(20)
    runner.end()
    out, err = capsys.readouterr()
    assert "ValueError" in out + err
    assert "19900000001" not in out + err


def test_the_log_of_a_database_error_has_its_number_and_not_its_text(app_db, context, stop, capsys):
    def fails(count: int) -> None:
        cause = pymysql.err.ProgrammingError(1146, "no table for 19900000300")
        raise ProgrammingError("SELECT", {}, cause)

    job = Counting(1, fails)
    runner = Background(app_db, context, [Job("failing", job, 0.05)], stop)
    assert job.reached.wait(20)
    runner.end()
    out, err = capsys.readouterr()
    assert "1146" in out + err
    assert "19900000300" not in out + err


def test_a_job_never_runs_twice_at_the_same_time(app_db, context, stop):
    inside, most = threading.Semaphore(1), []

    def slow(count: int) -> None:
        most.append(inside.acquire(blocking=False))
        threading.Event().wait(0.2)
        inside.release()

    job = Counting(3, slow)
    runner = Background(app_db, context, [Job("slow", job, 0.02)], stop)
    assert job.reached.wait(20)
    runner.end()
    assert all(most)


def test_a_hanging_job_does_not_delay_the_others_nor_the_end(app_db, context, stop):
    release = threading.Event()
    hanging, healthy = Counting(1, lambda count: release.wait(60) and None), Counting(5)
    jobs = [Job("hanging", hanging, 0.05), Job("healthy", healthy, 0.05)]
    runner = Background(app_db, context, jobs, stop)
    try:
        assert healthy.reached.wait(20)
        assert runner.end() < GRACE_SECONDS + 1
        assert runner.ended == [False]
    finally:
        release.set()


def test_each_run_follows_a_clock_that_was_moved(app_db, context, stop):
    seen: list[timedelta] = []
    job = Counting(2, lambda count: seen.append(clock.now() - real_now()))
    shared_values.advance_clock(timedelta(hours=5))
    clock.set_offset(timedelta())
    runner = Background(app_db, context, [Job("look", job, 0.05)], stop)
    assert job.reached.wait(20)
    runner.end()
    assert all(abs(offset - timedelta(hours=5)) < timedelta(seconds=10) for offset in seen)


def real_now():
    return datetime.now(UTC)


def test_a_heartbeat_names_the_process_and_the_newest(app_db):
    beat()
    db.session.rollback()
    newest = shared_values.read(NEWEST)
    assert newest is not None
    assert shared_values.read(f"{NEWEST}.{process_name()}") == newest
    assert len(f"{NEWEST}.{process_name()}") <= 64


def test_ended_shared_values_are_forgotten(app_db):
    transact(lambda: shared_values.write("a", "1", lives_for=timedelta(seconds=1)))
    transact(lambda: shared_values.write("b", "1"))
    with clock.frozen(clock.now() + timedelta(seconds=2)):
        assert transact(shared_values.forget_ended) == 1


def test_every_job_of_the_schedule_runs_on_an_empty_database(app_db, context):
    for job in JOBS:
        job.run(context)


def test_the_schedule_is_as_the_specification_wants_it():
    seconds = {job.name: job.every_seconds for job in JOBS}
    assert len(seconds) == len(JOBS)
    assert max(seconds[name] for name in ("sweep_deadlines", "dispatch_outbox", "deliver_messages")) <= 3
