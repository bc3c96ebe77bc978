"""The bureau's dashboard: opens on today; every figure leads to the orders it was counted from."""

from __future__ import annotations

from flask import Response, request
from flask_admin import BaseView, expose

from admin import session
from admin.base import ConsoleView
from admin.csv_export import csv_file
from admin.dashboard_filters import page_filters
from admin.dashboard_list import order_list
from admin.dashboard_page import dashboard, definition_of
from admin.dashboard_tables import table
from admin.navigation import DASHBOARD
from app.audit import service as audit
from app.core import clock
from app.core.db import transact
from app.core.errors import Invalid
from app.core.scope import Scope
from app.supervision.queries import choices

REASON_MIN, REASON_MAX = 4, 200


class DashboardView(ConsoleView):
    """Bureau, streets within their own part, companies with their own offices."""

    roles = DASHBOARD

    @expose("/")
    def index(self) -> str:
        """Today, the rates of the last days, what is hot; `?wall=1` for a large screen that nobody touches."""
        scope = session.scope()
        streets, companies = choices(scope)
        return self.render(
            "console/dashboard.html",
            page=dashboard(page_filters(request.args, scope)),
            streets=streets,
            companies=companies,
            wall=request.args.get("wall") == "1",
            definition_of=definition_of,
        )

    @expose("/orders")
    def orders(self) -> str:
        """The cases behind one figure, the newest first."""
        found = order_list(request.args, session.scope())
        return self.render("console/dashboard_orders.html", found=found, definition_of=definition_of)

    @expose("/export", methods=("POST",))
    def export(self) -> Response:
        """A table as CSV; asks why, and the reason stands in the audit log before anything leaves."""
        scope = session.scope()
        filters = page_filters(request.form, scope)
        name = request.form.get("table", "")
        rows = table(name, filters)
        reason = _reason(request.form.get("reason", ""))
        details = {"reason": reason, "rows": len(rows) - 1, "days": filters.days, **filters.place}
        transact(lambda: _record(name, details, scope))
        return csv_file(f"anju-{name}-{clock.china_date(clock.now()):%Y%m%d}.csv", rows)


def _reason(text: str) -> str:
    wanted = text.strip()
    if not REASON_MIN <= len(wanted) <= REASON_MAX:
        raise Invalid(f"请写明导出的用途({REASON_MIN} 到 {REASON_MAX} 个字)", fields={"reason": "请写明用途"})
    return wanted


def _record(name: str, details: dict, scope: Scope) -> None:
    audit.record(
        "export.dashboard",
        by=scope,
        object_kind="dashboard_table",
        object_id=name,
        details=details,
        address=request.remote_addr or "",
    )


def views() -> list[BaseView]:
    """The dashboard with its lists and exports."""
    return [DashboardView("总览", "dashboard", "dashboard")]
