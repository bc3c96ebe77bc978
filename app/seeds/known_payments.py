"""What WeChat must know of the payments in a demonstration: the sandbox that plays WeChat never saw those that the
seeds wrote, nor any whose memory it has lost, and could neither give the money back nor name them in its bills.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.integrations.wechat.pay.v2 import PAY_NOTICE, REFUND_NOTICE
from app.payments.models import Payment, PaymentState, Refund, RefundStep

IS_PAID = (PaymentState.PAID.value, PaymentState.LATE.value)


def payments_as_wechat_knows_them(public_base_url: str) -> Iterator[dict[str, Any]]:
    """Every payment that has arrived, the oldest first, with what has gone back of it; fen, seconds since 1970."""
    refunds = _refunds_that_arrived(public_base_url)
    columns = (
        *(Payment.id, Payment.out_trade_no, Payment.sub_mch_id, Payment.payer_openid, Payment.title),
        *(
            Payment.amount_fen,
            Payment.transaction_id,
            Payment.created_at,
            Payment.expires_at,
            Payment.paid_at,
        ),
    )
    paid = select(*columns).where(Payment.state.in_(IS_PAID)).order_by(Payment.paid_at, Payment.id)
    for row in db.session.execute(paid):
        yield {
            "out_trade_no": row.out_trade_no,
            "sub_mch_id": row.sub_mch_id,
            "openid": row.payer_openid,
            "body": row.title,
            "total_fee": row.amount_fen,
            "transaction_id": row.transaction_id,
            "notify_url": f"{public_base_url}{PAY_NOTICE}",
            "created_at": _seconds(row.created_at),
            "expires_at": _seconds(row.expires_at),
            "paid_at": _seconds(row.paid_at),
            "refunds": refunds.get(row.id, []),
        }


def _refunds_that_arrived(public_base_url: str) -> dict[int, list[dict[str, Any]]]:
    columns = (
        Refund.payment_id,
        Refund.out_refund_no,
        Refund.refund_id,
        Refund.amount_fen,
        Refund.refunded_at,
    )
    done = select(*columns).where(Refund.step == RefundStep.DONE.value, Refund.refund_id.is_not(None))
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in db.session.execute(done.order_by(Refund.id)):
        found[row.payment_id].append(
            {
                "out_refund_no": row.out_refund_no,
                "refund_id": row.refund_id,
                "refund_fee": row.amount_fen,
                "notify_url": f"{public_base_url}{REFUND_NOTICE}",
                "done_at": _seconds(row.refunded_at),
            }
        )
    return found


def _seconds(at: datetime) -> float:
    return at.timestamp()
