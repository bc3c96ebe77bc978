"""The trade bill of a day: columns by the names in its header, back-ticks, amounts in yuan (wechat.md 2.6). Pure.

Old bills have 24 columns and other names. The last two lines are totals: a bill without them, or whose sums do not fit,
has been cut off on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from app.integrations.wechat.pay.contract import BillRow
from app.integrations.wechat.pay.fields import SPACED, instant

TICK, SEPARATOR = "`", ",`"
AMOUNT = ("订单金额", "总金额")
REFUND = ("申请退款金额", "退款金额")
TOTAL_AMOUNT = ("订单总金额", "总交易额")
TOTAL_REFUND = ("申请退款总金额", "总退款金额")
TOTAL_COUNT = ("总交易单数",)
SUB_MERCHANT = ("特约商户号", "子商户号")
NOTHING = ("", "0")
"""Numbers and states that are none."""
_CENT = Decimal(1)


class NotABill(ValueError):
    """Not a whole bill; the text says why, without its content."""


def parse(raw: bytes) -> tuple[BillRow, ...]:
    """The lines of the bill in their order. Raises NotABill."""
    try:
        lines = [line.rstrip("\r") for line in raw.decode("utf-8-sig").split("\n")]
        return _rows([line for line in lines if line])
    except NotABill:
        raise
    except (ValueError, KeyError, InvalidOperation) as strange:
        reason = type(strange).__name__
    raise NotABill(f"a figure is missing or none ({reason})")


def _rows(lines: Sequence[str]) -> tuple[BillRow, ...]:
    if len(lines) < 3 or lines[0].startswith(TICK) or lines[-2].startswith(TICK):
        raise NotABill("no header, or no totals: the bill is not whole")
    header, totals = lines[0].split(","), _cells(lines[-1], lines[-2].split(","))
    cells = [_cells(line, header) for line in lines[1:-2]]
    rows = tuple(_row(each) for each in cells)
    _require_totals(rows, totals)
    return rows


def _cells(line: str, header: Sequence[str]) -> dict[str, str]:
    """One line by column name; a value may hold commas, for each value begins with a back-tick."""
    if not line.startswith(TICK):
        raise NotABill("a line without back-ticks")
    values = line[1:].split(SEPARATOR)
    if len(values) != len(header):
        raise NotABill("a line has not the columns of the header")
    return dict(zip(header, values, strict=True))


def _row(cells: Mapping[str, str]) -> BillRow:
    if cells["货币种类"] != "CNY":
        raise NotABill("another currency")
    return BillRow(
        out_trade_no=cells["商户订单号"],
        transaction_id=cells["微信订单号"],
        sub_mch_id=_first(cells, SUB_MERCHANT),
        state=cells["交易状态"],
        at=instant(cells["交易时间"], SPACED),
        amount_fen=_fen(_first(cells, AMOUNT)),
        out_refund_no=_number(cells["商户退款单号"]),
        refund_id=_number(cells["微信退款单号"]),
        refund_fen=_fen(_first(cells, REFUND)),
        refund_state=_number(cells["退款状态"]),
        fee_fen=_rounded(cells["手续费"]),
    )


def _first(cells: Mapping[str, str], names: Sequence[str]) -> str:
    """The column that goes by one of these names."""
    found = [cells[name] for name in names if name in cells]
    if not found:
        raise NotABill("a column is missing")
    return found[0]


def _number(text: str) -> str:
    return "" if text in NOTHING else text


def _fen(yuan: str) -> int:
    exact = _decimal(yuan) * 100
    if exact != exact.to_integral_value():
        raise NotABill("an amount that is no whole fen")
    return int(exact)


def _rounded(yuan: str) -> int:
    """Fees are given to a thousandth of a fen."""
    return int((_decimal(yuan or "0") * 100).quantize(_CENT, ROUND_HALF_UP))


def _decimal(yuan: str) -> Decimal:
    value = Decimal(yuan)
    if not value.is_finite() or abs(value) > 10**9:
        raise NotABill("an amount that is none")
    return value


def _require_totals(rows: Sequence[BillRow], totals: Mapping[str, str]) -> None:
    """The count may be that of all lines or of the payments alone; the sums are those of their columns."""
    payments = sum(not row.out_refund_no for row in rows)
    if int(_first(totals, TOTAL_COUNT)) not in (len(rows), payments):
        raise NotABill("the number of lines is not that of the totals")
    if _fen(_first(totals, TOTAL_AMOUNT)) != sum(row.amount_fen for row in rows):
        raise NotABill("the payments do not sum up to the totals")
    if _fen(_first(totals, TOTAL_REFUND)) != sum(row.refund_fen for row in rows):
        raise NotABill("the refunds do not sum up to the totals")
