"""派工方式: how an office's accepted orders find their worker."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.navigation import CHOOSES_DISPATCHING
from app.companies.dispatch_choice import choose_dispatching
from app.companies.models import Dispatching
from app.companies.roster import offices_of

EXPLAINED = {
    Dispatching.ASSIGN: "调度看推荐和理由,自己选人",
    Dispatching.AUTO: "按技能、证书、在班、手上的工单和距离选一位,不确认就换下一位",
    Dispatching.GRAB: "能做这一类的师傅都看得到,先抢先得",
    Dispatching.ROTATE: "派给最久没有接单的师傅,不确认就换下一位",
}


class DispatchingView(ConsoleView):
    """Manager and company; every change stands in the audit log."""

    roles = CHOOSES_DISPATCHING

    @expose("/")
    def index(self) -> str:
        """The offices with what they have chosen."""
        return self.render(
            "console/dispatching.html",
            offices=offices_of(session.scope()),
            modes=Dispatching,
            explained=EXPLAINED,
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:office_id>", methods=("POST",))
    def choose(self, office_id: int) -> ResponseReturnValue:
        """Another way from now on."""
        by, mode = session.scope(), request.form.get("mode", "")

        def work() -> str:
            office = choose_dispatching(office_id, by=by, mode=mode)
            return f"{office.name}:{Dispatching(office.dispatching).label}"

        return commands.run_form(work, "dispatching.index")


def views() -> list[BaseView]:
    """The choice."""
    return [DispatchingView("派工方式", "dispatching", "dispatching")]
