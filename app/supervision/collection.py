"""收缴监管 as the bureau reads it: billed, paid and rate by month, street, company and estate (S0-12, K25)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.companies.models import Company
from app.core import clock
from app.core.db import db
from app.core.paging import Page, decode_id_cursor, encode_cursor
from app.core.scope import Scope, condition
from app.estates.models import Estate, Street
from app.fees.rules import months_later, period_of
from app.supervision.collection_models import CollectionFigure

MONTHS = 12
_F = CollectionFigure


@dataclass(frozen=True)
class Lens:
    """What is looked at: a month, and what it is narrowed to."""

    period: str
    kind: str = ""
    street_id: int | None = None
    company_id: int | None = None
    estate_id: int | None = None

    def only(self) -> list[ColumnElement[bool]]:
        """The conditions but for the month."""
        wanted = {
            _F.kind: self.kind,
            _F.street_id: self.street_id,
            _F.company_id: self.company_id,
            _F.estate_id: self.estate_id,
        }
        return [column == value for column, value in wanted.items() if value]


@dataclass(frozen=True)
class Line:
    """One month, street, company or estate; fen. `id` is None for months."""

    id: int | None
    name: str
    bills: int
    paid_bills: int
    billed_fen: int
    paid_fen: int
    refunded_fen: int

    @property
    def net_fen(self) -> int:
        """Paid and not refunded."""
        return self.paid_fen - self.refunded_fen

    @property
    def rate(self) -> float | None:
        """Percent of the amount, with one digit; None where nothing was billed."""
        return round(self.net_fen * 100 / self.billed_fen, 1) if self.billed_fen else None

    @property
    def bills_rate(self) -> float | None:
        """Percent of the bills (K25 by number)."""
        return round(self.paid_bills * 100 / self.bills, 1) if self.bills else None

    @property
    def bar(self) -> float:
        """How long the bar is drawn, 0 to 100: a rate above that (paid, then corrected) is said by its number."""
        return min(max(self.rate or 0.0, 0.0), 100.0)


_SUMS = (
    func.sum(_F.bills),
    func.sum(_F.paid_bills),
    func.sum(_F.billed_fen),
    func.sum(_F.paid_fen),
    func.sum(_F.refunded_fen),
)


def _line(row_id: int | None, name: str, sums: Sequence[Any]) -> Line:
    return Line(row_id, name, *(int(each or 0) for each in sums))


def newest_month() -> str:
    """The month that is running."""
    return period_of(clock.china_date(clock.now()))


def total(lens: Lens, scope: Scope) -> Line:
    """The whole of the month."""
    return _line(None, "", db.session.execute(_of(lens, scope)).one())


def _of(lens: Lens, scope: Scope, *columns: Any) -> Any:
    here = (condition(_F, scope), _F.period == lens.period, *lens.only())
    return select(*columns, *_SUMS).where(*here)


def by_month(lens: Lens, scope: Scope) -> list[Line]:
    """The twelve months up to the chosen one, the oldest first; months without bills stand there with nothing."""
    first = months_later(lens.period, 1 - MONTHS)
    months = _F.period.between(first, lens.period)
    statement = select(_F.period, *_SUMS).where(condition(_F, scope), months, *lens.only())
    found = {row[0]: row[1:] for row in db.session.execute(statement.group_by(_F.period))}
    periods = [months_later(first, number) for number in range(MONTHS)]
    return [_line(None, period, found.get(period, (0,) * 5)) for period in periods]


def by_street(lens: Lens, scope: Scope) -> list[Line]:
    """Every street of which something was billed."""
    statement = _of(lens, scope, Street.id, Street.name).join(Street, Street.id == _F.street_id)
    return [_line(row[0], row[1], row[2:]) for row in db.session.execute(_grouped(statement, Street))]


def by_company(lens: Lens, scope: Scope) -> list[Line]:
    """Every company of which something was billed."""
    statement = _of(lens, scope, Company.id, Company.name).join(Company, Company.id == _F.company_id)
    return [_line(row[0], row[1], row[2:]) for row in db.session.execute(_grouped(statement, Company))]


def by_estate(lens: Lens, scope: Scope, *, cursor: str | None = None, limit: int = 50) -> Page[Line]:
    """Every estate of which something was billed, page by page. Raises Invalid for a foreign cursor."""
    statement = _of(lens, scope, Estate.id, Estate.name).join(Estate, Estate.id == _F.estate_id)
    after = decode_id_cursor(cursor)
    if after is not None:
        statement = statement.where(Estate.id > after)
    rows = db.session.execute(_grouped(statement, Estate).limit(limit + 1)).all()
    lines = [_line(row[0], row[1], row[2:]) for row in rows[:limit]]
    return Page(lines, encode_cursor(lines[-1].id) if len(rows) > limit else None)


def _grouped(statement: Any, model: Any) -> Any:
    return statement.group_by(model.id, model.name).order_by(model.id)


def estate_name(estate_id: int, scope: Scope) -> str:
    """The name of an estate of which the scope sees figures, empty when there is none."""
    known = condition(_F, scope), _F.estate_id == estate_id
    statement = select(Estate.name).join(_F, _F.estate_id == Estate.id).where(*known).limit(1)
    return db.session.scalars(statement).first() or ""


def as_of(lens: Lens, scope: Scope) -> datetime | None:
    """When the newest of these figures was counted."""
    whole = replace(lens, street_id=None, company_id=None, estate_id=None, kind="")
    here = (condition(_F, scope), _F.period == whole.period)
    return db.session.scalar(select(func.max(_F.as_of)).where(*here))
