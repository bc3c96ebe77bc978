"""What the forms of prices and ceilings say; everything else is refused by its field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from admin.limit_forms import day
from app.catalogue.price_pages import PriceRow
from app.core import clock
from app.core.errors import Invalid

LINES_MAX, TEXT_MAX = 200, 20_000
HEADING = "编码"
_LINE = re.compile(r"([A-Za-z][0-9]{2})[\s,,;]+([0-9]{1,5}(?:\.[0-9]{1,2})?)(?:[\s,,;].*)?")
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


def price_lines(text: str) -> dict[str, int]:
    """Fen by code from lines as people paste them: `W01 40.50 更换水龙头`, `W01,40.50`, columns of a spreadsheet; empty
    lines and a heading are passed over. Raises Invalid with the number of the line."""
    lines = text.strip("\ufeff").splitlines()
    if len(text) > TEXT_MAX or len(lines) > LINES_MAX:
        raise Invalid(f"一次最多 {LINES_MAX} 行", fields={"lines": "太多"})
    found: dict[str, int] = {}
    for number, line in enumerate((each.strip() for each in lines), 1):
        if not line or line.startswith(HEADING):
            continue
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise Invalid(f"第 {number} 行看不懂,请写成 W01 40.50 这样", fields={"lines": f"第 {number} 行"})
        code = parts[1].upper()
        if code in found:
            raise Invalid(f"第 {number} 行:{code} 写了两次", fields={"lines": f"第 {number} 行"})
        found[code] = price_of({"price": parts[2]})
    if not found:
        raise Invalid("请填写要公布的项目和价格", fields={"lines": "没有内容"})
    return found


def lines_of(rows: Iterable[PriceRow]) -> str:
    """The list in force as such lines, to be changed and sent back."""
    priced = ((each.line, each.line.price_fen) for each in rows)
    return "\n".join(f"{line.code} {fen / 100:.2f} {line.name}" for line, fen in priced if fen is not None)
