"""A chunk of a month's bills as two INSERT ... SELECT: nothing travels to this process but the numbers of rows.

Amounts are integers throughout, as `app.fees.rules.amount_fen` and `part_fen` say it. Built once, sent for every chunk.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
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


DAYS, BEFORE_DAYS = bindparam("days", type_=BigInteger), bindparam("before_days", type_=BigInteger)


def _amount(quantity: Any, carried_quantity: Any) -> Any:
    """Of a whole month without a division by its days; only where a contract began or ended the days are counted."""
    whole = _whole(quantity, RATES.c.price_hundredths)
    carried = _whole(carried_quantity, RATES.c.carried_price_hundredths)
    before = RATES.c.carried_before
    parts = (
        _up_to(whole, RATES.c.served_days, DAYS)
        + _up_to(carried, before + RATES.c.carried_days, BEFORE_DAYS)
        - _up_to(carried, before, BEFORE_DAYS)
    )
    return case((RATES.c.served_days.is_(None), whole), else_=parts)


def _whole(quantity: Any, price: Any) -> Any:
    return (quantity * price + 5000) // 10_000


def _up_to(whole: Any, days: Any, of: Any) -> Any:
    """The fen of a month up to a day, half a fen up."""
    return (2 * whole * days + of) // (2 * of)


def _values(home_id: Any, quantity: Any, amount: Any) -> list[Any]:
    """In the order of COLUMNS."""
    return [
        home_id,
        PERIOD,
        RATES.c.kind,
        literal(1),
        amount,
        literal(0),
        literal(0),
        literal(BillState.DUE.value),
        bindparam("due_on", type_=BILLS.c.due_on.type),
        *RATES.c["estate_id", "company_id", "district_id", "contract_id", "standard_id"],
        quantity,
        RATES.c.price_hundredths,
        RATES.c.note,
        bindparam("issued_at", type_=BILLS.c.issued_at.type),
        null(),
    ]


def _rates_of(kinds: frozenset[Any]) -> ColumnElement[bool]:
    codes = sorted(kind.value for kind in kinds)
    return and_(RATES.c.run_id == bindparam("run_id", type_=BigInteger), RATES.c.kind.in_(codes))


def area_bills() -> Select[Any]:
    """One row for each home and kind by area; homes without an area get none."""
    quantity = cast(func.round(HOMES.c.area_m2 * 100), BigInteger)
    amount = _amount(quantity, quantity)
    return (
        select(*_values(HOMES.c.id, quantity, amount))
        .select_from(HOMES.join(RATES, RATES.c.estate_id == HOMES.c.estate_id))
        .where(HOMES.c.id.between(FIRST, LAST), _rates_of(AREA_KINDS), amount > 0)
        # Left to itself the optimizer begins with the few rates and reads the homes out of their order.
        .prefix_with("STRAIGHT_JOIN", dialect="mysql")
    )


def space_bills() -> Select[Any]:
    """One row for each home and kind of space: two spaces are one bill of twice the price. Days of the month before
    are charged for the spaces that the home had during all of it."""
    day, before_day = (bindparam(name, type_=SPACES.c.from_on.type) for name in ("day", "before_day"))
    had = func.sum(case((SPACES.c.from_on <= before_day, 100), else_=0))
    counted = (
        select(
            SPACES.c.home_id,
            SPACES.c.estate_id,
            SPACES.c.kind,
            (func.count() * 100).label("quantity"),
            cast(had, BigInteger).label("carried_quantity"),
        )
        .where(SPACES.c.home_id.between(FIRST, LAST), SPACES.c.from_on <= day)
        .where(or_(SPACES.c.until_on.is_(None), SPACES.c.until_on >= day))
        .group_by(SPACES.c.home_id, SPACES.c.estate_id, SPACES.c.kind)
        .subquery("counted")
    )
    same = (RATES.c.estate_id == counted.c.estate_id) & (RATES.c.kind == counted.c.kind)
    amount = _amount(counted.c.quantity, counted.c.carried_quantity)
    return (
        select(*_values(counted.c.home_id, counted.c.quantity, amount))
        .select_from(counted.join(RATES, same))
        .where(_rates_of(SPACE_KINDS), amount > 0)
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
