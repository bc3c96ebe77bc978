"""Open orders in bulk: `count` of them with nine to eleven deadline rows each, of which `due` rows are due.

One order in every `count / due` has exactly one due row, so due rows are spread over the whole table as they are in
life. Which one depends on the order's kind; the mix of twenty is

    10 nobody accepted (C1 DUE: to the hotline)     4 first warning (C1 W1)       3 nobody came (C2 DUE)
     2 not repaired in three days (C3 DUE)          1 nobody confirmed (C5 DUE: closed)

`rewind` puts everything back to the moment before the sweep, so that contestants of one run start from equal rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pymysql

from bench.district import COMPANIES, ESTATES, HOMES, OFFICES, RESIDENTS, STREETS

CHUNK = 50_000
LOOKS = ("unique_checks", "foreign_key_checks", "check_constraint_checks")
MIX = 20
TO_HOTLINE, WARNED, VISIT_LATE, REPAIR_LATE, SILENT = 10, 4, 3, 2, 1


@dataclass(frozen=True)
class Expected:
    """What one sweep over all due rows must leave behind."""

    fired: int
    breached: int
    moved: int
    hotline: int
    closed: int
    flagged: int


def expected(due: int) -> Expected:
    """By the mix above; `due` must be a multiple of twenty."""
    share = due // MIX
    return Expected(
        fired=due,
        breached=share * (TO_HOTLINE + VISIT_LATE + REPAIR_LATE),
        moved=share * (TO_HOTLINE + SILENT),
        hotline=share * TO_HOTLINE,
        closed=share * SILENT,
        flagged=share * (TO_HOTLINE + VISIT_LATE + REPAIR_LATE),
    )


def fill(
    connection: pymysql.Connection, count: int, due: int, *, helpers: Sequence[pymysql.Connection] = ()
) -> None:
    """Write the orders, their first events and their deadline rows; `count` must be a multiple of `due`.

    `helpers` are more connections to the same database: each writes its share of the chunks beside the first one.
    """
    if due % MIX or count % due:
        raise ValueError(f"due must be a multiple of {MIX} and divide the number of open orders")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_levels" + LEVEL_COLUMNS)
        cursor.executemany("INSERT INTO bench_levels VALUES (%s, %s, %s, %s, %s, %s, %s)", LEVELS)
        connection.commit()
        _write_all((connection, *helpers), count, due)
        cursor.execute("CREATE TABLE bench_due" + DUE_COLUMNS)
        cursor.execute(DUE_ROWS)
        cursor.execute("ANALYZE TABLE orders, deadlines, order_events, bench_due")
        cursor.fetchall()
    connection.commit()


def _write_all(writers: Sequence[pymysql.Connection], count: int, due: int) -> None:
    """Every writer takes each n-th chunk, so that all of them are done at about the same time."""
    firsts = range(1, count + 1, CHUNK)
    with ThreadPoolExecutor(len(writers)) as pool:
        shares = [
            pool.submit(_write, writer, firsts[number :: len(writers)], count, due)
            for number, writer in enumerate(writers)
        ]
    for share in shares:
        share.result()


def _write(writer: pymysql.Connection, firsts: Sequence[int], count: int, due: int) -> None:
    with writer.cursor() as cursor:
        # The rows are right by construction; the server need not look at each of them again.
        # Without a join buffer the rows come order by order, as they do in life, and nothing is sorted on disk.
        cursor.execute("SET join_cache_level = 0, " + ", ".join(f"{name} = 0" for name in LOOKS))
        for first in firsts:
            last = min(first + CHUNK - 1, count)
            for statement in (ORDERS, EVENTS, DEADLINES):
                cursor.execute(statement.format(first=first, last=last, step=count // due, days=count))
            writer.commit()
        cursor.execute("SET " + ", ".join(f"{name} = 1" for name in LOOKS))


def rewind(connection: pymysql.Connection) -> None:
    """Undo a sweep; touches the same rows as the sweep, so every contestant finds them equally warm."""
    with connection.cursor() as cursor:
        for statement in REWIND:
            cursor.execute(statement)
    connection.commit()


KIND = f"(seq DIV {{step}}) % {MIX}"
SUBMITTED = f"{KIND} < {TO_HOTLINE + WARNED}"
CAME_LATE = f"{KIND} BETWEEN {TO_HOTLINE + WARNED} AND {TO_HOTLINE + WARNED + VISIT_LATE - 1}"
LAST = f"{KIND} = {MIX - 1}"
ESTATE = f"(1 + seq % {ESTATES})"
OFFICE = f"(1 + ({ESTATE} - 1) % {OFFICES})"
# A week of orders, the newest last, all of it before the present.
SUBMITTED_AT = "(NOW(3) - INTERVAL 8 DAY + INTERVAL (seq * 600000000 DIV {days}) * 1000 MICROSECOND)"
AFTER_ACCEPTING = f"IF({SUBMITTED}, NULL, {SUBMITTED_AT} + INTERVAL 5 MINUTE)"
AFTER_VISIT = f"IF({SUBMITTED} OR {CAME_LATE}, NULL, {SUBMITTED_AT} + INTERVAL 25 MINUTE)"

ORDERS = f"""
INSERT INTO orders (id, menu, status, version, category_code, urgency, hazardous, text, text_check, channel,
  consent_note, reporter_id, contact_name, contact_phone, contact_index, home_id, place_public, place_full,
  estate_id, office_id, company_id, community_id, street_id, district_id, worker_id, submitted_at, accepted_at,
  verified_at, finished_at, closed_how, next_due_at, round, extended, late_accept, late_visit, late_repair,
  site_photos, after_photos, pay_status, holds, no_shows, reject_code, special, supervised, flagged, transfers,
  appeal_open, info_open)
