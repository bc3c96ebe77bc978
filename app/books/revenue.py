"""公共收益公示 step by step: drafted from the ledger, approved by another, published by the company's administrator
(S0-15). What residents read is what was approved: published figures are frozen, and the quarter's book is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.audit.service import record
from app.books.accounts import EXPENSES, INCOME, Account, Book
from app.books.errors import FiguresMoved, ReportDecided, ReportExists, ReportUnknown, SamePerson
from app.books.people import company_of, served_estate, tell_colleagues
from app.books.quarters import Quarter, quarter
from app.books.queries import Balance, Lens, trial_balance
from app.books.revenue_models import ReportState, RevenueReport
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.paging import Page, newest_page
from app.core.roles import Role
from app.core.scope import SYSTEM, Scope, get_visible, visible
from app.core.texts import cleaned

PUBLISHES = frozenset({Role.CO})
PAGE = 20


@dataclass(frozen=True)
class Figures:
    """A quarter of one estate's common parts, in fen: what was there, came, was spent, was moved to or from the owners'
    other money, is left. `lines` are {section, account, label, fen}."""

    opening_fen: int
    income_fen: int
    cost_fen: int
    moved_fen: int
    lines: list[dict[str, Any]]

    @property
    def closing_fen(self) -> int:
        return self.opening_fen + self.income_fen - self.cost_fen + self.moved_fen


def figures(estate_id: int, wanted: Quarter, scope: Scope) -> Figures:
    """As the ledger says now."""
    lens = Lens(scope, Book.REVENUE, wanted.first, wanted.last, estate_id=estate_id)
    balances = [each for each in trial_balance(lens) if _section(each.account)]
    lines: list[dict[str, Any]] = [
        {
            "section": _section(each.account),
            "account": each.account.value,
            "label": each.account.label,
            "fen": each.change_fen,
        }
        for each in balances
        if each.change_fen
    ]
    by_section = {name: sum(line["fen"] for line in lines if line["section"] == name) for name in SECTIONS}
    opening = sum(_worth(each) for each in balances)
    return Figures(opening, by_section["income"], by_section["cost"], by_section["moved"], lines)


SECTIONS = {"income": "收入", "cost": "支出", "moved": "业主结余转入转出"}


def _section(account: Account) -> str:
    """Money and what is owed are the other side of the same lines and are left out."""
    if account in INCOME:
        return "income"
    if account in EXPENSES:
        return "cost"
    return "moved" if account is Account.OWNERS else ""


def _worth(balance: Balance) -> int:
    return -balance.opening_fen if balance.account in EXPENSES else balance.opening_fen


def draft(estate_id: int, code: str, *, by: Scope) -> RevenueReport:
    """编制 by an accountant, after the quarter has ended. Raises Forbidden, Invalid, ReportExists."""
    company_id = company_of(by, frozenset({Role.FIN}))
    wanted, estate = quarter(code), served_estate(estate_id, by)
    if wanted.last >= _today():
        raise Invalid("这个季度还没有结束,结束以后再编制", fields={"quarter": "还没有结束"})
    living = visible(RevenueReport, SYSTEM).where(
        RevenueReport.estate_id == estate.id, RevenueReport.quarter == wanted.code, RevenueReport.live == 1
    )
    if db.session.scalars(living).one_or_none() is not None:
        raise ReportExists()
    found = figures(estate.id, wanted, by)
    assert by.account_id is not None
    report = RevenueReport(
        company_id=company_id,
        district_id=estate.district_id,
        estate_id=estate.id,
        quarter=wanted.code,
        content=found.lines,
        opening_fen=found.opening_fen,
        income_fen=found.income_fen,
        cost_fen=found.cost_fen,
        moved_fen=found.moved_fen,
        closing_fen=found.closing_fen,
        drafted_at=clock.now(),
        drafted_by=by.account_id,
    )
    db.session.add(report)
    db.session.flush()
    _audit("revenue.draft", report, by)
    tell_colleagues(
        company_id,
        by.account_id,
        key=f"revenue:{report.id}:drafted",
        title="有公共收益公示等您审核",
        body=f"{estate.name} {wanted.label},请在“公共收益”里核对",
    )
    return report


def approve(report_id: int, *, by: Scope) -> RevenueReport:
    """审核 by another person. Raises Forbidden, ReportUnknown, ReportDecided, SamePerson, FiguresMoved."""
    report = _get(report_id, by)
    _must_be(report, ReportState.DRAFT)
    if report.drafted_by == by.account_id:
        raise SamePerson()
    _must_stand(report, by)
    report.state, report.approved_by, report.approved_at = (
        ReportState.APPROVED.value,
        by.account_id,
        clock.now(),
    )
    db.session.flush()
    _audit("revenue.approve", report, by)
    return report


def publish(report_id: int, *, by: Scope) -> RevenueReport:
    """公示: from now on residents read it. Raises Forbidden, ReportUnknown, ReportDecided, FiguresMoved."""
    company_of(by, PUBLISHES)
    report = _get(report_id, by)
    _must_be(report, ReportState.APPROVED)
    if report.drafted_by == by.account_id:
        raise SamePerson()
    _must_stand(report, by)
    report.state, report.published_by, report.published_at = (
        ReportState.PUBLISHED.value,
        by.account_id,
        clock.now(),
    )
    db.session.flush()
    _audit("revenue.publish", report, by)
    return report


def withdraw(report_id: int, *, why: str, by: Scope) -> RevenueReport:
    """撤回 with the reason; the quarter may then be drafted anew. What was published only the administrator takes
    back."""
    report = _get(report_id, by)
    if report.state == ReportState.WITHDRAWN:
        raise ReportDecided()
    if report.state == ReportState.PUBLISHED:
        company_of(by, PUBLISHES)
    report.withdrawn_why = cleaned(why, field="why", at_least=4, at_most=200)
    report.state, report.live = ReportState.WITHDRAWN.value, None
    report.withdrawn_by, report.withdrawn_at = by.account_id, clock.now()
    db.session.flush()
    _audit("revenue.withdraw", report, by)
    return report


def published(estate_id: int, *, limit: int = 12) -> list[RevenueReport]:
    """What everybody may read of an estate, the newest quarter first."""
    wanted = (
        visible(RevenueReport, SYSTEM)
        .where(RevenueReport.estate_id == estate_id, RevenueReport.state == ReportState.PUBLISHED.value)
        .order_by(RevenueReport.quarter.desc())
    )
    return list(db.session.scalars(wanted.limit(limit)))


def reports_page(
    by: Scope, *, estate_id: int | None = None, cursor: str | None = None, limit: int = PAGE
) -> Page[RevenueReport]:
    """The company's own, drafts too, of one estate or of all, the newest first."""
    wanted = visible(RevenueReport, by)
    if estate_id is not None:
        wanted = wanted.where(RevenueReport.estate_id == estate_id)
    return newest_page(wanted, RevenueReport, cursor=cursor, limit=limit)


def _get(report_id: int, by: Scope) -> RevenueReport:
    company_of(by)
    return get_visible(RevenueReport, report_id, by, lock=True, missing=ReportUnknown())


def _must_be(report: RevenueReport, state: ReportState) -> None:
    if report.state != state:
        raise ReportDecided(fields={"state": report.state})


def _must_stand(report: RevenueReport, by: Scope) -> None:
    now = figures(report.estate_id, quarter(report.quarter), by)
    if (now.lines, now.opening_fen) != (report.content, report.opening_fen):
        raise FiguresMoved()


def _today() -> date:
    return clock.china_date(clock.now())


def _audit(action: str, report: RevenueReport, by: Scope) -> None:
    details = {"quarter": report.quarter, "estate_id": report.estate_id, "reason": report.withdrawn_why}
    record(action, by=by, object_kind="revenue_report", object_id=report.id, details=details)
