"""The tables beneath the charts as rows for a spreadsheet; every column of a rate says its formula version."""

from __future__ import annotations

from collections.abc import Sequence

from admin.dashboard_filters import Filters
from admin.dashboard_page import TABLE
from admin.dashboard_trend import TREND_LINES, trend_first, trend_rows
from app.core.errors import Invalid
from app.supervision import queries
from app.supervision.indicators import INDICATORS, Indicator
from app.supervision.queries import GROUPS, Group
from app.supervision.ratios import Ratio, ratio

Rows = list[Sequence[object]]
HOT_ROWS = 100


def table(name: str, filters: Filters) -> Rows:
    """Head and rows of a table; raises Invalid for one that this hat does not have."""
    groups = {group.value: group for group in GROUPS[filters.lens.scope.role]}
    if name in groups:
        return _comparison(groups[name], filters)
    if name == "trend":
        return _trend(filters)
    if name == "categories":
        found = queries.hot_categories(filters.lens, HOT_ROWS)
        return [("类别", "新增工单"), *((hot.name, hot.new) for hot in found)]
    if name == "hot_estates":
        lines = queries.hot_estates(filters.lens, HOT_ROWS)
        return [("小区", "新增工单"), *((line.name, line.counts["new"]) for line in lines)]
    raise Invalid("没有这张表", fields={"table": "没有这张表"})


def _head(indicators: Sequence[Indicator]) -> list[str]:
    return [
        cell
        for each in indicators
        for cell in (f"{each.code} {each.name}(公式第{each.version}版)", "分子", "分母")
    ]


def _cells(found: Ratio) -> tuple[object, ...]:
    return (found.words + ("(样本少)" if found.is_small else ""), found.numerator, found.denominator)


def _comparison(group: Group, filters: Filters) -> Rows:
    indicators = [INDICATORS[code] for code in TABLE]
    lines = queries.by_group(filters.lens, group)
    body = [
        [line.name, *(cell for each in indicators for cell in _cells(ratio(each, line.counts)))]
        for line in lines
    ]
    return [[group.label, *_head(indicators)], *body]


def _trend(filters: Filters) -> Rows:
    last = filters.lens.last
    days = queries.by_day(filters.lens.on(trend_first(last), last))
    indicators = [INDICATORS[code] for code in TREND_LINES]
    body = [
        [day.isoformat(), new, *(cell for each in indicators for cell in _cells(rates[each.code]))]
        for day, new, rates in trend_rows(days, last)
    ]
    return [["日期", "当天新增工单", *(f"到当天为止7天 {cell}" for cell in _head(indicators))], *body]
