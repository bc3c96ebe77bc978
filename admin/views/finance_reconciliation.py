"""对账: WeChat's bills of the last days, and every difference until a person has said what it was (S0-03)."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.finance_words import bill_words
from admin.navigation import FINANCE
from app.companies.hat_names import names_of
from app.reconciliation import queries
from app.reconciliation.cases import close
from app.reconciliation.models import CaseKind, CaseState

TABS = {**{each.value: each.label for each in CaseState}, "all": "全部"}


class ReconciliationView(ConsoleView):
    """A worklist: open differences first."""

    roles = FINANCE

    @expose("/")
    def index(self) -> str:
        """The bills above, the differences beneath."""
        scope = session.scope()
        chosen = request.args.get("state", CaseState.OPEN.value)
        shown = chosen if chosen in TABS else CaseState.OPEN.value
        page = queries.cases_page(
            scope,
            state=None if shown == "all" else CaseState(shown),
            cursor=request.args.get("cursor"),
        )
        return self.render(
            "console/finance_reconciliation.html",
            page=page,
            shown=shown,
            tabs=TABS,
            kinds={each.value: each.label for each in CaseKind},
            states={each.value: each.label for each in CaseState},
            days=queries.days(scope),
            counts=queries.case_counts(scope),
            bill_words=bill_words,
            names=names_of({each.closed_by for each in page.items if each.closed_by}),
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:case_id>/close", methods=("POST",))
    def close(self, case_id: int) -> ResponseReturnValue:
        """说明 or 处理, with what it was."""
        by, sent = session.scope(), request.form

        def work() -> str:
            done = close(case_id, state=_state(sent.get("state", "")), note=sent.get("note", ""), by=by)
            return f"{CaseKind(done.kind).label}:{CaseState(done.state).label}"

        return commands.run_form(work, "finance_reconciliation.index")


def _state(text: str) -> CaseState:
    """What was chosen; nothing chosen leaves it open, which the service refuses."""
    return CaseState(text) if text in set(CaseState) else CaseState.OPEN


def views() -> list[BaseView]:
    """The worklist."""
    return [ReconciliationView("对账", "finance_reconciliation", "finance-reconciliation")]
