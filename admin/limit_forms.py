"""What the bureau's forms of limits, parameters and emergency periods say; everything else is refused by its field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from admin.numbers import whole_number
from app.core.clock import CHINA, to_ms
from app.core.errors import Invalid
from app.core.scope import Scope
from app.orders.limit_queries import find_estate
from app.orders.limit_words import unit_of
from app.orders.policy_changes import NewLimit

LENGTH_MAX = 10**6


def new_limit(sent: Mapping[str, str], by: Scope) -> NewLimit:
    """A limit in minutes or hours, as its clock is measured. Raises Invalid."""
    which = sent.get("clock", "")
    return NewLimit(
        clock=which,
        limit_ms=length(sent, "limit", which),
        extended_ms=length(sent, "extended", which) if sent.get("extended") else None,
        menu=sent.get("menu") or None,
        urgency=sent.get("urgency") or None,
        street_id=row_id(sent, "street_id"),
        estate_id=find_estate(sent.get("estate", ""), by=by),
        also_running=sent.get("also_running") == "yes",
    )


def length(sent: Mapping[str, str], name: str, which: str) -> int:
    """Milliseconds from a whole number in the clock's own unit."""
    number = whole_number(sent.get(name, "").strip(), below=LENGTH_MAX)
    if not number:
        raise Invalid("时限请填整数", fields={name: "请填整数"})
    return number * unit_of(which)


def row_id(sent: Mapping[str, str], name: str) -> int | None:
    """An id chosen from a list, None for nothing."""
    text = sent.get(name, "").strip()
    if not text:
        return None
    number = whole_number(text)
    if number is None:
        raise Invalid("请从列表里选择", fields={name: "没有这一项"})
    return number


def day(sent: Mapping[str, str], name: str) -> date:
    """2026-12-01."""
    try:
        return date.fromisoformat(sent.get(name, "").strip())
    except ValueError as error:
        raise Invalid("日期应写成 2026-12-01 这样", fields={name: "不是日期"}) from error


def local_moment(sent: Mapping[str, str], name: str) -> datetime:
    """2026-12-01T18:00 of a datetime-local field, on a clock in China, as the instant in UTC."""
    try:
        found = datetime.fromisoformat(sent.get(name, "").strip())
    except ValueError as error:
        raise Invalid("请填写日期和时间", fields={name: "不是时间"}) from error
    if found.tzinfo is not None or not 2000 <= found.year <= 2200:
        raise Invalid("请填写日期和时间", fields={name: "不是时间"})
    return to_ms(found.replace(tzinfo=CHINA))


def month(text: str | None, otherwise: date) -> date:
    """2026-10 as its first day."""
    if not text:
        return otherwise.replace(day=1)
    try:
        found = date.fromisoformat(f"{text.strip()}-01")
    except ValueError as error:
        raise Invalid("月份应写成 2026-10 这样", fields={"month": "不是月份"}) from error
    if not 2000 <= found.year <= 2200:
        raise Invalid("月份应写成 2026-10 这样", fields={"month": "不是月份"})
    return found
