"""Which special extensions wait for street or bureau (T19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.catalogue.models import Category
from app.companies.models import Company
from app.core.db import db
from app.core.redaction import without_personal_data
from app.core.scope import Scope, condition
from app.estates.models import Estate
from app.orders.extension_models import SPECIAL, Extension
from app.orders.lifecycle import ON_SITE
from app.orders.models import Order
from app.orders.rules import order_number

LISTED = 200


@dataclass(frozen=True)
class SpecialRequest:
    """One request as an authority reads it: no home, no names."""

    order_id: int
    number: str
    estate: str
    company: str
    place: str
    category: str
    reason: str
    plan: str
    asked_at: datetime
    until: datetime
    late: bool
    extended: bool
    on_site: bool


def waiting_for_a_decision(scope: Scope, *, limit: int = LISTED) -> list[SpecialRequest]:
    """The oldest request first; `on_site` is false while the order stands still, then nobody can decide yet."""
    statement = (
        select(Order, Extension, Category.name, Estate.name, Company.name)
        .join(Extension, Extension.order_id == Order.id)
        .join(Category, Category.code == Order.category_code)
        .join(Estate, Estate.id == Order.estate_id)
        .join(Company, Company.id == Order.company_id)
        .where(
            condition(Order, scope),
            Order.special_asked_by.is_not(None),
            Order.finished_at.is_(None),
            Order.closed_at.is_(None),
            Extension.kind == SPECIAL,
            Extension.round == Order.round,
            Extension.decided_at.is_(None),
        )
        .order_by(Extension.requested_at, Extension.id)
        .limit(limit)
    )
    return [_request(*row) for row in db.session.execute(statement)]


def _request(order: Order, asked: Extension, category: str, estate: str, company: str) -> SpecialRequest:
    return SpecialRequest(
        order_id=order.id,
        number=order_number(order.id, order.menu, order.submitted_at),
        estate=estate,
        company=company,
        place=without_personal_data(order.place_public),
        category=category,
        reason=without_personal_data(asked.reason),
        plan=without_personal_data(asked.plan),
        asked_at=asked.requested_at,
        until=asked.expected_at,
        late=order.late_repair,
        extended=order.extended,
        on_site=order.status in ON_SITE,
    )
