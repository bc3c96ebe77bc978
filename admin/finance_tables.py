"""The reports of the finance pages as tables, for the screen's charts and for Excel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from admin.formatters import yuan
from admin.xlsx_export import MOST_ROWS, Fen
from app.books import queries, revenue
from app.books.accounts import Account
from app.books.people import estates_of
from app.books.queries import Balance, Lens, Sum
from app.books.revenue_models import ReportState
from app.core.errors import Invalid

BARS = 12


@dataclass(frozen=True)
class Report:
    """One of the reports: its code, its name, its table; `by_days` unless the days of the lens mean nothing to it."""

    code: str
    label: str
    head: tuple[str, ...]
    rows: Any
    by_days: bool = True


def sums_chart(title: str, sums: Sequence[Sum], colour: str) -> dict[str, Any]:
    """Bars by size, the amount beside each; what is below zero (taken back) has no bar but its amount."""
    whole = sum(each.fen for each in sums)
    return {
        "kind": "sums",
        "title": title,
        "colour": colour,
        "bars": [
            {
                "name": each.account.label,
                "fen": each.fen,
                "words": yuan(each.fen),
                "share": share(each.fen, whole),
            }
            for each in sums[:BARS]
        ],
    }


def share(fen: int, whole: int) -> str:
    """12.5%, or a dash where a share says nothing."""
    return f"{fen * 100 / whole:.1f}%" if whole > 0 and fen >= 0 else "—"


def columns_chart(
    title: str, names: Sequence[str], series: Sequence[tuple[str, Sequence[int]]]
) -> dict[str, Any]:
    """Columns side by side: one group for each name, fen."""
    return {
        "kind": "columns",
        "title": title,
        "names": list(names),
        "series": [{"name": name, "fen": list(values)} for name, values in series],
    }


def months_of(lens: Lens) -> tuple[list[str], list[int], list[int]]:
    """Names of the months, what came and what was spent in each, fen."""
    found = queries.by_month(lens)
    months = sorted(found)
    income = [_of(found[month], queries.INCOME) for month in months]
    expense = [_of(found[month], queries.EXPENSES) for month in months]
    return [f"{year}-{month:02d}" for year, month in months], income, expense


def _of(moved: Mapping[Account, int], accounts: Any) -> int:
    return sum(fen for account, fen in moved.items() if account in accounts)


def totals(balances: Sequence[Balance]) -> tuple[int, int]:
    """Debits and credits of the days: always the same number."""
    return sum(each.debit_fen for each in balances), sum(each.credit_fen for each in balances)


def _income_rows(lens: Lens) -> Iterator[Sequence[object]]:
    names = {estate.id: estate.name for estate in estates_of(lens.scope)}
    total, count, cursor = 0, 0, None
    while True:
        page = queries.income_page(lens, cursor=cursor, limit=1000)
        for each in page.items:
            yield (
                each.entered_on,
                each.memo,
                each.account.label,
                names.get(each.estate_id or 0, ""),
                Fen(each.fen),
            )
        total, count = total + sum(each.fen for each in page.items), count + len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            yield "合计", "", "", "", Fen(total)
            return
        if count >= MOST_ROWS:
            raise Invalid(f"超过 {MOST_ROWS} 行,请缩短日期后分次导出", fields={"last": "日期太长"})


def _expense_rows(lens: Lens) -> Iterator[Sequence[object]]:
    found = queries.expense_sums(lens)
    whole = sum(each.fen for each in found)
    for each in found:
        yield each.account.label, Fen(each.fen), share(each.fen, whole)
    yield "合计", Fen(whole), ""


def _balance_rows(lens: Lens) -> Iterator[Sequence[object]]:
    found = queries.trial_balance(lens)
    for each in found:
        sums = (each.opening_fen, each.debit_fen, each.credit_fen, each.closing_fen)
        yield each.account.label, each.kind.label, *(Fen(fen) for fen in sums)
    debit, credit = totals(found)
    yield "合计", "", "", Fen(debit), Fen(credit), ""


def _revenue_rows(lens: Lens) -> Iterator[Sequence[object]]:
    """Every quarterly report of the company (of one estate if it is chosen), as it was drafted."""
    names = {estate.id: estate.name for estate in estates_of(lens.scope)}
    cursor, more = None, True
    while more:
        page = revenue.reports_page(lens.scope, estate_id=lens.estate_id, cursor=cursor, limit=500)
        for each in page.items:
            head = (names.get(each.estate_id, ""), each.quarter, ReportState(each.state).label)
            yield *head, "期初结余", "", Fen(each.opening_fen)
            for line in each.content:
                yield *head, revenue.SECTIONS[line["section"]], line["label"], Fen(line["fen"])
            yield *head, "期末结余", "", Fen(each.closing_fen)
        cursor, more = page.next_cursor, page.next_cursor is not None


REPORTS = {
    "income": Report("income", "收入明细表", ("日期", "摘要", "科目", "小区", "金额(元)"), _income_rows),
    "expense": Report("expense", "支出分类表", ("科目", "金额(元)", "占比"), _expense_rows),
    "balance": Report(
        "balance",
        "科目余额表",
        ("科目", "类别", "期初余额(元)", "借方(元)", "贷方(元)", "期末余额(元)"),
        _balance_rows,
    ),
}
_REVENUE_HEAD = ("小区", "季度", "状态", "项目", "明细", "金额(元)")
EXPORTS = {
    **REPORTS,
    "revenue": Report("revenue", "公共收益", _REVENUE_HEAD, _revenue_rows, by_days=False),
}
"""What can be taken as a file; the page of public revenue is its own."""
