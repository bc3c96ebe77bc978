"""转来的工单 and 申诉复核: what another office, or a resident, waits to be told."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.navigation import DESK, REGULATORS
from app.core import clock
from app.orders import appeals, transferring
from app.orders.incoming import LISTED, incoming


class TransfersView(ConsoleView):
    """The asked office reads the request, not the order, until it says yes; street and bureau decide the third time."""

    roles = DESK | REGULATORS

    @expose("/")
    def index(self) -> str:
        """The oldest request first."""
        scope = session.scope()
        return self.render(
            "console/transfers.html",
            requests=incoming(scope),
            most=LISTED,
            decides=scope.role in REGULATORS,
            now=clock.now(),
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:order_id>/receive", methods=("POST",))
    def receive(self, order_id: int) -> ResponseReturnValue:
        """From now on the order is this office's."""
        by = session.scope()

        def work() -> str:
            transferring.receive(order_id, by=by)
            return "已接收,请马上处理"

        return commands.run_form(work, "transfers.index")

    @expose("/<int:order_id>/send-back", methods=("POST",))
    def send_back(self, order_id: int) -> ResponseReturnValue:
        """With the reason that the other desk reads."""
        by, reason = session.scope(), request.form.get("reason", "")

        def work() -> str:
            transferring.send_back(order_id, by=by, reason=reason)
            return "已退回,对方会收到原因"

        return commands.run_form(work, "transfers.index")


class AppealsView(ConsoleView):
    """Who was turned away waits one working day at most; the decision stands on the order's page."""

    roles = REGULATORS

    @expose("/")
    def index(self) -> str:
        """The most urgent first."""
        found = appeals.waiting(session.scope())
        return self.render("console/appeals.html", lines=found, most=appeals.LISTED, now=clock.now())


def views() -> list[BaseView]:
    """Both lists."""
    return [
        TransfersView("转来的工单", "transfers", "transfers"),
        AppealsView("申诉复核", "appeals", "appeals"),
    ]
