"""What the finance pages are asked: a book, days, an estate, an account, a voucher; the rest is refused by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from admin.limit_forms import day, row_id
from app.books.accounts import Account, Book, accounts_for
from app.books.people import estates_of
from app.books.queries import Lens
from app.books.voucher_models import Direction
from app.books.vouchers import LARGEST_FEN, NewVoucher
from app.core import clock
from app.core.errors import Invalid, NotFound
from app.core.scope import Scope

LONGEST = timedelta(days=366 * 3)
REASON_MIN, REASON_MAX = 4, 200
_AMOUNT = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,2}))?")
DIRECTIONS = {Direction.INCOME: "收入", Direction.EXPENSE: "支出"}


def lens_of(sent: Mapping[str, str], scope: Scope) -> Lens:
    """Which part of the books; this month of the company's own book unless told otherwise. Raises Invalid, NotFound."""
    today = clock.china_date(clock.now())
    first = day(sent, "first") if sent.get("first") else today.replace(day=1)
    last = day(sent, "last") if sent.get("last") else max(today, first)
    if not date(2000, 1, 1) <= first <= last <= date(2200, 1, 1) or last - first > LONGEST:
        raise Invalid("请选择三年以内的一段日期,开始不晚于结束", fields={"last": "日期不对"})
    return Lens(scope, book_of(sent), first, last, _estate(sent, scope), _account(sent))


def book_of(sent: Mapping[str, str]) -> Book:
    """The company's own book unless another is named."""
    try:
        return Book(sent.get("book") or Book.PROPERTY)
    except ValueError as error:
        raise Invalid("没有这本账", fields={"book": "请重新选择"}) from error


def _account(sent: Mapping[str, str]) -> Account | None:
    try:
        return Account(sent["account"]) if sent.get("account") else None
    except ValueError as error:
        raise Invalid("没有这个科目", fields={"account": "请重新选择"}) from error


def _estate(sent: Mapping[str, str], scope: Scope) -> int | None:
    estate_id = row_id(sent, "estate_id")
    if estate_id is not None and estate_id not in {estate.id for estate in estates_of(scope)}:
        raise NotFound()
    return estate_id


def parts_of(lens: Lens) -> dict[str, str]:
    """The question again, as parts of an address or hidden fields."""
    return {
        "book": lens.book.value,
        "first": f"{lens.first}",
        "last": f"{lens.last}",
        "estate_id": f"{lens.estate_id or ''}",
        "account": lens.account.value if lens.account else "",
    }


def fen_of(text: str) -> int:
    """12.30 or 12 as 1230 or 1200; raises Invalid for signs, spaces, other scripts, a third decimal, too much."""
    found = _AMOUNT.fullmatch(text.strip().replace(",", "")) if text.isascii() else None
    if found is None:
        raise Invalid("金额应写成 128 或 128.50 这样", fields={"amount": "不是金额"})
    fen = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    if not 0 < fen <= LARGEST_FEN:
        raise Invalid("金额要大于 0,不超过一亿元", fields={"amount": "金额不对"})
    return fen


def kinds() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a voucher can be for, as one list: a book with a direction heads its accounts."""
    groups = []
    for book in (Book.PROPERTY, Book.REVENUE):
        for direction in Direction:
            known = accounts_for(book, income=direction is Direction.INCOME)
            choices = [(f"{book.value}:{direction.value}:{each.value}", each.label) for each in known]
            groups.append((f"{book.label} · {direction.label}", choices))
    return groups


def new_voucher(sent: Mapping[str, str]) -> NewVoucher:
    """The form; raises Invalid naming the field."""
    chosen = sent.get("kind", "")
    if chosen not in {value for _, choices in kinds() for value, _ in choices}:
        raise Invalid("请选择收支科目", fields={"kind": "必选"})
    book, direction, account = chosen.split(":")
    counter = sent.get("counter") or Account.BANK
    if counter not in (Account.BANK, Account.DIFFERENCE):
        raise Invalid("请选择银行存款或待处理差异", fields={"counter": "请重新选择"})
    return NewVoucher(
        book=Book(book),
        direction=Direction(direction),
        account=Account(account),
        counter=Account(counter),
        amount_fen=fen_of(sent.get("amount", "")),
        happened_on=day(sent, "happened_on"),
        memo=sent.get("memo", ""),
        estate_id=row_id(sent, "estate_id"),
    )


def reason_of(sent: Mapping[str, str]) -> str:
    """Why somebody exports; raises Invalid."""
    reason = sent.get("reason", "").strip()
    if not REASON_MIN <= len(reason) <= REASON_MAX:
        words = f"请写明导出的用途({REASON_MIN} 到 {REASON_MAX} 个字)"
        raise Invalid(words, fields={"reason": "请写明用途"})
    return reason
