"""The orders (or 随手拍) behind a figure: the same cases that the roll-up summed, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, true

from app.companies.models import Company, Office
from app.core import clock
from app.core.clock import china_date, start_of_china_day
from app.core.db import db
from app.core.errors import Invalid
from app.core.labelled import Labelled
from app.core.paging import Page, decode_instant_cursor, encode_cursor
from app.core.scope import Scope
from app.feedback.queries import SnapLine, snaps_by_id
from app.orders.lines import OrderLine
from app.orders.models import Order
from app.orders.queries import orders_page
from app.orders.rules import order_number
from app.supervision import live
from app.supervision.facts import facts
from app.supervision.indicators import INDICATORS, K20, VOLUMES, Cohort, Indicator, Volume
from app.supervision.live import WATCHES, Watch

PAGE = 50
Daily = Mapping[date, Mapping[str, int]]


class Outcome(Labelled):
    """Which cases of an indicator: all of the denominator, those in the numerator, the others."""

    ALL = "all", "全部"
    MET = "met", "计入分子的"
    MISSED = "missed", "未计入分子的"


@dataclass(frozen=True)
class Question:
    """A figure, its outcome and where and when it was counted; `until` cuts today where the figure was cut."""

    figure: str
    outcome: Outcome
    first: date
    last: date
    until: datetime | None = None
    places: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Former:
    """The office for which a case counts although another one has the order now; the number is no secret to it."""

    number: str
    company: str
    office: str


@dataclass(frozen=True)
class Case:
    """One counted case: the order (or 随手拍) as this scope may see it, the instant that counts, stars of a rating.
    `order` is None where another company has it now, and then `former` names it."""

    order: OrderLine | None
    at: datetime
    met: bool | None
    stars: int | None
    snap: SnapLine | None = None
    former: Former | None = None


def meaning(figure: str) -> Indicator | Volume | Watch:
    """What a figure's code stands for; raises Invalid for a code that does not exist."""
    for known in (INDICATORS, VOLUMES, WATCHES):
        if figure in known:
            return known[figure]
    raise Invalid("没有这个指标", fields={"figure": "没有这个指标"})


