"""Quiet hours: what is not urgent waits until the morning before it makes a telephone ring (domain 3.13).

Only the WeChat copy waits. The message itself stands in the inbox at once, and no clock knows of quiet hours.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from app.core.clock import CHINA, in_china
from app.core.parameters import QUIET_HOURS, span_of


def quiet_until(at: datetime, district_id: int | None = None) -> datetime | None:
    """When the quiet hours of a district end in which `at` lies; None outside them or while they are off there."""
    span = span_of(QUIET_HOURS, at, district_id)
    return end_of_quiet(at, *span) if span else None


def end_of_quiet(at: datetime, begins: time, ends: time) -> datetime | None:
    """The same for given hours, which may span midnight; the first instant is quiet, the last is not. Pure."""
    local = in_china(at)
    hour, over_midnight = local.time(), begins > ends
    inside = (hour >= begins or hour < ends) if over_midnight else begins <= hour < ends
    if not inside:
        return None
    day = local.date() + timedelta(days=over_midnight and hour >= begins)
    return datetime.combine(day, ends, tzinfo=CHINA).astimezone(at.tzinfo)
