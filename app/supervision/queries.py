"""Named questions to the daily figures. Each costs one statement over rows of the roll-up, whatever the orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, cast, func, select

from app.catalogue.models import Category
from app.companies.models import Company, Office, ServiceContract
from app.core.clock import start_of_china_day
from app.core.db import db
from app.core.errors import NotFound
from app.core.labelled import Labelled
from app.core.roles import Role
from app.core.scope import Dimension, Scope, condition
from app.estates.models import Estate, Street
from app.supervision.indicators import ALL_COUNTERS
from app.supervision.models import DailyCategory, DailyFigure, RollUpDay
from app.supervision.ratios import added

MAX_DAYS = 100


@dataclass(frozen=True)
class Lens:
    """What of all figures somebody looks at: his scope, perhaps one street or company, days `first` to `last`."""

    scope: Scope
    first: date
    last: date
    street_id: int | None = None
    company_id: int | None = None

    def on(self, first: date, last: date) -> Lens:
        """The same place in other days."""
        return Lens(self.scope, first, last, self.street_id, self.company_id)


class Group(Labelled):
    """By what figures are set side by side; `label` heads the column."""

    STREET = "street", "街道"
    COMPANY = "company", "物业企业"
    OFFICE = "office", "管理处"
    ESTATE = "estate", "小区"


NAMED_BY: Mapping[Group, Any] = {
    Group.STREET: Street,
    Group.COMPANY: Company,
    Group.OFFICE: Office,
    Group.ESTATE: Estate,
}


@dataclass(frozen=True)
class Line:
    """The counters of one street, company, office or estate."""

    id: int
    name: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Hot:
    """How many orders one category brought."""

    code: str
    name: str
    new: int


def _sums() -> list[Any]:
    """Sums as integers: decimal sums are slow to read."""
    return [cast(func.sum(getattr(DailyFigure, name)), Integer).label(name) for name in ALL_COUNTERS]


def _counts(row: Any) -> dict[str, int]:
    return {name: int(getattr(row, name) or 0) for name in ALL_COUNTERS}


def _total_level(lens: Lens) -> str:
    """The highest level whose rows lie wholly inside what is looked at."""
    if lens.company_id is not None or lens.scope.ids(Dimension.COMPANY):
        return "company"
    if lens.street_id is not None or lens.scope.ids(Dimension.STREET):
        return "street"
    return "district"


def _within(model: Any, lens: Lens, level: str, statement: Any) -> Any:
    wanted = [model.level == level, model.day >= lens.first, model.day <= lens.last]
    if lens.street_id is not None:
        wanted.append(model.street_id == lens.street_id)
    if lens.company_id is not None:
        wanted.append(model.company_id == lens.company_id)
    return statement.where(condition(model, lens.scope), *wanted)


def by_day(lens: Lens) -> dict[date, dict[str, int]]:
    """The counters of each day that has any."""
    statement = select(DailyFigure.day, *_sums()).group_by(DailyFigure.day)
    rows = db.session.execute(_within(DailyFigure, lens, _total_level(lens), statement))
    return {row.day: _counts(row) for row in rows}


def total(lens: Lens) -> dict[str, int]:
    """All days of the lens together."""
    return added(by_day(lens).values())


def by_group(lens: Lens, group: Group) -> list[Line]:
    """The counters of each street, company, office or estate, by name."""
    level = group.value
    if group is Group.STREET and _total_level(lens) == "company":
        level = "company"  # one company's part of each street
    column = {
        Group.STREET: DailyFigure.street_id,
        Group.COMPANY: DailyFigure.company_id,
        Group.OFFICE: DailyFigure.entity_id,
        Group.ESTATE: DailyFigure.entity_id,
    }[group]
    summed = _within(
        DailyFigure, lens, level, select(column.label("entity"), *_sums()).group_by(column)
    ).subquery()
    named = NAMED_BY[group]
    statement = select(named.name.label("entity_name"), summed).join(summed, summed.c.entity == named.id)
    rows = db.session.execute(statement.order_by(named.name))
    return [Line(row.entity, row.entity_name, _counts(row)) for row in rows]


def by_day_of_one(lens: Lens, group: Group, entity_id: int) -> dict[date, dict[str, int]]:
    """The same for a single estate or office inside the lens."""
    statement = (
        select(DailyFigure.day, *_sums()).where(DailyFigure.entity_id == entity_id).group_by(DailyFigure.day)
    )
    rows = db.session.execute(_within(DailyFigure, lens, group.value, statement))
    return {row.day: _counts(row) for row in rows}


def hot_categories(lens: Lens, limit: int = 10) -> list[Hot]:
    """The categories that brought most orders."""
    orders = cast(func.sum(DailyCategory.new), Integer).label("orders")
    statement = (
        select(Category.code, Category.name, orders)
        .join(DailyCategory, DailyCategory.category_code == Category.code)
        .group_by(Category.code, Category.name)
        .order_by(orders.desc(), Category.code)
        .limit(limit)
    )
    rows = db.session.execute(_within(DailyCategory, lens, _total_level(lens), statement))
    return [Hot(row.code, row.name, int(row.orders)) for row in rows]


def hot_estates(lens: Lens, limit: int = 10) -> list[Line]:
    """The estates from which most orders came."""
    count = func.sum(DailyFigure.new)
    statement = (
        select(Estate.id, Estate.name.label("entity_name"), *_sums())
        .join(DailyFigure, DailyFigure.entity_id == Estate.id)
        .group_by(Estate.id, Estate.name)
        .having(count > 0)
        .order_by(count.desc(), Estate.id)
        .limit(limit)
    )
    rows = db.session.execute(_within(DailyFigure, lens, "estate", statement))
    return [Line(row.id, row.entity_name, _counts(row)) for row in rows]


def as_of(day: date) -> datetime | None:
    """Up to which instant the day's cases are counted; None when it has not been rolled up yet."""
    found = db.session.scalar(select(RollUpDay.as_of).where(RollUpDay.day == day))
    return min(found, start_of_china_day(day + timedelta(days=1))) if found else None


