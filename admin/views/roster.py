"""值守排班: the week of an office with its gaps."""

from __future__ import annotations

from datetime import date, timedelta

from flask import request
from flask_admin import BaseView, expose

from admin import session
from admin.base import ConsoleView
from admin.navigation import COMPANY
from app.companies.roster import offices_of, week
from app.companies.rules import MIN_ON_DUTY
from app.core import clock
from app.core.errors import Invalid, NotFound


class RosterView(ConsoleView):
    """Read-only; a gap is a warning to the manager and the company (S3-11)."""

    roles = COMPANY

    @expose("/")
    def index(self) -> str:
        """One week of one office."""
        scope = session.scope()
        offices = offices_of(scope)
        wanted = request.args.get("office", type=int) or (offices[0].id if offices else 0)
        if offices and wanted not in {office.id for office in offices}:
            raise NotFound("没有找到这个管理处")
        monday = _monday(request.args.get("week"))
        return self.render(
            "console/roster.html",
            offices=offices,
            office_id=wanted,
            days=week(wanted, monday, scope) if offices else [],
            today=clock.china_date(clock.now()),
            before=monday - timedelta(days=7),
            after=monday + timedelta(days=7),
            needed=MIN_ON_DUTY,
        )


def _monday(text: str | None) -> date:
    try:
        day = date.fromisoformat(text) if text else clock.china_date(clock.now())
    except ValueError as error:
        raise Invalid("日期应写成 2026-11-21 这样", fields={"week": "不是日期"}) from error
    return day - timedelta(days=day.weekday())


def views() -> list[BaseView]:
    """The roster."""
    return [RosterView("值守排班", "roster", "roster")]
