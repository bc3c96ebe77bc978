"""`python -m bench.deadlines`: firing 10 000 due clocks among many open orders, against set-based SQL.

Contestants take turns in every round and every size: the product's sweep with one and with several processes, and the
limit, which is the same effects as SQL in one transaction (`bench.set_based_sweep`). After every run the rows are
counted: each due level fired once, one event and one outbox row for each move, one outbox row for each level.

Then the idle sweep against an indexed probe, at every size; and a steady stream (`bench.steady_stream`): so many levels
fall due each second while `python -m scheduler` runs, and the lateness of each is taken from the rows.

Targets (measurements section 0): at most 2.0 times the limit at 1 M open; 10 k -> the most at most 1.3; idle at most
1 ms; lateness p99 at most the sweep's interval and a second. It starts a MariaDB of its own with nearly half of the
machine's memory as buffer pool. `--open 10000,100000,1000000,5000000` is the full run; it needs 25 GB of disk.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pymysql

from bench.database import bench_app, connect, new_database, server_facts
from bench.deadlines_report import LIMIT, Found, Size, name_of, report
from bench.district import build_district
from bench.open_orders import Expected, expected, fill, rewind
from bench.own_server import large_pool, own_server, written_in_bulk
from bench.report import ended_by_signals, progress
from bench.set_based_sweep import indexed_probe_ms, set_based_sweep
from bench.steady_stream import Lateness, Stream, measure_lateness
from bench.sweepers import Result, Sweepers

IDLE_TIMES, WRITERS = 300, 2
STREAM_AMONG = 1_000_000
BYTES_AN_ORDER, BYTES_BESIDE = 3_000, 6 * 2**30


def arguments() -> argparse.Namespace:
    """Sizes by flags; the defaults finish within three minutes."""
    parser = argparse.ArgumentParser(prog="python -m bench.deadlines", description=__doc__)
    parser.add_argument(
        "--open", type=_numbers, default=[10_000, 100_000], help="open orders, comma-separated"
    )
    parser.add_argument("--due", type=int, default=10_000, help="due clocks among them")
    parser.add_argument(
        "--processes", type=_numbers, default=[1, 4], help="sweeping processes, comma-separated"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--per-second", type=int, default=200, help="due each second in the stream; 0: no stream"
    )
    parser.add_argument("--schedulers", type=int, default=2, help="`python -m scheduler` in the stream")
    parser.add_argument(
        "--scratch", type=Path, default=Path(tempfile.gettempdir()), help="where the data lies"
    )
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def measure(options: argparse.Namespace) -> None:
    """Fill, measure in turns, print the report."""
    _refuse_small_disk(options)
    with ExitStack() as stack:
        stack.enter_context(ended_by_signals())
        scratch = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="anju-deadlines-", dir=options.scratch))
        )
        server = stack.enter_context(own_server(scratch, large_pool()))
        sizes = [_prepare(stack, options, server.address, count) for count in sorted(options.open)]
        sweepers = Sweepers(max(options.processes), [size.url for size in sizes])
        stack.callback(sweepers.close)
        for number in range(options.rounds):
            for size in sizes:
                _round(number, size, sweepers, options)
        idle = {size.open: sweepers.idle_ms(size.url, IDLE_TIMES) for size in sizes}
        probe = {size.open: indexed_probe_ms(size.connection, IDLE_TIMES) for size in sizes}
        streamed = _stream(options, sizes, scratch)
        found = Found(options, sizes, idle, probe, streamed, server_facts(sizes[0].url))
    report(found)


def _refuse_small_disk(options: argparse.Namespace) -> None:
    needed, free = sum(options.open) * BYTES_AN_ORDER + BYTES_BESIDE, shutil.disk_usage(options.scratch).free
    if free < needed:
        raise SystemExit(
            f"{options.scratch} has {free >> 30} GB free, {needed >> 30} GB are needed; see --scratch"
        )


def _prepare(stack: ExitStack, options: argparse.Namespace, server: str, count: int) -> Size:
    begun = time.monotonic()
    url = new_database(server, str(count))
    with bench_app(url).app_context():
        build_district()
    connection = connect(url)
    stack.callback(connection.close)
    helpers = [connect(url) for _ in range(WRITERS - 1)]
    with written_in_bulk(connection):
        fill(connection, count, options.due, helpers=helpers)
        for helper in helpers:
            helper.close()
    seconds = round(time.monotonic() - begun, 1)
    progress(f"{count} open orders written in {seconds} s")
    return Size(count, url, connection, fill_seconds=seconds)


def _stream(options: argparse.Namespace, sizes: list[Size], scratch: Path) -> tuple[Stream, Lateness] | None:
    """At the size that is nearest to a million."""
    if not options.per_second:
        return None
    size = min(sizes, key=lambda each: abs(each.open - STREAM_AMONG))
    rewind(size.connection)
    stream = Stream(size.open, options.due, options.per_second, options.schedulers)
    return stream, measure_lateness(size.url, stream, scratch)


def _round(number: int, size: Size, sweepers: Sweepers, options: argparse.Namespace) -> None:
    contestants: list[tuple[str, Callable[[], Any]]] = [(LIMIT, partial(set_based_sweep, size.connection))]
    contestants += [(name_of(count), partial(sweepers.sweep, size.url, count)) for count in options.processes]
    turn = number % len(contestants)
    for name, run in contestants[turn:] + contestants[:turn]:
        outcome = run()
        if isinstance(outcome, Result):
            size.results[name] = outcome
        seconds = outcome.seconds if isinstance(outcome, Result) else outcome
        size.seconds.setdefault(name, []).append(seconds)
        _verify(size.connection, expected(options.due), name)
        rewind(size.connection)
        # Undone rows leave purge work behind; the next contestant must not pay for it.
        _let_the_server_settle(size.connection)
        progress(f"round {number + 1}/{options.rounds}, {size.open} open: {name} {seconds:.2f} s")
    _drain(size, sweepers, last=number == options.rounds - 1)


SETTLE_SECONDS, SETTLED = 5, 100


def _let_the_server_settle(connection: pymysql.Connection) -> None:
    """Wait, bounded, until InnoDB has purged what the last contestant and the rewinding left."""
    until = time.monotonic() + SETTLE_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            row = _first(cursor, "SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'")
            if int(row[1]) < SETTLED:
                return
            time.sleep(0.1)


def _drain(size: Size, sweepers: Sweepers, *, last: bool) -> None:
    """After the last round nothing may be due, or the idle sweep would have work."""
    if last:
        sweepers.sweep(size.url, 1)


OF_DUE = "FROM deadlines d JOIN bench_due USING (id) WHERE"
OF_ORDERS = "FROM orders o JOIN bench_due b ON b.order_id = o.id WHERE"
CHECKS = {
    "fired": f"SELECT COUNT(*) {OF_DUE} d.state = 'fired' AND d.fired_at IS NOT NULL",
    "breached": f"SELECT COUNT(*) {OF_DUE} d.breached",
    "moved": "SELECT COUNT(*) FROM order_events e JOIN bench_due USING (order_id) WHERE e.seq = 2",
    "hotline": f"SELECT COUNT(*) {OF_ORDERS} o.status = 'HOTLINE'",
    "closed": f"SELECT COUNT(*) {OF_ORDERS} o.status = 'CLOSED'",
    "flagged": f"SELECT COUNT(*) {OF_ORDERS} o.late_accept OR o.late_visit OR o.late_repair",
}
OUTBOX = "SELECT COUNT(*), COUNT(DISTINCT payload) FROM outbox WHERE name = %s"
LEFT_OVER = """SELECT COUNT(*) FROM order_events e JOIN bench_due b USING (order_id) WHERE e.seq > 2"""


def _verify(connection: pymysql.Connection, right: Expected, name: str) -> None:
    """Exactly once: raises AssertionError when anything fired twice, not at all, or without its trace."""
    with connection.cursor() as cursor:
        connection.commit()
        found = {what: _count(cursor, statement) for what, statement in CHECKS.items()}
        assert found == asdict(right), f"{name}: {found}, expected {asdict(right)}"
        assert _count(cursor, LEFT_OVER) == 0, f"{name}: an order moved twice"
        for event, count in (("OrderMoved", right.moved), ("ClockReached", right.fired)):
            cursor.execute(OUTBOX, (event,))
            assert cursor.fetchone() == (count, count), f"{name}: {event} rows are not {count} distinct ones"


def _count(cursor: Any, statement: str) -> int:
    return int(_first(cursor, statement)[0])


def _first(cursor: Any, statement: str) -> Any:
    cursor.execute(statement)
    return cursor.fetchone()


if __name__ == "__main__":
    measure(arguments())
