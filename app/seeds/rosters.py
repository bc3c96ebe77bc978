"""Shifts of the week around the demonstration: at every instant two persons keep each desk (S3-11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from app.companies.models import Shift
from app.companies.rules import Duty
from app.core import clock
from app.core.db import db, table_of
from app.seeds.cast import on_day
from app.seeds.organisations import Desk
from app.seeds.skills import OFF_SHIFT

DAYS_BEFORE, DAYS_AFTER = 3, 4
DAY_BEGINS, DAY_ENDS = 8, 20


def write_rosters(desks: dict[str, Desk], now: datetime) -> int:
    """Shifts of all offices; returns how many. One worker stays off shift and offline."""
    today = clock.china_date(now)
    rows = [
        row
        for key, desk in desks.items()
        for offset in range(-DAYS_BEFORE, DAYS_AFTER + 1)
        for row in _day(key, desk, today + timedelta(days=offset), offset)
    ]
    db.session.execute(insert(table_of(Shift)), rows)
    desks[OFF_SHIFT[0]].workers[OFF_SHIFT[1]].online = False
    return len(rows)


def _day(key: str, desk: Desk, day: date, offset: int) -> Iterator[dict[str, Any]]:
    """Manager and one dispatcher by day, the other with a worker by night, the rest of the crew repairs by day."""
    manager, first, second, *crew = desk.staff_ids
    if offset % 2:
        first, second = second, first
    resting = crew[OFF_SHIFT[1]] if key == OFF_SHIFT[0] else None
    working = [staff for staff in crew if staff != resting]
    night_guard = working[offset % len(working)]
    begin, end = on_day(day, DAY_BEGINS), on_day(day, DAY_ENDS)
    morning = end + timedelta(hours=24 - DAY_ENDS + DAY_BEGINS)
    yield from (_shift(desk, staff, Duty.DESK, begin, end) for staff in (manager, first))
    yield from (_shift(desk, staff, Duty.DESK, end, morning) for staff in (second, night_guard))
    yield from (_shift(desk, staff, Duty.REPAIR, begin, end) for staff in working if staff != night_guard)


def _shift(desk: Desk, staff_id: int, duty: Duty, begin: datetime, end: datetime) -> dict[str, Any]:
    return {
        "office_id": desk.office_id,
        "company_id": desk.company_id,
        "staff_id": staff_id,
        "duty": duty,
        "begins_at": begin,
        "ends_at": end,
    }
