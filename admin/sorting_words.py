"""What `order_sorting.html` reads: into what an order was merged, what others became part of it, which was reported
before it, who was asked to take it, the appeal against its rejection, and the choices of the forms."""

from __future__ import annotations

from typing import Any

from app.catalogue.queries import categories_for
from app.core.scope import Scope
from app.orders import merging, transferring
from app.orders.appeals import appeal_of
from app.orders.dossier import Dossier
from app.orders.lifecycle import Action, Menu, Status
from app.orders.merged import merged_into
from app.orders.rules import TRANSFERS_MAX
from app.orders.sorting import URGENCIES


def sorting_words(found: Dossier, scope: Scope) -> dict[str, Any]:
    """Each question is asked only where its answer is shown."""
    order, actions = found.order, found.line.actions
    moves = Action.TRANSFER in actions or Action.DECIDE_TRANSFER in actions
    return {
        "merge_choices": merging.choices_for(order, scope) if Action.MERGE in actions else [],
        "merged_into": _number_of_master(found),
        "merged_here": [merging.number_of(each) for each in merged_into(order.id)]
        if _may_be_master(found)
        else [],
        "reported_before": _reported_before(found),
        "transfer_offices": transferring.offices_for(order) if moves else [],
        "asked_office": transferring.asked_office(order),
        "regulator_decides": order.transfers >= TRANSFERS_MAX,
        "appeal": appeal_of(order) if order.appealed_at else None,
        "urgencies": URGENCIES,
        "categories": categories_for(order.menu) if Action.RECATEGORISE in actions else [],
    }


def _number_of_master(found: Dossier) -> str:
    if found.line.status is not Status.MERGED or found.order.master_id is None:
        return ""
    return merging.master_number(found.order)


def _reported_before(found: Dossier) -> dict[str, Any]:
    """The order that a rejection as duplicate names; empty for any other order."""
    if found.line.status is not Status.REJECTED:
        return {}
    rejections = [event for event in found.events if event.action == Action.REJECT]
    data = rejections[-1].data if rejections else {}
    return dict(data) if "duplicate_of" in data else {}


def _may_be_master(found: Dossier) -> bool:
    return found.line.menu is Menu.REPORT and found.line.status is not Status.MERGED
