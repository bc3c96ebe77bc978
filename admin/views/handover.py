"""交接班: all open promises of the office on paper, to be signed by both shifts."""

from __future__ import annotations

from flask_admin import BaseView, expose

from admin import session
from admin.base import ConsoleView
from admin.navigation import DESK
from app.companies.queries import on_duty
from app.core import clock
from app.core.scope import Dimension
from app.orders import board
from app.orders.queries import queue_page

SHEET_LIMIT = 300


class HandoverView(ConsoleView):
    """One printable page."""

    roles = DESK

    @expose("/")
    def index(self) -> str:
        """Every open order with its next promise, the most urgent first."""
        scope = session.scope()
        (office_id,) = scope.ids(Dimension.OFFICE)
        lines = queue_page(scope, "open", limit=SHEET_LIMIT)
        now = clock.now()
        return self.render(
            "console/handover.html",
            lines=lines.items,
            is_cut=lines.next_cursor is not None,
            promises=board.promises(lines.items),
            queues=board.queues(scope),
            on_duty=on_duty(office_id, now),
            printed_at=now,
        )


def views() -> list[BaseView]:
    """The sheet."""
    return [HandoverView("交接班", "handover", "handover")]
