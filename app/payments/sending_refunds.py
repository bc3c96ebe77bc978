"""A refund's call: claimed, called without a transaction, recorded; always under the number of its row (wechat.md 2.5).

WeChat's yes is acceptance and not arrival: it is asked until the money has arrived or cannot. A call whose answer was
lost is asked for first and sent again only if WeChat has never heard of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select
from structlog import get_logger

from app.core import clock
from app.core.clock import china_date
from app.core.db import db, lock, transact
from app.core.outbox import publish
from app.core.outgoing import OutgoingState, put_off, record, take
from app.integrations.wechat.pay.contract import (
    Outcome,
    PayGateway,
    PayRefund,
    RefundAnswer,
    RefundRecord,
    RefundState,
)
from app.payments.events import RefundFinished
from app.payments.models import Payment, PaymentState, Refund, RefundStep
from app.payments.posting import post_refund
from app.payments.refund_rules import REASON_WORDS

DELAYS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 60, 300, 600))
LATER = timedelta(hours=1)
log = get_logger("payments")


@dataclass(frozen=True)
class _Parcel:
    """One claimed refund as plain values."""

    id: int
    attempt: int
    ask_first: bool
    order: PayRefund


def send_due_refunds(gateway: PayGateway, limit: int) -> int:
    """Send, or ask for, up to `limit` refunds; returns how many were tried."""
    for tried in range(limit):
        parcel = transact(_take_one)
        if parcel is None:
            return tried
        answer = _call(gateway, parcel)
        transact(partial(_keep, parcel, answer))
    return limit


def hurry_refund(out_refund_no: str) -> bool:
    """A notice has told of this refund: it is asked for now. False for a number that is not ours."""
    statement = lock(select(Refund).where(Refund.out_refund_no == out_refund_no))
    refund = db.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if refund is not None and refund.state == OutgoingState.WAITING:
        refund.next_at = clock.now()
    return refund is not None


def _take_one() -> _Parcel | None:
    claimed = next(iter(take(Refund, 1)), None)
    if claimed is None:
        return None
    row = db.session.get_one(Refund, claimed.id)
    payment = db.session.get_one(Payment, row.payment_id)
    order = PayRefund(
        out_refund_no=row.out_refund_no,
        out_trade_no=payment.out_trade_no,
        sub_mch_id=payment.sub_mch_id,
        total_fen=payment.amount_fen,
        refund_fen=row.amount_fen,
        reason=REASON_WORDS.get(row.reason_code, ""),
    )
    return _Parcel(row.id, claimed.attempt, claimed.attempt > 1, order)


def _call(gateway: PayGateway, parcel: _Parcel) -> RefundAnswer:
    order = parcel.order
    if parcel.ask_first:
        known = gateway.query_refund(order.out_refund_no, order.sub_mch_id)
        if known.refund is None:  # a question that was refused says nothing of the refund
            return RefundAnswer(Outcome.UNKNOWN, known.code, known.message)
        if known.refund.state is not RefundState.MISSING:
            return known
    return gateway.refund(order)


def _keep(parcel: _Parcel, answer: RefundAnswer) -> None:
    """Record what is known now, unless the lease ran out meanwhile and another process has the row."""
    locked = lock(
        select(Payment).join(Refund, Refund.payment_id == Payment.id).where(Refund.id == parcel.id)
    ).execution_options(populate_existing=True)
    payment = db.session.scalars(locked).one()
    row = db.session.get_one(Refund, parcel.id, with_for_update=True, populate_existing=True)
    if row.attempts != parcel.attempt or row.state != OutgoingState.CALLING:
        return
    if answer.outcome is Outcome.OK and answer.refund is not None:
        _take_record(row, payment, parcel.order, answer.refund)
    elif answer.outcome is Outcome.FAILED and not answer.is_repeatable:
        _fail(row, payment, answer.code or "refused")
    else:
        put_off(row, _delay(row, answer.code), error=(answer.code or answer.outcome.value)[:200])


def _delay(row: Refund, code: str = "") -> timedelta:
    """Longer each time; where the company has no money it is asked every hour."""
    if code == "NOTENOUGH":
        return LATER
    return DELAYS[row.attempts - 1] if row.attempts <= len(DELAYS) else LATER


def _take_record(row: Refund, payment: Payment, order: PayRefund, known: RefundRecord) -> None:
    if known.state is RefundState.MISSING:
        put_off(row, _delay(row), error=known.state.value)
        return
    fault = _fault(order, known)
    if fault:
        log.error("refund_does_not_match", refund=row.id, why=fault)
        _fail(row, payment, fault)
        return
    row.refund_id = known.refund_id[:32] or row.refund_id
    if known.state is RefundState.SUCCESS:
        _finish(row, payment, known)
    elif known.state is RefundState.PROCESSING:
        put_off(row, _delay(row), error="")
    else:
        _fail(row, payment, known.state.value)


def _fault(order: PayRefund, known: RefundRecord) -> str:
    """Why this is not our refund; what WeChat left out is not compared."""
    if known.out_refund_no != order.out_refund_no:
        return "wrong_number"
    if known.out_trade_no and known.out_trade_no != order.out_trade_no:
        return "wrong_payment"
    return "wrong_amount" if known.refund_fen and known.refund_fen != order.refund_fen else ""


def _finish(row: Refund, payment: Payment, known: RefundRecord) -> None:
    """The money has gone back: row, payment, lines and books in one transaction."""
    record(row, OutgoingState.DONE)
    row.refunded_at = known.succeeded_at or clock.now()
    row.refunded_on = china_date(row.refunded_at)
    row.step = RefundStep.DONE.value
    payment.refunding_fen -= row.amount_fen
    payment.refunded_fen += row.amount_fen
    touched = _free_lines(row, payment)
    db.session.flush()
    post_refund(row, payment, late=payment.state == PaymentState.LATE)
    publish(RefundFinished(row.id, payment.id, payment.purpose, row.step, touched))


def _free_lines(row: Refund, payment: Payment) -> list[str]:
    """What has gone back whole may be paid for again; returns the subjects of which something went back."""
    lines = {line.id: line for line in payment.lines}
    for part in row.lines:
        line = lines[part.payment_line_id]
        line.refunded_fen += part.amount_fen
        if line.refunded_fen == line.amount_fen:
            line.claim = None
    return [lines[part.payment_line_id].subject for part in row.lines]


def _fail(row: Refund, payment: Payment, why: str) -> None:
    """A person has to look; the fen stay reserved until it is sent again."""
    record(row, OutgoingState.GIVEN_UP, error=why[:200])
    row.step = RefundStep.FAILED.value
    db.session.flush()
    subjects = [line.subject for line in payment.lines]
    publish(RefundFinished(row.id, payment.id, payment.purpose, row.step, subjects))
    log.warning("refund_failed", refund=row.id, why=why)
