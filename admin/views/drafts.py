"""督办与约谈: what the system has drafted, for a person of the bureau to send or to drop."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.navigation import BUREAU
from app.supervision import drafting
from app.supervision.draft_models import DraftKind, SupervisionDraft

STATES = {"draft": "待处理", "sent": "已发出", "dropped": "已作废"}


class DraftsView(ConsoleView):
    """Nothing is sent by itself."""

    roles = BUREAU

    @expose("/")
    def index(self) -> str:
        """Those that wait, or what became of the others."""
        state = request.args.get("state", "draft")
        shown = state if state in STATES else "draft"
        return self.render(
            "console/drafts.html",
            page=drafting.drafts(session.scope(), state=shown, cursor=request.args.get("cursor")),
            state=shown,
            states=STATES,
            kinds={kind.value: kind.label for kind in DraftKind},
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:draft_id>/send", methods=("POST",))
    def send(self, draft_id: int) -> ResponseReturnValue:
        """With the words as they stand now."""
        by, text = session.scope(), request.form.get("text", "")
        return _decide(lambda: drafting.send(draft_id, by=by, text=text), "已发出")

    @expose("/<int:draft_id>/drop", methods=("POST",))
    def drop(self, draft_id: int) -> ResponseReturnValue:
        """With the reason."""
        by, reason = session.scope(), request.form.get("reason", "")
        return _decide(lambda: drafting.drop(draft_id, by=by, reason=reason), "已作废")


def _decide(work: Callable[[], SupervisionDraft], done: str) -> ResponseReturnValue:
    return commands.run_form(lambda: f"{DraftKind(work().kind).label}{done}", "drafts.index")


def views() -> list[BaseView]:
    """The list."""
    return [DraftsView("督办与约谈", "drafts", "drafts")]
