"""公共收益公示: drafted by the accountant, approved by another, published by the administrator (S0-15)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.finance_tables import columns_chart
from admin.limit_forms import row_id
from admin.navigation import FINANCE
from app.books import revenue
from app.books.people import estates_of
from app.books.quarters import Quarter, quarter, quarter_of
from app.books.revenue import SECTIONS
from app.books.revenue_models import ReportState, RevenueReport
from app.companies.hat_names import names_of
from app.core import clock
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import Scope

QUARTERS = 6


class RevenueView(ConsoleView):
    """Every report of the company, the newest first, with what this person can do to it."""

    roles = FINANCE

    @expose("/")
    def index(self) -> str:
        """The reports; the form for one more."""
        scope = session.scope()
        estates, chosen = estates_of(scope), row_id(request.args, "estate_id")
        page = revenue.reports_page(scope, estate_id=chosen, cursor=request.args.get("cursor"))
        people = {account for each in page.items for account in _people(each) if account}
        return self.render(
            "console/finance_revenue.html",
            page=page,
            estates=estates,
            chosen=chosen,
            names={estate.id: estate.name for estate in estates},
            states={each.value: each.label for each in ReportState},
            sections=SECTIONS,
            quarter=quarter,
            quarters=_ended_quarters(),
            chart=_chart(page.items) if chosen or len(estates) == 1 else None,
            actions=lambda report: _actions(report, scope),
            people=names_of(people),
            may_draft=scope.role is Role.FIN,
            new_request_id=commands.new_request_id,
        )

    @expose("/draft", methods=("POST",))
    def draft(self) -> ResponseReturnValue:
        """编制 from the ledger."""
        by, sent = session.scope(), request.form

        def work() -> str:
            estate_id = row_id(sent, "estate_id")
            if estate_id is None:
                raise Invalid("请选择小区", fields={"estate_id": "必选"})
            revenue.draft(estate_id, sent.get("quarter", ""), by=by)
            return "已编制,等另一位同事审核"

        return commands.run_form(work, "finance_revenue.index")

    @expose("/<int:report_id>/approve", methods=("POST",))
    def approve(self, report_id: int) -> ResponseReturnValue:
        """审核 by another."""
        by = session.scope()
        return _answer(lambda: revenue.approve(report_id, by=by), "已审核,等企业管理员公示")

    @expose("/<int:report_id>/publish", methods=("POST",))
    def publish(self, report_id: int) -> ResponseReturnValue:
        """公示: residents read it from now on."""
        by = session.scope()
        return _answer(lambda: revenue.publish(report_id, by=by), "已公示,居民现在可以看到")

    @expose("/<int:report_id>/withdraw", methods=("POST",))
    def withdraw(self, report_id: int) -> ResponseReturnValue:
        """撤回 with the reason."""
        by, why = session.scope(), request.form.get("why", "")
        return _answer(lambda: revenue.withdraw(report_id, why=why, by=by), "已撤回,可以重新编制")


def _answer(work: Callable[[], RevenueReport], done: str) -> ResponseReturnValue:
    return commands.run_form(lambda: f"{quarter(work().quarter).label}{done}", "finance_revenue.index")


def _people(report: RevenueReport) -> tuple[int | None, ...]:
    return report.drafted_by, report.approved_by, report.published_by, report.withdrawn_by


def _ended_quarters() -> list[Quarter]:
    """The last ones that are over, the newest first."""
    now = quarter_of(clock.china_date(clock.now()))
    places = [now.year * 4 + now.number - 1 - back for back in range(1, QUARTERS + 1)]
    return [Quarter(place // 4, place % 4 + 1) for place in places]


def _actions(report: RevenueReport, by: Scope) -> set[str]:
    own, is_admin = report.drafted_by == by.account_id, by.role is Role.CO
    can = set()
    if report.state == ReportState.DRAFT:
        can |= {"withdraw"} if own else {"approve", "withdraw"}
    if report.state == ReportState.APPROVED:
        can |= {"publish", "withdraw"} if is_admin else {"withdraw"}
    if report.state == ReportState.PUBLISHED and is_admin:
        can.add("withdraw")
    return can


def _chart(reports: Sequence[RevenueReport]) -> dict[str, Any] | None:
    """Income, cost and what is left of an estate, quarter beside quarter."""
    living = sorted((each for each in reports if each.live), key=lambda each: each.quarter)[-8:]
    if len(living) < 2:
        return None
    series = [
        ("收入", [each.income_fen for each in living]),
        ("支出", [each.cost_fen for each in living]),
        ("结余", [each.closing_fen for each in living]),
    ]
    return columns_chart("各季度公共收益", [each.quarter for each in living], series)


def views() -> list[BaseView]:
    """The reports for residents."""
    return [RevenueView("公共收益", "finance_revenue", "finance-revenue")]
