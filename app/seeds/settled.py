"""What WeChat would have said of a payment of the past, for the demonstration."""

from __future__ import annotations

from sqlalchemy import update

from app.core import clock
from app.core.db import db
from app.core.outbox import DONE, WAITING, OutboxRow
from app.integrations.wechat.pay.contract import Trade, TradeState
from app.payments.models import Payment
from app.payments.settling import Receiver


def transaction_id_of(payment_id: int) -> str:
    """The number that WeChat gave to a payment of the past: 28 digits, as all of WeChat's are."""
    return f"42000{payment_id:023d}"


def trade_of(payment: Payment, receiver: Receiver) -> Trade:
    """The payment as WeChat would know it, paid now."""
    return Trade(
        out_trade_no=payment.out_trade_no,
        state=TradeState.SUCCESS,
        appid=receiver.appid,
        mch_id=receiver.mch_id,
        sub_mch_id=payment.sub_mch_id,
        transaction_id=transaction_id_of(payment.id),
        amount_fen=payment.amount_fen,
        paid_at=clock.now(),
    )


def nothing_is_told() -> None:
    """These payments are history; nobody hears of them now."""
    waiting = update(OutboxRow).where(OutboxRow.state == WAITING)
    db.session.execute(waiting.values(state=DONE, done_at=OutboxRow.created_at))
