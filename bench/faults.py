"""`python -m bench.faults`: clocks of 10 000 orders fall due while processes are killed and the database is restarted.

Four schedulers and four web workers on a MariaDB of the program's own. Within `--seconds` the promises of all orders
fall due; every second one of the eight processes is killed with -9 and started again, twice the database itself is, and
residents go on reporting with one request id until they are acknowledged. When everything has settled it is counted:
each level fired exactly once and was told exactly once, each order moved once, each notification row is unique and none
is missing, each acknowledged report is one order. Then a scheduler runs again over what is done: nothing may change.

Lateness (fired minus due) is printed as a distribution; the limit is the sweep's own interval, one second.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
from flask import Flask

from app.bootstrap import create_core_app
from bench.crowd import Member, Reporters, kill_one_each_second, members
from bench.database import bench_database, connect, served_settings, server_facts, settings_of_environment
from bench.district import build_district
from bench.open_orders import Expected, expected, fill
from bench.own_server import OwnServer, own_server
from bench.report import print_report, progress
from bench.residents import reporters, sign_in_everybody, upload_photos

SCHEDULERS, WEBS, REPORTERS, PHOTOS_EACH = 4, 4, 2, 8
LEAD_S, SETTLE_WITHIN_S, SECOND_RUN_S, SWEEP_EVERY_MS = 15, 900, 15, 1000
DUE_LATER = """
UPDATE deadlines d JOIN bench_due b USING (id) SET d.due_at = NOW(3) + INTERVAL {lead} SECOND
  + INTERVAL (b.order_id * {span_ms} DIV {orders}) * 1000 MICROSECOND
"""
LEFT = """
SELECT (SELECT COUNT(*) FROM deadlines d JOIN bench_due USING (id) WHERE d.state = 'pending'),
       (SELECT COUNT(*) FROM outbox WHERE state <> 'done')
