"""The dashboard put together: figures with yesterday's, small multiples, trend, hot places; plain values for pages.

Every number carries the address of the list it was counted from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from admin.dashboard_addresses import Addresses
from admin.dashboard_filters import Filters
from admin.dashboard_trend import trend, trend_chart, trend_first
from app.core import clock
from app.supervision import live, queries
from app.supervision.indicators import INDICATORS, K01, K10, MULTIPLES, VOLUMES, Indicator, Volume
from app.supervision.live import WATCHES, Waiting, Watch
from app.supervision.queries import GROUPS, Group, Lens, Line
from app.supervision.ratios import NOTHING, Ratio, added, ratio

OLD_AFTER = timedelta(minutes=3)
BARS = 10
TABLE = ("K01", "K03", "K06b", "K06a", "K05", "K07", "K10", "K15", "K16", "K20")


@dataclass(frozen=True)
class Figure:
    """A number of today with yesterday's; `under` says what a rate is made of."""

    what: Indicator | Volume
    words: str
    under: str
    yesterday: str
    good: bool | None
    link: str


@dataclass(frozen=True)
class LiveFigure:
    """A number of this moment."""

    what: Watch
    count: int
    link: str


@dataclass(frozen=True)
class Cell:
    """One indicator of one line: the rate, what it is made of, and the three lists behind it."""

    ratio: Ratio
    reaches: bool | None
    all: str
    met: str
    missed: str


@dataclass(frozen=True)
class Row:
    """One street, company, office or estate in the table beneath the charts."""

    id: int
    name: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Comparison:
    """The small multiples of one group with their table; `charts` is what the script draws."""

    group: Group
    indicators: Sequence[Indicator]
    rows: Sequence[Row]
    charts: Sequence[tuple[Indicator, dict[str, Any]]]


@dataclass(frozen=True)
class Page:
    """Everything that the template shows."""

    filters: Filters
    as_of: datetime | None
    is_old: bool
    figures: Sequence[Figure]
    live: Sequence[LiveFigure]
    waiting: Sequence[Waiting]
    comparisons: Sequence[Comparison]
    trend: Sequence[Mapping[str, Any]]
    trend_chart: Mapping[str, Any]
    categories: Sequence[Mapping[str, Any]]
    categories_chart: Mapping[str, Any]
    estates: Sequence[Mapping[str, Any]]
    estates_chart: Mapping[str, Any]


def dashboard(filters: Filters) -> Page:
    """The whole page, a constant number of statements."""
    lens, today = filters.lens, filters.lens.last
    as_of = queries.as_of(today)
    addresses = Addresses(filters, as_of)
    days = queries.by_day(lens.on(trend_first(today), today))
    place = {"street_id": lens.street_id, "company_id": lens.company_id}
    days_shown = trend(days, today, addresses)
    categories = _categories(lens, addresses)
    estates = _estates(lens, addresses)
    return Page(
        filters=filters,
        as_of=as_of,
        is_old=as_of is None or clock.now() - as_of > OLD_AFTER,
        figures=_figures(days, today, addresses),
        live=_live(live.open_now(lens.scope, **place), addresses),
        waiting=live.unaccepted(lens.scope, **place, limit=6),
        comparisons=[comparison(lens, group, addresses) for group in GROUPS[lens.scope.role]],
        trend=days_shown,
        trend_chart=trend_chart(days_shown),
        categories=categories,
        categories_chart=_hot_chart(categories),
        estates=estates,
        estates_chart=_hot_chart(estates),
    )


def _figures(days: Mapping[date, Mapping[str, int]], today: date, addresses: Addresses) -> list[Figure]:
    now, before = days.get(today, added([])), days.get(today - timedelta(days=1), added([]))

    def volume(code: str) -> Figure:
        what = VOLUMES[code]
        count, earlier = now[what.counter], before[what.counter]
        return Figure(what, str(count), "", str(earlier), None, addresses.of(code, today, today))

    def rate(what: Indicator) -> Figure:
        found = ratio(what, now)
        under = f"{found.numerator}/{found.denominator}" + (" 样本少" if found.is_small else "")
        earlier = ratio(what, before)
        made_of = f" ({earlier.numerator}/{earlier.denominator})" if earlier.denominator else ""
        good = None if found.is_small else found.reaches(what)
        link = addresses.of(what.code, today, today)
        under = under if found.denominator else "今天还没有"
        return Figure(what, found.words, under, earlier.words + made_of, good, link)

    return [volume("new"), rate(K01), volume("done"), volume("late"), rate(K10)]


