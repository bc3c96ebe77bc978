"""The cases of a cohort as rows of a statement: what the roll-up sums and what the lists behind the figures show.

Whose figures a case is in: office and company are those that had the order when it was decided (app/orders/former.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, and_, case, false, null, or_, select

from app.core.clock import start_of_china_day
from app.core.scope import Dimension, Scope, condition
from app.estates.models import District
from app.orders.clock_models import Deadline, FormerPromise
from app.orders.former import company_of_promise, office_of_promise
from app.orders.models import Order
from app.supervision.cohorts import OF_ITS_OWN, SOURCES, WENT_TO_THE_HOTLINE, AcceptedLate, Source
from app.supervision.indicators import Cohort

PLACE = ("district_id", "street_id", "company_id", "office_id", "estate_id", "category_code")
_OF_ITS_OFFICE: Mapping[str, Callable[[], ColumnElement[int]]] = {
    "office_id": office_of_promise,
    "company_id": company_of_promise,
}
_SEEN_BY_OFFICE: Mapping[Dimension, Callable[[], ColumnElement[int]]] = {
    Dimension.OFFICE: office_of_promise,
    Dimension.COMPANY: company_of_promise,
}


def facts(
    cohort: Cohort, scope: Scope, *, begin: datetime, until: datetime, days: Sequence[date] | None = None
) -> Select[Any]:
    """The cases of a cohort with begin <= instant < until that the scope sees, one row each; `days` leaves out the
    cases of all other days in China.

    Columns: order_id (of a 随手拍 its own id), fact_id, instant, the place columns and one 0/1 flag per counter
    (`stars_sum`: the stars).
    """
    source = SOURCES[cohort]
    columns = [_place(source, name) for name in PLACE]
    flags = [_number(flag).label(name) for name, flag in source.flags.items()]
    statement = select(
        source.of.id.label("order_id"),
        source.fact_id.label("fact_id"),
        source.instant.label("instant"),
        *columns,
        *flags,
    )
    if source.joined is not None:
        statement = statement.join(source.joined, source.joined.order_id == Order.id)
    if source.left is AcceptedLate:
        statement = statement.outerjoin(AcceptedLate, WENT_TO_THE_HOTLINE)
    if source.left is not None:
        statement = statement.outerjoin(FormerPromise, FormerPromise.deadline_id == source.left.id)
    if days is not None:
        statement = statement.where(or_(false(), *[_on(source.instant, day) for day in days]))
    if source.of is Order:
        statement = statement.where(OF_ITS_OWN)
    return statement.where(
        _seen(source, scope), source.instant >= begin, source.instant < until, *source.belongs
    )


def _place(source: Source, name: str) -> Any:
    """Where a case counts: office and company are those that had the order, the rest is that of its estate."""
    if source.left is not None and name in _OF_ITS_OFFICE:
        return _OF_ITS_OFFICE[name]().label(name)
    return getattr(source.of, name, null().label(name))


def _seen(source: Source, scope: Scope) -> ColumnElement[bool]:
    """Whose figures the case is in; the order itself the former office does not see any more."""
    if source.left is None or not scope.granted & set(_SEEN_BY_OFFICE):
        return condition(source.of, scope)
    others = {dim: ids for dim, ids in scope.grants.items() if dim not in _SEEN_BY_OFFICE}
    clauses = [
        of().in_(sorted(scope.ids(dimension)))
        for dimension, of in _SEEN_BY_OFFICE.items()
        if scope.ids(dimension)
    ]
    seen = or_(condition(Order, replace(scope, grants=others)), *clauses)
    if source.left is Deadline:
        return seen
    # The index (district, submitted_at) leads to the days in question: a coalesced column has none.
    return and_(Order.district_id.in_(select(District.id)), seen)


def _on(instant: Any, day: date) -> ColumnElement[bool]:
    return and_(instant >= start_of_china_day(day), instant < start_of_china_day(day + timedelta(days=1)))


def _number(flag: Any) -> Any:
    """A condition as 0 or 1; a number as it is."""
    return case((flag, 1), else_=0) if isinstance(flag.type, Boolean) else flag
