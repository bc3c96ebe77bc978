"""特约商户: into whose WeChat account the money of a company goes on a day (S0-11, S0-35)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from app.core.db import db
from app.payments.models import Merchant


def merchant_on(company_id: int, day: date) -> Merchant | None:
    """The account that is valid on the China day; of two the one that began later. None: the company takes no
    payments here on that day."""
    statement = (
        select(Merchant)
        .where(
            Merchant.company_id == company_id,
            Merchant.valid_from <= day,
            or_(Merchant.valid_until.is_(None), Merchant.valid_until >= day),
        )
        .order_by(Merchant.valid_from.desc())
        .limit(1)
    )
    return db.session.scalars(statement).first()
