"""Which of the subjects in payments are repairs in a home: `order:12`, and `order:12:1` after a reopening."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select

from app.core.db import db
from app.orders.models import Order

PREFIX = "order:"


def orders_in(subjects: Iterable[str]) -> list[int]:
    """The orders that a payment was for, each once; what stands for something else is left out."""
    return sorted({_order_of(each) for each in subjects if each.startswith(PREFIX)})


def subjects_of_home(home_id: int, subjects: Collection[str]) -> list[str]:
    """Of the subjects of a person's own payments those that are repairs in this home."""
    ids = orders_in(subjects)
    here = select(Order.id).where(Order.id.in_(ids), Order.home_id == home_id)
    found = set(db.session.scalars(here)) if ids else set()
    return [each for each in subjects if each.startswith(PREFIX) and _order_of(each) in found]


def _order_of(subject: str) -> int:
    return int(subject.split(":")[1])
