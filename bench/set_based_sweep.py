"""The limit of the deadline benchmark: the sweep's effects as set-based SQL in one transaction.

Nothing travels to a client and nothing is decided there, so this is the least that any sweep on this server costs. It
knows only the mix of `bench.open_orders` and none of the product's other promises (batches, parallel sweepers).
"""

from __future__ import annotations

import time

import pymysql

CLAIM = """
CREATE TEMPORARY TABLE swept (id BIGINT PRIMARY KEY, order_id BIGINT, clock VARCHAR(8), round INT, level VARCHAR(4),
  due_at DATETIME(3), KEY (clock, level)) ENGINE=InnoDB
"""
MOVED = """
CREATE TEMPORARY TABLE moved (id BIGINT PRIMARY KEY, old_status VARCHAR(12), version INT, code VARCHAR(4),
  action VARCHAR(20), new_status VARCHAR(12), note VARCHAR(40)) ENGINE=InnoDB
"""
STATEMENTS = (
    "SET @at = NOW(3)",
    """INSERT INTO swept SELECT id, order_id, clock, round, level, due_at FROM deadlines
       WHERE state = 'pending' AND due_at < @at FOR UPDATE""",
    """UPDATE deadlines d JOIN swept USING (id)
       SET d.state = 'fired', d.fired_at = @at, d.breached = (d.level = 'DUE' AND d.clock <> 'C5'),
           d.stopped_at = IF(d.clock = 'C5' AND d.level = 'DUE', @at, NULL)""",
    """INSERT INTO moved
       SELECT o.id, o.status, o.version, IF(s.clock = 'C1', 'T3', 'T21'), IF(s.clock = 'C1', 'to_hotline', 'confirm'),
         IF(s.clock = 'C1', 'HOTLINE', 'CLOSED'), IF(s.clock = 'C1', '15分钟内无人接单', '72小时未确认,自动办结')
       FROM orders o JOIN swept s ON s.order_id = o.id
       WHERE s.level = 'DUE' AND (s.clock, o.status) IN (('C1', 'SUBMITTED'), ('C5', 'DONE')) FOR UPDATE""",
    """UPDATE orders o JOIN moved m USING (id)
       SET o.status = 'HOTLINE', o.version = o.version + 1, o.late_accept = 1, o.hotline_at = @at,
           o.hotline_district_id = o.district_id
       WHERE m.code = 'T3'""",
    """UPDATE orders o JOIN moved m USING (id)
       SET o.status = 'CLOSED', o.version = o.version + 1, o.closed_at = @at, o.closed_how = 'auto',
           o.next_due_at = NULL
       WHERE m.code = 'T21'""",
    """UPDATE orders o JOIN swept s ON s.order_id = o.id
       SET o.late_visit = 1 WHERE s.level = 'DUE' AND s.clock IN ('C2', 'C2-APT')""",
    """UPDATE orders o JOIN swept s ON s.order_id = o.id
       SET o.late_repair = 1 WHERE s.level = 'DUE' AND s.clock = 'C3'""",
    """INSERT INTO order_events
         (order_id, seq, code, action, from_status, to_status, at, actor_id, actor_role, note, data)
       SELECT id, version + 1, code, action, old_status, new_status, @at, NULL, 'SYS', note, '{}' FROM moved""",
    """INSERT INTO outbox (name, payload, state, attempts, created_at, due_at)
       SELECT 'OrderMoved', JSON_OBJECT('order_id', id, 'seq', version + 1, 'code', code, 'action', action,
         'from_status', old_status, 'to_status', new_status, 'actor_id', NULL, 'actor_role', 'SYS'),
         'waiting', 0, @at, @at FROM moved""",
    """INSERT INTO outbox (name, payload, state, attempts, created_at, due_at)
       SELECT 'ClockReached', JSON_OBJECT('order_id', order_id, 'clock', clock, 'round', round, 'level', level,
         'due_at', DATE_FORMAT(due_at, '%Y-%m-%dT%H:%i:%s.%f+00:00'),
         'fired_at', DATE_FORMAT(@at, '%Y-%m-%dT%H:%i:%s.%f+00:00')),
         'waiting', 0, @at, @at FROM swept""",
)


def set_based_sweep(connection: pymysql.Connection) -> float:
    """Sweep everything that is due in one transaction; returns the seconds from the first statement to the commit."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM)
        cursor.execute(MOVED)
        connection.commit()
        begin = time.perf_counter()
        for statement in STATEMENTS:
            cursor.execute(statement)
        connection.commit()
        seconds = time.perf_counter() - begin
        cursor.execute("DROP TEMPORARY TABLE swept, moved")
    return seconds


def indexed_probe_ms(connection: pymysql.Connection, times: int) -> list[float]:
    """Milliseconds of the least question that finds out that nothing is due, asked `times` times."""
    question = "SELECT id FROM deadlines WHERE state = 'pending' AND due_at < NOW(3) ORDER BY due_at LIMIT 1"
    found = []
    with connection.cursor() as cursor:
        for _ in range(times):
            begin = time.perf_counter()
            cursor.execute(question)
            connection.commit()
            found.append((time.perf_counter() - begin) * 1000)
    return found
