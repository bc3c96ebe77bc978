"""Orders outside the board: the list with its filters in the address, and the page of one order."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import session
from admin.attention_words import attention_words
from admin.base import ConsoleView
from admin.navigation import ORDERS
from admin.order_words import panel_context, status_words
from app.core.errors import Invalid
from app.core.reading import at_one_instant
from app.orders.dossier import dossier
from app.orders.finding import Search, estates_with_orders, find_orders, look_up
from app.orders.lifecycle import Menu, Status


class OrdersView(ConsoleView):
    """Read-only; what can be done stands on the order's page."""

    roles = ORDERS

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The newest first, keyset-paged; a filter that makes no sense is told, not guessed."""
        scope = session.scope()
        search = Search.read(request.args)
        try:
            page, refusal = find_orders(search, scope, cursor=request.args.get("cursor")), None
        except Invalid as invalid:
            page, refusal = None, invalid
        return self._list(page.items if page else [], search, refusal, page.next_cursor if page else None)

    @expose("/find", methods=("POST",))
    def find(self) -> ResponseReturnValue:
        """By number or telephone; posted, so that no telephone number stands in an address. One hit opens at once."""
        wanted = request.form.get("q", "")
        try:
            lines, refusal = look_up(wanted, session.scope()), None
        except Invalid as invalid:
            lines, refusal = [], invalid
        if len(lines) == 1:
            return redirect(url_for("orders.show", order_id=lines[0].id))
        return self._list(lines, Search(), refusal, None, wanted=wanted)

    def _list(
        self, lines, search: Search, refusal: Invalid | None, cursor: str | None, *, wanted: str = ""
    ) -> str:
        return self.render(
            "console/orders.html",
            lines=lines,
            search=search,
            refusal=refusal,
            next_cursor=cursor,
            wanted=wanted,
            statuses={status.value: status_words(status) for status in Status},
            menus=Menu,
            estates=estates_with_orders(session.scope()),
        )

    @expose("/<int:order_id>")
    def show(self, order_id: int) -> str:
        """One order with everything that proves what happened to it."""
        scope = session.scope()
        at_one_instant()
        found = dossier(order_id, scope)
        words = {**panel_context(found, scope), **attention_words(found, scope, full_page=True)}
        return self.render("console/order.html", full_page=True, **words)


def views() -> list[BaseView]:
    """The list and the page."""
    return [OrdersView("工单查询", "orders", "orders")]
