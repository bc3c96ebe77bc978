"""上门单: what somebody needs to know before and while he stands on site, and what was noted there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from app.catalogue.models import Category
from app.core.db import db
from app.core.scope import Scope
from app.estates.models import Estate
from app.orders.extension_models import NORMAL, Extension
from app.orders.models import Completion, Order, SiteVisit
from app.orders.moving import get_order
from app.orders.offering import answer_by

Noted = TypeVar("Noted", SiteVisit, Completion, Extension)


@dataclass(frozen=True)
class SiteSheet:
    """Where to go (degrees, GCJ-02), what to bring, whether danger is to be expected; visits and repairs so far; the
    extension that waits for a decision; until when the offer is to be answered."""

    tools: str
    certificate: str
    danger_expected: bool
    estate: Estate
    visits: Sequence[SiteVisit]
    completions: Sequence[Completion]
    extension: Extension | None
    answer_by: datetime | None


def site_sheet(order_id: int, scope: Scope) -> SiteSheet:
    """The sheet of an order that the scope sees; raises OrderNotFound."""
    order = get_order(order_id, scope)
    category = db.session.get_one(Category, order.category_code)
    asked = _noted(Extension, order)
    return SiteSheet(
        tools=category.tools,
        certificate=category.certificate or "",
        danger_expected=category.hazardous,
        estate=db.session.get_one(Estate, order.estate_id),
        visits=_noted(SiteVisit, order),
        completions=_noted(Completion, order),
        extension=next(
            (each for each in reversed(asked) if each.decided_at is None and each.kind == NORMAL), None
        ),
        answer_by=answer_by([order.id]).get(order.id),
    )


def _noted(model: type[Noted], order: Order) -> Sequence[Noted]:
    return db.session.scalars(select(model).where(model.order_id == order.id).order_by(model.id)).all()


def tools_for(category_codes: Iterable[str]) -> Mapping[str, str]:
    """What to bring, by category (S2-11)."""
    statement = select(Category.code, Category.tools).where(Category.code.in_(set(category_codes)))
    return {row.code: row.tools for row in db.session.execute(statement)}
