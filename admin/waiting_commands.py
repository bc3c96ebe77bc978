"""Buttons of orders that wait: a firm, the owners' money, a special date, a question. No photo is taken at a desk, so
what needs one (deciding who pays, closing without consent, asking for a special date) is done on the phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from admin import commands
from admin.limit_forms import local_moment
from app.core.scope import Scope
from app.orders import fund, questions, special, third_party
from app.orders.lifecycle import Action
from app.orders.third_party import ThirdParty

WAITING_BUTTONS = (
    Action.HOLD_THIRD,
    Action.TELL_FUND,
    Action.HOLD_FUND,
    Action.APPROVE_SPECIAL,
    Action.REFUSE_SPECIAL,
    Action.ASK_INFO,
)
YES = "yes"


def _moment(name: str) -> datetime | None:
    """The instant of a field that may stay empty."""
    given = commands.text(name)
    return local_moment({name: given}, name) if given else None


def _hold_third(order_id: int, by: Scope) -> Any:
    party = ThirdParty(
        commands.text("party"),
        commands.text("party_name"),
        ticket=commands.text("ticket"),
        call_record=commands.text("call_record"),
    )
    return third_party.hold_third(
        order_id,
        by=by,
        party=party,
        reason=commands.text("reason"),
        safety=commands.text("safety"),
        expected_at=_moment("expected_at"),
    )


def _tell_fund(order_id: int, by: Scope) -> Any:
    return fund.tell(
        order_id,
        by=by,
        spoken_to=commands.text("spoken_to"),
        how=commands.text("how"),
        words=commands.text("words"),
    )


def _approve_special(order_id: int, by: Scope) -> Any:
    return special.approve(
        order_id,
        by=by,
        note=commands.text("note"),
        until=_moment("until"),
        force_majeure=commands.text("force_majeure") == YES,
    )


WAITING_ACTIONS: Mapping[str, Callable[[int, Scope], Any]] = {
    "hold_third": _hold_third,
    "tell_fund": _tell_fund,
    "hold_fund": lambda order_id, by: fund.hold(order_id, by=by),
    "approve_special": _approve_special,
    "refuse_special": lambda order_id, by: special.refuse(order_id, by=by, note=commands.text("note")),
    "ask_info": lambda order_id, by: questions.ask(order_id, by=by, question=commands.text("question")),
}
