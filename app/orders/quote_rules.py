"""Pure calculation around quotes: what a line costs, what exactly is agreed to, when it is night."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.core.clock import in_china
from app.core.labelled import Labelled
from app.orders.rules import Level

ANSWER_WITHIN = timedelta(hours=24)
REMIND_AFTER = timedelta(hours=2)
QUOTES_MAX = 5
"""In one round; each has levels of its own, so that none of them fires twice."""
LINES_MAX = 20
TOTAL_MAX_FEN = 10_000_000
NIGHT_FROM, NIGHT_UNTIL = 22, 7
REPLACES = "更换"
"""So the items of the price list are called that put in a new part (domain 4.2)."""
REMINDERS = (Level.REMIND_1, Level.REMIND_2, Level.REMIND_3, Level.REMIND_4, Level.REMIND_5)
SILENCES = (Level.SILENT_1, Level.SILENT_2, Level.SILENT_3, Level.SILENT_4, Level.SILENT_5)
WHAT_IS_AGREED = (
    "item_code",
    "name",
    "unit",
    "quantity_hundredths",
    "list_price_fen",
    "unit_price_fen",
    "material_by",
    "material",
    "material_fen",
)


class PayStatus(StrEnum):
    """Whether something is to be paid for an order, and what became of it (3.5.1); taking the money is the payments'
    matter."""

    FREE = "免费"
    UNPRICED = "未计价"
    TO_PAY = "待支付"
    PAID = "已支付"
    REFUNDING = "退款中"
    REFUNDED = "已退款"


DEBT_REMINDERS = {
    Level.REMIND_1: timedelta(days=1),
    Level.REMIND_2: timedelta(days=7),
    Level.REMIND_3: timedelta(days=30),
}
"""When after the settlement whoever has not paid is reminded of it; never more often, and no late fee is added."""


def owed_fen(final_fen: int | None, paid_fen: int, refunded_fen: int) -> int:
    """What is still to be paid of a settlement; a refund has lowered the settlement itself, so it is no new debt."""
    return max(0, (final_fen or 0) - (paid_fen - refunded_fen))


def pay_status_of(
    final_fen: int | None, paid_fen: int, refunded_fen: int, *, refunding: bool = False
) -> PayStatus:
    """The status of an order that has its settlement."""
    if refunding:
        return PayStatus.REFUNDING
    if owed_fen(final_fen, paid_fen, refunded_fen):
        return PayStatus.TO_PAY
    if paid_fen:
        return PayStatus.REFUNDED if refunded_fen == paid_fen else PayStatus.PAID
    return PayStatus.FREE


class MaterialBy(Labelled):
    """Who brings the material; `label` is what the resident reads."""

    NONE = "none", "不用材料"
    RESIDENT = "resident", "材料您自己买"
    COMPANY = "company", "材料师傅代买"


def line_fen(quantity_hundredths: int, unit_price_fen: int) -> int:
    """Labour of one line; what is less than one fen is not charged."""
    return quantity_hundredths * unit_price_fen // 100


def quantity_words(quantity_hundredths: int, unit: str) -> str:
    """2个, 1.5米."""
    whole, rest = divmod(quantity_hundredths, 100)
    digits = f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)
    return f"{digits}{unit}"


def part_put_in(item: str, material: str) -> str:
    """What a line puts in instead of an old part, empty where nothing is replaced: the material that is named, or what
    an item is called that replaces something (更换角阀) though no material was named."""
    if material:
        return material
    return item.replace(REPLACES, "").split("(")[0] if REPLACES in item else ""


def quote_hash(head: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of everything that the resident agrees to, the same for the same contents whatever their order. Quotes
    from before price lists were counted have no version, and keep their hash."""
    numbered = {name: value for name, value in head.items() if name != "price_version" or value}
    said = {**numbered, "lines": [{name: line[name] for name in WHAT_IS_AGREED} for line in lines]}
    plain = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()


def is_night(at: datetime) -> bool:
    """22:00 to 7:00 in China, when a night fee may be asked if it is listed (domain 4.2, F02)."""
    hour = in_china(at).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL
