"""退费: asked for, reviewed, decided, by three different persons; money moves only afterwards (domain 3.12).

The fen are reserved when they are asked for, under the payment's lock, so that all refunds together never exceed what
was paid. One refund of a payment is on its way at a time. The call itself is in sending_refunds.py.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from app.audit import service as audit
from app.core import clock
from app.core.db import db, lock
from app.core.errors import Forbidden
from app.core.outbox import publish
from app.core.outgoing import OutgoingState
from app.core.roles import Role
from app.core.scope import Scope, find_visible, get_visible
from app.core.texts import cleaned
from app.integrations.wechat.pay.contract import RefundState
from app.payments.errors import (
    NothingToRefund,
    PaymentNotFound,
    RefundNotFound,
    RefundOpen,
    RefundTooLate,
    SamePerson,
    WrongRefundStep,
)
from app.payments.events import RefundDecided, RefundRequested
from app.payments.models import Payment, PaymentState, Refund, RefundStep
from app.payments.refund_holds import refuse_held
from app.payments.refund_rows import write_refund
from app.payments.refund_rules import LeftOfLine, RefundReason, is_too_late, parts_to_refund

REVIEWERS = frozenset({Role.FIN})
APPROVERS = frozenset({Role.FIN, Role.CO})
UNFINISHED = frozenset({RefundStep.REQUESTED, RefundStep.REVIEWED, RefundStep.SENDING, RefundStep.FAILED})
DECIDABLE = frozenset({RefundStep.REQUESTED, RefundStep.REVIEWED})
SENT_AGAIN = frozenset({RefundState.CLOSED.value, RefundState.ABNORMAL.value})
"""How a refund ended at WeChat that is sent again without asking first. What was refused is asked for first: an earlier
call, whose answer was lost, may have been carried out."""


def ask_refund(
    payment_id: int,
    *,
    by: Scope,
    reason_code: RefundReason,
    reason: str = "",
    amount_fen: int | None = None,
    subjects: Collection[str] | None = None,
) -> Refund:
    """Ask for everything that is left, for some subjects of it, or for an amount; the payer himself, or the company.

    The same person asking again while it is open gets the same refund. Raises PaymentNotFound, NothingToRefund,
    RefundTooHigh, RefundTooLate, RefundOpen, Invalid.
    """
    payment = _locked_payment(payment_id, by)
    words = cleaned(reason, field="reason", at_least=0, at_most=200)
    if payment.state != PaymentState.PAID or payment.paid_at is None:
        raise NothingToRefund()
    open_one = _unfinished(payment.id)
    if open_one is not None:
        return _same_again(open_one, by)
    if is_too_late(payment.paid_at, clock.now(), _count(payment.id)):
        raise RefundTooLate()
    left = [LeftOfLine(line.id, line.subject, line.amount_fen - line.refunded_fen) for line in payment.lines]
    parts = parts_to_refund(left, amount_fen=amount_fen, subjects=subjects)
    refund = write_refund(
        payment, parts, reason_code=reason_code.value, reason=words, requested_by=by.account_id
    )
    publish(RefundRequested(refund.id))
    if by.role != Role.RES:
        _audit("refund.request", refund, by)
    return refund


def _locked_payment(payment_id: int, by: Scope) -> Payment:
    payment = get_visible(Payment, payment_id, by, lock=True, missing=PaymentNotFound())
    if by.role not in APPROVERS and payment.payer_id != by.account_id:
        raise Forbidden()
    return payment


def _same_again(refund: Refund, by: Scope) -> Refund:
    if refund.requested_by == by.account_id and refund.step in DECIDABLE:
        return refund
    raise RefundOpen(fields={"refund_id": refund.id})


def _unfinished(payment_id: int) -> Refund | None:
    steps = [step.value for step in UNFINISHED]
    return db.session.scalars(
        select(Refund).where(Refund.payment_id == payment_id, Refund.step.in_(steps))
    ).first()


def _count(payment_id: int) -> int:
    sent = (Refund.payment_id == payment_id) & (Refund.step != RefundStep.REJECTED.value)
    return int(db.session.scalar(select(func.count(Refund.id)).where(sent)) or 0)


def review(refund_id: int, *, by: Scope) -> Refund:
    """初审: the accountant has looked at it. Raises RefundNotFound, Forbidden, SamePerson, WrongRefundStep."""
    refund, _ = _locked(refund_id, by, REVIEWERS, {RefundStep.REQUESTED})
    refund.step, refund.first_by, refund.first_at = (
        RefundStep.REVIEWED.value,
        _person(refund, by),
        clock.now(),
    )
    return _decided(refund, by, "refund.review")


def approve(refund_id: int, *, by: Scope) -> Refund:
    """复核: the money goes out. A second accountant or the company's administrator, neither of whom asked for it.

    Raises RefundNotFound, Forbidden, SamePerson, WrongRefundStep, RefundHeld (an invoice stands).
    """
    refund, payment = _locked(refund_id, by, APPROVERS, {RefundStep.REVIEWED})
    refuse_held(payment.id)
    refund.second_by, refund.second_at = _person(refund, by), clock.now()
    _send(refund, refund.second_at)
    return _decided(refund, by, "refund.approve")


def retry(refund_id: int, *, by: Scope) -> Refund:
    """Send a failed one again, under its own number: WeChat knows it as the same refund.

    Raises RefundNotFound, Forbidden, WrongRefundStep.
    """
    refund, _ = _locked(refund_id, by, APPROVERS, {RefundStep.FAILED})
    if refund.last_error in SENT_AGAIN:
        refund.attempts = 0
    _send(refund, clock.now())
    return _decided(refund, by, "refund.retry")


def _send(refund: Refund, at: datetime) -> None:
    refund.step, refund.state = RefundStep.SENDING.value, OutgoingState.WAITING.value
    refund.next_at, refund.done_at, refund.last_error = at, None, None


def reject(refund_id: int, *, by: Scope, why: str) -> Refund:
    """Nothing goes back, and the payer reads why; before the second signature only.

    Raises RefundNotFound, Forbidden, WrongRefundStep, Invalid.
    """
    refund, payment = _locked(refund_id, by, APPROVERS, DECIDABLE)
    refund.rejected_why = cleaned(why, field="why", at_least=2, at_most=200)
    refund.step, refund.state = RefundStep.REJECTED.value, OutgoingState.REFUSED.value
    refund.done_at = clock.now()
    payment.refunding_fen -= refund.amount_fen
    return _decided(refund, by, "refund.reject")


def _locked(
    refund_id: int, by: Scope, roles: Collection[Role], steps: Collection[RefundStep]
) -> tuple[Refund, Payment]:
    """Payment first, then refund: whoever changes either takes the locks in this order."""
    seen = find_visible(Refund, refund_id, by)
    if seen is None:
        raise RefundNotFound()
    if by.role not in roles:
        raise Forbidden()
    whole = {"populate_existing": True}
    payments = lock(select(Payment).where(Payment.id == seen.payment_id)).execution_options(**whole)
    payment = db.session.scalars(payments).one()
    refund = db.session.scalars(
        lock(select(Refund).where(Refund.id == refund_id)).execution_options(**whole)
    ).one()
    if refund.step not in steps:
        raise WrongRefundStep(fields={"step": refund.step})
    return refund, payment


def _person(refund: Refund, by: Scope) -> int:
    """Who signs; raises SamePerson for somebody who has signed before or gets the money himself."""
    assert by.account_id is not None
    if by.account_id == refund.payer_id:
        raise SamePerson("这笔钱是退给您本人的,请由另一位同事处理")
    if not may_sign(refund, by):
        raise SamePerson()
    return by.account_id


def may_sign(refund: Refund, by: Scope) -> bool:
    """Whether this person has nothing to do with the refund so far: neither asked, nor reviewed, nor paid."""
    return by.account_id not in (refund.requested_by, refund.first_by, refund.payer_id)


def _decided(refund: Refund, by: Scope, action: str) -> Refund:
    db.session.flush()
    publish(RefundDecided(refund.id, refund.step))
    _audit(action, refund, by)
    return refund


def _audit(action: str, refund: Refund, by: Scope) -> None:
    audit.record(
        action,
        by=by,
        object_kind="refund",
        object_id=refund.id,
        details={
            "payment_id": refund.payment_id,
            "amount_fen": refund.amount_fen,
            "reason_code": refund.reason_code,
        },
        district_id=refund.district_id,
    )
