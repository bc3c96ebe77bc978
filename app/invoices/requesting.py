"""A payer asks for an invoice, or takes the request back (S0-10)."""

from __future__ import annotations

from app.core import clock
from app.core.calendar_days import working_days_after
from app.core.db import db
from app.core.errors import Forbidden
from app.core.roles import Role
from app.core.scope import Scope, get_visible
from app.invoices.calls import plan_call
from app.invoices.errors import InvoiceAskedFor, NoElectronic, NotInvoiceable, RefundUnderWay
from app.invoices.lifecycle import REQUEST, Action, How, State
from app.invoices.models import CallKind, Invoice
from app.invoices.moving import add_step, get_invoice, guard, move
from app.invoices.queries import live_invoice
from app.invoices.rules import ELECTRONIC_UNDER_WAY, ISSUE_WITHIN_DAYS, Wanted, refund_subject
from app.payments.errors import PaymentNotFound
from app.payments.models import Payment, PaymentState
from app.payments.refund_holds import hold_refunds


def request(payment_id: int, wanted: Wanted, *, electronic_offered: bool, by: Scope) -> Invoice:
    """Ask for the invoice of a paid payment; an electronic one is ordered from its service at once.

    Raises PaymentNotFound, NotInvoiceable, RefundUnderWay, InvoiceAskedFor, NoElectronic, Invalid.
    """
    if by.role is not Role.RES:
        raise Forbidden()
    payment = get_visible(Payment, payment_id, by, lock=True, missing=PaymentNotFound())
    left = payment.amount_fen - payment.refunded_fen
    if payment.state != PaymentState.PAID or left <= 0:
        raise NotInvoiceable()
    if payment.refunding_fen:
        raise RefundUnderWay()
    if live_invoice(payment.id) is not None:
        raise InvoiceAskedFor()
    chosen = wanted.checked()
    if chosen.how is How.ELECTRONIC and not electronic_offered:
        raise NoElectronic()
    return _write(payment, chosen, left, by)


def _write(payment: Payment, chosen: Wanted, left_fen: int, by: Scope) -> Invoice:
    at = clock.now()
    invoice = Invoice(
        payment_id=payment.id,
        payer_id=payment.payer_id,
        company_id=payment.company_id,
        district_id=payment.district_id,
        state=State.REQUESTED.value,
        version=1,
        how=chosen.how.value,
        title_kind=chosen.title_kind.value,
        title=chosen.title,
        tax_no=chosen.tax_no,
        email=chosen.email or None,
        amount_fen=left_fen,
        requested_at=at,
        due_at=working_days_after(at, ISSUE_WITHIN_DAYS),
    )
    db.session.add(invoice)
    db.session.flush()
    add_step(invoice, REQUEST, by=by, at=at)
    if chosen.how is How.ELECTRONIC:
        hold_refunds(payment.id, refund_subject(invoice.id), ELECTRONIC_UNDER_WAY)
        plan_call(invoice.id, CallKind.ISSUE)
    return invoice


def withdraw(invoice_id: int, *, by: Scope) -> Invoice:
    """Take a request back before it was written out. Raises InvoiceNotFound, WrongInvoiceState."""
    invoice = get_invoice(invoice_id, by, lock=True)
    move(invoice, guard(invoice, Action.WITHDRAW, by), by=by, at=clock.now())
    return invoice