def _live(counts: Mapping[str, int], addresses: Addresses) -> list[LiveFigure]:
    return [LiveFigure(what, counts[code], addresses.now(code)) for code, what in WATCHES.items()]


def comparison(lens: Lens, group: Group, addresses: Addresses) -> Comparison:
    """Small multiples and table of one group."""
    lines = queries.by_group(lens, group)
    indicators = [INDICATORS[code] for code in TABLE]
    rows = [
        Row(line.id, line.name, [_cell(each, line, group, lens, addresses) for each in indicators])
        for line in lines
    ]
    charts = [(each, _bars(each, lines, group, lens, addresses)) for each in MULTIPLES]
    return Comparison(group, indicators, rows, charts)


def _cell(what: Indicator, line: Line, group: Group, lens: Lens, addresses: Addresses) -> Cell:
    found = ratio(what, line.counts)
    links = [
        addresses.of(what.code, lens.first, lens.last, outcome, **{group.value: line.id})
        for outcome in ("all", "met", "missed")
    ]
    return Cell(found, None if found.is_small else found.reaches(what), *links)


def _bars(
    what: Indicator, lines: Sequence[Line], group: Group, lens: Lens, addresses: Addresses
) -> dict[str, Any]:
    """Ranked from the best; small samples below, grey and unranked; of many only the lowest, which need a look."""
    drawn = [(line, ratio(what, line.counts)) for line in lines]
    ranked = sorted((pair for pair in drawn if not pair[1].is_small), key=lambda pair: -(pair[1].share or 0))
    small = [pair for pair in drawn if pair[1].is_small and pair[1].denominator]
    shown = [*ranked, *small][-BARS:] if len(ranked) + len(small) > BARS else [*ranked, *small]
    return {
        "kind": "rates",
        "title": what.name,
        "target": what.target,
        "bars": [
            {
                "name": line.name,
                "percent": found.percent,
                "words": found.words,
                "under": f"{found.numerator}/{found.denominator}",
                "state": _state(found, what),
                "link": addresses.of(what.code, lens.first, lens.last, "missed", **{group.value: line.id}),
            }
            for line, found in shown
        ],
        "left_out": len(ranked) + len(small) - len(shown),
    }


def _state(found: Ratio, what: Indicator) -> str:
    if found.is_small:
        return "small"
    return "reached" if found.reaches(what) in (True, None) else "missed"


def _categories(lens: Lens, addresses: Addresses) -> list[dict[str, Any]]:
    return [
        {
            "name": hot.name,
            "count": hot.new,
            "link": addresses.of("new", lens.first, lens.last, category=hot.code),
        }
        for hot in queries.hot_categories(lens, 8)
    ]


def _estates(lens: Lens, addresses: Addresses) -> list[dict[str, Any]]:
    return [
        {
            "name": line.name,
            "count": line.counts["new"],
            "link": addresses.of("new", lens.first, lens.last, estate=line.id),
        }
        for line in queries.hot_estates(lens, 8)
    ]


def _hot_chart(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"kind": "counts", "bars": [dict(row) for row in rows]}


def definition_of(what: Indicator | Volume | Watch) -> dict[str, str]:
    """What the definition panel shows: formula, how it is attributed, target, version, source."""
    if isinstance(what, Watch):
        return {"公式": what.words, "口径": "此刻的状态,不分期", "版本": "1", "来源": "domain 6.9"}
    found = {"公式": what.formula, "口径": what.cohort.label}
    if isinstance(what, Indicator):
        found |= {"说明": what.note, "目标": what.target_words or NOTHING}
    return {
        name: text for name, text in (found | {"版本": what.version, "来源": what.source}).items() if text
    }
