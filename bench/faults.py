"""`python -m bench.faults`: clocks of 10 000 orders fall due while processes are killed and the database is restarted.

Four schedulers and four web workers on a MariaDB of the program's own. Within `--seconds` the promises of all orders
fall due; every second one of the eight processes is killed with -9 and started again, twice the database itself is, and
residents go on reporting with one request id until they are acknowledged. When everything has settled it is counted
(`bench.verdict`): each level fired exactly once and was told exactly once, each order moved once, each notification row
is unique and none is missing, each acknowledged report is one order. Then a scheduler runs again over what is done:
nothing may change.

Lateness (fired minus due) is printed as a distribution; the limit is the sweep's own interval, one second. The program
ends with 0 and its figures, or with 1 and what is wrong; it gives up after `--settle` seconds and says what is left.
Its processes and its data directory are gone afterwards, whatever has happened; `--logs` keeps the logs.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask

from app.bootstrap import create_core_app
from bench.appointments import appoint_staff
from bench.crowd import NO_NEIGHBOURS, Member, Reporters, failed_jobs, kill_one_each_second, members
from bench.database import connect, new_database, served_settings, server_facts, settings_of_environment
from bench.district import build_district
from bench.open_orders import fill
from bench.own_server import OwnServer, Restarts, own_server
from bench.report import ended_by_signals, print_report, progress
from bench.residents import reporters, sign_in_everybody, upload_photos
from bench.verdict import Left, count, faults_found, lateness_ms

SCHEDULERS, WEBS, REPORTERS, PHOTOS_EACH = 4, 4, 2, 8
LEAD_S, SECOND_RUN_S, SWEEP_EVERY_MS = 15, 15, 1000
DUE_LATER = """
UPDATE deadlines d JOIN bench_due b USING (id) SET d.due_at = NOW(3) + INTERVAL {lead} SECOND
  + INTERVAL (b.order_id * {span_ms} DIV {orders}) * 1000 MICROSECOND
