"""What follows when something was done to an invoice or a fee question. Each may run again: its rows have keys."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from app.companies.queries import bureau_accounts, company_accountants, company_admins, managers_of
from app.core.db import db
from app.fees.bill_models import Bill
from app.fees.question_events import FeeQuestionLate, FeeQuestionMoved
from app.fees.question_lifecycle import State
from app.fees.question_models import FeeQuestion
from app.fees.questions import days_for
from app.fees.rules import FeeKind, period_label
from app.invoices.events import InvoiceMoved
from app.invoices.lifecycle import How
from app.invoices.models import Invoice, InvoiceStep
from app.notifications.service import notify, notify_many
from app.payments.models import Payment
from app.reactions.bookkeeping_messages import (
    answerer_message,
    asker_message,
    invoice_message,
    invoice_work_message,
    late_message,
)
from app.reactions.message import Message


def tell_payer_of_invoice(moved: InvoiceMoved) -> None:
    """The payer hears that it was written out, can be fetched, was handed over, sent back or reversed (S0-10)."""
    invoice = db.session.get_one(Invoice, moved.invoice_id)
    payment = db.session.get_one(Payment, invoice.payment_id)
    mine = (InvoiceStep.invoice_id == invoice.id) & (InvoiceStep.seq == moved.seq)
    note = db.session.scalar(select(InvoiceStep.note).where(mine)) or ""
    message = invoice_message(
        moved.action, title=payment.title, note=note, electronic=invoice.how == How.ELECTRONIC
    )
    if message is not None:
        notify(
            invoice.payer_id,
            unique_key=f"invoice:{invoice.id}:{moved.seq}",
            template=message.template,
            title=message.title,
            body=message.body,
        )


def tell_finance_of_invoice(moved: InvoiceMoved) -> None:
    """The accountants hear of what they have to do."""
    invoice = db.session.get_one(Invoice, moved.invoice_id)
    message = invoice_work_message(moved.action, electronic=invoice.how == How.ELECTRONIC)
    if message is not None:
        _tell(company_accountants(invoice.company_id), f"invoice:{invoice.id}:{moved.seq}", message)


def tell_of_fee_question(moved: FeeQuestionMoved) -> None:
    """The asker hears of an answer, whoever owes the next one that it is owed."""
    question = db.session.get_one(FeeQuestion, moved.question_id)
    bill, key = _bill(question), f"fee_question:{question.id}:{moved.seq}"
    answer = asker_message(moved.state, bill=bill)
    if answer is not None:
        _tell([question.asker_id], key, answer)
    days = days_for(State(moved.state), question.asked_at, question.district_id)
    owed = answerer_message(moved.state, bill=bill, days=days)
    if owed is not None:
        _tell(_answerers(question, State(moved.state)), key, owed)


def tell_of_late_answer(late: FeeQuestionLate) -> None:
    """Managers and administrators hear that nobody has answered (C8)."""
    question = db.session.get_one(FeeQuestion, late.question_id)
    if State(late.state) is State.BUREAU:
        people: set[int] = set(bureau_accounts(question.district_id))
    else:
        managers = managers_of(question.office_id) if question.office_id else ()
        people = {*managers, *company_admins(question.company_id)}
    _tell(people, f"fee_question:{question.id}:late:{late.state}", late_message(bill=_bill(question)))


def _answerers(question: FeeQuestion, state: State) -> Collection[int]:
    if state is State.BUREAU:
        return bureau_accounts(question.district_id)
    if state is State.COMPANY:
        return company_admins(question.company_id)
    return company_accountants(question.company_id)


def _bill(question: FeeQuestion) -> str:
    bill = db.session.get_one(Bill, question.bill_id)
    return f"{period_label(bill.period)} {FeeKind(bill.kind).label}"


def _tell(people: Collection[int], unique_key: str, message: Message) -> None:
    notify_many(
        people,
        unique_key=unique_key,
        template=message.template,
        title=message.title,
        body=message.body,
    )
