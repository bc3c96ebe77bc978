"""Finding orders: by number or telephone, or in a list by where, what, when and whether a promise was broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.paging import Page
from app.core.scope import Scope, condition
from app.estates.models import Estate
from app.orders.front_desk import orders_of_caller
from app.orders.lifecycle import FINISHED, OPEN, Menu, Status
from app.orders.lines import OrderLine
from app.orders.models import Order
from app.orders.queries import find_by_number, orders_page

STATUS_TABS: Mapping[str, tuple[Status, ...]] = {
    "open": tuple(OPEN),
    "finished": tuple(FINISHED),
    **{status.value: (status,) for status in Status},
}
LATE_COLUMNS = {"accept": Order.late_accept, "visit": Order.late_visit, "repair": Order.late_repair}
PAGE = 50


@dataclass(frozen=True)
class Search:
    """What was asked for; every field stays in the address of the page, so no personal data may be among them."""

    status: str = ""
    menu: str = ""
    late: str = ""
    begin: str = ""
    end: str = ""
    estate: str = ""
    company: str = ""
    street: str = ""
    category: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Search:
        """The known fields of an address, trimmed."""
        return cls(**{each.name: str(values.get(each.name, "")).strip()[:40] for each in fields(cls)})

    @property
    def given(self) -> dict[str, str]:
        """The fields that were filled, for the next page's address."""
        return {each.name: getattr(self, each.name) for each in fields(self) if getattr(self, each.name)}


def find_orders(search: Search, scope: Scope, *, cursor: str | None = None) -> Page[OrderLine]:
    """The newest first, keyset-paged; raises Invalid naming the field that makes no sense."""
    return orders_page(scope, cursor=cursor, limit=PAGE, where=_conditions(search))


def look_up(wanted: str, scope: Scope) -> Sequence[OrderLine]:
    """By the whole number of an order, or by an eleven-digit telephone number; raises Invalid for anything else."""
    text = wanted.replace(" ", "")
    if "-" in text:
        found = find_by_number(text, scope)
        return [found] if found else []
    if not (text.isascii() and text.isdigit() and len(text) == 11):
        raise Invalid("请输入完整的工单编号(如 R1121-0042)或11位手机号", fields={"q": "工单编号或11位手机号"})
    return orders_of_caller(text, scope, limit=PAGE)


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if search.status:
        wanted.append(
            Order.status.in_([status.value for status in _one_of(STATUS_TABS, search.status, "status")])
        )
    if search.menu:
        wanted.append(Order.menu == _one_of({menu.value: menu.value for menu in Menu}, search.menu, "menu"))
    if search.late == "any":
        wanted.append(or_(*(column.is_(True) for column in LATE_COLUMNS.values())))
    elif search.late:
        wanted.append(_one_of(LATE_COLUMNS, search.late, "late").is_(True))
    if search.begin:
        wanted.append(Order.submitted_at >= clock.start_of_china_day(_day(search.begin, "begin")))
    if search.end:
        after = _day(search.end, "end") + timedelta(days=1)
        wanted.append(Order.submitted_at < clock.start_of_china_day(after))
    places = {"estate": Order.estate_id, "company": Order.company_id, "street": Order.street_id}
    wanted.extend(column == _id(search, name) for name, column in places.items() if getattr(search, name))
    if search.category:
        wanted.append(Order.category_code.startswith(search.category.upper(), autoescape=True))
    return wanted


def _one_of(known: Mapping[str, Any], value: str, field: str) -> Any:
    if value not in known:
        raise Invalid("没有这个筛选条件", fields={field: "没有这个选项"})
    return known[value]


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("日期应写成 2026-11-21 这样", fields={field: "不是日期"}) from error


def _id(search: Search, name: str) -> int:
    text = getattr(search, name)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid("没有这个筛选条件", fields={name: "没有这个选项"})
    return int(text)


def estates_with_orders(scope: Scope) -> list[Estate]:
    """Estates from which the scope sees orders, for the filter."""
    seen = select(Order.estate_id).where(condition(Order, scope)).distinct()
    return list(db.session.scalars(select(Estate).where(Estate.id.in_(seen)).order_by(Estate.name)))
