"""Writing a payment down before WeChat hears of it (S0-11): who gets the money is the contract's word, not the phone's.

Placing the order at WeChat and everything that follows is in placing.py, settling.py and following.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Account as Person
from app.books.accounts import Account
from app.core import clock
from app.core.clock import china_date
from app.core.db import db, lock
from app.core.scope import Scope
from app.payments.errors import AlreadyPaid, NotPayable, OtherPaymentOpen, PaymentExpired
from app.payments.merchants import merchant_on
from app.payments.models import HOLDING, Merchant, Payment, PaymentLine, PaymentState, Purpose
from app.payments.numbers import new_trade_no

EXPIRES_AFTER = timedelta(minutes=30)
MAX_LINES = 200
MAX_FEN = 100_000_000
"""A million yuan: more in one payment is a mistake, and above what WeChat takes."""
NO_WECHAT = "请用微信登录小程序后再支付"
CLOSING_FIRST = "选中的项目里有一项正在取消支付,微信确认后(最多6分钟)就能重新支付"
SOMEBODY_ELSE = "选中的项目正由家里另一位成员支付,请等对方付完或取消"


@dataclass(frozen=True)
class Part:
    """One thing to pay for: its subject, the account of the books, what the receipt says, fen."""

    subject: str
    account: Account
    label: str
    amount_fen: int
    estate_id: int | None = None


@dataclass(frozen=True)
class Paying:
    """For what, for whom and by whom: everything of a payment but its parts."""

    purpose: Purpose
    title: str
    company_id: int
    estate_id: int | None
    district_id: int
    payer_id: int
    openid: str
    client_ip: str


def open_payment(
    parts: Sequence[Part],
    *,
    purpose: Purpose,
    title: str,
    company_id: int,
    estate_id: int | None,
    district_id: int,
    by: Scope,
    client_ip: str,
) -> Payment:
    """The waiting payment for exactly these parts, new or the one that is open already.

    Whoever calls has looked up that `by` may pay for the parts and what they cost. Two calls at once give one payment:
    the second meets the unique claim, waits for the first and takes its payment.
    Raises NotPayable (the company has no merchant account today), AlreadyPaid, OtherPaymentOpen, PaymentExpired.
    """
    _check(parts)
    merchant = merchant_on(company_id, china_date(clock.now()))
    if merchant is None:
        raise NotPayable()
    openid = _openid(by)
    assert by.account_id is not None
    known = _waiting_for(parts, by.account_id)
    if known is not None:
        return known
    paying = Paying(
        purpose, title[:60], company_id, estate_id, district_id, by.account_id, openid, client_ip[:45]
    )
    try:
        with db.session.begin_nested():
            return _write(parts, paying, merchant)
    except IntegrityError:
        known = _waiting_for(parts, by.account_id)
        if known is None:  # it has ended between the two looks: the person taps once more
            raise OtherPaymentOpen() from None
        return known


def _check(parts: Sequence[Part]) -> None:
    """Mistakes of the program: a person cannot send parts."""
    amounts = [part.amount_fen for part in parts]
    if not 1 <= len(parts) <= MAX_LINES or len({part.subject for part in parts}) != len(parts):
        raise ValueError(f"{len(parts)} parts, each subject once")
    if any(type(fen) is not int or fen < 1 for fen in amounts) or sum(amounts) > MAX_FEN:
        raise ValueError("each part costs a whole number of fen above zero, together a million yuan at most")


def _openid(by: Scope) -> str:
    person = db.session.get(Person, by.account_id) if by.account_id else None
    if person is None or not person.openid:
        raise NotPayable(NO_WECHAT)
    return person.openid


def _waiting_for(parts: Sequence[Part], payer_id: int) -> Payment | None:
    """The payer's own open payment for exactly these parts; None when nothing holds any of them."""
    subjects = {part.subject: part.amount_fen for part in parts}
    held = select(PaymentLine.payment_id).where(PaymentLine.subject.in_(subjects), PaymentLine.claim == 1)
    ids = sorted(set(db.session.scalars(held)))
    if not ids:
        return None
    found = lock(select(Payment).where(Payment.id.in_(ids)).order_by(Payment.id))
    rows = [
        row
        for row in db.session.scalars(found.execution_options(populate_existing=True))
        if row.state in HOLDING
    ]
    if not rows:
        return None
    _refuse_what_holds(rows, subjects, payer_id)
    return rows[0]


def _refuse_what_holds(rows: Sequence[Payment], subjects: dict[str, int], payer_id: int) -> None:
    """Say why these payments keep the subjects away from a new one, unless it is the same payment once more."""
    if any(row.state == PaymentState.PAID for row in rows):
        paid = [line.subject for row in rows if row.state == PaymentState.PAID for line in row.lines]
        raise AlreadyPaid(fields={"subjects": sorted(set(paid) & set(subjects))})
    row = rows[0]
    if any(other.payer_id != payer_id for other in rows):
        raise OtherPaymentOpen(SOMEBODY_ELSE)
    if row.state == PaymentState.CLOSING:
        raise OtherPaymentOpen(CLOSING_FIRST, fields={"payment_id": row.id})
    if len(rows) > 1 or {line.subject: line.amount_fen for line in row.lines} != subjects:
        raise OtherPaymentOpen(fields={"payment_id": row.id})
    if row.expires_at <= clock.now():
        raise PaymentExpired(fields={"payment_id": row.id})


def _write(parts: Sequence[Part], paying: Paying, merchant: Merchant) -> Payment:
    at = clock.now()
    payment = Payment(
        out_trade_no=new_trade_no(at),
        purpose=paying.purpose.value,
        title=paying.title,
        payer_id=paying.payer_id,
        payer_openid=paying.openid,
        company_id=paying.company_id,
        estate_id=paying.estate_id,
        district_id=paying.district_id,
        sub_mch_id=merchant.sub_mch_id,
        client_ip=paying.client_ip,
        amount_fen=sum(part.amount_fen for part in parts),
        created_at=at,
        expires_at=at + EXPIRES_AFTER,
        next_at=at + EXPIRES_AFTER,
    )
    payment.lines = [
        PaymentLine(
            subject=part.subject,
            account=part.account.value,
            label=part.label[:120],
            estate_id=part.estate_id,
            amount_fen=part.amount_fen,
        )
        for part in parts
    ]
    db.session.add(payment)
    db.session.flush()
    return payment