SELECT seq, IF(seq % 2, 'PUB', 'EMG'),
  CASE WHEN {SUBMITTED} THEN 'SUBMITTED' WHEN {CAME_LATE} THEN 'ACCEPTED' WHEN {LAST} THEN 'DONE' ELSE 'WORKING' END,
  1, IF(seq % 2, 'G0201', 'H0203'), 'P2', 0, '水管接头一直在滴水,地上已经湿了一片', 'pass', '小程序',
  '', 1 + seq % {RESIDENTS}, REPEAT('n', 52), REPEAT('p', 52), SHA2(seq % {RESIDENTS}, 256),
  IF(seq % 2, NULL, 1 + seq % {HOMES}), '1号楼', '1号楼1单元101',
  {ESTATE}, {OFFICE}, 1 + ({OFFICE} - 1) % {COMPANIES}, 1 + ({ESTATE} - 1) % {STREETS},
  1 + ({ESTATE} - 1) % {STREETS}, 1, IF({SUBMITTED} OR {CAME_LATE}, NULL, {OFFICE}), {SUBMITTED_AT}, {AFTER_ACCEPTING},
  {AFTER_VISIT}, IF({LAST}, {SUBMITTED_AT} + INTERVAL 1 HOUR, NULL), '', NOW(3) + INTERVAL 1 DAY, 0, 0, 0, 0, 0,
  NOT ({SUBMITTED} OR {CAME_LATE}), {LAST}, '免费', 0, 0, '', 0, 0, 0, 0, 0, 0
FROM seq_{{first}}_to_{{last}}
"""

EVENTS = f"""
INSERT INTO order_events (order_id, seq, code, action, from_status, to_status, at, actor_id, actor_role, note, data)
SELECT seq, 1, 'T1', 'submit', NULL, 'SUBMITTED', {SUBMITTED_AT}, 1 + seq % {RESIDENTS}, 'RES', '',
  '{{{{"channel": "小程序"}}}}'
