"""Daily figures from orders: one day in a constant number of statements, upper levels summed from the estates.

A day may be rolled up again at any time and by several processes at once; the result is the same rows. Today is done
every minute; earlier days when something has changed them: a reopening, a late repair, a rating, an order handed to
another office (docs/adr/0011-daily-figures.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, cast, delete, func, insert, select, update

from app.core import clock
from app.core.clock import china_date, start_of_china_day
from app.core.db import db, insert_once, lock, table_of
from app.core.roles import Role
from app.core.scope import SYSTEM, Dimension, Scope, condition
from app.estates.models import District
from app.feedback.models import Snap
from app.orders.models import Order
from app.supervision.facts import facts
from app.supervision.indicators import ALL_COUNTERS, COUNTERS, Cohort
from app.supervision.models import DailyCategory, DailyFigure, RollUpDay

KEPT_DAYS = 100
"""How far back days are made good: the bureau may reopen an order for 90 days."""
ONE_DAY = timedelta(days=1)

Key = tuple[int, int, int, int, int]
Counts = dict[str, int]


def roll_up(day: date) -> datetime:
    """Write the figures of a day anew inside the running transaction; returns up to when they count.

    Cases later than this instant are left out, also by the lists behind the figures.
    """
    as_of = clock.now()
    _take_turn(day, as_of)
    begin, until = start_of_china_day(day), min(start_of_china_day(day + ONE_DAY), as_of)
    whole = _whole()
    for model in (DailyFigure, DailyCategory):
        db.session.execute(delete(table_of(model)).where(model.day == day))
    _insert(DailyFigure, _figure_rows(day, _counted(whole, begin, until)))
    _insert(DailyCategory, _category_rows(day, whole, begin, until))
    return as_of


def _take_turn(day: date, as_of: datetime) -> None:
    """One process at a time on one day: the others wait for this row."""
    insert_once(table_of(RollUpDay), {"day": day, "as_of": as_of, "stale": False})
    db.session.execute(lock(select(RollUpDay.day).where(RollUpDay.day == day)))
    values = {"as_of": as_of, "stale": False}
    db.session.execute(update(table_of(RollUpDay)).where(RollUpDay.day == day).values(**values))


def _insert(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    found = list(rows)
    if found:
        db.session.execute(insert(table_of(model)), found)


def _whole() -> Scope:
    """Everything, said by districts: so the volumes are found by the index (district, submitted_at)."""
    districts = frozenset(db.session.scalars(select(District.id)))
    return Scope(role=Role.SYS, grants={Dimension.DISTRICT: districts})


def _counted(whole: Scope, begin: datetime, until: datetime) -> dict[Key, Counts]:
    """All counters of the day by estate and office, one statement a cohort."""
    found: dict[Key, Counts] = defaultdict(lambda: dict.fromkeys(ALL_COUNTERS, 0))
    for cohort in Cohort:
        scope = whole if cohort is Cohort.SUBMITTED else SYSTEM
        cases = facts(cohort, scope, begin=begin, until=until).subquery()
        places = [cases.c[name] for name in _KEY]
        names = COUNTERS[cohort]
        sums = [cast(func.sum(cases.c[name]), Integer).label(name) for name in names]
        for row in db.session.execute(select(*places, *sums).group_by(*places)):
            counts = found[tuple(row[: len(_KEY)])]
            for name, value in zip(names, row[len(_KEY) :], strict=True):
                counts[name] += int(value)
    return found


_KEY = ("district_id", "street_id", "company_id", "office_id", "estate_id")


def _figure_rows(day: date, counted: Mapping[Key, Counts]) -> Iterator[dict[str, Any]]:
    """The estates' rows and, summed from them, those of offices, companies, streets and districts."""
    summed: dict[tuple[str, int, int], dict[str, Any]] = {}
    for key, counts in counted.items():
        for level, entity, part, place in _levels(*key):
            row = summed.setdefault((level, entity, part), place | dict.fromkeys(ALL_COUNTERS, 0))
            for name in ALL_COUNTERS:
                row[name] += counts[name]
    for (level, entity, part), row in summed.items():
        yield {"level": level, "day": day, "entity_id": entity, "part_id": part, **row}


Level = tuple[str, int, int, dict[str, int | None]]


def _wide_levels(district: int, street: int, company: int) -> tuple[Level, ...]:
    """In which rows a case counts; a row that spans several streets or companies names none."""
    whole = {"district_id": district, "street_id": None, "company_id": None}
    in_street = whole | {"street_id": street}
    return (
        ("district", district, 0, whole),
        ("street", street, 0, in_street),
        ("company", company, street, in_street | {"company_id": company}),
    )


def _levels(district: int, street: int, company: int, office: int, estate: int) -> tuple[Level, ...]:
    wide = _wide_levels(district, street, company)
    place = wide[-1][-1]
    return (*wide, ("office", office, street, place), ("estate", estate, office, place))


def _category_rows(day: date, whole: Scope, begin: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    cases = facts(Cohort.SUBMITTED, whole, begin=begin, until=until).subquery()
    names = ("district_id", "street_id", "company_id", "category_code")
    places = [cases.c[name] for name in names]
    summed: dict[tuple[str, int, int, str], dict[str, Any]] = {}
    for found in db.session.execute(select(*places, func.count().label("orders")).group_by(*places)):
        for level, entity, part, where in _wide_levels(found.district_id, found.street_id, found.company_id):
            category = found.category_code
            row = summed.setdefault((level, entity, part, category), {**where, "new": 0})
            row["new"] += found.orders
    for (level, entity, part, category), row in summed.items():
        yield {
            "level": level,
            "day": day,
            "entity_id": entity,
            "part_id": part,
            "category_code": category,
            **row,
        }


def days_to_roll_up() -> list[date]:
    """Today, then every day that is missing, was not over when it was counted, or has changed since; newest first."""
    today = china_date(clock.now())
    first = _first_day(today - timedelta(days=KEPT_DAYS)) or today
    statement = select(RollUpDay.day, RollUpDay.as_of, RollUpDay.stale).where(RollUpDay.day >= first)
    good = {
        row.day
        for row in db.session.execute(statement)
        if not row.stale and row.as_of >= start_of_china_day(row.day + ONE_DAY)
    }
    days = [today - timedelta(days=back) for back in range((today - first).days + 1)]
    return [day for day in days if day not in good]


def _first_day(since: date) -> date | None:
    """The day of the oldest order that was submitted since then, or of the first 随手拍 that fell due."""
    whole, found = _whole(), []
    for model, instant in ((Order, Order.submitted_at), (Snap, Snap.due_at)):
        statement = select(instant).where(condition(model, whole), instant >= start_of_china_day(since))
        oldest = db.session.scalar(statement.order_by(instant).limit(1))
        found += [china_date(oldest)] if oldest else []
    return min(found, default=None)
