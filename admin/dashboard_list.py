"""The list behind a figure: its cases, its number, and the way from one outcome to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from admin.dashboard_filters import ListFilters, list_filters
from app.core.paging import Page
from app.core.scope import Scope
from app.supervision import live, queries
from app.supervision.drilldown import Case, Daily, Outcome, Question, cases, how_many, meaning
from app.supervision.indicators import Indicator, Volume
from app.supervision.live import Watch
from app.supervision.queries import choices
from app.supervision.ratios import Ratio, added, ratio


@dataclass(frozen=True)
class Tab:
    """One outcome with its number and the parts of its address."""

    outcome: Outcome
    label: str
    count: int
    parts: Mapping[str, str]
    is_current: bool


@dataclass(frozen=True)
class OrderList:
    """What the page of a figure's orders shows."""

    what: Indicator | Volume | Watch
    question: Question
    page: Page[Case]
    count: int
    ratio: Ratio | None
    tabs: Sequence[Tab]
    where: str
    parts: Mapping[str, str]

    @property
    def is_live(self) -> bool:
        """Whether the figure is one of this moment."""
        return isinstance(self.what, Watch)


def order_list(sent: Mapping[str, str], scope: Scope) -> OrderList:
    """The page; raises NotFound for a place outside the scope, Invalid for what makes no sense."""
    filters = list_filters(sent, scope)
    question, what = filters.question, meaning(filters.question.figure)
    daily = None if isinstance(what, Watch) else _daily(filters)
    counts = added(daily.values()) if daily is not None else {}
    found = ratio(what, counts) if isinstance(what, Indicator) else None
    parts = {name: value for name, value in sent.items() if name != "cursor"}
    return OrderList(
        what=what,
        question=question,
        page=cases(question, scope, daily=daily, cursor=sent.get("cursor")),
        count=_now(filters, what) if isinstance(what, Watch) else how_many(what, question.outcome, counts),
        ratio=found,
        tabs=_tabs(what, counts, question.outcome, parts) if isinstance(what, Indicator) else [],
        where=_where(filters, scope),
        parts=parts,
    )


def _daily(filters: ListFilters) -> Daily:
    """The figures of exactly the place and days of the list."""
    if filters.category is not None:
        return queries.by_day_of_category(filters.lens, filters.category)
    if filters.entity is not None:
        return queries.by_day_of_one(filters.lens, *filters.entity)
    return queries.by_day(filters.lens)


def _now(filters: ListFilters, what: Watch) -> int:
    lens = filters.lens
    return live.open_now(lens.scope, street_id=lens.street_id, company_id=lens.company_id)[what.code]


def _tabs(
    what: Indicator, counts: Mapping[str, int], current: Outcome, parts: Mapping[str, str]
) -> list[Tab]:
    return [
        Tab(
            outcome,
            outcome.label,
            how_many(what, outcome, counts),
            {**parts, "outcome": outcome.value},
            outcome is current,
        )
        for outcome in Outcome
    ]


def _where(filters: ListFilters, scope: Scope) -> str:
    """黄楼街道 · 安和物业, or an empty text for the whole scope."""
    streets, companies = choices(scope)
    lens = filters.lens
    names = [each.name for each in streets if each.id == lens.street_id]
    names += [each.name for each in companies if each.id == lens.company_id]
    if filters.entity is not None:
        names.append(queries.name_of(*filters.entity))
    if filters.category is not None:
        names.append(queries.category_name(filters.category))
    return " · ".join(names)
