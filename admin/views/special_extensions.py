"""特延审批: what waits for street or bureau; the decision itself stands on the order's page."""

from __future__ import annotations

from flask_admin import BaseView, expose

from admin import session
from admin.base import ConsoleView
from admin.navigation import REGULATORS
from app.orders.special_queries import LISTED, waiting_for_a_decision


class SpecialExtensionsView(ConsoleView):
    """The oldest request first."""

    roles = REGULATORS

    @expose("/")
    def index(self) -> str:
        """One page; what does not fit on it comes up as others are decided."""
        found = waiting_for_a_decision(session.scope())
        return self.render("console/special_extensions.html", requests=found, most=LISTED)


def views() -> list[BaseView]:
    """The list."""
    return [SpecialExtensionsView("特延审批", "special_extensions", "special-extensions")]
