"""WeChat's bill in memory: what the fake cashier has taken and sent back, told as the daily bill tells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from app.core import clock
from app.core.clock import china_date
from app.core.db import db, transact
from app.core.outgoing import OutgoingState
from app.integrations.wechat.pay.contract import (
    BillAnswer,
    BillRow,
    Outcome,
    RefundState,
    Trade,
    TradeState,
)
from app.payments.models import Payment, Refund, RefundStep
from app.payments.posting import post_refund
from app.payments.refund_rows import write_refund
from app.reconciliation.nightly import reconcile
from tests.factories.money import RECEIVER, make_payment, pay, trade_of
from tests.factories.places import Place
from tests.fakes.pay import FakePay

FEE_PER_MILLE = 6


@dataclass
class Billing(FakePay):
    """`told` changes a bill before it leaves; `answers` are given first, in their order."""

    told: Callable[[list[BillRow]], Sequence[BillRow]] = list
    answers: list[BillAnswer] = field(default_factory=list)
    rows: dict[tuple[date, str], list[BillRow]] = field(default_factory=dict)
    asked: list[tuple[date, str]] = field(default_factory=list)

    def bill(self, day: date, sub_mch_id: str = "") -> BillAnswer:
        self.asked.append((day, sub_mch_id))
        if self.answers:
            return self.answers.pop(0)
        rows = tuple(self.told(self.rows.get((day, sub_mch_id), [])))
        if not rows:
            return BillAnswer(Outcome.FAILED, "NO_BILL")
        return BillAnswer(Outcome.OK, rows=rows, sha256="ab" * 32)

    def add(self, row: BillRow) -> BillRow:
        """One more line of the bill of its day."""
        self.rows.setdefault((china_date(row.at), row.sub_mch_id), []).append(row)
        return row

    def takes(self, payment: Payment, **other: object) -> Trade:
        """The person has paid; WeChat knows it and bills it, we have not heard of it."""
        trade = trade_of(payment)
        self.orders[payment.out_trade_no] = trade
        self.add(paid_row(trade, **other))
        return trade

    def sends_back(self, payment: Payment, refund: Refund, **other: object) -> BillRow:
        """The refund left the company's account today."""
        return self.add(refund_row(payment, refund, **other))


def paid_row(trade: Trade, **other: object) -> BillRow:
    assert trade.paid_at is not None
    row = BillRow(
        out_trade_no=trade.out_trade_no,
        transaction_id=trade.transaction_id,
        sub_mch_id=trade.sub_mch_id,
        state=TradeState.SUCCESS.value,
        at=trade.paid_at,
        amount_fen=trade.amount_fen,
        fee_fen=trade.amount_fen * FEE_PER_MILLE // 1000,
    )
    return replace(row, **other)  # type: ignore[arg-type]


def refund_row(payment: Payment, refund: Refund, **other: object) -> BillRow:
    row = BillRow(
        out_trade_no=payment.out_trade_no,
        transaction_id=payment.transaction_id or "",
        sub_mch_id=payment.sub_mch_id,
        state="REFUND",
        at=clock.now(),
        amount_fen=payment.amount_fen,
        out_refund_no=refund.out_refund_no,
        refund_id=f"50{refund.id:026d}",
        refund_fen=refund.amount_fen,
        refund_state=RefundState.SUCCESS.value,
        fee_fen=-(refund.amount_fen * FEE_PER_MILLE // 1000),
    )
    return replace(row, **other)  # type: ignore[arg-type]


def paid(place: Place, billing: Billing, *, billed: bool = True, **values: object) -> Payment:
    """A payment that has arrived with us and, unless told otherwise, stands in WeChat's bill."""
    payment = make_payment(place, **values)  # type: ignore[arg-type]
    trade = trade_of(payment)
    billing.orders[payment.out_trade_no] = trade
    pay(payment)
    if billed:
        billing.add(paid_row(trade))
    return payment


def refunded(payment_id: int, fen: int, *, done: bool = True) -> Refund:
    """Part of a payment goes back by two persons; `done`: it has arrived and is in the books."""

    def work() -> Refund:
        payment = db.session.get_one(Payment, payment_id)
        parts = {payment.lines[0].id: fen}
        refund = write_refund(payment, parts, reason_code="double", reason="", requested_by=payment.payer_id)
        refund.first_by, refund.second_by = 10**9, 10**9 + 1
        refund.first_at = refund.second_at = clock.now()
        refund.step, refund.state = RefundStep.SENDING.value, OutgoingState.WAITING.value
        db.session.flush()
        if done:
            _finish(refund, payment)
        return refund

    return transact(work)


def arrive(refund_id: int) -> None:
    """A refund that was on its way has arrived."""

    def work() -> None:
        refund = db.session.get_one(Refund, refund_id)
        _finish(refund, db.session.get_one(Payment, refund.payment_id))

    transact(work)


def _finish(refund: Refund, payment: Payment) -> None:
    refund.step, refund.state = RefundStep.DONE.value, OutgoingState.DONE.value
    refund.refunded_at, refund.refunded_on = clock.now(), china_date(clock.now())
    payment.refunding_fen -= refund.amount_fen
    payment.refunded_fen += refund.amount_fen
    payment.lines[0].refunded_fen += refund.amount_fen
    db.session.flush()
    post_refund(refund, payment, late=False)


def night(billing: Billing) -> None:
    """One run of the job."""
    reconcile(billing, receiver=RECEIVER)
    db.session.rollback()
