"""Which of the subjects in payments are bills of a home."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from app.core.db import db
from app.fees.bill_models import Bill

PREFIX = "bill:"


def subjects_of_home(home_id: int, subjects: Collection[str]) -> list[str]:
    """Of the subjects of a person's own payments those that are bills of this home."""
    ids = [int(each.removeprefix(PREFIX)) for each in subjects if each.startswith(PREFIX)]
    found = (
        db.session.scalars(select(Bill.id).where(Bill.id.in_(ids), Bill.home_id == home_id)) if ids else ()
    )
    return [f"{PREFIX}{bill_id}" for bill_id in found]
