"""What the company's finance does with an invoice: write it out, hand it over, send the request back, reverse it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select

from app.audit.service import record
from app.core import clock
from app.core.db import db, lock
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import Scope
from app.core.texts import cleaned
from app.invoices.calls import plan_call
from app.invoices.errors import AmountChanged, RefundUnderWay, WrongInvoiceState
from app.invoices.lifecycle import Action, How
from app.invoices.models import CallKind, Invoice
from app.invoices.moving import get_invoice, guard, move
from app.invoices.queries import reversal_refused
from app.invoices.rules import REVERSE_FIRST, checked_number, refund_subject
from app.payments.models import Payment
from app.payments.refund_holds import hold_refunds, release_refunds

BATCH_MAX = 50


def issue(invoice_id: int, *, number: str, by: Scope, pdf_url: str = "") -> Invoice:
    """Written out under this number; from now on a refund waits for its reversal.

    Raises InvoiceNotFound, WrongInvoiceState, RefundUnderWay, AmountChanged, NumberTaken, Invalid.
    """
    invoice = get_invoice(invoice_id, by, lock=True)
    transition = guard(invoice, Action.ISSUE, by)
    digits = checked_number(number)
    if (
        by.role is not Role.SYS
    ):  # what a service has written stands, and refunds have waited since it was asked
        _check_amount(invoice)
    at = clock.now()
    invoice.number, invoice.issued_at, invoice.pdf_url = digits, at, pdf_url
    move(invoice, transition, by=by, at=at, note=digits)
    hold_refunds(invoice.payment_id, subject_of(invoice), REVERSE_FIRST)
    _audit("invoice.issue", invoice, by)
    return invoice


def _check_amount(invoice: Invoice) -> None:
    """Item and amount may not be altered (发票管理办法 art. 18): they are what was paid for good, under its lock."""
    payment = db.session.scalars(
        lock(select(Payment).where(Payment.id == invoice.payment_id)).execution_options(
            populate_existing=True
        )
    ).one()
    if payment.refunding_fen:
        raise RefundUnderWay()
    if payment.amount_fen - payment.refunded_fen != invoice.amount_fen:
        raise AmountChanged()


def send_back(invoice_id: int, *, reason: str, by: Scope) -> Invoice:
    """It cannot be written out like this; the payer reads why and may ask again."""
    invoice = get_invoice(invoice_id, by, lock=True)
    transition = guard(invoice, Action.SEND_BACK, by)
    words = cleaned(reason, field="reason", at_least=2, at_most=200)
    move(invoice, transition, by=by, at=clock.now(), note=words)
    return invoice


def set_out(invoice_id: int, *, by: Scope) -> Invoice:
    """It lies ready at the office, or is on its way to the letter box."""
    invoice = get_invoice(invoice_id, by, lock=True)
    action = Action.POST if invoice.how == How.LETTERBOX else Action.SET_OUT
    move(invoice, guard(invoice, action, by), by=by, at=clock.now())
    return invoice


def hand_over(invoice_id: int, *, to: str, by: Scope) -> Invoice:
    """Collected or delivered: when is now, `to` says who took it or into which box it was put (S0-10)."""
    invoice = get_invoice(invoice_id, by, lock=True)
    action = Action.DELIVER if invoice.how == How.LETTERBOX else Action.COLLECT
    transition = guard(invoice, action, by)
    at = clock.now()
    invoice.handed_over_to = cleaned(to, field="to", at_least=1, at_most=40)
    invoice.handed_over_at = at
    move(invoice, transition, by=by, at=at)
    return invoice


def reverse(invoice_id: int, *, red_number: str = "", reason: str, by: Scope) -> Invoice:
    """红冲: the paper one with the number of its red-letter invoice; an electronic one is reversed by its service."""
    invoice = get_invoice(invoice_id, by, lock=True)
    electronic = invoice.how == How.ELECTRONIC
    transition = guard(invoice, Action.BEGIN_REVERSAL if electronic else Action.REVERSE, by)
    words = cleaned(reason, field="reason", at_least=2, at_most=200)
    if electronic:
        plan_call(invoice.id, CallKind.REVERSE)
    else:
        invoice.red_number = _red(invoice, red_number)
    move(invoice, transition, by=by, at=clock.now(), note=words)
    if not electronic:
        release_refunds(invoice.payment_id, subject_of(invoice))
    _audit("invoice.reverse", invoice, by)
    return invoice


def reverse_by_hand(invoice_id: int, *, red_number: str, by: Scope) -> Invoice:
    """What the service for electronic invoices would not reverse was settled with it or with the tax office: the number
    of the red-letter invoice is written down, and refunds may go. Raises WrongInvoiceState while the service is still
    asked, Invalid."""
    invoice = get_invoice(invoice_id, by, lock=True)
    transition = guard(invoice, Action.REVERSE_BY_HAND, by)
    if not reversal_refused(invoice.id):
        raise WrongInvoiceState("电子发票服务还在红冲,请等它的结果", fields={"state": invoice.state})
    invoice.red_number = _red(invoice, red_number)
    move(invoice, transition, by=by, at=clock.now(), note=invoice.red_number)
    release_refunds(invoice.payment_id, subject_of(invoice))
    _audit("invoice.reverse", invoice, by)
    return invoice


def _red(invoice: Invoice, text: str) -> str:
    number = checked_number(text, field="red_number")
    if number == invoice.number:
        raise Invalid("红字发票有自己的号码,不能和原发票相同", fields={"red_number": "与原发票相同"})
    return number


def in_batch(invoice_ids: Sequence[int], step: Callable[[int], Invoice]) -> int:
    """The same step for several, all or none; returns how many. Raises Invalid for none or too many."""
    wanted = sorted(set(invoice_ids))
    if not 1 <= len(wanted) <= BATCH_MAX:
        raise Invalid(f"请勾选1到{BATCH_MAX}张发票", fields={"ids": f"1到{BATCH_MAX}张"})
    for each in wanted:
        step(each)
    return len(wanted)


def subject_of(invoice: Invoice) -> str:
    """Under which name it holds refunds."""
    return refund_subject(invoice.id)


def _audit(action: str, invoice: Invoice, by: Scope) -> None:
    details = {"number": invoice.number, "red_number": invoice.red_number, "payment_id": invoice.payment_id}
    record(
        action,
        by=by,
        object_kind="invoice",
        object_id=invoice.id,
        details=details,
        district_id=invoice.district_id,
    )
