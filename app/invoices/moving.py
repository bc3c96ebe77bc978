"""The one way in which an invoice changes: guard from the lifecycle table, state, step and outbox row together."""

from __future__ import annotations

from datetime import datetime

from app.core.db import db, translate_constraint
from app.core.errors import Forbidden
from app.core.lifecycle import Transition
from app.core.outbox import publish
from app.core.scope import Scope, get_visible
from app.invoices.errors import InvoiceAskedFor, InvoiceNotFound, NumberTaken, WrongInvoiceState
from app.invoices.events import InvoiceMoved
from app.invoices.lifecycle import LIFECYCLE, OVER, Action, How, State, fits
from app.invoices.models import Invoice, InvoiceStep

translate_constraint("uq_invoices_live", InvoiceAskedFor)
translate_constraint("uq_invoices_number", NumberTaken)


def get_invoice(invoice_id: int, by: Scope, *, lock: bool = False) -> Invoice:
    """The row if this scope sees it; raises InvoiceNotFound. Commands read it with a lock."""
    return get_visible(Invoice, invoice_id, by, lock=lock, missing=InvoiceNotFound())


def guard(invoice: Invoice, action: Action, by: Scope) -> Transition[State, Action]:
    """The legal move; raises Forbidden for a hat that never may, WrongInvoiceState otherwise."""
    if by.role not in LIFECYCLE.roles(action):
        raise Forbidden()
    found = LIFECYCLE.find(action, State(invoice.state), by.role)
    if found is None or not fits(action, How(invoice.how), by.role):
        words = f"这张发票现在是“{State(invoice.state).label}”,不能这样操作"
        raise WrongInvoiceState(words, fields={"state": invoice.state})
    return found


def move(
    invoice: Invoice, transition: Transition[State, Action], *, by: Scope, at: datetime, note: str = ""
) -> None:
    """New state, step, outbox row; the evidence was set by the caller."""
    assert transition.target is not None
    invoice.state, invoice.version = transition.target.value, invoice.version + 1
    if transition.target in OVER:
        invoice.live = None
    db.session.flush()
    add_step(invoice, transition.action.value, by=by, at=at, note=note)


def add_step(invoice: Invoice, action: str, *, by: Scope, at: datetime, note: str = "") -> None:
    """Write what happened, for the timeline and for whoever must be told."""
    step = InvoiceStep(
        invoice_id=invoice.id,
        seq=invoice.version,
        action=action,
        state=invoice.state,
        at=at,
        actor_id=by.account_id,
        actor_role=by.role.value,
        note=note,
    )
    db.session.add(step)
    db.session.flush()
    publish(InvoiceMoved(invoice.id, invoice.version, action, invoice.state, by.account_id))
