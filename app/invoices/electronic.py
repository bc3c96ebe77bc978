"""Electronic invoices: each call is a row first, repeated under its own number until the service has answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from app.companies.models import Company
from app.core import clock
from app.core.db import db, transact
from app.core.outgoing import OutgoingState, put_off, record, take
from app.core.scope import SYSTEM
from app.integrations.einvoice.contract import EInvoiceDown, EInvoiceRefused, EInvoiceService, Issued
from app.invoices import issuing
from app.invoices.lifecycle import Action
from app.invoices.models import CallKind, EInvoiceCall, Invoice
from app.invoices.moving import get_invoice, guard, move
from app.invoices.queries import items_of
from app.payments.refund_holds import release_refunds

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30))
"""After the first failures; from then on every half hour until there is an answer."""


@dataclass(frozen=True)
class _Parcel:
    """One claimed call as plain values."""

    id: int
    invoice_id: int
    attempt: int
    kind: str
    request_no: str
    number: str
    content: Mapping[str, Any]


def make_calls(service: EInvoiceService | None, limit: int) -> int:
    """Make up to `limit` calls; returns how many were tried. Without a service nothing is tried."""
    if service is None:
        return 0
    for tried in range(limit):
        parcel = transact(_take_one)
        if parcel is None:
            return tried
        transact(partial(_keep, parcel, _call(service, parcel)))
    return limit


def _take_one() -> _Parcel | None:
    claimed = next(iter(take(EInvoiceCall, 1)), None)
    if claimed is None:
        return None
    row = db.session.get_one(EInvoiceCall, claimed.id)
    invoice = db.session.get_one(Invoice, row.invoice_id)
    return _Parcel(
        id=row.id,
        invoice_id=invoice.id,
        attempt=claimed.attempt,
        kind=row.kind,
        request_no=f"I{invoice.id}-{row.kind}",
        number=invoice.number or "",
        content=_content(invoice),
    )


def _content(invoice: Invoice) -> dict[str, Any]:
    """What the service must know: seller, buyer, items; no home of anybody but what stands in the items."""
    seller = db.session.get_one(Company, invoice.company_id)
    return {
        "seller_tax_no": seller.credit_code,
        "seller": seller.name,
        "title_kind": invoice.title_kind,
        "title": invoice.title,
        "tax_no": invoice.tax_no,
        "email": invoice.email,
        "amount_fen": invoice.amount_fen,
        "items": [
            {"label": item.label, "amount_fen": item.amount_fen} for item in items_of(invoice.payment_id)
        ],
    }


@dataclass(frozen=True)
class _Outcome:
    """An invoice, a refusal, or why there is neither."""

    issued: Issued | None = None
    refused: str = ""
    error: str = ""


def _call(service: EInvoiceService, parcel: _Parcel) -> _Outcome:
    try:
        if parcel.kind == CallKind.ISSUE:
            return _Outcome(issued=service.issue(parcel.request_no, parcel.content))
        return _Outcome(issued=service.reverse(parcel.request_no, parcel.number))
    except EInvoiceRefused as refused:
        return _Outcome(refused=str(refused)[:200])
    except EInvoiceDown as down:
        return _Outcome(error=str(down)[:200])


def _keep(parcel: _Parcel, outcome: _Outcome) -> None:
    """Record the outcome, unless the lease ran out meanwhile and another process has the row."""
    row = db.session.get(EInvoiceCall, parcel.id, with_for_update=True)
    if row is None or row.attempts != parcel.attempt or row.state != OutgoingState.CALLING:
        return
    if outcome.issued is not None:
        _finish(parcel, outcome.issued)
        record(row, OutgoingState.DONE)
    elif outcome.refused:
        _give_up(parcel, outcome.refused)
        record(row, OutgoingState.REFUSED, error=outcome.refused)
    else:
        put_off(row, DELAYS[min(parcel.attempt, len(DELAYS)) - 1], error=outcome.error)


def _finish(parcel: _Parcel, issued: Issued) -> None:
    """What the service has written is a fact, whatever has happened meanwhile."""
    if parcel.kind == CallKind.ISSUE:
        issuing.issue(parcel.invoice_id, number=issued.number, pdf_url=issued.pdf_url, by=SYSTEM)
        return
    invoice = get_invoice(parcel.invoice_id, SYSTEM, lock=True)
    transition = guard(invoice, Action.FINISH_REVERSAL, SYSTEM)
    invoice.red_number = issued.number
    move(invoice, transition, by=SYSTEM, at=clock.now(), note=issued.number)
    release_refunds(invoice.payment_id, issuing.subject_of(invoice))


def _give_up(parcel: _Parcel, reason: str) -> None:
    """A request that the service will not take goes back to the payer; a reversal that it will not take is told to the
    company's finance, who settles it and writes down its number (issuing.reverse_by_hand)."""
    if parcel.kind == CallKind.ISSUE:
        invoice = issuing.send_back(parcel.invoice_id, reason=reason, by=SYSTEM)
        release_refunds(invoice.payment_id, issuing.subject_of(invoice))
        return
    invoice = get_invoice(parcel.invoice_id, SYSTEM, lock=True)
    move(invoice, guard(invoice, Action.REVERSAL_REFUSED, SYSTEM), by=SYSTEM, at=clock.now(), note=reason)
