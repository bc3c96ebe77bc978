"""The merchant accounts of the demonstration: the sandbox's sub-merchants, in the order of the companies."""

from __future__ import annotations

from sqlalchemy import select

from app.companies.models import Company
from app.core import clock
from app.core.db import db
from app.payments.onboarding import install_merchant
from app.seeds.organisations import CONTRACT_BEGAN
from config import SANDBOX_SUB_MERCHANTS


def install_demo_merchants() -> None:
    """Each property company has received online since its contracts began; the handyman's shop takes no payments."""
    mine = select(Company.id).where(Company.is_third_party.is_(False)).order_by(Company.id)
    since = clock.china_date(clock.now() - CONTRACT_BEGAN)
    for company_id, sub_mch_id in zip(db.session.scalars(mine).all(), SANDBOX_SUB_MERCHANTS, strict=True):
        install_merchant(company_id, sub_mch_id, valid_from=since)
