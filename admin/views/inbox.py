"""Messages to oneself."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import navigation, session
from admin.base import ConsoleView
from app.accounts.scopes import own_scope
from app.core.db import transact
from app.notifications.queries import inbox_page
from app.notifications.service import mark_all_read


class InboxView(ConsoleView):
    """The bell's page."""

    roles = navigation.EVERYBODY

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The newest first."""
        page = inbox_page(own_scope(session.scope()), request.args.get("cursor"), 30)
        return self.render("console/inbox.html", page=page)

    @expose("/read", methods=("POST",))
    def read(self) -> ResponseReturnValue:
        """Mark everything as read."""
        own = own_scope(session.scope())
        transact(lambda: mark_all_read(own))
        return redirect(url_for("inbox.index"))


def views() -> list[BaseView]:
    """The bell's page."""
    return [InboxView("消息", "inbox", "inbox")]
