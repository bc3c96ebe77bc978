"""Invoices as people read them; every list takes a scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from app.core.db import db
from app.core.labelled import Labelled
from app.core.outgoing import OutgoingState
from app.core.paging import Page, decode_instant_cursor, encode_cursor, newest_rows
from app.core.scope import Scope, condition
from app.invoices.errors import InvoiceNotFound
from app.invoices.lifecycle import OVER, STANDS, Action, How, State, TitleKind, actions_for, step_label
from app.invoices.models import CallKind, EInvoiceCall, Invoice, InvoiceStep
from app.payments.models import Payment, PaymentLine

_IN_THE_MAIL = (Invoice.how == How.ELECTRONIC.value) & (Invoice.state == State.ISSUED.value)
"""An electronic one that was written out has been sent: nobody waits for anything."""


class Pile(Labelled):
    """What lies together on the desk of the company's finance; `label` is its tab."""

    REQUESTED = "requested", "待开"
    ISSUED = "issued", "已开,待送出"
    UNDER_WAY = "under_way", "待领取、投递中"
    DONE = "done", "已送到"
    OVER = "over", "退回、撤回、红冲"


_PILES: Mapping[Pile, Any] = {
    Pile.REQUESTED: Invoice.state == State.REQUESTED.value,
    Pile.ISSUED: Invoice.state.in_((State.ISSUED.value, State.REVERSING.value)) & ~_IN_THE_MAIL,
    Pile.UNDER_WAY: Invoice.state.in_((State.READY.value, State.DELIVERING.value)),
    Pile.DONE: Invoice.state.in_((State.COLLECTED.value, State.DELIVERED.value)) | _IN_THE_MAIL,
    Pile.OVER: Invoice.state.in_(sorted(state.value for state in OVER)),
}


@dataclass(frozen=True)
class InvoiceLine:
    """One in a list; instants are UTC."""

    id: int
    payment_id: int
    receipt_no: str
    payment_title: str
    state: State
    how: How
    title_kind: TitleKind
    title: str
    tax_no: str
    email: str
    amount_fen: int
    number: str
    red_number: str
    pdf_url: str
    requested_at: datetime
    due_at: datetime
    issued_at: datetime | None
    handed_over_at: datetime | None
    handed_over_to: str
    actions: Sequence[Action]

    @property
    def words(self) -> str:
        """What everybody reads of its state."""
        if self.how is How.ELECTRONIC and self.state is State.ISSUED:
            return "已开,已发到邮箱"
        return self.state.label

    def is_late(self, at: datetime) -> bool:
        """Whether it should have been written out by now (K27)."""
        return self.state is State.REQUESTED and at > self.due_at


@dataclass(frozen=True)
class InvoiceMark:
    """The live invoice of a payment."""

    id: int
    state: State


@dataclass(frozen=True)
class Item:
    """What the invoice is for; fen that were not refunded."""

    label: str
    amount_fen: int


@dataclass(frozen=True)
class Step:
    """One line of the timeline."""

    words: str
    at: datetime
    note: str


def _lines(scope: Scope) -> Any:
    return (
        select(Invoice, Payment.receipt_no, Payment.title)
        .join(Payment, Payment.id == Invoice.payment_id)
        .where(condition(Invoice, scope))
    )


def _line(row: Any, scope: Scope) -> InvoiceLine:
    invoice, receipt_no, payment_title = row
    state, how = State(invoice.state), How(invoice.how)
    return InvoiceLine(
        id=invoice.id,
        payment_id=invoice.payment_id,
        receipt_no=receipt_no or "",
        payment_title=payment_title,
        state=state,
        how=how,
        title_kind=TitleKind(invoice.title_kind),
        title=invoice.title,
        tax_no=invoice.tax_no,
        email=invoice.email or "",
        amount_fen=invoice.amount_fen,
        number=invoice.number or "",
        red_number=invoice.red_number or "",
        pdf_url=invoice.pdf_url,
        requested_at=invoice.requested_at,
        due_at=invoice.due_at,
        issued_at=invoice.issued_at,
        handed_over_at=invoice.handed_over_at,
        handed_over_to=invoice.handed_over_to,
        actions=actions_for(state, how, scope.role),
    )


def invoices_page(scope: Scope, *, cursor: str | None = None, limit: int = 20) -> Page[InvoiceLine]:
    """All of them, the newest first."""
    page = newest_rows(_lines(scope), Invoice, cursor=cursor, limit=limit)
    return Page([_line(row, scope) for row in page.items], page.next_cursor)


