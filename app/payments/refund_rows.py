"""The row of a refund: which part of which line goes back. Written before anybody is asked and before any call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.core import clock
from app.core.db import db
from app.core.outgoing import OutgoingState
from app.payments.models import Payment, Refund, RefundLine, RefundStep
from app.payments.numbers import new_refund_no

LATE_CODE, LATE_REASON = "late", "付款时这笔支付已经取消,按规则原路退回"


def write_refund(
    payment: Payment, parts: Mapping[int, int], *, reason_code: str, reason: str, requested_by: int | None
) -> Refund:
    """Reserve these fen of these lines (line id: fen) for a refund that persons will decide on; the payment is locked
    by the caller."""
    values = {"reason_code": reason_code, "reason": reason, "requested_by": requested_by}
    return _write(payment, parts, clock.now(), state=OutgoingState.HELD, **values)


def write_refund_by_rule(payment: Payment) -> Refund:
    """Everything goes back at once: the money of a payment that had ended belongs to nobody here."""
    values = {"reason_code": LATE_CODE, "reason": LATE_REASON, "by_rule": True}
    parts = {line.id: line.amount_fen for line in payment.lines}
    step = RefundStep.SENDING.value
    return _write(payment, parts, clock.now(), state=OutgoingState.WAITING, step=step, **values)


def _write(payment: Payment, parts: Mapping[int, int], at: datetime, **values: Any) -> Refund:
    refund = Refund(
        payment_id=payment.id,
        payer_id=payment.payer_id,
        company_id=payment.company_id,
        district_id=payment.district_id,
        out_refund_no=new_refund_no(at),
        amount_fen=sum(parts.values()),
        requested_at=at,
        next_at=at,
        **values,
    )
    refund.lines = [RefundLine(payment_line_id=line, amount_fen=fen) for line, fen in parts.items()]
    payment.refunding_fen += refund.amount_fen
    db.session.add(refund)
    db.session.flush()
    return refund
