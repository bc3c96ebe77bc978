"""An order as one line of a list: columns, names and the facts that decide its buttons, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, exists, func, select

from app.catalogue.models import Category
from app.companies.models import Company, Office, Worker
from app.core import clock
from app.core.db import db
from app.core.redaction import without_personal_data
from app.core.roles import Role
from app.core.scope import Scope, condition
from app.estates.models import Estate
from app.orders.actions import OrderFacts, possible_actions
from app.orders.clock_models import Deadline
from app.orders.extension_models import NORMAL, Extension
from app.orders.lifecycle import Action, Menu, Status
from app.orders.models import Assignment, Order, OrderEvent, OrderPhoto, SiteVisit
from app.orders.rating_models import Rating
from app.orders.rules import Clock, Level, order_number
from app.orders.voice_models import OrderVoice

ASKING = "asking_account_id"
"""Parameter of every line statement: whose rating counts."""
PLACE_IN_FULL = frozenset({Role.RES, Role.WRK, Role.DSP, Role.MGR, Role.HOT})
"""Who needs the home number, and the words as they were written; everybody else sees the building (domain 3.3)."""


class OrderLine(NamedTuple):
    """One order in a list, already masked for whoever asked; instants are UTC. A tuple, because lists are long."""

    id: int
    version: int
    urgency: str
    hazardous: bool
    category_code: str
    category: str
    text: str
    place_public: str
    estate_id: int
    estate: str
    office_id: int
    office: str
    company_id: int
    company: str
    channel: str
    worker_id: int | None
    worker: str | None
    submitted_at: datetime
    accepted_at: datetime | None
    expected_at: datetime | None
    finished_at: datetime | None
    closed_at: datetime | None
    slot_begins_at: datetime | None
    slot_ends_at: datetime | None
    next_due_at: datetime | None
    held_until: datetime | None
    extended: bool
    round: int
    late_accept: bool
    late_visit: bool
    late_repair: bool
    pay_status: str
    photo_id: int | None
    voiced: bool
    number: str
    menu: Menu
    status: Status
    place: str
    actions: list[Action]


def _due_column(which: Clock) -> Any:
    return (
        select(Deadline.due_at)
        .where(
            Deadline.order_id == Order.id,
            Deadline.clock == which.value,
            Deadline.round == Order.round,
            Deadline.level == Level.DUE.value,
            Deadline.state != "paused",
        )
        .correlate(Order)
        .scalar_subquery()
    )


def _waiting_extension(column: Any) -> Any:
    return (
        select(column)
        .where(
            Extension.order_id == Order.id,
            Extension.round == Order.round,
            Extension.kind == NORMAL,
            Extension.decided_at.is_(None),
        )
        .order_by(Extension.id.desc())
        .limit(1)
        .correlate(Order)
        .scalar_subquery()
    )


def line_select(scope: Scope) -> Select[Any]:
    """Order columns, names and the facts that decide the buttons, in one statement; run it with `lines`."""
    return every_line().where(condition(Order, scope))


def _named_columns() -> dict[str, Any]:
    """The columns of a line that are not simply columns of the order."""
    visited = exists().where(SiteVisit.order_id == Order.id, SiteVisit.round == Order.round)
    rated = exists().where(
        Rating.order_id == Order.id, Rating.round == Order.round, Rating.account_id == bindparam(ASKING)
    )
    waiting = exists().where(Assignment.order_id == Order.id, Assignment.outcome == "waiting")
    urged = (
        select(func.max(OrderEvent.at))
        .where(OrderEvent.order_id == Order.id, OrderEvent.action == Action.URGE.value)
        .correlate(Order)
        .scalar_subquery()
    )
    first_photo = (
        select(func.min(OrderPhoto.photo_id))
        .where(OrderPhoto.order_id == Order.id, OrderPhoto.step == "submit")
        .correlate(Order)
        .scalar_subquery()
    )
    return {
        "category": Category.name,
        "estate": Estate.name,
        "office": Office.name,
        "company": Company.name,
        "worker": Worker.title,
        "photo_id": first_photo,
        "voiced": exists().where(OrderVoice.order_id == Order.id),
        "place_full": Order.place_full,
        "closed_how": Order.closed_how,
        "pay_enabled": Estate.pay_enabled,
        "accept_due_at": _due_column(Clock.ACCEPT),
        "repair_due_at": _due_column(Clock.REPAIR),
        "visited": visited,
        "rated": rated,
        "offer_waiting": waiting,
        "extension_by": _waiting_extension(Extension.requested_by),
        "extension_role": _waiting_extension(Extension.requested_role),
        "last_urged_at": urged,
    }


@cache
def every_line() -> Select[Any]:
    """All orders, for whoever adds the scope. Built once: to put it together costs more than to send it."""
    named = _named_columns()
    columns = [named[name] if name in named else getattr(Order, name) for name in _COLUMNS]
    return (
        select(*[column.label(name) for name, column in zip(_COLUMNS, columns, strict=True)])
        .join(Category, Category.code == Order.category_code)
        .join(Estate, Estate.id == Order.estate_id)
        .join(Office, Office.id == Order.office_id)
        .join(Company, Company.id == Order.company_id)
        .outerjoin(Worker, Worker.id == Order.worker_id)
    )


_MADE_HERE = ("number", "menu", "status", "place", "actions")
_AS_THEY_ARE = OrderLine._fields[: -len(_MADE_HERE)]
_FACTS = tuple(name for name in OrderFacts._fields if name != "status")
_COLUMNS = (
    *_AS_THEY_ARE,
    *("menu", "status", "place_full"),
    *(name for name in _FACTS if name not in (*_AS_THEY_ARE, "menu")),
)
_facts_of = itemgetter(*(_COLUMNS.index(name) for name in _FACTS))
_AS_IT_IS = len(_AS_THEY_ARE)
assert OrderLine._fields[_AS_IT_IS:] == _MADE_HERE and OrderFacts._fields == ("status", *_FACTS)


def line_of(row: Any, scope: Scope, at: datetime) -> OrderLine:
    """One row of a line statement, masked for the scope."""
    status = Status(row.status)
    facts = OrderFacts(status, *_facts_of(row))
    made_here = (
        order_number(row.id, row.menu, row.submitted_at),
        Menu(row.menu),
        status,
        row.place_full if scope.role in PLACE_IN_FULL else row.place_public,
        possible_actions(facts, role=scope.role, account_id=scope.account_id, at=at),
    )
    line = OrderLine._make((*row[:_AS_IT_IS], *made_here))
    return line if scope.role in PLACE_IN_FULL else _masked(line)


def _masked(line: OrderLine) -> OrderLine:
    """Without what the reporter typed of homes and numbers; a place in a public area is partly his words too."""
    place = without_personal_data(line.place_public)
    return line._replace(text=without_personal_data(line.text), place=place, place_public=place)


def lines(
    statement: Select[Any], scope: Scope, values: Mapping[str, Any] = MappingProxyType({})
) -> list[OrderLine]:
    """Run a line statement and mask its rows for the scope; `values` are further parameters.

    Past the ORM, which would wrap each row once more: what the session has not sent yet is sent first.
    """
    at = clock.now()
    db.session.flush()
    rows = db.session.connection().execute(statement, {ASKING: scope.account_id, **values})
    return [line_of(row, scope, at) for row in rows]
