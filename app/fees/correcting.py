"""更正: a new version beside the old one, with the reason that the resident reads (domain 3.12).

What was paid stays with the payments: when the new amount is lower the difference is asked back for the payer, and two
other persons decide on it; when it is higher only the difference is due.
"""

from __future__ import annotations

from sqlalchemy import func, select

from app.audit import service as audit
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.outbox import publish
from app.core.roles import Role
from app.core.scope import Scope, get_visible
from app.core.texts import cleaned
from app.fees.bill_models import Bill, BillCorrection
from app.fees.errors import (
    BillBeingPaid,
    BillNotFound,
    BillRefundOpen,
    BillReplaced,
    NotYourMoney,
    SameAmount,
)
from app.fees.events import BillCorrected
from app.fees.rules import AMOUNT_MAX_FEN, BillState
from app.payments.models import WAITING, Payment, PaymentLine, PaymentState, Refund
from app.payments.refund_rules import RefundReason
from app.payments.refunding import UNFINISHED, ask_refund

CARRIED = (
    *("home_id", "period", "kind", "due_on", "estate_id", "company_id", "district_id", "contract_id"),
    *(
        "standard_id",
        "note",
        "quantity_hundredths",
        "price_hundredths",
        "paid_fen",
        "refunded_fen",
        "paid_at",
    ),
)
"""What a new version has from the old one."""


def correct(bill_id: int, *, amount_fen: int, reason: str, by: Scope) -> Bill:
    """Replace the bill by a version with this amount; 0 takes it back. Returns the new version; audited.

    Raises NotYourMoney, BillNotFound, BillRefundOpen, BillReplaced, BillBeingPaid, SameAmount, Invalid.
    """
    if not (by.everything or by.role == Role.FIN):
        raise NotYourMoney("账单由物业企业财务更正")
    bill = get_visible(Bill, bill_id, by, lock=True, missing=BillNotFound())
    if bill.state == BillState.VOID or not _is_newest(bill):
        raise BillReplaced()
    if isinstance(amount_fen, bool) or not 0 <= amount_fen <= AMOUNT_MAX_FEN:
        raise Invalid("金额请填 0 到 1000000 元之间的数", fields={"amount": "超出范围"})
    if amount_fen == bill.amount_fen:
        raise SameAmount(fields={"amount": SameAmount.message})
    said = cleaned(reason, field="reason", at_least=4, at_most=200)
    versions = _versions(bill)
    if _being_paid(versions):
        raise BillBeingPaid()
    if _has_open_refund(_paid_lines(versions)):
        raise BillRefundOpen()
    new = _new_version(bill, amount_fen)
    refund_fen = _ask_back(versions, new, said, by)
    _keep(bill, new, said, by)
    publish(BillCorrected(bill.id, new.id, bill.amount_fen, new.amount_fen, refund_fen))
    return new


def _is_newest(bill: Bill) -> bool:
    chain = (Bill.home_id == bill.home_id) & (Bill.period == bill.period) & (Bill.kind == bill.kind)
    return db.session.scalar(select(func.max(Bill.version)).where(chain)) == bill.version


def _versions(bill: Bill) -> list[str]:
    """The subjects of all versions."""
    chain = (Bill.home_id == bill.home_id) & (Bill.period == bill.period) & (Bill.kind == bill.kind)
    return [f"bill:{each}" for each in db.session.scalars(select(Bill.id).where(chain))]


def _being_paid(subjects: list[str]) -> bool:
    open_ = (
        select(PaymentLine.id)
        .join(Payment, Payment.id == PaymentLine.payment_id)
        .where(PaymentLine.subject.in_(subjects), PaymentLine.claim == 1)
        .where(Payment.state.in_([state.value for state in WAITING]))
    )
    return db.session.scalar(open_.limit(1)) is not None


def _new_version(bill: Bill, amount_fen: int) -> Bill:
    net = bill.paid_fen - bill.refunded_fen
    if amount_fen == 0:
        state = BillState.VOID
    else:
        state = BillState.PAID if bill.paid_fen and net >= amount_fen else BillState.DUE
    new = Bill(
        **{name: getattr(bill, name) for name in CARRIED},
        version=bill.version + 1,
        amount_fen=amount_fen,
        state=state.value,
        issued_at=clock.now(),
    )
    bill.state = BillState.VOID.value
    db.session.add(new)
    db.session.flush()
    return new


def _ask_back(subjects: list[str], new: Bill, reason: str, by: Scope) -> int:
    """Refund requests for what was paid too much, from the newest payment backwards; returns the fen."""
    wanted = left = max(0, new.paid_fen - new.refunded_fen - new.amount_fen)
    for line in _paid_lines(subjects) if wanted else ():
        part = min(left, line.amount_fen - line.refunded_fen)
        if part > 0:
            ask_refund(
                line.payment_id,
                by=by,
                reason_code=RefundReason.AGREED,
                reason=f"账单更正:{reason}"[:200],
                amount_fen=part,
                subjects=(line.subject,),
            )
            left -= part
    return wanted - left


def _paid_lines(subjects: list[str]) -> list[PaymentLine]:
    statement = (
        select(PaymentLine)
        .join(Payment, Payment.id == PaymentLine.payment_id)
        .where(PaymentLine.subject.in_(subjects), Payment.state == PaymentState.PAID.value)
        .order_by(PaymentLine.id.desc())
    )
    return list(db.session.scalars(statement))


def _has_open_refund(lines: list[PaymentLine]) -> bool:
    steps = [step.value for step in UNFINISHED]
    payment_ids = {line.payment_id for line in lines}
    open_ = select(Refund.id).where(Refund.payment_id.in_(payment_ids), Refund.step.in_(steps))
    return bool(payment_ids) and db.session.scalar(open_.limit(1)) is not None


def _keep(old: Bill, new: Bill, reason: str, by: Scope) -> None:
    row = BillCorrection(
        bill_id=old.id,
        new_bill_id=new.id,
        before_fen=old.amount_fen,
        after_fen=new.amount_fen,
        reason=reason,
        corrected_at=clock.now(),
        corrected_by=by.account_id,
    )
    db.session.add(row)
    db.session.flush()
    details = {"before_fen": old.amount_fen, "after_fen": new.amount_fen, "reason": reason}
    audit.record(
        "bill.correct",
        by=by,
        object_kind="bill",
        object_id=new.id,
        details=details,
        district_id=new.district_id,
    )
