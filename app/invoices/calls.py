"""Ordering a call to the service for electronic invoices; app/invoices/electronic.py makes it."""

from __future__ import annotations

from app.core import clock
from app.core.db import insert_once, table_of
from app.invoices.models import CallKind, EInvoiceCall


def plan_call(invoice_id: int, kind: CallKind) -> None:
    """Order the call; a second order of the same changes nothing."""
    row = {
        "invoice_id": invoice_id,
        "kind": kind.value,
        "state": "waiting",
        "attempts": 0,
        "next_at": clock.now(),
    }
    insert_once(table_of(EInvoiceCall), row)
