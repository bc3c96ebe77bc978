"""What WeChat's notices say, each taken once (wechat.md 2.4, 2.5): checked, kept in the inbox, answered afterwards.

A notice that WeChat did not sign never comes here. One that is signed and does not fit our row changes nothing; the
inbox keeps what was wrong with it for a person, and not its content.
"""

from __future__ import annotations

from sqlalchemy import update

from app.core import clock
from app.core.db import changed, db, insert_once, table_of
from app.integrations.wechat.pay.contract import RefundRecord, Trade
from app.payments.models import PayNotice
from app.payments.sending_refunds import hurry_refund
from app.payments.settling import FINE, Receiver, Settlement, settle

UNKNOWN_REFUND, WRONG_SENDER, HEARD = "unknown_refund", "wrong_sender", "heard"


def hear_payment(trade: Trade, *, receiver: Receiver) -> Settlement:
    """Settle what the notice tells of and note it, inside the caller's transaction."""
    settlement = settle(trade.out_trade_no, trade, receiver=receiver)
    named = trade.transaction_id[:32] or trade.out_trade_no[:32]
    kept_apart = "" if settlement in FINE else f":{settlement.value}"
    _note(f"pay:{named}{kept_apart}", "pay", trade.out_trade_no, settlement.value)
    return settlement


def is_accepted(settlement: Settlement) -> bool:
    """Whether WeChat may stop sending it. What does not fit is answered with FAIL: it is not confirmed, WeChat says it
    again for a day, and each time is counted."""
    return settlement in FINE


def hear_refund(known: RefundRecord, *, receiver: Receiver) -> bool:
    """The notice of a refund carries no signature, so it only makes us ask; False when it is not for us."""
    if (known.appid, known.mch_id) != (receiver.appid, receiver.mch_id):
        outcome = WRONG_SENDER
    else:
        outcome = HEARD if hurry_refund(known.out_refund_no) else UNKNOWN_REFUND
    kept_apart = "" if outcome == HEARD else f":{outcome}"
    _note(f"refund:{known.out_refund_no[:32]}{kept_apart}", "refund", known.out_refund_no, outcome)
    return outcome == HEARD


def _note(key: str, kind: str, number: str, outcome: str) -> None:
    """The first time with its outcome; every further time is counted."""
    at = clock.now()
    row = {
        "key": key,
        "kind": kind,
        "number": number[:32],
        "outcome": outcome,
        "times": 1,
        "first_at": at,
        "last_at": at,
    }
    db.session.flush()
    if not insert_once(table_of(PayNotice), row):
        again = {"times": PayNotice.times + 1, "last_at": at}
        changed(update(PayNotice).where(PayNotice.key == key).values(**again))
