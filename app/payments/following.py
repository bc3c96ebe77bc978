"""What becomes of a waiting payment when no notice comes: asked on a schedule until it is a fact (wechat.md 2.4).

5 s, 30 s, 1 min, 5 min after WeChat was asked for it, then every 10 min; half an hour after its making it is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from structlog import get_logger

from app.core import clock
from app.core.db import claim, db, lock, transact
from app.core.outbox import publish
from app.integrations.wechat.pay.contract import Answer, Outcome, PayGateway, TradeAnswer, TradeState
from app.payments.events import PaymentEnded
from app.payments.models import WAITING, Payment, PaymentState
from app.payments.placing import PAID_CODE
from app.payments.settling import FINE, PAID_AT_WECHAT, Receiver, Settlement, settle

DELAYS = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 300))
LATER = timedelta(minutes=10)
CLOSABLE_AFTER = timedelta(minutes=5, seconds=5)
"""WeChat refuses to close what was ordered less than five minutes ago (wechat.md 2.3)."""
ARRIVES_WITHIN = timedelta(seconds=60)
"""An order that WeChat does not know so long after it was asked for does not arrive any more."""
log = get_logger("payments")


@dataclass(frozen=True)
class Asked:
    """A payment to ask for, as plain values."""

    id: int
    out_trade_no: str
    sub_mch_id: str


def follow_due(gateway: PayGateway, limit: int, *, receiver: Receiver) -> int:
    """Ask for up to `limit` payments whose time has come; returns how many."""
    for done in range(limit):
        found, asked = transact(_take_one)
        if not found:
            return done
        if asked is not None:
            follow(gateway, asked, receiver=receiver)
    return limit


def follow(gateway: PayGateway, asked: Asked, *, receiver: Receiver) -> None:
    """Ask WeChat, keep the answer, and close the payment if its time is over."""
    answer = gateway.query(asked.out_trade_no, asked.sub_mch_id)
    if transact(partial(take_answer, asked.id, answer, receiver=receiver)):
        closed = gateway.close(asked.out_trade_no, asked.sub_mch_id)
        transact(partial(take_closing, asked.id, closed))


def _take_one() -> tuple[bool, Asked | None]:
    """The next payment, put off until its next turn; one that never left the house ends without a question."""
    at = clock.now()
    due = select(Payment).where(Payment.state.in_(sorted(WAITING)), Payment.next_at <= at)
    row = db.session.scalars(claim(due.order_by(Payment.next_at, Payment.id).limit(1))).first()
    if row is None:
        return False, None
    if row.prepaid_at is None:
        end_payment(row)
        return True, None
    row.asked += 1
    row.next_at = _next_look(row, at)
    return True, Asked(row.id, row.out_trade_no, row.sub_mch_id)


def _next_look(payment: Payment, at: datetime) -> datetime:
    """Never past the end of its half hour, so that the subjects are free as soon as they can be."""
    place = payment.asked - 1
    later = at + (DELAYS[place] if place < len(DELAYS) else LATER)
    return min(later, payment.expires_at) if payment.expires_at > at else later


def take_answer(payment_id: int, answer: TradeAnswer, *, receiver: Receiver) -> bool:
    """Keep what a query said, inside the caller's transaction; True when WeChat should be told to close it now."""
    payment = _locked(payment_id)
    trade = answer.trade
    if answer.outcome is not Outcome.OK or trade is None:
        payment.last_error = f"query {answer.code or answer.outcome.value}"[:120]
        return False
    if trade.state in PAID_AT_WECHAT:
        _note_fault(payment, settle(payment.out_trade_no, trade, receiver=receiver))
        return False
    if payment.state not in WAITING:
        return False
    if trade.state is TradeState.CLOSED:
        end_payment(payment)
        return False
    return _is_over(payment) and _wind_up(payment, missing=trade.state is TradeState.MISSING)


def _note_fault(payment: Payment, settlement: Settlement) -> None:
    if settlement not in FINE:
        payment.last_error = settlement.value


def _is_over(payment: Payment) -> bool:
    return payment.state == PaymentState.CLOSING or payment.expires_at <= clock.now()


def _wind_up(payment: Payment, *, missing: bool) -> bool:
    """It shall end: at once if WeChat has nothing, by closing it as soon as WeChat allows that otherwise."""
    assert payment.prepaid_at is not None
    at = clock.now()
    payment.state = PaymentState.CLOSING.value
    possible_at = payment.prepaid_at + (ARRIVES_WITHIN if missing else CLOSABLE_AFTER)
    if at < possible_at:
        payment.next_at = possible_at
        return False
    if missing:
        end_payment(payment)
    return not missing


def take_closing(payment_id: int, closed: Answer) -> None:
    """Keep what WeChat said to the wish to close."""
    payment = _locked(payment_id)
    if payment.state not in WAITING:
        return
    if closed.outcome is Outcome.OK:
        end_payment(payment)
    elif closed.code == PAID_CODE:
        payment.next_at = clock.now()
    else:
        payment.last_error = f"close {closed.code or closed.outcome.value}"[:120]


def end_payment(payment: Payment) -> None:
    """Nothing was paid and nothing will be: what it was for is free again. The payment is locked by the caller."""
    payment.state, payment.ended_at, payment.last_error = PaymentState.CLOSED.value, clock.now(), ""
    for line in payment.lines:
        line.claim = None
    db.session.flush()
    publish(PaymentEnded(payment.id, payment.purpose, [line.subject for line in payment.lines]))
    log.info("payment_ended", payment=payment.id)


def _locked(payment_id: int) -> Payment:
    statement = lock(select(Payment).where(Payment.id == payment_id))
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()
