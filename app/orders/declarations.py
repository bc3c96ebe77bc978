"""Emergency periods: declared and lifted by the bureau (domain 3.7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app.audit.service import record
from app.core import clock
from app.core.db import db, table_of
from app.core.errors import Forbidden, Invalid, WrongState
from app.core.kept import Kept
from app.core.paging import Page, newest_page
from app.core.roles import Role
from app.core.scope import Dimension, Scope, get_visible, visible
from app.estates.models import Estate, Street
from app.orders.declaration_models import Declaration
from app.orders.limits import DeclaredRow
from app.orders.moving import cleaned

LONGEST = timedelta(days=30)
REMEMBERED = 500
SHOWN = 30
_DECLARED = table_of(Declaration)
_COLUMNS = ("id", "district_id", "street_id", "estate_id", "begins_at", "ends_at", "lifted_at")
_NEWEST = select(*_DECLARED.c[_COLUMNS]).order_by(_DECLARED.c.id.desc()).limit(REMEMBERED)


def _load() -> tuple[DeclaredRow, ...]:
    return tuple(DeclaredRow(*row) for row in db.session.execute(_NEWEST))


known_declarations = Kept(_load)
"""A new period reaches the other processes some seconds late; orders sent before it is known are sent before it."""


def declare(
    *,
    by: Scope,
    begins_at: datetime,
    ends_at: datetime,
    reason: str,
    street_id: int | None = None,
    estate_id: int | None = None,
) -> Declaration:
    """Begin an emergency period of an estate, a street or the whole district of the bureau.

    Raises Forbidden for other hats, Invalid naming the field. Orders that are there already keep their limits.
    """
    district_id = bureau_district(by)
    at = clock.now()
    words = cleaned(reason, field="reason", at_least=4, at_most=200)
    if begins_at < at - timedelta(minutes=1):
        raise Invalid("开始时间不能早于现在", fields={"begins_at": "不能早于现在"})
    if not begins_at < ends_at <= begins_at + LONGEST:
        raise Invalid("结束时间应晚于开始时间,最长30天", fields={"ends_at": "晚于开始,最长30天"})
    street_id, estate_id = place_in(district_id, street_id=street_id, estate_id=estate_id)
    declared = Declaration(
        district_id=district_id,
        street_id=street_id,
        estate_id=estate_id,
        begins_at=max(begins_at, at),
        ends_at=ends_at,
        reason=words,
        declared_by=by.account_id or 0,
        declared_at=at,
    )
    db.session.add(declared)
    db.session.flush()
    known_declarations.forget()
    _audit("declaration.declare", declared, by)
    return declared


def lift(declaration_id: int, *, by: Scope) -> Declaration:
    """End a period early; orders sent within it keep their longer limits. Raises NotFound, WrongState."""
    bureau_district(by)
    declared = get_visible(Declaration, declaration_id, by, lock=True)
    at = clock.now()
    if declared.lifted_at is not None or declared.ends_at <= at:
        raise WrongState("这个应急期已经结束")
    declared.lifted_at, declared.lifted_by = at, by.account_id or 0
    db.session.flush()
    known_declarations.forget()
    _audit("declaration.lift", declared, by)
    return declared


def declarations(by: Scope, *, cursor: str | None = None, limit: int = SHOWN) -> Page[Declaration]:
    """The newest first; raises Invalid for a foreign cursor."""
    return newest_page(visible(Declaration, by), Declaration, cursor=cursor, limit=limit)


def bureau_district(by: Scope) -> int:
    """The district of a bureau's hat; raises Forbidden for every other one."""
    districts = by.ids(Dimension.DISTRICT)
    if by.role is not Role.BUR or len(districts) != 1:
        raise Forbidden()
    return next(iter(districts))


def place_in(
    district_id: int, *, street_id: int | None, estate_id: int | None
) -> tuple[int | None, int | None]:
    """Street and estate as they belong together; raises Invalid for a place that is not in the district."""
    if estate_id is not None:
        estate = db.session.get(Estate, estate_id)
        if estate is None or estate.district_id != district_id:
            raise Invalid("没有找到这个小区", fields={"estate_id": "不在本区"})
        if street_id not in (None, estate.street_id):
            raise Invalid("这个小区不在所选街道", fields={"estate_id": "与街道不符"})
        return estate.street_id, estate.id
    if street_id is not None:
        street = db.session.get(Street, street_id)
        if street is None or street.district_id != district_id:
            raise Invalid("没有找到这个街道", fields={"street_id": "不在本区"})
    return street_id, None


def _audit(action: str, declared: Declaration, by: Scope) -> None:
    details = {
        "from": declared.begins_at.isoformat(),
        "until": (declared.lifted_at or declared.ends_at).isoformat(),
        "street_id": declared.street_id,
        "estate_id": declared.estate_id,
        "reason": declared.reason,
    }
    record(
        action,
        by=by,
        object_kind="declaration",
        object_id=declared.id,
        details=details,
        district_id=declared.district_id,
    )
