"""Electronic invoices that were asked for or are to be reversed."""

from __future__ import annotations

from app.invoices.electronic import make_calls
from scheduler.context import Context

LONGEST_RUN = 50


def issue_einvoices(context: Context) -> None:
    """Ask the service for each until it has answered."""
    for _ in range(LONGEST_RUN):
        if context.stopping() or not make_calls(context.einvoice, 1):
            return
