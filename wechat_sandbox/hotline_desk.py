"""The hotline's own list of orders handed over to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

BEIJING = timedelta(hours=8)


class OtherContent(ValueError):
    """The same handover_id came with another order."""


@dataclass
class HotlineDesk:
    """Orders by handover_id, each with the ticket that was given. The caller holds the world's lock."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)

    def receive(self, handover_id: str, order: dict[str, Any], now: float) -> tuple[str, bool]:
        """The ticket and whether it is new: the same hand-over always gets the same ticket."""
        known = self.orders.get(handover_id)
        if known is not None:
            if known["order"] != order:
                raise OtherContent(handover_id)
            known["times"] += 1
            return known["ticket"], False
        day = (datetime.fromtimestamp(now, UTC) + BEIJING).strftime("%Y%m%d")
        ticket = f"962121-{day}-{len(self.orders) + 1:04d}"
        self.orders[handover_id] = {"ticket": ticket, "received_at": now, "times": 1, "order": order}
        return ticket, True
