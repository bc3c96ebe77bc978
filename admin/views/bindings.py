"""住房审核: requests of residents who could not prove their home at once."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.navigation import DESK
from app.accounts.bindings import decide_binding
from app.accounts.queries import pending_bindings


class BindingsView(ConsoleView):
    """The desk of the estate decides; the resident reads the reason."""

    roles = DESK

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Requests that wait, newest first."""
        page = pending_bindings(session.scope(), request.args.get("cursor"), 50)
        return self.render("console/bindings.html", page=page, new_request_id=commands.new_request_id)

    @expose("/<int:binding_id>/decide", methods=("POST",))
    def decide(self, binding_id: int) -> ResponseReturnValue:
        """Accept or turn down."""
        by, accept = session.scope(), request.form.get("decision") == "accept"
        reason = request.form.get("reason", "")[:200]

        def work() -> str:
            decide_binding(binding_id, accept=accept, reason=reason, by=by)
            return "已通过,居民现在可以为这套住房报修" if accept else "已告知居民没有通过,并附上了原因"

        return commands.run_form(work, "bindings.index")


def views() -> list[BaseView]:
    """The review."""
    return [BindingsView("住房审核", "bindings", "bindings")]
