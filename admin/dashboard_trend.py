"""Thirty days: new orders of each day, and the rates of the week that ends with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from admin.dashboard_addresses import Addresses
from app.supervision.indicators import INDICATORS, K01
from app.supervision.ratios import Ratio, added, ratio

TREND_DAYS, WEEK = 30, 7
TREND_LINES = ("K01", "K03", "K06b")


def trend_rows(
    days: Mapping[date, Mapping[str, int]], today: date
) -> list[tuple[date, int, dict[str, Ratio]]]:
    """Each day with its new orders and the rates of the seven days that end with it: single days are too few cases."""
    rows = []
    for back in range(TREND_DAYS - 1, -1, -1):
        day = today - timedelta(days=back)
        week = added(days.get(day - timedelta(days=each), {}) for each in range(WEEK))
        rates = {code: ratio(INDICATORS[code], week) for code in TREND_LINES}
        rows.append((day, days.get(day, {}).get("new", 0), rates))
    return rows


def trend_first(today: date) -> date:
    """The first day whose counters the trend needs."""
    return today - timedelta(days=TREND_DAYS + WEEK - 2)


def trend(days: Mapping[date, Mapping[str, int]], today: date, addresses: Addresses) -> list[dict[str, Any]]:
    return [
        {
            "day": day,
            "new": new,
            "link": addresses.of("new", day, day),
            "rates": rates,
            "links": {code: addresses.of(code, day - timedelta(days=WEEK - 1), day) for code in TREND_LINES},
        }
        for day, new, rates in trend_rows(days, today)
    ]


def trend_chart(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    lines = []
    for code in TREND_LINES:
        rates = [row["rates"][code] for row in rows]
        lines.append(
            {
                "name": INDICATORS[code].name,
                "percent": [each.percent for each in rates],
                "under": [f"{each.numerator}/{each.denominator}" for each in rates],
                "small": [each.is_small for each in rates],
                "links": [row["links"][code] for row in rows],
            }
        )
    return {
        "kind": "trend",
        "days": [f"{row['day'].month}/{row['day'].day}" for row in rows],
        "new": [row["new"] for row in rows],
        "links": [row["link"] for row in rows],
        "lines": lines,
        "target": K01.target,
    }
