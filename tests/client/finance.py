"""What a company's accountant does meanwhile, so that a resident has something to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import select

from app.accounts.models import Hat
from app.companies.hats import scope_of
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import Scope
from app.fees import correcting, questions
from app.fees.bill_models import Bill
from app.fees.question_models import FeeQuestion
from app.invoices import issuing
from app.invoices.models import Invoice
from app.payments import refunding
from app.payments.models import Refund
from tests.client.district import District

T = TypeVar("T")


def _as_accountant(district: District, company_of: Callable[[], int], work: Callable[[Scope], T]) -> T:
    """Done by the accountant of the company that `company_of` finds."""

    def run() -> T:
        theirs = (Hat.company_id == company_of()) & (Hat.role == Role.FIN.value)
        hat = db.session.scalars(select(Hat).where(theirs).order_by(Hat.id).limit(1)).one()
        return work(scope_of(hat))

    with district.product.looking_in():
        return transact(run)


def answers(district: District, question_id: int, text: str) -> None:
    """The newest word on a question about a bill."""
    _as_accountant(
        district,
        lambda: db.session.get_one(FeeQuestion, question_id).company_id,
        lambda by: questions.answer(question_id, text=text, by=by).id,
    )


def writes_out(district: District, invoice_id: int) -> None:
    """The invoice, under a number that nobody else has."""
    _as_accountant(
        district,
        lambda: db.session.get_one(Invoice, invoice_id).company_id,
        lambda by: issuing.issue(invoice_id, number=f"2411{invoice_id:016d}", by=by).id,
    )


def refuses_refund(district: District, refund_id: int, why: str) -> None:
    """Nothing goes back."""
    _as_accountant(
        district,
        lambda: db.session.get_one(Refund, refund_id).company_id,
        lambda by: refunding.reject(refund_id, by=by, why=why).id,
    )


def corrects(district: District, bill_id: int, *, less_fen: int, reason: str) -> int:
    """A new version of the bill; its id."""
    return _as_accountant(
        district,
        lambda: db.session.get_one(Bill, bill_id).company_id,
        lambda by: (
            correcting.correct(
                bill_id,
                amount_fen=db.session.get_one(Bill, bill_id).amount_fen - less_fen,
                reason=reason,
                by=by,
            ).id
        ),
    )
