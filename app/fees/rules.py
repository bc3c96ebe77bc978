"""Kinds of fees, months, prices and amounts (S0-27, domain 2.6, 4.3). Pure.

A price is kept in hundredths of a fen for one m² or one parking space and month: 0.55 yuan are 5500. A period is the
month as "2026-10", which sorts as it reads.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from app.books.accounts import Account
from app.core.labelled import Labelled
from app.core.money import yuan

PRICE_UNITS_A_FEN = 100
PRICE_MAX = 10_000_000
"""1000 yuan for a m² or a space and month; whatever is above was mistyped."""
AMOUNT_MAX_FEN = 100_000_000
BILLS_AT_ONCE = 60
_PERIOD = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


class FeeKind(Labelled):
    """收费项目; `label` stands on the bill and on the receipt."""

    PROPERTY = "property", "物业费"
    LIFT = "lift", "电梯运行费"
    PARKING_PUBLIC = "parking_public", "公共车位停车费"
    PARKING_OWN = "parking_own", "车位管理费"
    WATER = "water", "代收水费"
    POWER = "power", "代收电费"


AREA_KINDS = frozenset({FeeKind.PROPERTY, FeeKind.LIFT})
"""Price of a m² and month."""
SPACE_KINDS = frozenset({FeeKind.PARKING_PUBLIC, FeeKind.PARKING_OWN})
"""Price of a parking space and month."""
AGENCY_KINDS = frozenset({FeeKind.WATER, FeeKind.POWER})
"""Collected for somebody else, to the fen and without any handling fee (物业管理条例 44)."""

ACCOUNTS = {
    FeeKind.PROPERTY: Account.PROPERTY_FEE,
    FeeKind.LIFT: Account.PROPERTY_FEE,
    FeeKind.PARKING_PUBLIC: Account.PARKING_PUBLIC,
    FeeKind.PARKING_OWN: Account.PARKING_FEE,
    FeeKind.WATER: Account.AGENCY,
    FeeKind.POWER: Account.AGENCY,
}
"""Into which account of the books each kind goes: spaces on common ground are the owners' (Civil Code 282)."""


class BillState(Labelled):
    """未缴 → 已缴 → 已退款; a bill that was replaced by a newer version is void."""

    DUE = "due", "未缴"
    PAID = "paid", "已缴"
    REFUNDED = "refunded", "已退款"
    VOID = "void", "已作废"


def is_period(text: str) -> bool:
    """Whether it is a month of this century, written 2026-10."""
    return _PERIOD.fullmatch(text) is not None


def period_of(day: date) -> str:
    """The month of the day."""
    return f"{day:%Y-%m}"


def first_day(period: str) -> date:
    """The day whose contract and price count for the month. Raises ValueError for no period."""
    if not is_period(period):
        raise ValueError(period)
    return date(int(period[:4]), int(period[5:]), 1)


def days_of(period: str) -> int:
    """How many days the month has."""
    first = first_day(period)
    return monthrange(first.year, first.month)[1]


def due_on(period: str) -> date:
    """The last day of the month."""
    return first_day(period).replace(day=days_of(period))


def months_later(period: str, months: int) -> str:
    """The period so many months later, or earlier."""
    count = int(period[:4]) * 12 + int(period[5:]) - 1 + months
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def period_label(period: str) -> str:
    """2026年10月."""
    return f"{period[:4]}年{int(period[5:])}月"


def month_words(period: str) -> str:
    """10月."""
    return f"{int(period[5:])}月"


def amount_fen(quantity_hundredths: int, price_hundredths: int) -> int:
    """Area or spaces (times 100) times the price, to the fen, half a fen up; 110.00 m² at 2.60 yuan are 28600.

    The set-based statement of app/fees/set_based.py says the same in SQL; a test compares the two."""
    return (quantity_hundredths * price_hundredths + 5000) // 10_000


def part_fen(whole_fen: int, days: int, of: int, *, before: int = 0) -> int:
    """What so many days of a month cost whose whole is `whole_fen`, when `before` days were charged already.

    Rounded is the sum up to a day, half a fen up, and a part is the difference of two such sums: the parts of a month
    at one price are together exactly the whole, whoever gets them."""
    return _up_to(whole_fen, before + days, of) - _up_to(whole_fen, before, of)


def _up_to(whole_fen: int, days: int, of: int) -> int:
    return (2 * whole_fen * days + of) // (2 * of)


def price_words(price_hundredths: int) -> str:
    """¥2.60, and ¥0.555 where a price needs it."""
    text = f"{price_hundredths / 10_000:.4f}"
    return f"¥{text[:-2]}{text[-2:].rstrip('0')}"


def unit_of(kind: FeeKind) -> str:
    """What the price is for."""
    return "每平方米每月" if kind in AREA_KINDS else "每个车位每月"


def basis_words(
    kind: FeeKind, quantity_hundredths: int | None, price_hundredths: int | None, note: str
) -> str:
    """How the amount came about: "110.00 m² × ¥2.60"; the note of a bill without a price."""
    if quantity_hundredths is None or price_hundredths is None:
        return note
    if kind in SPACE_KINDS:
        words = f"{quantity_hundredths // 100} 个车位 × {price_words(price_hundredths)}"
    else:
        words = f"{quantity_hundredths / 100:.2f} m² × {price_words(price_hundredths)}"
    return f"{words};{note}" if note else words


def state_words(state: BillState, *, amount: int, paid: int, refunded: int, overdue: bool) -> str:
    """What people read: a bill of which a part is paid, or a part came back, says so with the sum."""
    if state is BillState.DUE and paid:
        return f"还差 {yuan(amount - paid + refunded)}"
    if state is BillState.DUE and overdue:
        return "未缴,已过缴费日期"
    if state is BillState.PAID and refunded:
        return f"已缴,其中 {yuan(refunded)} 已退回"
    return state.label


def state_after(was: BillState, *, amount: int, paid: int, refunded: int) -> BillState:
    """What the money makes of a bill that stands: who got everything back owes nothing by itself, and neither does who
    got a part back of a bill that was paid."""
    net = paid - refunded
    if paid and net == 0:
        return BillState.REFUNDED
    if paid and (net >= amount or was is BillState.PAID):
        return BillState.PAID
    return BillState.DUE


def late_fee_fen(
    unpaid_fen: int, *, due: date, today: date, rate_millionths: int, grace_days: int, cap_percent: int
) -> int:
    """违约金 by the contract's clause: of the unpaid sum so many millionths for each day after the grace, half a fen
    up, at most the cap. It is shown and never charged (Civil Code 585)."""
    days = (today - due).days - grace_days
    if days <= 0 or unpaid_fen <= 0:
        return 0
    wanted = (unpaid_fen * rate_millionths * days * 2 + 1_000_000) // 2_000_000
    return min(wanted, unpaid_fen * cap_percent // 100)
