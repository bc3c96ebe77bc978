"""报表: income in detail, expense by class, balances; each as a page and as an Excel file (S4-27)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask_admin import BaseView, expose

from admin import session
from admin.base import ConsoleView
from admin.finance_forms import lens_of, parts_of, reason_of
from admin.finance_tables import EXPORTS, REPORTS, Report, columns_chart, months_of, share, sums_chart, totals
from admin.finance_words import subject_page, subject_words
from admin.navigation import FINANCE
from admin.xlsx_export import xlsx_file
from app.audit import service as audit
from app.books import queries
from app.books.accounts import Book
from app.books.people import estates_of
from app.books.queries import Lens
from app.companies.hat_names import who_is
from app.core import clock
from app.core.db import transact
from app.core.errors import NotFound
from app.core.scope import Scope

BOOKS = (Book.PROPERTY, Book.REVENUE)
INCOME_COLOUR, EXPENSE_COLOUR = "income", "expense"


class ReportsView(ConsoleView):
    """Totals equal the ledger: they are sums over its lines."""

    roles = FINANCE

    @expose("/")
    def index(self) -> str:
        """One report over some days."""
        scope = session.scope()
        report, lens = _one_of(REPORTS, request.args.get("report", "income")), lens_of(request.args, scope)
        estates = estates_of(scope)
        return self.render(
            "console/finance_reports.html",
            report=report,
            reports=REPORTS,
            lens=lens,
            parts=parts_of(lens),
            books=BOOKS,
            estates=estates,
            names={estate.id: estate.name for estate in estates},
            share=share,
            subject_words=subject_words,
            subject_page=subject_page,
            **_figures(report, lens, request.args.get("cursor")),
        )

    @expose("/export", methods=("POST",))
    def export(self) -> Response:
        """As an Excel file; asks why, and the reason stands in the audit log before anything leaves."""
        scope = session.scope()
        report, lens = _one_of(EXPORTS, request.form.get("report", "")), lens_of(request.form, scope)
        reason = reason_of(request.form)
        rows = list(report.rows(lens))
        transact(lambda: _record(report, lens, reason, len(rows), scope))
        name, title = _file_words(report, lens)
        return xlsx_file(name, title, _watermark(reason), report.head, rows)


def _one_of(known: Mapping[str, Report], code: str) -> Report:
    if code not in known:
        raise NotFound()
    return known[code]


def _figures(report: Report, lens: Lens, cursor: str | None) -> dict[str, Any]:
    """What the page of this report shows."""
    if report.code == "balance":
        balances = queries.trial_balance(lens)
        return {"balances": balances, "totals": totals(balances)}
    names, income, expense = months_of(lens)
    months = (
        columns_chart("每月收支", names, [("收入", income), ("支出", expense)]) if len(names) > 1 else None
    )
    if report.code == "expense":
        sums = queries.expense_sums(lens)
        return {"sums": sums, "chart": sums_chart("支出", sums, EXPENSE_COLOUR), "months": months}
    sums = queries.income_sums(lens)
    page = queries.income_page(lens, cursor=cursor)
    return {"sums": sums, "chart": sums_chart("收入", sums, INCOME_COLOUR), "months": months, "page": page}


def _file_words(report: Report, lens: Lens) -> tuple[str, str]:
    """The name of the file and its first line."""
    if not report.by_days:
        return f"anju-{report.code}.xlsx", f"{report.label} 各季度"
    days = f"{lens.first:%Y%m%d}-{lens.last:%Y%m%d}"
    title = f"{report.label} {lens.book.label} {lens.first} 至 {lens.last}"
    return f"anju-{report.code}-{days}.xlsx", title


def _watermark(reason: str) -> str:
    """Who took it, when, why."""
    signed_in = session.visitor().signed_in
    who = who_is(signed_in.account_id, signed_in.hat_id)
    at = clock.in_china(clock.now())
    return f"{who.place} {who.role} {who.name} 于 {at:%Y-%m-%d %H:%M} 导出,用途:{reason}"


def _record(report: Report, lens: Lens, reason: str, lines: int, by: Scope) -> None:
    audit.record(
        "export.finance",
        by=by,
        object_kind="finance_report",
        object_id=report.code,
        details={**parts_of(lens), "reason": reason, "rows": lines},
        address=request.remote_addr or "",
    )


def views() -> list[BaseView]:
    """The reports."""
    return [ReportsView("财务报表", "finance_reports", "finance-reports")]
