"""A steady stream: so many clocks fall due in each second while real schedulers run. How late is each of them fired?

The schedulers are `python -m scheduler` with all their jobs, so the reactions to what was fired (messages, hand-overs,
figures of the dashboard) take their part of the machine, as they do in life.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pymysql

from bench.crowd import NO_NEIGHBOURS, Member, failed_jobs, members
from bench.database import connect, served_settings
from bench.open_orders import expected
from bench.report import progress

LEAD_S, AFTERWARDS_S = 20, 60
SWEEP_EVERY_MS = 1000
# Whose promise of a quarter of an hour breaks now has reported a quarter of an hour ago; nobody is named, because
# names written in bulk could not be decrypted; the days before today have their figures already.
PREPARE = (
    """UPDATE deadlines d JOIN bench_due b USING (id) SET d.due_at = NOW(3) + INTERVAL {lead} SECOND
         + INTERVAL (b.order_id DIV {step} * 1000000 DIV {per_second}) MICROSECOND""",
    "UPDATE orders o JOIN bench_due b ON b.order_id = o.id SET o.contact_name = NULL, o.contact_phone = NULL",
    """UPDATE orders o JOIN bench_due b ON b.order_id = o.id JOIN deadlines d ON d.id = b.id
       SET o.submitted_at = d.due_at - INTERVAL 15 MINUTE WHERE d.clock = 'C1'""",
    """INSERT INTO roll_up_days (day, as_of, stale)
       SELECT CURRENT_DATE - INTERVAL seq DAY, NOW(3), 0 FROM seq_0_to_30""",
)
FIRED = "SELECT COUNT(*) FROM deadlines JOIN bench_due USING (id) WHERE state = 'fired'"
TOLD = "SELECT COUNT(*), COUNT(DISTINCT payload) FROM outbox WHERE name = 'ClockReached'"
MOVED = "SELECT COUNT(*) FROM order_events e JOIN bench_due USING (order_id) WHERE e.seq = 2 AND e.actor_id IS NULL"
LATENESS = """
SELECT TIMESTAMPDIFF(MICROSECOND, d.due_at, d.fired_at) DIV 1000 FROM deadlines d JOIN bench_due USING (id) ORDER BY 1
"""


@dataclass(frozen=True)
class Stream:
    """What was asked for: so many open orders, so many due, so many of them each second, so many schedulers."""

    open: int
    due: int
    per_second: int
    schedulers: int


@dataclass(frozen=True)
class Lateness:
    """Milliseconds between due and fired, and the greatest memory of a scheduler."""

    p50_ms: int
    p90_ms: int
    p99_ms: int
    max_ms: int
    peak_rss_mb: float
    failed_jobs: Mapping[str, int]


def measure_lateness(url: str, stream: Stream, folder: Path) -> Lateness:
    """Let them fall due one after the other and wait until all have fired, each once.

    The database must be as `bench.open_orders.rewind` leaves it. Raises AssertionError when a level was fired twice or
    told twice, SystemExit with a sentence when some have not fired a minute after the last one fell due.
    """
    crowd = members(stream.schedulers, 0, {**served_settings(url, folder, ""), **NO_NEIGHBOURS}, folder)
    connection = connect(url)
    try:
        for each in crowd:
            each.start()
        _make_due(connection, stream)
        _wait(connection, stream)
        memory = max(_peak_rss_mb(each) for each in crowd)
    finally:
        for each in crowd:
            each.kill()
    _verify(connection, stream)
    late = [int(row[0]) for row in _rows(connection, LATENESS)]
    connection.close()
    p50, p90, p99 = (late[len(late) * share // 100] for share in (50, 90, 99))
    return Lateness(p50, p90, p99, late[-1], memory, failed_jobs(crowd))


def _make_due(connection: pymysql.Connection, stream: Stream) -> None:
    sizes = {"lead": LEAD_S, "step": stream.open // stream.due, "per_second": stream.per_second}
    with connection.cursor() as cursor:
        for statement in PREPARE:
            cursor.execute(statement.format(**sizes))
    connection.commit()


def _wait(connection: pymysql.Connection, stream: Stream) -> None:
    until = time.monotonic() + LEAD_S + stream.due / stream.per_second + AFTERWARDS_S
    while (fired := int(_rows(connection, FIRED)[0][0])) < stream.due:
        if time.monotonic() > until:
            raise SystemExit(
                f"given up: {fired} of {stream.due} levels have fired, {AFTERWARDS_S} s after the last was due"
            )
        progress(f"steady stream: {fired} of {stream.due} fired")
        time.sleep(5)  # counting them costs the server something too


def _verify(connection: pymysql.Connection, stream: Stream) -> None:
    told, once = _rows(connection, TOLD)[0]
    assert told == once == stream.due, (
        f"{told} levels were told, {once} of them different, {stream.due} were due"
    )
    moved = int(_rows(connection, MOVED)[0][0])
    assert moved == expected(stream.due).moved, f"{moved} orders moved, expected {expected(stream.due).moved}"


def _rows(connection: pymysql.Connection, statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found = list(cursor.fetchall())
    connection.commit()
    return found


def _peak_rss_mb(member: Member) -> float:
    assert member.process is not None
    lines = Path(f"/proc/{member.process.pid}/status").read_text().splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024, 1)
