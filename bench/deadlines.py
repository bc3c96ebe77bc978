"""`python -m bench.deadlines`: firing 10 000 due clocks among many open orders, against set-based SQL.

Contestants take turns in every round and every size: the product's sweep with one and with several processes, and the
limit, which is the same effects as SQL in one transaction (`bench.set_based_sweep`). After every run the rows are
counted: each due level fired once, one event and one outbox row for each move, one outbox row for each level.

Targets (measurements section 0): at most 2.0 times the limit at 1 M open; 10 k -> 1 M at most 1.3; idle at most 1 ms.
`--open 10000,100000,1000000` takes about five minutes, most of it to write eleven million rows.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import pymysql

from bench.database import USUAL_SERVER, bench_app, bench_database, connect, server_facts
from bench.district import build_district
from bench.open_orders import Expected, expected, fill, rewind
from bench.report import print_report, progress, summary
from bench.set_based_sweep import indexed_probe_ms, set_based_sweep
from bench.sweepers import Result, Sweepers

IDLE_TIMES = 300
TARGETS = {"ratio_to_limit": 2.0, "growth": 1.3, "idle_ms": 1.0}
LIMIT = "limit"


@dataclass
class Size:
    """One database: how many orders are open in it, and the seconds of each contestant so far."""

    open: int
    url: str
    connection: pymysql.Connection
    seconds: dict[str, list[float]] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)


def arguments() -> argparse.Namespace:
    """Sizes by flags; the defaults finish within a minute."""
    parser = argparse.ArgumentParser(prog="python -m bench.deadlines", description=__doc__)
    parser.add_argument("--database-url", default=USUAL_SERVER, help="MariaDB server on a loopback address")
    parser.add_argument(
        "--open", type=_numbers, default=[10_000, 100_000], help="open orders, comma-separated"
    )
    parser.add_argument("--due", type=int, default=10_000, help="due clocks among them")
    parser.add_argument(
        "--processes", type=_numbers, default=[1, 4], help="sweeping processes, comma-separated"
    )
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def measure(options: argparse.Namespace) -> None:
    """Fill, measure in turns, print the report."""
    with ExitStack() as stack:
        sizes = [_prepare(stack, options, count) for count in sorted(options.open)]
        sweepers = Sweepers(max(options.processes), [size.url for size in sizes])
        stack.callback(sweepers.close)
        for number in range(options.rounds):
            for size in sizes:
                _round(number, size, sweepers, options)
        idle = {size.open: sweepers.idle_ms(size.url, IDLE_TIMES) for size in sizes}
        probe = {size.open: indexed_probe_ms(size.connection, IDLE_TIMES) for size in sizes}
        server = server_facts(sizes[0].url)
    _report(options, sizes, idle, probe, server)


def _prepare(stack: ExitStack, options: argparse.Namespace, count: int) -> Size:
    progress(f"writing {count} open orders ...")
    url = stack.enter_context(bench_database(options.database_url, str(count)))
    with bench_app(url).app_context():
        build_district()
    connection = connect(url)
    stack.callback(connection.close)
    fill(connection, count, options.due)
    return Size(count, url, connection)


def _round(number: int, size: Size, sweepers: Sweepers, options: argparse.Namespace) -> None:
    contestants: list[tuple[str, Callable[[], Any]]] = [(LIMIT, partial(set_based_sweep, size.connection))]
    contestants += [(_name(count), partial(sweepers.sweep, size.url, count)) for count in options.processes]
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


def _name(processes: int) -> str:
    return f"sweep_{processes}_process" + ("es" if processes > 1 else "")


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


def _report(
    options: argparse.Namespace,
    sizes: Sequence[Size],
    idle: dict[int, list[float]],
    probe: dict[int, list[float]],
    server: dict[str, Any],
) -> None:
    best = _name(min(options.processes))
    ratios = {str(size.open): _ratio(size.seconds[best], size.seconds[LIMIT]) for size in sizes}
    growth = _ratio(sizes[-1].seconds[best], sizes[0].seconds[best])
    idle_ms = {str(count): round(statistics.median(values), 3) for count, values in idle.items()}
    print_report(
        sizes={
            "open": [size.open for size in sizes],
            "due": options.due,
            "rounds": options.rounds,
            "server": server,
        },
        figures={
            "seconds": {str(size.open): _summaries(size, without=LIMIT) for size in sizes},
            "statements_per_fired": _last(sizes, lambda r: round(r.statements / r.fired, 4)),
            "peak_rss_mb": _last(sizes, lambda r: round(r.peak_rss_mb, 1)),
            "exactly_once": "verified after every run",
            "growth": growth,
            "growth_of_limit": _ratio(sizes[-1].seconds[LIMIT], sizes[0].seconds[LIMIT]),
            "idle_ms": idle_ms,
            "targets": TARGETS,
            "targets_met": {
                "ratio_to_limit": ratios[str(sizes[-1].open)] <= TARGETS["ratio_to_limit"],
                "growth": growth <= TARGETS["growth"],
                "idle_ms": max(idle_ms.values()) <= TARGETS["idle_ms"],
            },
        },
        limit={
            "set_based_seconds": {str(size.open): summary(size.seconds[LIMIT], 3) for size in sizes},
            "probe_ms": {str(count): round(statistics.median(values), 3) for count, values in probe.items()},
        },
        ratio=ratios,
    )


def _ratio(these: Sequence[float], those: Sequence[float]) -> float:
    return round(statistics.median(these) / statistics.median(those), 2)


def _summaries(size: Size, *, without: str) -> dict[str, Any]:
    return {name: summary(values, 3) for name, values in size.seconds.items() if name != without}


def _last(sizes: Sequence[Size], value: Callable[[Result], float]) -> dict[str, dict[str, float]]:
    return {str(size.open): {name: value(result) for name, result in size.results.items()} for size in sizes}


if __name__ == "__main__":
    measure(arguments())
