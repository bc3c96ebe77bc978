"""Questions to the ledger. Each is one grouped statement over the lines' index, or one keyset page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Integer, and_, case, cast, func, or_, select
from sqlalchemy.orm import selectinload

from app.books.accounts import EXPENSES, INCOME, Account, Book, Kind, kind_of
from app.books.models import LedgerEntry, LedgerLine
from app.books.voucher_models import Voucher, VoucherState
from app.core.db import db
from app.core.errors import Invalid
from app.core.paging import Page, decode_cursor, encode_cursor, newest_page
from app.core.scope import Scope, condition, visible

FIRST_DAY = date(2000, 1, 1)
PAGE = 50


@dataclass(frozen=True)
class Lens:
    """Which part of the books: one book, days `first` to `last` (both included), perhaps one estate or account."""

    scope: Scope
    book: Book
    first: date
    last: date
    estate_id: int | None = None
    account: Account | None = None

    def on(self, first: date, last: date) -> Lens:
        """The same in other days."""
        return replace(self, first=first, last=last)


@dataclass(frozen=True)
class Balance:
    """One account over the days of a lens, in fen: `opening_fen` before them, `closing_fen` after; on the side that
    raises the account, so that what is usual is not negative."""

    account: Account
    opening_fen: int
    debit_fen: int
    credit_fen: int

    @property
    def kind(self) -> Kind:
        return kind_of(self.account)

    @property
    def raised_by_debit(self) -> bool:
        return self.kind in (Kind.ASSET, Kind.EXPENSE)

    @property
    def change_fen(self) -> int:
        """What the days have added to it."""
        grown = self.debit_fen - self.credit_fen
        return grown if self.raised_by_debit else -grown

    @property
    def closing_fen(self) -> int:
        return self.opening_fen + self.change_fen


def _where(lens: Lens) -> list[Any]:
    wanted = [condition(LedgerLine, lens.scope), LedgerLine.book == lens.book.value]
    if lens.estate_id is not None:
        wanted.append(LedgerLine.estate_id == lens.estate_id)
    if lens.account is not None:
        wanted.append(LedgerLine.account == lens.account.value)
    return wanted


def _total(amount: Any, name: str) -> Any:
    """A sum as an integer: decimal sums are slow to read."""
    return cast(func.coalesce(func.sum(amount), 0), Integer).label(name)


def trial_balance(lens: Lens) -> list[Balance]:
    """科目余额: every account that was ever moved, in the order of the chart of accounts; debits equal credits."""
    before = LedgerLine.entered_on < lens.first
    net = LedgerLine.debit_fen - LedgerLine.credit_fen
    statement = (
        select(
            LedgerLine.account,
            _total(case((before, net), else_=0), "opening"),
            _total(case((before, 0), else_=LedgerLine.debit_fen), "debit"),
            _total(case((before, 0), else_=LedgerLine.credit_fen), "credit"),
        )
        .where(*_where(lens), LedgerLine.entered_on <= lens.last)
        .group_by(LedgerLine.account)
    )
    rows = {row.account: row for row in db.session.execute(statement)}
    return [_balance(account, rows[account.value]) for account in Account if account.value in rows]


def _balance(account: Account, row: Any) -> Balance:
    side = 1 if kind_of(account) in (Kind.ASSET, Kind.EXPENSE) else -1
    return Balance(account, side * int(row.opening), int(row.debit), int(row.credit))


@dataclass(frozen=True)
class Sum:
    """What one account brought or cost in the days, fen."""

    account: Account
    fen: int


def sums(lens: Lens, accounts: Collection[Account]) -> list[Sum]:
    """Income or expense by account, largest first; accounts of which nothing is left are out."""
    found = [each for each in trial_balance(lens) if each.account in accounts and each.change_fen]
    return sorted(
        (Sum(each.account, each.change_fen) for each in found), key=lambda each: (-each.fen, each.account)
    )


def income_sums(lens: Lens) -> list[Sum]:
    """收入 by source."""
    return sums(lens, INCOME)


def expense_sums(lens: Lens) -> list[Sum]:
    """支出 by class (S4-27)."""
    return sums(lens, EXPENSES)


def by_month(lens: Lens) -> dict[tuple[int, int], dict[Account, int]]:
    """Changes of income and expense accounts in each month of the lens, fen; months without any are left out."""
    month = func.extract("year", LedgerLine.entered_on), func.extract("month", LedgerLine.entered_on)
    wanted = [account.value for account in Account if account in INCOME | EXPENSES]
    statement = (
        select(
            LedgerLine.account,
            month[0].label("year"),
            month[1].label("month"),
            _total(LedgerLine.debit_fen - LedgerLine.credit_fen, "net"),
        )
        .where(*_where(lens), LedgerLine.entered_on.between(lens.first, lens.last))
        .where(LedgerLine.account.in_(wanted))
        .group_by(LedgerLine.account, *month)
    )
    found: dict[tuple[int, int], dict[Account, int]] = {}
    for row in db.session.execute(statement):
        account = Account(row.account)
        net = int(row.net) if account in EXPENSES else -int(row.net)
        found.setdefault((int(row.year), int(row.month)), {})[account] = net
    return found


def _keyset(model: Any, cursor: str | None) -> list[Any]:
    """Older than the last row seen: by day, then by id."""
    values = decode_cursor(cursor, size=2)
    if values is None:
        return []
    try:
        day, row_id = date.fromisoformat(str(values[0])), values[1]
    except ValueError as error:
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"}) from error
    if not isinstance(row_id, int) or not 0 <= row_id < 2**63:
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"})
    return [or_(model.entered_on < day, and_(model.entered_on == day, model.id < row_id))]


def _page(rows: Sequence[Any], limit: int, last: Any) -> Page[Any]:
    more = len(rows) > limit
    kept = rows[:limit]
    return Page(kept, encode_cursor(f"{last(kept).entered_on}", last(kept).id) if more else None)


def entries_page(lens: Lens, *, cursor: str | None = None, limit: int = PAGE) -> Page[LedgerEntry]:
    """总账 entries with their lines, the newest day first; those alone that touch the estate or account of the lens."""
    statement = (
        visible(LedgerEntry, lens.scope)
        .where(LedgerEntry.book == lens.book.value)
        .where(LedgerEntry.entered_on.between(lens.first, lens.last), *_keyset(LedgerEntry, cursor))
        .options(selectinload(LedgerEntry.lines))
        .order_by(LedgerEntry.entered_on.desc(), LedgerEntry.id.desc())
        .limit(limit + 1)
    )
    if lens.estate_id is not None or lens.account is not None:
        touched = select(LedgerLine.id).where(LedgerLine.entry_id == LedgerEntry.id, *_where(lens))
        statement = statement.where(touched.exists())
    rows = db.session.scalars(statement).all()
    return _page(rows, limit, lambda kept: kept[-1])


@dataclass(frozen=True)
class Detail:
    """One line of 收入明细表: fen, negative where something went back."""

    id: int
    entered_on: date
    account: Account
    memo: str
    subject: str
    estate_id: int | None
    fen: int


def income_page(lens: Lens, *, cursor: str | None = None, limit: int = PAGE) -> Page[Detail]:
    """收入明细表: every line of an income account, the newest day first."""
    statement = (
        select(LedgerLine, LedgerEntry.memo, LedgerEntry.subject)
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(*_where(lens), LedgerLine.account.in_([each.value for each in Account if each in INCOME]))
        .where(LedgerLine.entered_on.between(lens.first, lens.last), *_keyset(LedgerLine, cursor))
        .order_by(LedgerLine.entered_on.desc(), LedgerLine.id.desc())
        .limit(limit + 1)
    )
    rows = db.session.execute(statement).all()
    page = _page(rows, limit, lambda kept: kept[-1][0])
    return Page([_detail(*row) for row in page.items], page.next_cursor)


def _detail(line: LedgerLine, memo: str, subject: str) -> Detail:
    account = Account(line.account)
    fen = line.credit_fen - line.debit_fen
    return Detail(line.id, line.entered_on, account, memo, subject, line.estate_id, fen)


def vouchers_page(
    scope: Scope, *, state: VoucherState | None, cursor: str | None = None, limit: int = PAGE
) -> Page[Voucher]:
    """Vouchers of one state or all, the newest first."""
    wanted = visible(Voucher, scope)
    if state is not None:
        wanted = wanted.where(Voucher.state == state.value)
    return newest_page(wanted, Voucher, cursor=cursor, limit=limit)


def waiting_vouchers(scope: Scope) -> dict[str, int]:
    """How many wait to be approved and to be checked."""
    waiting = (VoucherState.ENTERED.value, VoucherState.APPROVED.value)
    statement = (
        select(Voucher.state, func.count())
        .where(condition(Voucher, scope), Voucher.state.in_(waiting))
        .group_by(Voucher.state)
    )
    return {row[0]: int(row[1]) for row in db.session.execute(statement)}
