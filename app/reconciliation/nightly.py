"""对账 from planning to settlement. Every step is a unit of its own that may be repeated: a kill at any instant loses
nothing, and two processes at a time do everything once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import select
from structlog import get_logger

from app.core.db import db, transact
from app.integrations.wechat.pay.contract import PayGateway
from app.payments.models import WAITING, Payment, PaymentState
from app.payments.settling import Receiver, settle
from app.reconciliation.comparing import claim_recheck, compare, waiting_to_compare
from app.reconciliation.fetching import fetch_one
from app.reconciliation.models import BillFile, BillLine
from app.reconciliation.planning import plan_bills
from app.reconciliation.rules import SUCCESS

UNSETTLED = sorted({*WAITING, PaymentState.CLOSED})
log = get_logger("reconciliation")


def reconcile(
    gateway: PayGateway, *, receiver: Receiver, stopping: Callable[[], bool] = lambda: False
) -> None:
    """Everything that is due now; returns early when the process shall stop."""
    transact(plan_bills)
    while not stopping() and fetch_one(gateway):
        pass
    for file_id in transact(waiting_to_compare):
        if stopping():
            return
        _one(file_id, gateway, receiver)
    while not stopping() and (again := transact(claim_recheck)) is not None:
        _one(again, gateway, receiver)


def _one(file_id: int, gateway: PayGateway, receiver: Receiver) -> None:
    """A bill that cannot be compared keeps no other from it; it is tried again at the next run."""
    try:
        settle_what_was_paid(file_id, gateway, receiver=receiver)
        transact(partial(compare, file_id))
    except Exception as error:  # whatever it is, the companies after this one want their books as well
        log.error("bill_not_compared", file=file_id, error=type(error).__name__)


def settle_what_was_paid(file_id: int, gateway: PayGateway, *, receiver: Receiver) -> int:
    """Ask WeChat for each payment that its bill calls paid and we do not; returns how many were asked for.

    The bill alone settles nothing: it names neither the app nor the payer. What the query says goes the way of every
    notice (app/payments/settling.py), so money for a payment that had ended goes back by itself.
    """
    unsettled = transact(partial(_unsettled, file_id))
    for trade_no, sub_mch_id in unsettled:
        trade = gateway.query(trade_no, sub_mch_id).trade
        if trade is not None:
            transact(partial(settle, trade_no, trade, receiver=receiver))
    return len(unsettled)


def _unsettled(file_id: int) -> list[tuple[str, str]]:
    statement = (
        select(Payment.out_trade_no, Payment.sub_mch_id)
        .join(BillLine, BillLine.trade_no == Payment.out_trade_no)
        .join(BillFile, BillFile.id == BillLine.file_id)
        .where(
            BillLine.file_id == file_id,
            BillLine.refund_no == "",
            BillLine.trade_state == SUCCESS,
            BillLine.amount_fen == Payment.amount_fen,
            Payment.sub_mch_id == BillFile.sub_mch_id,
            Payment.state.in_(UNSETTLED),
        )
        .order_by(Payment.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]
