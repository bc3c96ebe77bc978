"""The lines of a quote: items of the company's published price list, never above it or the bureau's ceiling (3.10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from app.catalogue.price_models import PriceKind
from app.catalogue.price_queries import PriceLine, price_list
from app.core.db import db
from app.core.errors import Invalid
from app.core.money import yuan
from app.orders.errors import PriceAboveList
from app.orders.models import Order, SiteVisit
from app.orders.quote_models import QuoteLine
from app.orders.quote_rules import LINES_MAX, WHAT_IS_AGREED, MaterialBy, is_night, quantity_words

QUANTITY_MAX = 99_999
MATERIAL_MAX_FEN = 2_000_000


@dataclass(frozen=True)
class Wanted:
    """What the worker writes: which item, how much of it (in hundredths), who brings which material at what price.
    Without a unit price the list price is asked; a lower one may be named."""

    item_code: str
    quantity_hundredths: int = 100
    unit_price_fen: int | None = None
    material_by: str = MaterialBy.NONE.value
    material: str = ""
    material_fen: int = 0


def listed_prices(order: Order, at: datetime) -> Mapping[str, PriceLine]:
    """The price list of the order's company in force at that instant, by code; what has no price is not in it."""
    found = price_list(order.company_id, at=at)
    return {line.code: line for line in found if line.price_fen is not None}


def visit_fee_fen(listed: Mapping[str, PriceLine]) -> int:
    """上门检测费 for a visit without a repair, only if it is listed."""
    return next((most_fen(line) for line in listed.values() if line.kind is PriceKind.VISIT), 0)


def priced(
    order: Order,
    wanted: Sequence[Wanted],
    listed: Mapping[str, PriceLine],
    *,
    free: bool,
    before: Sequence[Mapping[str, Any]] = (),
    covered: Mapping[str, int] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """The rows of all lines: those agreed before as they were, and what is wanted with its price; `covered` says how
    much of which item is under warranty and costs nothing. Raises Invalid and PriceAboveList naming the line."""
    if not wanted:
        raise Invalid("请至少选一项", fields={"lines": "至少一项"})
    if len(before) + len(wanted) > LINES_MAX:
        raise Invalid(f"一张报价单最多{LINES_MAX}项", fields={"lines": f"最多{LINES_MAX}项"})
    left = dict(covered)
    added = [_row(each, listed, free=free, covered=left) for each in wanted]
    _check_night_fee(order, before, added, listed)
    return [{**row, "added": False} for row in before] + [{**row, "added": bool(before)} for row in added]


def row_of(line: QuoteLine) -> dict[str, Any]:
    """What of a line is agreed to, and whether it is under warranty."""
    return {name: getattr(line, name) for name in (*WHAT_IS_AGREED, "warranty")}


def under_warranty(
    repaired: Sequence[QuoteLine], since: Sequence[Mapping[str, Any]] = ()
) -> Mapping[str, int]:
    """How much of each item (in hundredths) is mended again for nothing: what was repaired before, less what of it
    stands in a quote `since`."""
    covered: Counter[str] = Counter()
    for line in repaired:
        if not line.warranty:
            covered[line.item_code] += line.quantity_hundredths
    for row in since:
        if row["warranty"]:
            covered[row["item_code"]] -= row["quantity_hundredths"]
    return +covered


def _row(
    wanted: Wanted, listed: Mapping[str, PriceLine], *, free: bool, covered: dict[str, int]
) -> dict[str, Any]:
    item = listed.get(wanted.item_code)
    if item is None or item.kind in (PriceKind.VISIT, PriceKind.REFERRAL):
        raise Invalid(
            f"公布的价目表里没有“{wanted.item_code}”这一项,不能报价", fields={"lines": "价目表里没有"}
        )
    if not 0 < wanted.quantity_hundredths <= QUANTITY_MAX:
        raise Invalid(f"“{item.name}”的数量不对", fields={"lines": "数量不对"})
    warranty = _claim_warranty(wanted, item, covered)
    free = free or warranty
    return {
        "item_code": item.code,
        "name": item.name,
        "unit": item.unit,
        "quantity_hundredths": wanted.quantity_hundredths,
        "list_price_fen": item.price_fen,
        "unit_price_fen": 0 if free else _unit_price(wanted, item),
        **_material(wanted, item, free=free),
        "warranty": warranty,
    }


def _claim_warranty(wanted: Wanted, item: PriceLine, covered: dict[str, int]) -> bool:
    """Whether the line repeats what was repaired less than thirty days ago; takes it from what is `covered`."""
    left = covered.get(item.code, 0)
    if left == 0:
        return False
    if wanted.quantity_hundredths > left:
        raise Invalid(
            f"“{item.name}”有 {quantity_words(left, item.unit)} 在保修期内,不收费;多出来的请另写一行",
            fields={"lines": "保修的和收费的要分开写"},
        )
    covered[item.code] = left - wanted.quantity_hundredths
    return True


def most_fen(item: PriceLine) -> int:
    """The published price, or the ceiling where that has dropped below it (S2-27)."""
    assert item.charged_fen is not None
    return item.charged_fen


def _unit_price(wanted: Wanted, item: PriceLine) -> int:
    most = most_fen(item)
    if wanted.unit_price_fen is None:
        return most
    if not 0 <= wanted.unit_price_fen <= most:
        raise PriceAboveList(
            f"“{item.name}”公布的价格是 {yuan(most)},只能按这个价或更低报",
            fields={"lines": f"最高 {yuan(most)}"},
        )
    return wanted.unit_price_fen


def _material(wanted: Wanted, item: PriceLine, *, free: bool) -> dict[str, Any]:
    """Who brings what; what the company buys is named and priced, nothing else costs anything."""
    by, name = MaterialBy(wanted.material_by), wanted.material.strip()
    if (by is MaterialBy.NONE) == bool(name):
        raise Invalid(f"“{item.name}”用什么材料、谁来买,请写清楚", fields={"lines": "材料没写清"})
    if not 0 <= wanted.material_fen <= MATERIAL_MAX_FEN:
        raise Invalid(f"“{item.name}”的材料价格不对", fields={"lines": "材料价格不对"})
    if wanted.material_fen and by is not MaterialBy.COMPANY:
        raise Invalid(f"“{item.name}”的材料不是师傅代买,不能收材料钱", fields={"lines": "不能收材料钱"})
    if wanted.material_fen and free:
        raise Invalid(f"“{item.name}”这次免费(试点或30天保修),材料也不收钱", fields={"lines": "不能收材料钱"})
    return {"material_by": by.value, "material": name, "material_fen": wanted.material_fen}


def _check_night_fee(
    order: Order,
    before: Sequence[Mapping[str, Any]],
    added: Sequence[Mapping[str, Any]],
    listed: Mapping[str, PriceLine],
) -> None:
    """夜间服务 once, and only for a visit at night; what was agreed before stands, also after a visit by day."""
    nightly = {line.code for line in listed.values() if line.kind is PriceKind.NIGHT}
    asked = [row for row in added if row["item_code"] in nightly]
    if not asked:
        return
    visit = select(SiteVisit.at).where(SiteVisit.order_id == order.id).order_by(SiteVisit.id.desc()).limit(1)
    came = db.session.scalar(visit)
    first = len(asked) == 1 and not any(row["item_code"] in nightly for row in before)
    if not first or asked[0]["quantity_hundredths"] != 100 or came is None or not is_night(came):
        raise Invalid(
            "夜间服务费只有夜里(22:00–7:00)上门才能收,而且只收一次", fields={"lines": "不能收夜间费"}
        )
