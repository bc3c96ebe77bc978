"""A chunk of a month's bills as two INSERT ... SELECT: nothing travels to this process but the numbers of rows.

Amounts are integers throughout, as `app.fees.rules.amount_fen` says it. Built once, sent for every chunk.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    cast,
    func,
    insert,
    literal,
    null,
    or_,
    select,
)

from app.core.db import changed_by, table_of
from app.estates.models import Home
from app.fees.bill_models import Bill
from app.fees.models import ParkingSpace
from app.fees.rules import AREA_KINDS, SPACE_KINDS, BillState
from app.fees.run_models import BillingRate

BILLS, HOMES, RATES, SPACES = table_of(Bill), table_of(Home), table_of(BillingRate), table_of(ParkingSpace)
COLUMNS = (
    "home_id",
    "period",
    "kind",
    "version",
    "amount_fen",
    "paid_fen",
    "refunded_fen",
    "state",
    "due_on",
    "estate_id",
    "company_id",
    "district_id",
    "contract_id",
    "standard_id",
    "quantity_hundredths",
    "price_hundredths",
    "note",
    "issued_at",
    "paid_at",
)
FIRST, LAST = bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)
PERIOD = bindparam("period", type_=BILLS.c.period.type)


def _amount(quantity: Any) -> Any:
    return (quantity * RATES.c.price_hundredths + 5000) // 10_000


def _values(home_id: Any, quantity: Any) -> list[Any]:
    """In the order of COLUMNS."""
    return [
        home_id,
        PERIOD,
        RATES.c.kind,
        literal(1),
        _amount(quantity),
        literal(0),
        literal(0),
        literal(BillState.DUE.value),
        bindparam("due_on", type_=BILLS.c.due_on.type),
        *RATES.c["estate_id", "company_id", "district_id", "contract_id", "standard_id"],
        quantity,
        RATES.c.price_hundredths,
        literal(""),
        bindparam("issued_at", type_=BILLS.c.issued_at.type),
        null(),
    ]


def _rates_of(kinds: frozenset[Any]) -> ColumnElement[bool]:
    codes = sorted(kind.value for kind in kinds)
    return and_(RATES.c.run_id == bindparam("run_id", type_=BigInteger), RATES.c.kind.in_(codes))


def area_bills() -> Select[Any]:
    """One row for each home and kind by area; homes without an area get none."""
    quantity = cast(func.round(HOMES.c.area_m2 * 100), BigInteger)
    return (
        select(*_values(HOMES.c.id, quantity))
        .select_from(HOMES.join(RATES, RATES.c.estate_id == HOMES.c.estate_id))
        .where(HOMES.c.id.between(FIRST, LAST), _rates_of(AREA_KINDS), _amount(quantity) > 0)
        # Left to itself the optimizer begins with the few rates and reads the homes out of their order.
        .prefix_with("STRAIGHT_JOIN", dialect="mysql")
    )


def space_bills() -> Select[Any]:
    """One row for each home and kind of space: two spaces are one bill of twice the price."""
    day = bindparam("day", type_=SPACES.c.from_on.type)
    counted = (
        select(SPACES.c.home_id, SPACES.c.estate_id, SPACES.c.kind, (func.count() * 100).label("quantity"))
        .where(SPACES.c.home_id.between(FIRST, LAST), SPACES.c.from_on <= day)
        .where(or_(SPACES.c.until_on.is_(None), SPACES.c.until_on >= day))
        .group_by(SPACES.c.home_id, SPACES.c.estate_id, SPACES.c.kind)
        .subquery("counted")
    )
    same = (RATES.c.estate_id == counted.c.estate_id) & (RATES.c.kind == counted.c.kind)
    return (
        select(*_values(counted.c.home_id, counted.c.quantity))
        .select_from(counted.join(RATES, same))
        .where(_rates_of(SPACE_KINDS), _amount(counted.c.quantity) > 0)
    )


def _missing(rows: Select[Any]) -> Select[Any]:
    """Those of the rows whose home has no bill of the kind and month yet, in whatever version."""
    there = BILLS.alias("there")
    home_id = rows.selected_columns[0]
    same = (there.c.home_id == home_id) & (there.c.period == PERIOD) & (there.c.kind == RATES.c.kind)
    return rows.where(~select(there.c.id).where(same).exists())


ALL = tuple(insert(BILLS).from_select(COLUMNS, rows()) for rows in (area_bills, space_bills))
"""For a month of which nothing was issued yet."""
ONLY_MISSING = tuple(
    insert(BILLS).from_select(COLUMNS, _missing(rows())) for rows in (area_bills, space_bills)
)
"""For every later run of the month."""


def write_bills(values: dict[str, Any], *, is_first: bool) -> int:
    """Write the bills of the homes `first` .. `last`; returns how many are new. A doubled bill is an error of the
    database, never passed over in silence."""
    statements = ALL if is_first else ONLY_MISSING
    return sum(changed_by(each, values) for each in statements)
