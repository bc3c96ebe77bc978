"""Next year's holiday table is missing: told to bureau, companies and system administrators (domain 3.7)."""

from __future__ import annotations

from datetime import datetime

from app.companies.queries import accounts_with
from app.core.calendar_days import missing_year, missing_year_sentence
from app.core.clock import china_date
from app.core.roles import Role
from app.notifications.service import notify_many

WHO_SHOULD_KNOW = frozenset({Role.BUR, Role.CO, Role.SYA})


def warn_of_missing_year(at: datetime) -> int:
    """Once a day from 1 December until the year is imported; returns how many people were told. Safe to repeat."""
    year = missing_year(at)
    if year is None:
        return 0
    return notify_many(
        accounts_with(WHO_SHOULD_KNOW),
        unique_key=f"calendar:{year}:{china_date(at):%Y%m%d}",
        template="calendar_missing",
        title=f"{year}年工作日历还没有导入",
        body=f"{missing_year_sentence(year)}。",
    )
