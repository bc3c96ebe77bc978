"""不实报事: who may send one order a day for now, and the bureau's word that lifts it."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.navigation import BUREAU
from app.orders import false_reports


class FalseReportsView(ConsoleView):
    """The newest rejection first."""

    roles = BUREAU

    @expose("/")
    def index(self) -> str:
        """A page of them."""
        return self.render(
            "console/false_reports.html",
            page=false_reports.limited_people(session.scope(), cursor=request.args.get("cursor")),
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:account_id>/lift", methods=("POST",))
    def lift(self, account_id: int) -> ResponseReturnValue:
        """With the reason."""
        by, reason = session.scope(), request.form.get("reason", "")

        def work() -> str:
            false_reports.lift(account_id, by=by, reason=reason)
            return "已解除,居民会收到通知"

        return commands.run_form(work, "false_reports.index")


def views() -> list[BaseView]:
    """The list."""
    return [FalseReportsView("不实报事", "false_reports", "false-reports")]
