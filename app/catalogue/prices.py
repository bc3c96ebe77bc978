"""Publishing prices and setting ceilings: dated rows, a price never above the ceiling of its day (S2-27, domain 3.10).

The bureau sets ceilings, a company publishes its own prices (domain 3.3). Nothing is edited or taken back: who wants
another price publishes the next row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import select

from app.audit import service as audit
from app.catalogue.errors import (
    CeilingDatedTwice,
    PriceAboveCeiling,
    PriceBackdated,
    PriceDatedTwice,
    PriceItemUnknown,
)
from app.catalogue.price_models import CompanyPrice, PriceCeiling, PriceItem, PriceKind
from app.catalogue.price_queries import ceiling_at, price_at
from app.catalogue.standard_prices import STANDARD_PRICES, StandardPrice
from app.core import clock
from app.core.db import db, lock, translate_constraint
from app.core.errors import Forbidden, Invalid
from app.core.money import yuan
from app.core.roles import Role
from app.core.scope import Dimension, Scope

FROM_THE_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

FEN_MAX = 1_000_000
"""Ten thousand yuan for one unit: more is a slip of the finger."""

translate_constraint("uq_company_prices_dated", PriceDatedTwice)
translate_constraint("uq_price_ceilings_item_code_valid_from", CeilingDatedTwice)


def install_standard_prices() -> int:
    """Bring the items of domain 4.2 into the database, each with a first ceiling; returns how many were new or changed.

    Safe to repeat. Ceilings that the bureau has set since, and whether an item is in use, stay as they are.
    """
    present = {item.code: item for item in db.session.scalars(select(PriceItem))}
    limited = set(db.session.scalars(select(PriceCeiling.item_code).distinct()))
    changed = sum(_install(present.get(row.code), row) for row in STANDARD_PRICES)
    db.session.flush()
    for row in STANDARD_PRICES:
        if row.ceiling_fen is not None and row.code not in limited:
            db.session.add(
                PriceCeiling(
                    item_code=row.code,
                    ceiling_fen=row.ceiling_fen,
                    valid_from=FROM_THE_BEGINNING,
                    set_by=None,
                )
            )
    db.session.flush()
    return changed


def publish_price(
    item_code: str, *, company_id: int, price_fen: int, by: Scope, valid_from: datetime | None = None
) -> CompanyPrice:
    """What one unit of the item costs at this company from `valid_from` (now without one); audited.

    Raises Forbidden for anybody but the company itself, PriceItemUnknown, Invalid, PriceBackdated, PriceAboveCeiling,
    PriceDatedTwice.
    """
    _check_publisher(company_id, by)
    return _publish(item_code, company_id, price_fen, by, _checked_begin(valid_from))


def publish_prices(
    prices: Mapping[str, int], *, company_id: int, by: Scope, valid_from: datetime | None = None
) -> list[CompanyPrice]:
    """Several items at once, fen by code: one version of the list, all of it or nothing, each price with its own audit
    record. Locked in the order of the codes. What costs that already on that day is left out.

    Raises Invalid when nothing would change, and what `publish_price` raises; a refusal names the item.
    """
    _check_publisher(company_id, by)
    since = _checked_begin(valid_from)
    written = [
        _named(code, company_id, fen, by, since)
        for code, fen in sorted(prices.items())
        if price_at(code, company_id, since) != fen
    ]
    if not written:
        raise Invalid("这些价格和现在的一样,没有要公布的", fields={"lines": "没有变化"})
    return written


def _named(code: str, company_id: int, fen: int, by: Scope, since: datetime) -> CompanyPrice:
    try:
        return _publish(code, company_id, fen, by, since)
    except Invalid as refusal:
        raise Invalid(f"{code}:{refusal.sentence}。一项都没有公布", fields={"lines": code}) from refusal


def _check_publisher(company_id: int, by: Scope) -> None:
    if not by.everything and not (by.role == Role.CO and company_id in by.ids(Dimension.COMPANY)):
        raise Forbidden("只有物业企业管理员可以公布本企业的价格")


def _publish(item_code: str, company_id: int, price_fen: int, by: Scope, since: datetime) -> CompanyPrice:
    item = _locked_item(item_code)
    ceiling = ceiling_at(item.code, since)
    if item.kind == PriceKind.REFERRAL or ceiling is None:
        raise PriceItemUnknown(fields={"item_code": PriceItemUnknown.message})
    if isinstance(price_fen, bool) or price_fen < 0:
        raise Invalid("价格不能是负数", fields={"price_fen": "不能小于0"})
    if price_fen > ceiling:
        limit = f"“{item.name}”的参考上限是 {yuan(ceiling)},请调低后再保存"
        raise PriceAboveCeiling(limit, fields={"price_fen": f"不能高于 {yuan(ceiling)}"})
    price = CompanyPrice(
        company_id=company_id,
        item_code=item.code,
        price_fen=price_fen,
        valid_from=since,
        published_by=by.account_id,
        published_at=clock.now(),
    )
    db.session.add(price)
    db.session.flush()
    details = {"company_id": company_id, "item": item.code, "price_fen": price_fen, "from": since.isoformat()}
    audit.record("price.publish", by=by, object_kind="company_price", object_id=price.id, details=details)
    return price


def set_ceiling(
    item_code: str,
    *,
    ceiling_fen: int,
    by: Scope,
    valid_from: datetime | None = None,
    proposal_id: int | None = None,
) -> PriceCeiling:
    """The bureau's ceiling of an item from `valid_from` (now without one); audited. Behind each that people set stands
    the proposal that one of them made and another grants (price_proposals.py).

    Prices that stand above a lower ceiling stay, are listed by `prices_above_ceiling`, and must come down (S2-27).
    Raises Forbidden, PriceItemUnknown, Invalid, PriceBackdated, CeilingDatedTwice.
    """
    if not by.everything and (by.role != Role.BUR or proposal_id is None):
        raise Forbidden("参考上限由房管局一人提出、另一人批准后设定")
    item = _locked_item(item_code)
    if item.kind == PriceKind.REFERRAL:
        raise PriceItemUnknown(fields={"item_code": PriceItemUnknown.message})
    if isinstance(ceiling_fen, bool) or not 0 <= ceiling_fen <= FEN_MAX:
        raise Invalid("上限不对,请重新填写", fields={"ceiling_fen": "不能小于0"})
    since = _checked_begin(valid_from)
    ceiling = PriceCeiling(
        item_code=item.code,
        ceiling_fen=ceiling_fen,
        valid_from=since,
        set_by=by.account_id,
        proposal_id=proposal_id,
    )
    db.session.add(ceiling)
    db.session.flush()
    details = {"item": item.code, "ceiling_fen": ceiling_fen, "from": since.isoformat()}
    audit.record("price.ceiling", by=by, object_kind="price_ceiling", object_id=ceiling.id, details=details)
    return ceiling


def _install(item: PriceItem | None, row: StandardPrice) -> bool:
    values = {
        "name": row.name,
        "unit": row.unit,
        "kind": row.kind.value,
        "category_group": row.group,
        "note": row.note,
    }
    if item is None:
        db.session.add(PriceItem(code=row.code, active=True, **values))
        return True
    different = {name: value for name, value in values.items() if getattr(item, name) != value}
    for name, value in different.items():
        setattr(item, name, value)
    return bool(different)


def _locked_item(code: str) -> PriceItem:
    """Locked, so that a new price and a new ceiling of the same item cannot pass each other."""
    statement = lock(select(PriceItem).where(PriceItem.code == code, PriceItem.active))
    item = db.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if item is None:
        raise PriceItemUnknown(fields={"item_code": PriceItemUnknown.message})
    return item


def _checked_begin(valid_from: datetime | None) -> datetime:
    at = clock.now()
    if valid_from is not None and valid_from < at:
        raise PriceBackdated(fields={"valid_from": "不能早于现在"})
    return valid_from or at
