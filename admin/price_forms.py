"""What the forms of prices and ceilings say; everything else is refused by its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from admin.limit_forms import day
from app.core import clock
from app.core.errors import Invalid

_AMOUNT = re.compile(r"([0-9]{1,5})(?:\.([0-9]{1,2}))?")


def price_of(sent: Mapping[str, str], name: str = "price") -> int:
    """61 or 61.50 as fen; 0 is work for the public good. Raises Invalid for signs, other scripts, a third decimal."""
    text = sent.get(name, "").strip()
    found = _AMOUNT.fullmatch(text) if text.isascii() else None
    if found is None:
        raise Invalid("金额应写成 61 或 61.50 这样", fields={name: "不是金额"})
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def from_day(sent: Mapping[str, str], name: str = "valid_on") -> datetime | None:
    """The beginning of a day to come; None for nothing, which is now."""
    if not sent.get(name, "").strip():
        return None
    chosen: date = day(sent, name)
    if chosen <= clock.china_date(clock.now()):
        raise Invalid("生效日期最早是明天;马上生效请不填", fields={name: "最早是明天"})
    if chosen.year > clock.china_date(clock.now()).year + 1:
        raise Invalid("生效日期太远了,请核对", fields={name: "太远"})
    return clock.start_of_china_day(chosen)
