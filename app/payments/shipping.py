"""发货信息: a trade-managed mini-program gets its money after WeChat heard of the delivery (wechat.md 3).

Whether it is managed is WeChat's word, asked every hour. Rows are written as payments settle; when it becomes managed,
for those of the last days too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from app.core import clock, shared_values
from app.core.clock import china_date
from app.core.db import db, insert_once, table_of, transact
from app.core.outgoing import OutgoingState, put_off, record, take
from app.integrations.wechat.pay.contract import Answer, Outcome, PayGateway
from app.payments.models import Payment, PaymentState, Shipment

MANAGED = "pay.trade_managed"
ASKED_EVERY = timedelta(hours=1)
BACK = timedelta(days=10)
NOT_YET = "10060004"
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
GIVEN_UP_AFTER = timedelta(days=10)


def is_managed() -> bool:
    """Whether shipping information has to be sent, as WeChat last said."""
    return shared_values.read(MANAGED) == "yes"


def ask_whether_managed(gateway: PayGateway) -> None:
    """Ask WeChat when nobody has asked for an hour; no answer leaves what was known."""
    if shared_values.read(f"{MANAGED}.asked") is not None:
        return
    answer = gateway.is_trade_managed()
    transact(partial(_note_managed, answer))


def _note_managed(answer: bool | None) -> None:
    shared_values.write(f"{MANAGED}.asked", "yes", lives_for=ASKED_EVERY)
    if answer is None:
        return
    if answer and not is_managed():
        since = china_date(clock.now() - BACK)
        recent = select(Payment.id).where(Payment.paid_on >= since, Payment.state == PaymentState.PAID.value)
        for payment_id in db.session.scalars(recent).all():
            write_shipment(payment_id)
    shared_values.write(MANAGED, "yes" if answer else "no")


def write_shipment(payment_id: int) -> None:
    """The row that becomes the call, once for each payment."""
    row = {"payment_id": payment_id, "state": OutgoingState.WAITING, "attempts": 0, "next_at": clock.now()}
    insert_once(table_of(Shipment), row)


@dataclass(frozen=True)
class _Parcel:
    """One claimed shipment as plain values."""

    id: int
    attempt: int
    transaction_id: str
    openid: str
    item: str
    paid_at: datetime


def ship_due(gateway: PayGateway, limit: int) -> int:
    """Tell WeChat of up to `limit` payments; returns how many were tried."""
    for tried in range(limit):
        parcel = transact(_take_one)
        if parcel is None:
            return tried
        answer = gateway.shipped(parcel.transaction_id, parcel.openid, parcel.item, clock.now())
        transact(partial(_keep, parcel, answer))
    return limit


def _take_one() -> _Parcel | None:
    claimed = next(iter(take(Shipment, 1)), None)
    if claimed is None:
        return None
    payment = db.session.get_one(Payment, db.session.get_one(Shipment, claimed.id).payment_id)
    assert payment.transaction_id is not None
    assert payment.paid_at is not None
    return _Parcel(
        claimed.id,
        claimed.attempt,
        payment.transaction_id,
        payment.payer_openid,
        payment.title,
        payment.paid_at,
    )


def _keep(parcel: _Parcel, answer: Answer) -> None:
    row = db.session.get_one(Shipment, parcel.id, with_for_update=True, populate_existing=True)
    if row.attempts != parcel.attempt or row.state != OutgoingState.CALLING:
        return
    if answer.outcome is Outcome.OK:
        record(row, OutgoingState.DONE)
    elif clock.now() > parcel.paid_at + GIVEN_UP_AFTER or _is_final(answer):
        record(row, OutgoingState.GIVEN_UP, error=answer.code[:200])
    else:
        delay = DELAYS[min(parcel.attempt, len(DELAYS)) - 1]
        put_off(row, delay, error=(answer.code or answer.outcome.value)[:200])


def _is_final(answer: Answer) -> bool:
    """Refused for good; `NOT_YET` means that WeChat has not seen the payment itself so far."""
    return answer.outcome is Outcome.FAILED and answer.code != NOT_YET and not answer.is_repeatable
