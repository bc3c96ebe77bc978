"""What can be done to an order from the console: one command per button, each idempotent, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.navigation import ORDERS
from admin.sorting_commands import SORTING_ACTIONS
from admin.waiting_commands import WAITING_ACTIONS
from app.core.db import transact
from app.core.errors import WrongState
from app.core.scope import Scope
from app.orders import cancelling, desk, extensions, feedback, field_work, holds, settling
from app.orders.board import who_was_first
from app.orders.contacts import reveal_contact
from app.orders.errors import AlreadyHotline, WrongOrderState
from app.orders.moving import get_order

Do = Callable[[int, Scope], Any]


def _reopen(order_id: int, by: Scope) -> Any:
    return feedback.reopen(order_id, by=by, reason=commands.text("reason"))


ACTIONS: dict[str, Do] = {
    "accept": lambda order_id, by: desk.accept(
        order_id, by=by, spoken_to=commands.text("spoken_to"), office_id=commands.number("office_id")
    ),
    "to_hotline": lambda order_id, by: desk.to_hotline(
        order_id, by=by, reason=commands.text("reason"), text=commands.text("text")
    ),
    "reject": lambda order_id, by: desk.reject(
        order_id,
        by=by,
        reason=commands.text("reason"),
        text=commands.text("text"),
        evidence=commands.text("evidence"),
    ),
    "assign": lambda order_id, by: desk.assign(
        order_id,
        by=by,
        worker_id=commands.number("worker_id") or 0,
        override_reason=commands.text("override_reason"),
    ),
    "start": lambda order_id, by: field_work.start(order_id, by=by),
    "log_call": lambda order_id, by: desk.log_call(order_id, by=by, result=commands.text("result")),
    "approve_extension": lambda order_id, by: extensions.decide(
        order_id, by=by, grant=True, note=commands.text("note")
    ),
    "refuse_extension": lambda order_id, by: extensions.decide(
        order_id, by=by, grant=False, note=commands.text("note")
    ),
    "choose_slot": lambda order_id, by: holds.choose_slot(
        order_id, by=by, slot_id=commands.number("slot_id") or 0
    ),
    "end_hold": lambda order_id, by: holds.end_hold(order_id, by=by, reason=commands.text("reason")),
    "reopen": _reopen,
    **WAITING_ACTIONS,
    **SORTING_ACTIONS,
    "agree_cancel": lambda order_id, by: cancelling.agree(order_id, by=by),
    "refuse_cancel": lambda order_id, by: cancelling.refuse(order_id, by=by, reason=commands.text("reason")),
    "waive": lambda order_id, by: settling.waive(order_id, by=by),
}
"""Buttons of the console. What needs a camera (check-in, finishing, asking for an extension) is done on the phone."""

RACED = frozenset(
    {
        *("accept", "to_hotline", "reject", "assign", "start", "choose_slot", "end_hold"),
        *("hold_third", "hold_fund"),
        *("agree_cancel", "refuse_cancel"),
        *("merge", "unmerge", "transfer", "decide_transfer", "uphold_appeal", "dismiss_appeal"),
    }
)
"""Where a colleague may have been faster; the loser is told who."""


class OrderCommandsView(ConsoleView):
    """POST only; the lifecycle table and the scope decide, this file passes on."""

    roles = ORDERS

    @expose("/<int:order_id>/<action>", methods=("POST",))
    def act(self, order_id: int, action: str) -> Response:
        """Carry out one action; the answer says what the order has become."""
        by = session.scope()
        do = ACTIONS.get(action)
        if do is None:
            get_order(order_id, by)
            raise WrongState("这一步要在手机上做(要拍照片)")

        def work() -> dict[str, Any]:
            do(order_id, by)
            order = get_order(order_id, by)
            return {"order_id": order.id, "status": order.status, "version": order.version}

        try:
            return commands.run_json(work)
        except AlreadyHotline:
            raise
        except WrongOrderState as refusal:
            if action not in RACED:
                raise
            raise WrongOrderState(who_was_first(order_id), fields=refusal.fields) from refusal

    @expose("/<int:order_id>/contact", methods=("POST",))
    def contact(self, order_id: int) -> Response:
        """显示号码. Not kept as a receipt: the number must not be written down a second time."""
        reason, by = commands.text("reason"), session.scope()
        address = request.remote_addr or ""
        contact = transact(lambda: reveal_contact(order_id, by=by, reason=reason, address=address))
        return jsonify(name=contact.name, phone=contact.phone)


def views() -> list[BaseView]:
    """The commands."""
    return [OrderCommandsView("工单操作", "order_commands", "order-commands")]
