"""Quarters of the year, and whether the public revenue of one is closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from app.books.errors import QuarterClosed
from app.books.revenue_models import ReportState, RevenueReport
from app.core.db import db, lock
from app.core.errors import Invalid

_CODE = re.compile(r"(20[0-9]{2})Q([1-4])")


@dataclass(frozen=True)
class Quarter:
    """2026Q3; `first` and `last` day are both included."""

    year: int
    number: int

    @property
    def code(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def label(self) -> str:
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度"

    @property
    def first(self) -> date:
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last(self) -> date:
        return self.next().first - timedelta(days=1)

    def next(self) -> Quarter:
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)


def quarter_of(day: date) -> Quarter:
    """The quarter in which the day lies."""
    return Quarter(day.year, (day.month + 2) // 3)


def quarter(code: str) -> Quarter:
    """2026Q3 as a quarter; raises Invalid."""
    found = _CODE.fullmatch(code)
    if found is None:
        raise Invalid("季度应写成 2026Q3 这样", fields={"quarter": "不是季度"})
    return Quarter(int(found[1]), int(found[2]))


def refuse_closed_quarter(estate_id: int, day: date) -> None:
    """Raises QuarterClosed when the day's report was approved. Its row is locked, so that whoever approves at the same
    instant sees this entry or is seen by it."""
    standing = select(RevenueReport.state).where(
        RevenueReport.estate_id == estate_id,
        RevenueReport.quarter == quarter_of(day).code,
        RevenueReport.live == 1,
    )
    if db.session.scalar(lock(standing)) in (ReportState.APPROVED, ReportState.PUBLISHED):
        raise QuarterClosed()
