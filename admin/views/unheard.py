"""没收到消息的居民: whom no message has reached, for the desk to telephone."""

from __future__ import annotations

from flask_admin import BaseView, expose

from admin import session
from admin.base import ConsoleView
from admin.navigation import DESK
from app.core import clock
from app.orders.call_lists import UNHEARD_MAX, unheard, unheard_count


class UnheardView(ConsoleView):
    """A call that is logged with the order takes it off the list."""

    roles = DESK

    @expose("/")
    def index(self) -> str:
        """The oldest first."""
        scope, at = session.scope(), clock.now()
        return self.render(
            "console/unheard.html",
            items=unheard(scope, at=at),
            most=UNHEARD_MAX,
            count=unheard_count(scope, at=at),
        )


def views() -> list[BaseView]:
    """The list."""
    return [UnheardView("没收到消息", "unheard", "unheard")]