"""


@dataclass(frozen=True)
class Arguments:
    orders: int
    seconds: int
    settle: int
    seed: int
    logs: Path | None


@dataclass
class Outcome:
    """What a run has left behind."""

    killed: int = 0
    settled_s: float = 0.0
    counted: dict[str, int] = field(default_factory=dict)
    again: dict[str, int] = field(default_factory=dict)
    late_ms: list[int] = field(default_factory=list)
    failed_jobs: dict[str, int] = field(default_factory=dict)


def arguments() -> Arguments:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000, help="orders whose clocks fall due")
    parser.add_argument("--seconds", type=int, default=60, help="how long processes are killed")
    parser.add_argument(
        "--settle", type=int, default=1200, help="seconds until it gives up waiting for the end"
    )
    parser.add_argument("--seed", type=int, default=4, help="which process is killed when")
    parser.add_argument("--logs", type=Path, default=None, help="a directory for the logs of all processes")
    return Arguments(**vars(parser.parse_args()))


def main() -> None:
    asked = arguments()
    with ended_by_signals(), scratch_directory(asked.logs) as scratch, own_server(scratch) as server:
        url = new_database(server.address, "faults")
        wrong = report(asked, server, url, scratch)
    for sentence in wrong:
        progress(f"WRONG: {sentence}")
    sys.exit(1 if wrong else 0)


@contextmanager
def scratch_directory(logs: Path | None) -> Iterator[Path]:
    """Data and logs of the run; only the logs may outlive it."""
    with tempfile.TemporaryDirectory(prefix="anju-faults-") as name:
        try:
            yield Path(name)
        finally:
            if logs is not None:
                logs.mkdir(parents=True, exist_ok=True)
                for log in Path(name).glob("*.log"):
                    shutil.copy(log, logs)


def report(asked: Arguments, server: OwnServer, url: str, scratch: Path) -> list[str]:
    """Prepare, let it happen, count, run again, print; returns what is wrong."""
    environment = {**served_settings(url, scratch, ""), **NO_NEIGHBOURS}
    people = prepare(url, environment, asked)
    crowd = members(SCHEDULERS, WEBS, environment, scratch)
    reporting = Reporters([each for each in crowd if each.port], reporters(people))
    outcome = Outcome()
    try:
        let_it_happen(asked, server, url, crowd, reporting, outcome)
        for each in crowd:
            each.kill()
        outcome.counted, outcome.late_ms = count(url, asked.orders), lateness_ms(url)
        crowd[0].start()
        time.sleep(SECOND_RUN_S)
    finally:
        reporting.give_up()
        for each in crowd:
            each.kill()
    outcome.again, outcome.failed_jobs = count(url, asked.orders), failed_jobs(crowd)
    wrong = faults_found(
        asked.orders,
        outcome.counted,
        acknowledged=reporting.acknowledged,
        refused=reporting.refused,
        again=outcome.again,
    )
    print_result(asked, url, outcome, reporting, wrong)
    return wrong


def let_it_happen(
    asked: Arguments, server: OwnServer, url: str, crowd: list[Member], reporting: Reporters, outcome: Outcome
) -> None:
    """Everything at once for so many seconds, then until it has settled."""
    for each in crowd:
        each.start()
    reporting.start(REPORTERS)
    with Restarts(server, first_after=LEAD_S, every=asked.seconds / 3, times=2) as restarts:
        outcome.killed = kill_one_each_second(crowd, LEAD_S + asked.seconds, random.Random(asked.seed))
        restarts.wait()
    progress(f"{outcome.killed} processes killed, the database {restarts.done} times; settling")
    reporting.stop()
    outcome.settled_s = settle(url, asked.settle)


def prepare(url: str, environment: Mapping[str, str], asked: Arguments) -> list[Any]:
    """A district, its people with photos to send, and the orders whose promises are about to break; nobody is named in
    them, because names written in bulk could not be decrypted."""
    app = create_core_app(settings_of_environment(environment), app=Flask("bench"))
    with app.app_context():
        build_district()
        people = sign_in_everybody()[:-1]
        appoint_staff()
        upload_photos(PHOTOS_EACH)
    with connect(url) as connection:
        fill(connection, asked.orders, asked.orders)
        span = {"lead": LEAD_S, "span_ms": asked.seconds * 1000, "orders": asked.orders}
        with connection.cursor() as cursor:
            cursor.execute("UPDATE orders SET contact_name = NULL, contact_phone = NULL")
            cursor.execute(DUE_LATER.format(**span))
        connection.commit()
    progress(f"{asked.orders} promises fall due from {LEAD_S} s on, within {asked.seconds} s")
    return people


def settle(url: str, within_s: int) -> float:
    """Until nothing is due and every event was heard; seconds since the killing ended. Raises SystemExit with a
    sentence about what is left when that takes too long."""
    begun = time.monotonic()
    while left := Left(url):
        if time.monotonic() > begun + within_s:
            raise SystemExit(f"given up: not settled within {within_s} s. {left}")
        progress(f"{left.promises} promises and {left.events} events are left")
        time.sleep(5)  # counting them costs the server something too
    return time.monotonic() - begun


def print_result(
    asked: Arguments, url: str, outcome: Outcome, reporting: Reporters, wrong: list[str]
) -> None:
    late = outcome.late_ms or [0]
    spread = {f"p{share}": late[min(len(late) * share // 100, len(late) - 1)] for share in (50, 90, 99, 100)}
    print_report(
        sizes={
            "orders": asked.orders,
            "seconds": asked.seconds,
            "schedulers": SCHEDULERS,
            "web_workers": WEBS,
            "server": server_facts(url),
        },
        figures={
            "verdict": wrong or "each exactly once, none missing, the second run changed nothing",
            "processes_killed": outcome.killed,
            "database_restarts": 2,
            "lateness_ms": spread,
            "settled_after_s": round(outcome.settled_s, 1),
            "reports_acknowledged": len(reporting.acknowledged),
            "tries_of_reports": reporting.tries,
            "counted": outcome.counted,
            "jobs_that_failed_and_were_run_again": outcome.failed_jobs,
        },
        limit={"sweep_every_ms": SWEEP_EVERY_MS},
        ratio={"p50_to_sweep_interval": round(spread["p50"] / SWEEP_EVERY_MS, 2)},
    )


if __name__ == "__main__":
    main()
