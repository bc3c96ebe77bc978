"""Addresses of the lists behind the figures of a dashboard page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import url_for

from admin.dashboard_filters import Filters
from app.core import clock


class Addresses:
    """Addresses of lists, within the place that is looked at and up to the instant of the figures."""

    def __init__(self, filters: Filters, until: datetime | None) -> None:
        self._place: dict[str, Any] = dict(filters.place)
        self._until = round(until.timestamp() * 1000) if until else None

    def of(self, figure: str, first: date, last: date, outcome: str = "all", **more: Any) -> str:
        """The list of a figure in some days."""
        parts: dict[str, Any] = {
            "figure": figure,
            "outcome": outcome,
            "from": first.isoformat(),
            "to": last.isoformat(),
        }
        if self._until is not None and last >= clock.china_date(clock.now()):
            parts["until"] = self._until
        return url_for("dashboard.orders", **{**self._place, **parts, **more})

    def now(self, figure: str) -> str:
        """The list of a figure of this moment."""
        return url_for("dashboard.orders", figure=figure, **self._place)