FROM seq_{{first}}_to_{{last}}
"""

# Which level rows an order of a kind has: kinds from .. to, clock, level, state, offset from the due instant.
# State 'due' means pending, and due now for the one order in `step` that is to be found by the sweep.
LEVEL_COLUMNS = """ (first_kind INT, last_kind INT, clock VARCHAR(8), level VARCHAR(4), state VARCHAR(8),
  anchor VARCHAR(5), offset_ms BIGINT)"""
_HOUR = 3_600_000
_REPAIR = [("W1", -24), ("W2", -4), ("DUE", 0), ("L2", 24), ("L3", 72)]


def _rows(kinds: tuple[int, int], clock: str, warning: str, due: str) -> list[tuple]:
    return [(*kinds, clock, "W1", warning, "start", 600_000), (*kinds, clock, "DUE", due, "due", 0)]


def _repair_rows(kinds: tuple[int, int], states: str) -> list[tuple]:
    found = zip(_REPAIR, states.split(), strict=True)
    return [(*kinds, "C3", level, state, "due", hours * _HOUR) for (level, hours), state in found]


_A, _B, _C, _D, _E = (0, 9), (10, 13), (14, 16), (17, 18), (19, 19)
_WAITING = "pending pending pending pending pending"
LEVELS: list[tuple] = [
    *_rows(_A, "C1", "fired", "due"),
    *_rows(_B, "C1", "due", "pending"),
    *_rows((14, 19), "C1", "void", "met"),
    *_rows((0, 13), "C2", "pending", "pending"),
    *_rows(_C, "C2", "fired", "due"),
    *_rows((17, 19), "C2", "void", "met"),
    *_repair_rows((0, 16), _WAITING),
    *_repair_rows(_D, "fired fired due pending pending"),
    *_repair_rows(_E, "void void met void void"),
    *_rows(_E, "C5", "fired", "due"),
]

DUE_NOW = "(l.state = 'due' AND seq % {step} = 0)"
DEADLINES = f"""
INSERT INTO deadlines (order_id, clock, round, level, state, due_at, anchor, offset_ms, breached)
SELECT seq, l.clock, 0, l.level, IF(l.state = 'due', 'pending', l.state),
  CASE WHEN {DUE_NOW} THEN NOW(3) - INTERVAL 1 HOUR + INTERVAL (seq DIV {{step}}) * 1000 MICROSECOND
       WHEN l.state IN ('pending', 'due')
       THEN {SUBMITTED_AT} + INTERVAL 20 DAY + INTERVAL l.offset_ms * 1000 MICROSECOND
       ELSE {SUBMITTED_AT} END,
  l.anchor, l.offset_ms, 0
FROM seq_{{first}}_to_{{last}} STRAIGHT_JOIN bench_levels l ON {KIND} BETWEEN l.first_kind AND l.last_kind
"""

DUE_COLUMNS = """ (id BIGINT PRIMARY KEY, order_id BIGINT NOT NULL UNIQUE, status VARCHAR(12) NOT NULL,
  next_due_at DATETIME(3) NULL)"""
DUE_ROWS = """
INSERT INTO bench_due
SELECT d.id, o.id, o.status, o.next_due_at FROM deadlines d JOIN orders o ON o.id = d.order_id
WHERE d.state = 'pending' AND d.due_at < NOW(3)
"""

REWIND = (
    """UPDATE deadlines d JOIN bench_due USING (id)
       SET d.state = 'pending', d.fired_at = NULL, d.stopped_at = NULL, d.breached = 0""",
    """UPDATE orders o JOIN bench_due b ON b.order_id = o.id
       SET o.status = b.status, o.version = 1, o.next_due_at = b.next_due_at, o.hotline_at = NULL,
           o.hotline_district_id = NULL, o.late_accept = 0, o.late_visit = 0, o.late_repair = 0,
           o.closed_at = NULL, o.closed_how = ''""",
    "DELETE e FROM order_events e JOIN bench_due b ON b.order_id = e.order_id WHERE e.seq > 1",
    "TRUNCATE TABLE outbox",
)
