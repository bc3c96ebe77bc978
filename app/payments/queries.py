"""Named questions about payments and refunds: a payer's own, a company's, a district's. Keyset pages, never a count."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectinload

from app.accounts.models import Account
from app.companies.models import Company
from app.core.clock import start_of_china_day
from app.core.db import db
from app.core.masking import mask_name
from app.core.paging import DEFAULT_LIMIT, Page, newest_page
from app.core.scope import Scope, get_visible, visible
from app.payments.errors import PaymentNotFound, RefundNotFound
from app.payments.models import Payment, PaymentLine, PaymentState, Refund, RefundStep

FINISHED_REFUNDS = frozenset({RefundStep.DONE, RefundStep.REJECTED})


@dataclass(frozen=True)
class PaymentView:
    """A payment with the name of whom it goes to and its refunds, the newest first."""

    payment: Payment
    payee: str
    refunds: Sequence[Refund]


@dataclass(frozen=True)
class RefundView:
    """A refund with its payment; `payer` is masked, `people` are the names of those who signed (account id: name)."""

    refund: Refund
    payment: Payment
    payee: str
    payer: str
    people: Mapping[int, str]


@dataclass(frozen=True)
class Wanted:
    """Which payments of a company or a district: all of them unless something is said."""

    state: str = ""
    since: date | None = None
    until: date | None = None
    number: str = ""


def payment_view(payment_id: int, scope: Scope) -> PaymentView:
    """One payment; raises PaymentNotFound."""
    payment = get_visible(Payment, payment_id, scope, missing=PaymentNotFound())
    return _with_names([payment])[0]


def views_of(payments: Sequence[Payment]) -> list[PaymentView]:
    """The same for payments that the caller has read in his scope."""
    return _with_names(payments)


def payments_page(
    scope: Scope,
    *,
    subjects: Collection[str] | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[PaymentView]:
    """The newest first; with `subjects` only those that have one of them among their lines."""
    statement = visible(Payment, scope)
    if subjects is not None:
        with_one = select(PaymentLine.payment_id).where(PaymentLine.subject.in_(sorted(subjects)))
        statement = statement.where(Payment.id.in_(with_one))
    return _page(statement, cursor, limit)


def subjects_of_payer(scope: Scope) -> list[str]:
    """Everything for which the person ever began to pay."""
    mine = visible(Payment, scope).with_only_columns(Payment.id)
    return list(
        db.session.scalars(select(PaymentLine.subject).where(PaymentLine.payment_id.in_(mine)).distinct())
    )


def payments_found(
    scope: Scope, wanted: Wanted, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[PaymentView]:
    """What the company's accountant looks through."""
    return _page(_where(visible(Payment, scope), wanted), cursor, limit)


def _where(statement: Select[Payment], wanted: Wanted) -> Select[Payment]:
    if wanted.state:
        statement = statement.where(Payment.state == wanted.state)
    if wanted.since:
        statement = statement.where(Payment.created_at >= start_of_china_day(wanted.since))
    if wanted.until:
        statement = statement.where(Payment.created_at < start_of_china_day(wanted.until))
    if wanted.number:
        numbers = (Payment.out_trade_no, Payment.transaction_id, Payment.receipt_no)
        statement = statement.where(or_(*(column == wanted.number for column in numbers)))
    return statement


def _page(statement: Select[Payment], cursor: str | None, limit: int) -> Page[PaymentView]:
    whole = statement.options(selectinload(Payment.lines))
    page = newest_page(whole, Payment, cursor=cursor, limit=limit)
    return Page(items=_with_names(page.items), next_cursor=page.next_cursor)


def _with_names(payments: Sequence[Payment]) -> list[PaymentView]:
    names = _companies({payment.company_id for payment in payments})
    touched = [p.id for p in payments if p.state in (PaymentState.PAID, PaymentState.LATE)]
    refunds: dict[int, list[Refund]] = {}
    if touched:
        found = select(Refund).where(Refund.payment_id.in_(touched)).order_by(Refund.id.desc())
        for refund in db.session.scalars(found):
            refunds.setdefault(refund.payment_id, []).append(refund)
    return [PaymentView(each, names[each.company_id], refunds.get(each.id, [])) for each in payments]


def _companies(ids: Collection[int]) -> dict[int, str]:
    found = select(Company.id, Company.name).where(Company.id.in_(sorted(ids)))
    return {row.id: row.name for row in db.session.execute(found)} if ids else {}


def get_refund(refund_id: int, scope: Scope) -> RefundView:
    """One refund with everything around it; raises RefundNotFound."""
    refund = get_visible(Refund, refund_id, scope, missing=RefundNotFound())
    return _refund_views([refund])[0]


def refunds_page(
    scope: Scope, *, open_: bool | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[RefundView]:
    """Those that wait for somebody or for WeChat, those that are over, or all; the newest first."""
    statement = visible(Refund, scope)
    over = Refund.step.in_([step.value for step in FINISHED_REFUNDS])
    if open_ is not None:
        statement = statement.where(~over if open_ else over)
    whole = statement.options(selectinload(Refund.lines))
    page = newest_page(whole, Refund, cursor=cursor, limit=limit)
    return Page(items=_refund_views(page.items), next_cursor=page.next_cursor)


def waiting_refunds(scope: Scope) -> int:
    """How many refunds wait for a person, for the badge of the menu."""
    steps = (RefundStep.REQUESTED.value, RefundStep.REVIEWED.value, RefundStep.FAILED.value)
    found = visible(Refund, scope).where(Refund.step.in_(steps)).with_only_columns(Refund.id).limit(100)
    return len(db.session.scalars(found).all())


def _refund_views(refunds: Sequence[Refund]) -> list[RefundView]:
    ids = {refund.payment_id for refund in refunds}
    found = select(Payment).where(Payment.id.in_(sorted(ids))).options(selectinload(Payment.lines))
    payments = {payment.id: payment for payment in db.session.scalars(found)} if ids else {}
    companies = _companies({refund.company_id for refund in refunds})
    signed = {who for each in refunds for who in (each.requested_by, each.first_by, each.second_by) if who}
    people = _people(signed | {refund.payer_id for refund in refunds})
    return [
        RefundView(
            refund=each,
            payment=payments[each.payment_id],
            payee=companies[each.company_id],
            payer=mask_name(people.get(each.payer_id)),
            people=people,
        )
        for each in refunds
    ]


def _people(ids: Collection[int]) -> dict[int, str]:
    found = select(Account.id, Account.name).where(Account.id.in_(sorted(ids)))
    return {row.id: row.name or "" for row in db.session.execute(found)} if ids else {}


def payer_names(payments: Sequence[Payment]) -> dict[int, str]:
    """Payer's account id -> masked name, for lists of staff."""
    return {key: mask_name(name) for key, name in _people({each.payer_id for each in payments}).items()}


def subject_payments(subjects: Collection[str], scope: Scope) -> dict[str, Payment]:
    """The payment that holds each subject now (waiting or paid), of those that this person may see."""
    held = (PaymentLine.claim == 1) & PaymentLine.subject.in_(sorted(subjects))
    joined = visible(Payment, scope).join(PaymentLine, PaymentLine.payment_id == Payment.id).where(held)
    rows = db.session.execute(joined.add_columns(PaymentLine.subject)).all() if subjects else []
    return {row.subject: row.Payment for row in rows}
