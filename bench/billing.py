"""`python -m bench.billing`: one month's bills for a whole city, against one raw INSERT ... SELECT.

Contestants take turns in every round: the product's own command (`flask bills issue`, a process of its own, whose peak
memory is read from the system when it ends) and the limit, one statement that writes the same columns into an equal
table (`bench.billing_city`). After every run the rows are counted and summed: each home once, to the fen.

Then the command runs a second time, which must add nothing; and on an empty table it is killed with SIGKILL in the
middle and run again, which must leave the same rows as a run that nobody disturbed.

Targets (measurements section 0): at most 1.5 times the limit, at most 200 MB. It starts a MariaDB of its own. The full
size is `--homes 1650000` and needs 6 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

from bench.billing_city import LIMIT, figures, fill, new_limit_table, no_bills, verify
from bench.database import connect, new_database, served_settings, server_facts
from bench.own_server import SMALL_POOL, large_pool, own_server
from bench.report import ended_by_signals, machine, progress, summary

PERIOD = "2026-12"
BYTES_A_HOME, BYTES_BESIDE = 2_000, 3 * 2**30
SMALL_CITY = 50_000
"""Up to so many homes a small server is enough: it takes a fifth of the room and stands at once."""
TARGET_RATIO, TARGET_MB = 1.5, 200
PRODUCT, RAW = "product", "limit"
SETTLE_SECONDS, SETTLED = 20, 500
KILL_WITHIN_S, LOOK_EVERY_S = 600, 0.05
_SECONDS = re.compile(r"新写入账单 (\d+) 张,用时 ([\d.]+) 秒")


def arguments() -> argparse.Namespace:
    """The defaults finish within a minute."""
    parser = argparse.ArgumentParser(prog="python -m bench.billing", description=__doc__)
    parser.add_argument("--homes", type=int, default=100_000)
    parser.add_argument("--chunk", type=int, default=0, help="homes in a chunk; 0: as the product has it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--scratch", type=Path, default=Path(tempfile.gettempdir()), help="where the data lies"
    )
    return parser.parse_args()


@dataclass(frozen=True)
class Issued:
    """One run of the command: seconds inside it and of the whole process, bills it wrote, its peak memory."""

    seconds: float
    process_seconds: float
    bills: int
    peak_mb: float


class City:
    """The database and how the command is started on it."""

    def __init__(self, url: str, scratch: Path, chunk: int) -> None:
        self.connection: pymysql.Connection = connect(url)
        self._command = [sys.executable, "-m", "flask", "--app", "wsgi", "bills", "issue", PERIOD]
        self._command += ["--homes-a-chunk", str(chunk)] if chunk else []
        self._environment = {**os.environ, **served_settings(url, scratch, ""), "LOG_LEVEL": "WARNING"}

    def start(self) -> subprocess.Popen[str]:
        """The command, its progress on our standard error."""
        return subprocess.Popen(self._command, env=self._environment, stdout=subprocess.PIPE, text=True)

    def issue(self) -> Issued:
        """Run it to its end; raises RuntimeError when it fails."""
        began = time.perf_counter()
        process = self.start()
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        found = _SECONDS.search(said)
        if process.returncode or found is None:
            raise RuntimeError(f"`flask bills issue` ended with {process.returncode}: {said}")
        return Issued(
            seconds=float(found[2]),
            process_seconds=time.perf_counter() - began,
            bills=int(found[1]),
            peak_mb=usage.ru_maxrss / 1024,
        )

    def raw(self) -> float:
        """The limit into a fresh table; seconds until its commit."""
        new_limit_table(self.connection)
        self.settle()
        with self.connection.cursor() as cursor:
            begun = time.perf_counter()
            cursor.execute(LIMIT)
            self.connection.commit()
            return time.perf_counter() - begun

    def settle(self) -> None:
        """Wait, bounded, until the server has written most of what the last contestant left dirty."""
        with self.connection.cursor() as cursor:
            cursor.execute("SET GLOBAL innodb_max_dirty_pages_pct = 0")
            until = time.monotonic() + SETTLE_SECONDS
            while time.monotonic() < until:
                cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'")
                row: Any = cursor.fetchone()
                if int(row[1]) < SETTLED:
                    break
                time.sleep(0.1)
            cursor.execute("SET GLOBAL innodb_max_dirty_pages_pct = 90")

    def chunks_done(self) -> int:
        """How many chunks are committed."""
        return figures(self.connection, "SELECT COUNT(done_at) FROM billing_chunks")[0]

    def chunks(self) -> int:
        """How many the run has; 0 before it has begun."""
        return figures(self.connection, "SELECT COUNT(*) FROM billing_chunks")[0]


def measure(options: argparse.Namespace) -> None:
    """Fill, measure in turns, run again, kill, print."""
    small = options.homes <= SMALL_CITY
    needed = options.homes * BYTES_A_HOME + BYTES_BESIDE // (5 if small else 1)
    if shutil.disk_usage(options.scratch).free < needed:
        raise SystemExit(f"{options.scratch} needs {needed >> 30} GB; see --scratch")
    with ExitStack() as stack:
        stack.enter_context(ended_by_signals())
        scratch = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="anju-billing-", dir=options.scratch))
        )
        server = stack.enter_context(own_server(scratch, SMALL_POOL if small else large_pool()))
        url = new_database(server.address, "billing")
        city = City(url, scratch, options.chunk)
        stack.callback(city.connection.close)
        begun = time.monotonic()
        fill(city.connection, options.homes)
        progress(f"{options.homes} homes written in {time.monotonic() - begun:.1f} s")
        raw, issued = _rounds(city, options.rounds)
        again = _second_run(city, options.homes)
        killed = _killed(city, options.homes)
        _print(options, raw, issued, again, killed, server_facts(url))


def _rounds(city: City, rounds: int) -> tuple[list[float], list[Issued]]:
    """Whoever went first goes last in the next round."""
    raw: list[float] = []
    issued: list[Issued] = []
    for number in range(rounds):
        order = (RAW, PRODUCT) if number % 2 == 0 else (PRODUCT, RAW)
        for name in order:
            if name == RAW:
                raw.append(city.raw())
                verify(city.connection, "bench_bills")
                progress(f"round {number + 1}/{rounds}: one INSERT ... SELECT {raw[-1]:.2f} s")
            else:
                no_bills(city.connection)
                city.settle()
                issued.append(city.issue())
                verify(city.connection)
                progress(
                    f"round {number + 1}/{rounds}: product {issued[-1].seconds:.2f} s, {issued[-1].peak_mb:.0f} MB"
                )
    return raw, issued


def _second_run(city: City, homes: int) -> Issued:
    """On a month that is there already, as after the rounds. Raises AssertionError when it adds anything."""
    if figures(city.connection, "SELECT COUNT(*) FROM bills")[0] != homes:
        city.issue()
    again = city.issue()
    assert again.bills == 0, f"the second run has added {again.bills} bills"
    verify(city.connection)
    progress(f"second run: nothing added, {again.seconds:.2f} s")
    return again


def _killed(city: City, homes: int) -> dict[str, Any]:
    """SIGKILL when half of the chunks are committed, then once more. Raises AssertionError unless it is complete."""
    no_bills(city.connection)
    process = city.start()
    until = time.monotonic() + KILL_WITHIN_S
    while not (city.chunks() and city.chunks_done() >= max(1, city.chunks() // 2)):
        if time.monotonic() > until or process.poll() is not None:
            raise AssertionError("the command ended before it could be killed; take smaller chunks")
        time.sleep(LOOK_EVERY_S)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    written = figures(city.connection, "SELECT COUNT(*) FROM bills")[0]
    done, chunks = city.chunks_done(), city.chunks()
    assert 0 < written < homes, f"{written} bills of {homes} when it was killed"
    rest = city.issue()
    verify(city.connection)
    progress(f"killed after {done} of {chunks} chunks and {written} bills; run again: complete")
    return {
        "chunks": chunks,
        "chunks_when_killed": done,
        "bills_when_killed": written,
        "complete_after": True,
        "second_part_seconds": round(rest.seconds, 2),
    }


def _print(
    options: argparse.Namespace,
    raw: Sequence[float],
    issued: Sequence[Issued],
    again: Issued,
    killed: dict[str, Any],
    server: dict[str, Any],
) -> None:
    ratios = [each.seconds / limit for each, limit in zip(issued, raw, strict=True)]
    ratio, peak = summary(ratios, 2), max(each.peak_mb for each in issued)
    found = {
        "benchmark": "billing",
        "machine": machine(),
        "load_average": [round(each, 1) for each in os.getloadavg()],
        "server": server,
        "homes": options.homes,
        "rounds": options.rounds,
        "limit_seconds": summary(raw, 2),
        "product_seconds": summary([each.seconds for each in issued], 2),
        "process_seconds": summary([each.process_seconds for each in issued], 2),
        "bills_per_second": round(options.homes / summary([each.seconds for each in issued], 2)["median"]),
        "ratio": ratio,
        "peak_memory_mb": round(peak, 1),
        "second_run": {"added": again.bills, "seconds": round(again.seconds, 2)},
        "killed": killed,
        "targets": {"ratio": TARGET_RATIO, "peak_memory_mb": TARGET_MB},
        "met": ratio["median"] <= TARGET_RATIO and peak <= TARGET_MB,
    }
    print(json.dumps(found, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    measure(arguments())
