"""The verdict of the fault run: what is counted in the database, and what must be true of it."""

from __future__ import annotations

import time
from typing import Any

import pymysql

from bench.appointments import DESK_OF_AN_OFFICE
from bench.database import connect
from bench.open_orders import Expected, expected

AWAY_AT_MOST_S = 60
LEVEL_KEY = (
    "JSON_VALUE(payload, '$.order_id'), JSON_VALUE(payload, '$.clock'), JSON_VALUE(payload, '$.level')"
)
MOVES = "FROM order_events e JOIN bench_due b USING (order_id) WHERE e.seq > 1"
KEY_OF_LEVEL = "CONCAT_WS(':', 'clock', d.order_id, d.clock, d.round, d.level, '%')"
# What the mix of bench.open_orders must bring about, said without the product's own table of reactions: a warning is
# read by the desk and the worker, a broken promise by the company's administrator too and by whoever reported it
# (of a missed C1 he hears by the transfer to the hotline); a silent resident is told that his order was closed.
UNTOLD_COMPANY = f"""
SELECT COUNT(*) FROM deadlines d JOIN bench_due USING (id) JOIN orders o ON o.id = d.order_id
WHERE d.clock <> 'C5' AND {DESK_OF_AN_OFFICE} + (o.worker_id IS NOT NULL) + (d.level = 'DUE') <>
  (SELECT COUNT(*) FROM notifications n WHERE n.order_id = d.order_id
   AND n.unique_key LIKE CONCAT({KEY_OF_LEVEL}, ':company'))
"""
UNTOLD_REPORTER = f"""
SELECT COUNT(*) FROM deadlines d JOIN bench_due USING (id) JOIN orders o ON o.id = d.order_id
WHERE d.level = 'DUE' AND 1 <> (SELECT COUNT(*) FROM notifications n
  WHERE n.order_id = o.id AND n.account_id = o.reporter_id
  AND IF(d.clock IN ('C1', 'C5'), n.unique_key = CONCAT('order:', o.id, ':2'), n.unique_key LIKE {KEY_OF_LEVEL}))
"""
OFFICES_UNDRAFTED = """
SELECT COUNT(*) FROM (SELECT o.office_id FROM deadlines d JOIN bench_due USING (id) JOIN orders o ON o.id = d.order_id
  WHERE d.clock IN ('C1', 'C2') AND d.level = 'DUE' GROUP BY o.office_id HAVING COUNT(*) >= 3) broken
WHERE 2 > (SELECT COUNT(DISTINCT kind) FROM supervision_drafts s WHERE s.office_id = broken.office_id)
"""
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
    "levels_untold_to_the_company": UNTOLD_COMPANY,
    "levels_untold_to_the_reporter": UNTOLD_REPORTER,
    "offices_without_their_drafts": OFFICES_UNDRAFTED,
    "drafts": "SELECT COUNT(*) FROM supervision_drafts",
    "events_done": "SELECT COUNT(*) FROM outbox WHERE state = 'done'",
    "events": "SELECT COUNT(*) FROM outbox",
    "order_events": "SELECT COUNT(*) FROM order_events",
    "orders": "SELECT COUNT(*) FROM orders",
    "reports_received": "SELECT COUNT(*) FROM order_events WHERE seq = 1 AND order_id > {orders}",
}
LATENESS = """
SELECT TIMESTAMPDIFF(MICROSECOND, d.due_at, d.fired_at) DIV 1000 FROM deadlines d JOIN bench_due USING (id)
WHERE d.fired_at IS NOT NULL ORDER BY 1
"""
LEFT_PROMISES = "SELECT COUNT(*) FROM deadlines d JOIN bench_due USING (id) WHERE d.state = 'pending'"
LEFT_EVENTS = """
SELECT name, state, MAX(attempts), COALESCE(MAX(last_error), 'nothing yet'), COUNT(*) FROM outbox WHERE state <> 'done'
GROUP BY name, state
"""


class Left:
    """What is still to be done: due promises that have not fired, events that nobody has finished hearing."""

    def __init__(self, url: str) -> None:
        self.promises = int(rows(url, LEFT_PROMISES)[0][0])
        self._events = rows(url, LEFT_EVENTS)
        self.events = sum(int(row[4]) for row in self._events)

    def __bool__(self) -> bool:
        return bool(self.promises or self.events)

    def __str__(self) -> str:
        kinds = [
            f"{count} {name} {state}, at most {tries} failures, last {error}"
            for name, state, tries, error, count in self._events
        ]
        return f"{self.promises} promises have not fired; {self.events} events are left: {'; '.join(kinds) or 'none'}"


def count(url: str, orders: int) -> dict[str, int]:
    """Everything that the verdict looks at; the second run must find the same numbers."""
    return {name: int(rows(url, statement.format(orders=orders))[0][0]) for name, statement in COUNTS.items()}


def lateness_ms(url: str) -> list[int]:
    """Milliseconds between due and fired, the smallest first."""
    return [int(row[0]) for row in rows(url, LATENESS)]


def faults_found(
    orders: int,
    found: dict[str, int],
    *,
    acknowledged: dict[str, int],
    refused: list[str],
    again: dict[str, int],
) -> list[str]:
    """What is wrong, one sentence each; empty when everything happened exactly once."""
    wanted: Expected = expected(orders)
    pairs = {
        "each level fired": (found["fired"], wanted.fired),
        "each level was told": (found["told"], wanted.fired),
        "no level was told twice": (found["told_once"], found["told"]),
        "each order that had to move has moved": (found["moved_orders"], wanted.moved),
        "no order moved twice": (found["moved"], found["moved_orders"]),
        "each order that nobody accepted is the hotline's": (found["hotline"], wanted.hotline),
        "each of them was handed over once": (found["handovers"], wanted.hotline),
        "each notification row is unique": (found["notifications_once"], found["notifications"]),
        "no level is untold to the company": (found["levels_untold_to_the_company"], 0),
        "no level is untold to the reporter": (found["levels_untold_to_the_reporter"], 0),
        "each office with three breaches has its two drafts": (found["offices_without_their_drafts"], 0),
        "each event was heard": (found["events_done"], found["events"]),
        "each acknowledged report is an order of its own": (
            len(set(acknowledged.values())),
            len(acknowledged),
        ),
        "each acknowledged report is there, and no other": (found["reports_received"], len(acknowledged)),
        "no order appeared by itself": (found["orders"], orders + len(acknowledged)),
    }
    wrong = [f"{what}: {seen}, wanted {right}" for what, (seen, right) in pairs.items() if seen != right]
    wrong += [f"a report was refused: {text}" for text in refused[:3]]
    changed = [name for name in found if found[name] != again[name]]
    return wrong + [f"the second run changed {name}: {found[name]}, then {again[name]}" for name in changed]


def rows(url: str, statement: str) -> list[Any]:
    """Ask a server that may just be starting again. Raises the last error when it stays away."""
    until = time.monotonic() + AWAY_AT_MOST_S
    while True:
        try:
            with connect(url) as connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall())
        except pymysql.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(1)  # nothing announces that the server is up again but its answer
