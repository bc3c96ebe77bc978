"""时限试算: what another limit would have cost in a past month."""

from __future__ import annotations

from flask import Response, request, url_for
from flask_admin import BaseView, expose

from admin import session
from admin.base import ConsoleView
from admin.csv_export import csv_file
from admin.navigation import BUREAU
from admin.what_if_page import after_of, before_of, parts_of, question_of, rows, trial
from app.audit import service as audit
from app.core import clock
from app.core.db import transact
from app.core.errors import Invalid
from app.core.scope import Scope
from app.orders.limit_queries import streets_of
from app.orders.limit_words import UNITS
from app.orders.policy_changes import CHANGEABLE
from app.supervision.what_if import Question, ask

REASON_MIN, REASON_MAX = 4, 200


class WhatIfView(ConsoleView):
    """Reads recorded events and changes nothing."""

    roles = BUREAU

    @expose("/")
    def index(self) -> str:
        """The question, and under it the answer once something was asked."""
        scope = session.scope()
        question = question_of(request.args, scope)
        today = clock.china_date(clock.now())
        return self.render(
            "console/what_if.html",
            trial=trial(question, scope, url_for("what_if.index", **parts_of(question)))
            if question
            else None,
            parts=parts_of(question) if question else {"clock": "C2", "from": 30, "to": 20},
            clocks=CHANGEABLE,
            units=UNITS,
            streets=streets_of(scope),
            months=_months(today.year, today.month),
            before_of=before_of,
            after_of=after_of,
        )

    @expose("/export", methods=("POST",))
    def export(self) -> Response:
        """The table as CSV; asks why, and the reason stands in the audit log before anything leaves."""
        scope = session.scope()
        question = question_of(request.form, scope)
        if question is None:
            raise Invalid("请先试算,再导出", fields={"clock": "必选"})
        reason = request.form.get("reason", "").strip()
        if not REASON_MIN <= len(reason) <= REASON_MAX:
            raise Invalid(
                f"请写明导出的用途({REASON_MIN} 到 {REASON_MAX} 个字)", fields={"reason": "请写明用途"}
            )
        table = rows(ask(question, scope))
        transact(lambda: _record(question, reason, len(table) - 1, scope))
        return csv_file(f"anju-what-if-{question.clock}-{question.month:%Y%m}.csv", table)


def _months(year: int, month: int) -> list[str]:
    """This month and the twelve before it."""
    places = [year * 12 + month - 1 - back for back in range(13)]
    return [f"{place // 12}-{place % 12 + 1:02d}" for place in places]


def _record(question: Question, reason: str, lines: int, scope: Scope) -> None:
    audit.record(
        "export.what_if",
        by=scope,
        object_kind="what_if",
        object_id=question.clock,
        details={**parts_of(question), "reason": reason, "rows": lines},
        address=request.remote_addr or "",
    )


def views() -> list[BaseView]:
    """The trial."""
    return [WhatIfView("时限试算", "what_if", "what-if")]
