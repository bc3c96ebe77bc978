"""What an order's page says beside the dossier: marks, whom to telephone first, the ladder for who oversees it."""

from __future__ import annotations

from typing import Any

from app.core.roles import Role
from app.core.scope import Scope
from app.feedback.queries import snap_of_order
from app.orders.call_lists import call_first, call_list
from app.orders.dossier import Dossier
from app.orders.ladder import ladder
from app.orders.lifecycle import Action
from app.orders.marks import marks_of
from app.orders.submitting import FROM_SNAP

READS_LADDER = frozenset({Role.BUR, Role.STR, Role.CO, Role.MGR})


def attention_words(found: Dossier, scope: Scope, *, full_page: bool = False) -> dict[str, Any]:
    """The ladder stands on the full page only; to read it costs four statements."""
    dispatches = Action.ASSIGN in found.line.actions
    from_snap = found.order.channel == FROM_SNAP
    return {
        "snap": snap_of_order(found.order.id, scope) if from_snap else None,
        "marks": marks_of(found.order),
        "call_first": call_first(found.order, at=found.read_at) if dispatches else "",
        "call_list": call_list(found.order, scope, at=found.read_at),
        "ladder": ladder(found.order.id, scope) if full_page and scope.role in READS_LADDER else (),
    }