def worklist(scope: Scope, pile: Pile, *, cursor: str | None = None, limit: int = 50) -> Page[InvoiceLine]:
    """One pile, the oldest request first: what waits longest is done first. Raises Invalid."""
    statement = _lines(scope).where(_PILES[pile])
    after = decode_instant_cursor(cursor)
    if after is not None:
        at, invoice_id = after
        same = (Invoice.requested_at == at) & (Invoice.id > invoice_id)
        statement = statement.where(or_(Invoice.requested_at > at, same))
    rows = db.session.execute(statement.order_by(Invoice.requested_at, Invoice.id).limit(limit + 1)).all()
    kept = rows[:limit]
    last = kept[-1].Invoice if len(rows) > limit else None
    next_cursor = encode_cursor(last.requested_at.isoformat(), last.id) if last else None
    return Page([_line(row, scope) for row in kept], next_cursor)


def invoice_line(invoice_id: int, scope: Scope) -> InvoiceLine:
    """One of them; raises InvoiceNotFound when it is hidden."""
    row = db.session.execute(_lines(scope).where(Invoice.id == invoice_id)).one_or_none()
    if row is None:
        raise InvoiceNotFound()
    return _line(row, scope)


def marks(payment_ids: Collection[int]) -> Mapping[int, InvoiceMark]:
    """The live invoice of each payment that has one; the caller was allowed to see the payments."""
    mine = Invoice.payment_id.in_(sorted(set(payment_ids))) & (Invoice.live == 1)
    rows = db.session.execute(select(Invoice.payment_id, Invoice.id, Invoice.state).where(mine))
    return {row.payment_id: InvoiceMark(row.id, State(row.state)) for row in rows}


def live_invoice(payment_id: int) -> InvoiceMark | None:
    """The invoice that counts, None when there is none."""
    return marks([payment_id]).get(payment_id)


def must_reverse_first(payment_id: int) -> bool:
    """Whether an invoice stands that must be reversed before money of the payment goes back."""
    found = live_invoice(payment_id)
    return found is not None and found.state in STANDS


def items_of(payment_id: int) -> list[Item]:
    """What the invoice is for, without what went back; the caller was allowed to see it."""
    return items_of_many([payment_id])[payment_id]


def items_of_many(payment_ids: Collection[int]) -> Mapping[int, list[Item]]:
    """The same for a page of them, in one statement."""
    found: dict[int, list[Item]] = {each: [] for each in payment_ids}
    if found:
        left = PaymentLine.amount_fen - PaymentLine.refunded_fen
        mine = PaymentLine.payment_id.in_(sorted(found)) & (left > 0)
        columns = select(PaymentLine.payment_id, PaymentLine.label, left).where(mine)
        for payment_id, label, fen in db.session.execute(columns.order_by(PaymentLine.id)):
            found[payment_id].append(Item(label, fen))
    return found


def trouble_of(invoice_id: int) -> str:
    """Why the last call to the service for electronic invoices brought nothing, empty when there is no trouble; the
    caller was allowed to see the invoice."""
    newest = select(EInvoiceCall.last_error).where(EInvoiceCall.invoice_id == invoice_id)
    return db.session.scalars(newest.order_by(EInvoiceCall.id.desc()).limit(1)).first() or ""


def reversal_refused(invoice_id: int) -> bool:
    """Whether the service for electronic invoices has said that it will not reverse it."""
    said = (EInvoiceCall.invoice_id == invoice_id) & (EInvoiceCall.kind == CallKind.REVERSE.value)
    state = db.session.scalar(select(EInvoiceCall.state).where(said))
    return state == OutgoingState.REFUSED


def steps_of(invoice_id: int) -> list[Step]:
    """Everything that happened, in sequence; the caller was allowed to see it."""
    mine = select(InvoiceStep).where(InvoiceStep.invoice_id == invoice_id).order_by(InvoiceStep.seq)
    return [Step(step_label(each.action), each.at, each.note) for each in db.session.scalars(mine)]


def steps_of_many(invoice_ids: Collection[int]) -> Mapping[int, list[Step]]:
    """The same for a page of them, in one statement."""
    found: dict[int, list[Step]] = {each: [] for each in invoice_ids}
    mine = InvoiceStep.invoice_id.in_(sorted(found))
    rows = select(InvoiceStep).where(mine).order_by(InvoiceStep.invoice_id, InvoiceStep.seq)
    for each in db.session.scalars(rows):
        found[each.invoice_id].append(Step(step_label(each.action), each.at, each.note))
    return found