def cases(
    question: Question,
    scope: Scope,
    *,
    daily: Daily | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page[Case]:
    """A page of the cases behind the figure, two statements, and one more where an order has changed its office; raises
    Invalid for an unknown figure or cursor.

    `daily` are the figures of the same place by day: with them only the days are read from which the page's cases come,
    so a list over a month costs what the days of one page cost.
    """
    what = meaning(question.figure)
    position = decode_instant_cursor(cursor)
    if isinstance(what, Watch):
        found = _watched(question, scope)
    else:
        days = _days_of_page(question, what, daily, position, limit) if daily is not None else None
        found = _counted(question, what, scope, days)
    statement = select(found).order_by(found.c.instant.desc(), found.c.fact_id.desc()).limit(limit + 1)
    if position is not None:
        at, fact_id = position
        earlier = or_(found.c.instant < at, and_(found.c.instant == at, found.c.fact_id < fact_id))
        statement = statement.where(earlier)
    rows = db.session.execute(statement).all()
    kept = rows[:limit]
    more = len(rows) > limit
    next_cursor = encode_cursor(kept[-1].instant.isoformat(), kept[-1].fact_id) if more else None
    told = _with_snaps if what is K20 else _with_orders
    return Page(told(kept, what, scope), next_cursor)


def _days_of_page(
    question: Question,
    what: Indicator | Volume,
    daily: Daily,
    position: tuple[datetime, int] | None,
    limit: int,
) -> list[date]:
    """The newest days that have such cases, as many as a page and its successor's first case need."""
    newest = min(question.last, china_date(position[0])) if position else question.last
    days: list[date] = []
    cases_so_far = 0
    for day in sorted((day for day in daily if question.first <= day <= newest), reverse=True):
        count = how_many(what, question.outcome, daily[day])
        if count:
            days.append(day)
        if position is None or day < newest:  # of the cursor's own day an unknown part is behind us
            cases_so_far += count
        if cases_so_far > limit:
            break
    return days


def how_many(what: Indicator | Volume, outcome: Outcome, counts: Mapping[str, int]) -> int:
    """How many cases a list holds, from the counters of its place and days."""
    if isinstance(what, Volume):
        return counts.get(what.counter, 0)
    met, every = counts.get(what.numerator, 0), counts.get(what.denominator, 0)
    return {Outcome.ALL: every, Outcome.MET: met, Outcome.MISSED: every - met}[outcome]


def _counted(question: Question, what: Indicator | Volume, scope: Scope, days: Sequence[date] | None) -> Any:
    begin, until = period(question)
    every = facts(what.cohort, scope, begin=begin, until=until, days=days).subquery()
    columns = [every.c.order_id, every.c.fact_id, every.c.instant, every.c.office_id]
    wanted = [every.c[name] == value for name, value in (question.places or {}).items()]
    if isinstance(what, Volume):
        wanted.append(every.c[what.counter] == 1)
    else:
        met = every.c[what.numerator]
        columns.append(met.label("met"))
        wanted += [every.c[what.denominator] == 1, *_with_outcome(question.outcome, met)]
    if what.cohort is Cohort.RATED:
        columns.append(every.c.stars_sum.label("stars"))
    return select(*columns).where(*wanted).subquery()


def _with_outcome(outcome: Outcome, met: Any) -> list[Any]:
    return [] if outcome is Outcome.ALL else [met == (1 if outcome is Outcome.MET else 0)]


def _watched(question: Question, scope: Scope) -> Any:
    places = question.places or {}
    wanted = [getattr(Order, name) == value for name, value in places.items()]
    return (
        select(
            Order.id.label("order_id"),
            Order.id.label("fact_id"),
            Order.submitted_at.label("instant"),
            Order.office_id,
        )
        .where(*live.open_orders(scope), live.is_watched(question.figure, clock.now()), *wanted)
        .subquery()
    )


def period(question: Question) -> tuple[datetime, datetime]:
    """The instants between which cases count; raises Invalid for days in the wrong order."""
    if question.last < question.first:
        raise Invalid("结束日期早于开始日期", fields={"to": "早于开始日期"})
    end = start_of_china_day(question.last + timedelta(days=1))
    return start_of_china_day(question.first), min(end, question.until or clock.now())


def _with_orders(rows: Sequence[Any], what: Indicator | Volume | Watch, scope: Scope) -> list[Case]:
    ids = {row.order_id for row in rows}
    if not ids:
        return []
    page = orders_page(scope, limit=len(ids), where=(Order.id.in_(sorted(ids)),))
    orders = {order.id: order for order in page.items}
    former = _former([row for row in rows if _has_left(row, orders.get(row.order_id))])
    return [
        Case(
            order=orders.get(row.order_id),
            at=row.instant,
            met=bool(row.met) if isinstance(what, Indicator) else None,
            stars=getattr(row, "stars", None),
            former=former.get((row.order_id, row.office_id)),
        )
        for row in rows
    ]


def _has_left(row: Any, order: OrderLine | None) -> bool:
    return order is None or order.office_id != row.office_id


def _former(rows: Sequence[Any]) -> Mapping[tuple[int, int], Former]:
    """By order and office: who had the order when the case was decided."""
    if not rows:
        return {}
    wanted = Order.id.in_({row.order_id for row in rows}) & Office.id.in_({row.office_id for row in rows})
    statement = (
        select(Order.id, Order.menu, Order.submitted_at, Office.id, Company.name, Office.name)
        .select_from(Order)
        .join(Office, true())
        .join(Company, Company.id == Office.company_id)
        .where(wanted)
    )
    return {
        (order_id, office_id): Former(order_number(order_id, menu, at), company, office)
        for order_id, menu, at, office_id, company, office in db.session.execute(statement)
    }


def _with_snaps(rows: Sequence[Any], what: Indicator | Volume | Watch, scope: Scope) -> list[Case]:
    found = snaps_by_id([row.order_id for row in rows], scope)
    return [Case(None, row.instant, bool(row.met), None, found[row.order_id]) for row in rows]