"""
LATENESS = """
SELECT TIMESTAMPDIFF(MICROSECOND, d.due_at, d.fired_at) DIV 1000 FROM deadlines d JOIN bench_due USING (id)
WHERE d.fired_at IS NOT NULL ORDER BY 1
"""
LEVEL_KEY = (
    "JSON_VALUE(payload, '$.order_id'), JSON_VALUE(payload, '$.clock'), JSON_VALUE(payload, '$.level')"
)
MOVES = "FROM order_events e JOIN bench_due b USING (order_id) WHERE e.seq > 1"
COUNTS = {
    "fired": "SELECT COUNT(*) FROM deadlines JOIN bench_due USING (id) WHERE state = 'fired' AND fired_at IS NOT NULL",
    "told": "SELECT COUNT(*) FROM outbox WHERE name = 'ClockReached'",
    "told_once": f"SELECT COUNT(DISTINCT {LEVEL_KEY}) FROM outbox WHERE name = 'ClockReached'",
    "moved": f"SELECT COUNT(*) {MOVES}",
    "moved_orders": f"SELECT COUNT(DISTINCT e.order_id) {MOVES}",
    "hotline": "SELECT COUNT(*) FROM orders o JOIN bench_due b ON b.order_id = o.id WHERE o.status = 'HOTLINE'",
    "handovers": "SELECT COUNT(*) FROM hotline_handovers",
    "notifications": "SELECT COUNT(*) FROM notifications",
    "notifications_once": "SELECT COUNT(DISTINCT account_id, unique_key) FROM notifications",
    "hotline_told": "SELECT COUNT(DISTINCT unique_key) FROM notifications WHERE template = 'order_hotline'",
    "events_done": "SELECT COUNT(*) FROM outbox WHERE state = 'done'",
    "events": "SELECT COUNT(*) FROM outbox",
    "orders": "SELECT COUNT(*) FROM orders",
}


@dataclass
class Arguments:
    orders: int
    seconds: int
    seed: int


def arguments() -> Arguments:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000, help="orders whose clocks fall due")
    parser.add_argument("--seconds", type=int, default=60, help="how long processes are killed")
    parser.add_argument("--seed", type=int, default=4, help="which process is killed when")
    return Arguments(**vars(parser.parse_args()))


def main() -> None:
    asked = arguments()
    with (
        tempfile.TemporaryDirectory() as scratch,
        own_server(Path(scratch)) as server,
        bench_database(server.address, "faults") as url,
    ):
        report(asked, server, url, Path(scratch))


def report(asked: Arguments, server: OwnServer, url: str, scratch: Path) -> None:
    """Prepare, let it happen, count, run again, print."""
    environment = served_settings(url, scratch, "")
    people = prepare(url, environment, asked)
    crowd = members(SCHEDULERS, WEBS, environment, scratch)
    reporting = Reporters([each for each in crowd if each.port], reporters(people))
    try:
        killed, settled_s = let_it_happen(asked, server, url, crowd, reporting)
        for each in crowd:
            each.kill()
        counted, late = count(url), lateness(url)
        crowd[0].start()
        time.sleep(SECOND_RUN_S)
    finally:
        for each in crowd:
            each.kill()
    check(asked, counted, reporting, again=count(url))
    print_result(asked, url, counted, late, reporting, killed, settled_s)


def let_it_happen(
    asked: Arguments, server: OwnServer, url: str, crowd: list[Member], reporting: Reporters
) -> tuple[int, float]:
    """Everything at once for so many seconds, then until it has settled; processes killed, and seconds of settling."""
    for each in crowd:
        each.start()
    reporting.start(REPORTERS)
    killer = threading.Thread(target=restart_twice, args=(server, asked.seconds), daemon=True)
    killer.start()
    killed = kill_one_each_second(crowd, LEAD_S + asked.seconds, random.Random(asked.seed))
    killer.join()
    progress(f"{killed} processes killed, the database twice; settling")
    reporting.stop()
    return killed, settle(url)


def prepare(url: str, environment: Mapping[str, str], asked: Arguments) -> list[Any]:
    """A district, its people with photos to send, and the orders whose promises are about to break; nobody is named in
    them, because names written in bulk could not be decrypted."""
    app = create_core_app(settings_of_environment(environment), app=Flask("bench"))
    with app.app_context():
        build_district()
        people = sign_in_everybody()[:-1]
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


def restart_twice(server: OwnServer, seconds: int) -> None:
    """The database is killed and started again after a third and after two thirds of the time."""
    time.sleep(LEAD_S)
    for _ in range(2):
        time.sleep(seconds / 3)
        server.kill()
        server.start()
        progress("database killed and started again")


def settle(url: str) -> float:
    """Until nothing is due and every event was heard; seconds since the killing ended. Raises TimeoutError."""
    begun = time.monotonic()
    while time.monotonic() < begun + SETTLE_WITHIN_S:
        due, waiting = _row(url, LEFT)
        if due == 0 and waiting == 0:
            return time.monotonic() - begun
        progress(f"{due} promises and {waiting} events are left")
        time.sleep(5)
    raise TimeoutError(f"not settled within {SETTLE_WITHIN_S} s: {_row(url, LEFT)}")


def count(url: str) -> dict[str, int]:
    return {name: _row(url, statement)[0] for name, statement in COUNTS.items()}


def lateness(url: str) -> list[int]:
    """Milliseconds between due and fired, the smallest first."""
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(LATENESS)
        return [int(row[0]) for row in cursor.fetchall()]


def check(asked: Arguments, found: dict[str, int], reporting: Reporters, *, again: dict[str, int]) -> None:
    """Raises AssertionError with what is wrong: exactly once or the program fails."""
    wanted: Expected = expected(asked.orders)
    assert found["fired"] == wanted.fired, found
    assert found["told"] == found["told_once"] == wanted.fired, found
    assert found["moved"] == found["moved_orders"] == wanted.moved, found
    assert found["hotline"] == found["handovers"] == found["hotline_told"] == wanted.hotline, found
    assert found["notifications"] == found["notifications_once"], found
    assert found["events"] == found["events_done"], found
    assert not reporting.refused, reporting.refused[:3]
    assert len(set(reporting.acknowledged.values())) == len(reporting.acknowledged)
    assert found["orders"] == asked.orders + len(reporting.acknowledged), found
    assert again == found, {name: (found[name], again[name]) for name in found if found[name] != again[name]}


def print_result(
    asked: Arguments,
    url: str,
    counted: dict[str, int],
    late: list[int],
    reporting: Reporters,
    killed: int,
    settled_s: float,
) -> None:
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
            "processes_killed": killed,
            "database_restarts": 2,
            "lateness_ms": spread,
            "settled_after_s": round(settled_s, 1),
            "reports_acknowledged": len(reporting.acknowledged),
            "tries_of_reports": reporting.tries,
            "counted": counted,
            "second_run_changed": 0,
        },
        limit={"sweep_every_ms": SWEEP_EVERY_MS},
        ratio={"p50_to_sweep_interval": round(spread["p50"] / SWEEP_EVERY_MS, 2)},
    )


def _row(url: str, statement: str) -> tuple[Any, ...]:
    try:
        with connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            row: Any = cursor.fetchone()
            return tuple(row)
    except pymysql.OperationalError:
        time.sleep(1)  # it is just being started again
        return _row(url, statement)


if __name__ == "__main__":
    main()
