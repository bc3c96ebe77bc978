"""The dispatcher's live board: one page, and the small answers that keep it alive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Response, jsonify, render_template, request
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.formatters import epoch_ms
from admin.navigation import BOARD, DESK
from admin.order_words import panel_context, tab_words
from app.accounts.sessions import IDLE_LIMIT
from app.core import clock
from app.core.paging import Page
from app.core.reading import at_one_instant
from app.core.scope import Scope
from app.media.signing import sign
from app.orders import board
from app.orders.board import Promise, Waiting
from app.orders.call_lists import unheard_count
from app.orders.dossier import dossier
from app.orders.finding import look_up
from app.orders.lines import OrderLine
from app.orders.queries import board_version

PHOTO_LINKS_LIVE = timedelta(minutes=30)
TEXT_IN_LIST = 60


class BoardView(ConsoleView):
    """Queues on the left, the most urgent promise first in the middle, the order on the right."""

    roles = BOARD

    @expose("/")
    def index(self) -> str:
        """The page; everything in it comes from the answers below."""
        scope = session.scope()
        waits = unheard_count(scope, at=clock.now()) if scope.role in DESK else 0
        return self.render("console/board.html", queues=board.queues(scope), unheard=waits)

    @expose("/data/version")
    def version(self) -> Response:
        """A number that changes when an open order changes: polled every two seconds, one small statement."""
        visitor = session.visitor()
        channel = visitor.signed_in.channel
        idle_ends = visitor.signed_in.seen_at + IDLE_LIMIT[channel]
        return jsonify(
            version=board_version(visitor.scope),
            now=_ms(clock.now()),
            idle_ends=_ms(idle_ends),
        )

    @expose("/data/list")
    def rows(self) -> Response:
        """One queue with everything around it: counts, what has just come in, who waits."""
        scope = session.scope()
        queue = request.args.get("queue") or board.queue_keys(scope.role)[0]
        version = board_version(scope)  # before the rows: a change in between is seen by the next poll
        page = board.board_page(scope, queue, cursor=request.args.get("cursor"))
        return jsonify(
            version=version,
            waiting=[_waiting(each) for each in board.waiting(scope)],
            **_list_answer(page, scope),
        )

    @expose("/data/find", methods=("POST",))
    def find(self) -> Response:
        """Orders by number or telephone, finished ones included; posted, so that no number stands in an address."""
        scope = session.scope()
        found = Page(look_up(commands.text("q"), scope), None)
        return jsonify(**_list_answer(found, scope))

    @expose("/data/orders/<int:order_id>")
    def panel(self, order_id: int) -> str:
        """The right side: one order, as a piece of page."""
        scope = session.scope()
        at_one_instant()
        return render_template("console/order_panel.html", **panel_context(dossier(order_id, scope), scope))


def _ms(at: datetime) -> int:
    return int(epoch_ms(at))


def _list_answer(page: Page[OrderLine], scope: Scope) -> dict[str, Any]:
    queues = board.queues(scope)
    return {
        "now": _ms(clock.now()),
        "queues": [{"key": each.key, "label": each.label, "count": each.count} for each in queues],
        "rows": _rows(page.items),
        "next_cursor": page.next_cursor,
    }


def _waiting(order: Waiting) -> dict[str, Any]:
    return {
        "id": order.id,
        "number": order.number,
        "menu": order.menu.value,
        "kind": order.menu.label,
        "urgency": order.urgency,
        "place": order.place,
        "estate": order.estate,
        "matter": order.matter,
    }


def _rows(lines: Sequence[OrderLine]) -> list[dict[str, Any]]:
    due = board.promises(lines)
    photos = board.showable_photos(lines)
    also = board.also_reported(lines)
    return [
        _row(line, due.get(line.id), show_photo=line.photo_id in photos, also=also.get(line.id, 0))
        for line in lines
    ]


def _row(line: OrderLine, promise: Promise | None, *, show_photo: bool, also: int) -> dict[str, Any]:
    return {
        "id": line.id,
        "version": line.version,
        "number": line.number,
        "menu": line.menu.value,
        "kind": line.menu.label,
        "urgency": line.urgency,
        "hazardous": line.hazardous,
        "status": tab_words(line, clock.now()),
        "category": line.category,
        "place": line.place,
        "estate": line.estate,
        "text": line.text[:TEXT_IN_LIST] + ("…" if len(line.text) > TEXT_IN_LIST else ""),
        "worker": line.worker,
        "thumb": _thumb(line) if show_photo else None,
        "voice": line.voiced,
        "clock": promise.clock.label if promise else None,
        "due": _ms(promise.due_at) if promise else None,
        "warn": _ms(promise.warn_at) if promise and promise.warn_at else None,
        "reopened": line.round,
        "also": also,
        "actions": [action.value for action in line.actions],
    }


def _thumb(line: OrderLine) -> str:
    assert line.photo_id is not None
    return sign(line.photo_id, "thumb", until=clock.now() + PHOTO_LINKS_LIVE)


def views() -> list[BaseView]:
    """The board."""
    return [BoardView("工单看板", "board", "board")]
