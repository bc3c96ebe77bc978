"""What is open at this moment: counted on the orders themselves, which are few because closed ones are not touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, case, cast, func, select

from app.catalogue.models import Category
from app.companies.models import Company, Office
from app.core import clock
from app.core.db import db
from app.core.scope import Scope, condition
from app.estates.models import Estate, Street
from app.orders.lifecycle import OPEN, Status
from app.orders.models import Order
from app.orders.rules import order_number


@dataclass(frozen=True)
class Watch:
    """A figure of this moment."""

    code: str
    name: str
    words: str


WATCHES: Mapping[str, Watch] = {
    each.code: each
    for each in (
        Watch("unaccepted", "未接收", "已提交、还没有人接单的工单"),
        Watch("p0", "特急未结", "还没有修好的特急(P0)工单"),
        Watch("at_hotline", "在热线", "已转 962121、还没有指定处理单位的工单"),
        Watch("overdue", "已超时未结", "有时限已过期、还没有做到的未完工单"),
    )
}


def is_watched(code: str, at: datetime) -> Any:
    """Which open orders a figure of this moment counts."""
    return {
        "unaccepted": Order.status == Status.SUBMITTED.value,
        "p0": Order.urgency == "P0",
        "at_hotline": Order.status == Status.HOTLINE.value,
        "overdue": and_(Order.next_due_at.is_not(None), Order.next_due_at < at),
    }[code]


def open_orders(scope: Scope, street_id: int | None = None, company_id: int | None = None) -> tuple[Any, ...]:
    """Open orders by the index (office, status): never a scan of the closed ones."""
    wanted = [
        condition(Order, scope),
        Order.office_id.in_(select(Office.id)),
        Order.status.in_(sorted(status.value for status in OPEN)),
    ]
    if street_id is not None:
        wanted.append(Order.street_id == street_id)
    if company_id is not None:
        wanted.append(Order.company_id == company_id)
    return tuple(wanted)


def open_now(scope: Scope, *, street_id: int | None = None, company_id: int | None = None) -> dict[str, int]:
    """The figures of this moment, one statement."""
    at = clock.now()
    sums = [cast(func.sum(case((is_watched(code, at), 1), else_=0)), Integer) for code in WATCHES]
    row = db.session.execute(select(*sums).where(*open_orders(scope, street_id, company_id))).one()
    return {code: int(value or 0) for code, value in zip(WATCHES, row, strict=True)}


@dataclass(frozen=True)
class Waiting:
    """An order that nobody has accepted yet: no person, no home, nothing that a wall must not show."""

    id: int
    number: str
    urgency: str
    category: str
    estate: str
    street: str
    company: str
    due_at: datetime | None


def unaccepted(
    scope: Scope, *, street_id: int | None = None, company_id: int | None = None, limit: int = 8
) -> list[Waiting]:
    """The un-accepted orders whose time runs out first."""
    statement = (
        select(
            Order.id,
            Order.menu,
            Order.submitted_at,
            Order.urgency,
            Order.next_due_at,
            Category.name.label("category"),
            Estate.name.label("estate"),
            Street.name.label("street"),
            Company.name.label("company"),
        )
        .join(Category, Category.code == Order.category_code)
        .join(Estate, Estate.id == Order.estate_id)
        .join(Street, Street.id == Order.street_id)
        .join(Company, Company.id == Order.company_id)
        .where(*open_orders(scope, street_id, company_id), is_watched("unaccepted", clock.now()))
        .order_by(Order.next_due_at, Order.id)
        .limit(limit)
    )
    return [
        Waiting(
            id=row.id,
            number=order_number(row.id, row.menu, row.submitted_at),
            urgency=row.urgency,
            category=row.category,
            estate=row.estate,
            street=row.street,
            company=row.company,
            due_at=row.next_due_at,
        )
        for row in db.session.execute(statement)
    ]
