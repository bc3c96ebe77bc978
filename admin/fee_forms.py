"""What the forms of fees and bills say: yuan, months, files; everything else is refused by its field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from werkzeug.datastructures import FileStorage

from admin.numbers import whole_number
from app.core.errors import Invalid
from app.fees.office_queries import PriceRow, Wanted
from app.fees.rules import AGENCY_KINDS, BillState, FeeKind, is_period, price_words

FILE_MAX = 1_000_000
PRICE_FIELD = "price-"
_PRICE = re.compile(r"([0-9]{1,5})(?:\.([0-9]{1,4}))?")
_YUAN = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?")


def price_hundredths(sent: Mapping[str, str], name: str = "price") -> int:
    """2.60 or 0.555 yuan in hundredths of a fen. Raises Invalid."""
    found = _PRICE.fullmatch(sent.get(name, "").strip())
    if found is None:
        raise Invalid("单价应为元,最多四位小数,例如 2.60", fields={name: "不是单价"})
    return int(found[1]) * 10_000 + int((found[2] or "").ljust(4, "0"))


def raise_hundredths(text: str) -> int:
    """0.10 or -0.10 yuan by which every price is to change, in hundredths of a fen; nothing is 0. Raises Invalid."""
    said = text.strip()
    if not said:
        return 0
    amount = price_hundredths({"add": said.removeprefix("-").removeprefix("+")}, "add")
    return -amount if said.startswith("-") else amount


def new_prices(sent: Mapping[str, str], names: Mapping[int, str]) -> dict[int, int]:
    """Hundredths of a fen by estate, from the fields `price-12`; an empty one is left out. Raises Invalid with the
    estate's name."""
    found: dict[int, int] = {}
    for name, text in sent.items():
        estate_id = whole_number(name.removeprefix(PRICE_FIELD)) if name.startswith(PRICE_FIELD) else None
        if estate_id is not None and text.strip():
            try:
                found[estate_id] = price_hundredths(sent, name)
            except Invalid as refusal:
                where = names.get(estate_id, "没有这个小区")
                raise Invalid(f"“{where}”:{refusal.sentence}", fields=refusal.fields) from refusal
    return found


def standard_kind(text: str) -> FeeKind:
    """The kind of a standard that was chosen; the property fee unless something else was."""
    known = {each.value: each for each in FeeKind if each not in AGENCY_KINDS}
    return known.get(text, FeeKind.PROPERTY)


def raised(rows: Iterable[PriceRow], add: str) -> dict[str, str]:
    """The fields of the form with every present price changed by `add`; none without it, and none below 0. Raises
    Invalid."""
    by = raise_hundredths(add)
    known = ((each.estate_id, each.price_hundredths) for each in rows if by and each.price_hundredths)
    return {f"{PRICE_FIELD}{estate}": price_text(max(0, price + by)) for estate, price in known if price}


def price_text(price_hundredths: int) -> str:
    """2.60, as a price is typed."""
    return price_words(price_hundredths).removeprefix("¥")


def fen(sent: Mapping[str, str], name: str = "amount") -> int:
    """286.00 yuan in fen. Raises Invalid."""
    found = _YUAN.fullmatch(sent.get(name, "").strip())
    if found is None:
        raise Invalid("金额应为元,最多两位小数,例如 286.00", fields={name: "不是金额"})
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def wanted_bills(asked: Mapping[str, str], estates: set[int]) -> Wanted:
    """What the search form says; what it cannot say is left out."""
    text = asked.get("estate_id", "")
    estate_id = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    period, state = asked.get("period", "").strip(), asked.get("state", "")
    return Wanted(
        estate_id=estate_id if estate_id in estates else None,
        home=asked.get("home", "").strip()[:40],
        period=period if is_period(period) else "",
        state=state if state in set(BillState) else "",
    )


def csv_text(upload: FileStorage | None) -> str:
    """The file as text: UTF-8 as programs write it, or GB 18030 as Chinese spreadsheets do. Raises Invalid."""
    data = upload.read(FILE_MAX + 1) if upload is not None else b""
    if not data or len(data) > FILE_MAX:
        raise Invalid("请选择一个不超过 1 MB 的 CSV 文件", fields={"file": "没有文件或太大"})
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("文件的编码看不懂,请另存为 CSV(UTF-8)", fields={"file": "编码不对"})
