"""Facts about invoices, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.outbox import event


@event
@dataclass(frozen=True)
class InvoiceMoved:
    """Something was done to one; `seq` is its version after it."""

    invoice_id: int
    seq: int
    action: str
    state: str
    actor_id: int | None