@dataclass(frozen=True)
class Choice:
    """A street or a company that the scope may look at by itself."""

    id: int
    name: str


def choices(scope: Scope) -> tuple[list[Choice], list[Choice]]:
    """Streets and companies within the scope, from the contracts that cover its estates; by name."""
    statement = (
        select(Street.id, Street.name, Company.id, Company.name)
        .select_from(ServiceContract)
        .join(Estate, Estate.id == ServiceContract.estate_id)
        .join(Street, Street.id == Estate.street_id)
        .join(Company, Company.id == ServiceContract.company_id)
        .where(_covered(scope))
        .distinct()
    )
    rows = db.session.execute(statement).all()
    return _sorted((row[0], row[1]) for row in rows), _sorted((row[2], row[3]) for row in rows)


def _covered(scope: Scope) -> Any:
    columns = {
        Dimension.DISTRICT: Estate.district_id,
        Dimension.STREET: Estate.street_id,
        Dimension.COMPANY: ServiceContract.company_id,
    }
    known = {dimension: column for dimension, column in columns.items() if scope.ids(dimension)}
    if not known:
        return ServiceContract.id.is_(None)
    return next(column.in_(sorted(scope.ids(dimension))) for dimension, column in known.items())


def _sorted(pairs: Iterable[tuple[int, str]]) -> list[Choice]:
    return [Choice(*pair) for pair in sorted(set(pairs), key=lambda pair: (pair[1], pair[0]))]


def lens(
    scope: Scope, *, first: date, last: date, street_id: int | None = None, company_id: int | None = None
) -> Lens:
    """A lens on figures; raises NotFound for a street or company that the scope does not reach."""
    wanted = Lens(scope, first, last, street_id, company_id)
    if street_id is None and company_id is None:
        return wanted
    streets, companies = choices(scope)
    known = (street_id is None or any(each.id == street_id for each in streets)) and (
        company_id is None or any(each.id == company_id for each in companies)
    )
    if not known and not _has_figures(wanted):
        raise NotFound()
    return wanted


def _has_figures(wanted: Lens) -> bool:
    """A company without a contract may still have been given an order by the hotline."""
    ever = wanted.on(date(2000, 1, 1), date(2999, 12, 31))
    statement = _within(DailyFigure, ever, _total_level(ever), select(DailyFigure.entity_id)).limit(1)
    return db.session.scalar(statement) is not None


def has_figures_of(wanted: Lens, group: Group, entity_id: int) -> bool:
    """Whether the scope has ever seen a case of this office or estate."""
    ever = wanted.on(date(2000, 1, 1), date(2999, 12, 31))
    statement = select(DailyFigure.day).where(DailyFigure.entity_id == entity_id).limit(1)
    return db.session.scalar(_within(DailyFigure, ever, group.value, statement)) is not None


def name_of(group: Group, entity_id: int) -> str:
    """The name of a street, company, office or estate; empty when there is none."""
    named = NAMED_BY[group]
    return db.session.scalar(select(named.name).where(named.id == entity_id)) or ""


def category_name(code: str) -> str:
    """The name of a category; raises NotFound for a code that does not exist."""
    name = db.session.scalar(select(Category.name).where(Category.code == code))
    if name is None:
        raise NotFound()
    return name


def by_day_of_category(lens: Lens, code: str) -> dict[date, dict[str, int]]:
    """How many orders of one category were submitted on each day."""
    statement = (
        select(DailyCategory.day, cast(func.sum(DailyCategory.new), Integer).label("orders"))
        .where(DailyCategory.category_code == code)
        .group_by(DailyCategory.day)
    )
    rows = db.session.execute(_within(DailyCategory, lens, _total_level(lens), statement))
    return {row.day: {"new": int(row.orders)} for row in rows}


GROUPS: Mapping[Role, tuple[Group, Group]] = {
    Role.BUR: (Group.STREET, Group.COMPANY),
    Role.STR: (Group.COMPANY, Group.ESTATE),
    Role.CO: (Group.OFFICE, Group.ESTATE),
}
"""By what each hat compares (S0-22, domain 6.9)."""
