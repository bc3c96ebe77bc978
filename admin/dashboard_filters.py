"""What the address of a dashboard page says: days, street, company, figure. Everything else is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from admin.numbers import whole_number
from app.core import clock
from app.core.errors import Invalid, NotFound
from app.core.scope import Scope
from app.supervision.drilldown import Outcome, Question, meaning
from app.supervision.queries import MAX_DAYS, Group, Lens, has_figures_of, lens

PERIODS = {"7": 7, "30": 30}


@dataclass(frozen=True)
class Filters:
    """The lens of the main page and how long it reaches back, today included."""

    lens: Lens
    days: int

    @property
    def place(self) -> dict[str, int]:
        """The street and company as parts of an address."""
        parts = {"street": self.lens.street_id, "company": self.lens.company_id}
        return {name: value for name, value in parts.items() if value is not None}


def page_filters(sent: Mapping[str, str], scope: Scope) -> Filters:
    """Raises NotFound for a place outside the scope, Invalid for a period that is not offered."""
    wanted = sent.get("days") or "30"
    if wanted not in PERIODS:
        raise Invalid("请选择近 7 天或近 30 天", fields={"days": "没有这个选项"})
    last = clock.china_date(clock.now())
    first = last - timedelta(days=PERIODS[wanted] - 1)
    where = {"street_id": number(sent, "street"), "company_id": number(sent, "company")}
    return Filters(lens(scope, first=first, last=last, **where), PERIODS[wanted])


@dataclass(frozen=True)
class ListFilters:
    """What a list of orders shows: the question, and the lens in which its figure stands."""

    question: Question
    lens: Lens
    entity: tuple[Group, int] | None
    category: str | None


def list_filters(sent: Mapping[str, str], scope: Scope) -> ListFilters:
    """Raises NotFound for a place outside the scope, Invalid for an unknown figure, outcome or day."""
    figure = sent.get("figure") or "new"
    meaning(figure)
    first, last = _days(sent)
    street_id, company_id = number(sent, "street"), number(sent, "company")
    wanted = lens(scope, first=first, last=last, street_id=street_id, company_id=company_id)
    entity = _entity(sent, wanted)
    category = _category(sent, entity)
    places: dict[str, Any] = {"street_id": street_id, "company_id": company_id, "category_code": category}
    if entity is not None:
        places[f"{entity[0].value}_id"] = entity[1]
    question = Question(
        figure=figure,
        outcome=_outcome(sent),
        first=first,
        last=last,
        until=_until(sent),
        places={name: value for name, value in places.items() if value is not None},
    )
    return ListFilters(question, wanted, entity, category)


def _category(sent: Mapping[str, str], entity: tuple[Group, int] | None) -> str | None:
    """One category; counted daily for new orders only, and not by estate."""
    category = sent.get("category") or None
    if category and (entity is not None or sent.get("figure") != "new"):
        raise Invalid("按类别只能看新增工单", fields={"category": "只能看新增工单"})
    return category


def _entity(sent: Mapping[str, str], wanted: Lens) -> tuple[Group, int] | None:
    """One office or one estate; raises NotFound for one that the scope does not reach."""
    for group in (Group.OFFICE, Group.ESTATE):
        entity_id = number(sent, group.value)
        if entity_id is not None:
            if not has_figures_of(wanted, group, entity_id):
                raise NotFound()
            return group, entity_id
    return None


def number(sent: Mapping[str, str], name: str) -> int | None:
    """A positive number of the address, None when it is left out; raises NotFound for anything else."""
    text = sent.get(name, "")
    if not text:
        return None
    found = whole_number(text)
    if not found:
        raise NotFound()
    return found


def _outcome(sent: Mapping[str, str]) -> Outcome:
    try:
        return Outcome(sent.get("outcome") or Outcome.ALL.value)
    except ValueError as error:
        raise Invalid("没有这个选项", fields={"outcome": "没有这个选项"}) from error


def _days(sent: Mapping[str, str]) -> tuple[date, date]:
    today = clock.china_date(clock.now())
    first, last = _day(sent, "from", today), _day(sent, "to", today)
    if last < first:
        raise Invalid("结束日期早于开始日期", fields={"to": "早于开始日期"})
    if (last - first).days >= MAX_DAYS:
        raise Invalid(f"一次最多看 {MAX_DAYS} 天", fields={"from": "时间太长"})
    return first, last


def _day(sent: Mapping[str, str], name: str, otherwise: date) -> date:
    text = sent.get(name)
    if not text:
        return otherwise
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("日期应写成 2026-11-21 这样", fields={name: "不是日期"}) from error
    if not date(2000, 1, 1) <= found <= date(2200, 1, 1):
        raise Invalid("日期应写成 2026-11-21 这样", fields={name: "不是日期"})
    return found


def _until(sent: Mapping[str, str]) -> datetime | None:
    """Up to which instant the figure had been counted when the page was drawn."""
    milliseconds = number(sent, "until")
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotFound() from error
