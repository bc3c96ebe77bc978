"""Merchants, payments and what WeChat would say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.accounts.models import Account as Person
from app.accounts.scopes import resident_scope
from app.books.accounts import Account
from app.companies.models import Company
from app.core import clock
from app.core.db import db, transact
from app.integrations.wechat.pay.contract import Trade, TradeState
from app.payments.models import Merchant, Payment, Purpose
from app.payments.opening import Part, open_payment
from app.payments.settling import Receiver, Settlement, settle
from config import SANDBOX_APPID, SANDBOX_MCH_ID
from tests.factories.people import make_account
from tests.factories.places import LONG_AGO, Place
from tests.factories.units import committed, next_number, saved

RECEIVER = Receiver(SANDBOX_APPID, SANDBOX_MCH_ID)


@committed
def make_merchant(company: Company, *, sub_mch_id: str = "", **values: Any) -> Merchant:
    """The account into which the residents of the company pay, since long ago unless told otherwise."""
    plain = {"valid_from": LONG_AGO, "registered_at": clock.now()}
    number = sub_mch_id or f"19{next_number():08d}"
    return saved(Merchant(**{**plain, "company_id": company.id, "sub_mch_id": number, **values}))


def bill_parts(*amounts: int, first: int | None = None) -> list[Part]:
    """Property bills with these fen, numbered on from `first` or from a number that nobody has."""
    start = next_number() * 100 if first is None else first
    return [
        Part(f"bill:{start + place}", Account.PROPERTY_FEE, f"2026年{place + 1}月物业费", fen)
        for place, fen in enumerate(amounts)
    ]


def make_payment(
    place: Place, *, parts: Sequence[Part] | None = None, payer: Person | None = None, fen: int = 28600
) -> Payment:
    """A waiting payment of a resident to the company of the place, which gets a merchant account if it has none."""
    payer = payer or make_account()
    payer_id = payer.id
    parts = bill_parts(fen) if parts is None else parts

    def work() -> Payment:
        if not db.session.query(Merchant).filter_by(company_id=place.company.id).count():
            make_merchant(place.company)
        return open_payment(
            parts,
            purpose=Purpose.BILLS,
            title="物业费",
            company_id=place.company.id,
            estate_id=place.estate.id,
            district_id=place.district.id,
            by=resident_scope(payer_id),
            client_ip="127.0.0.1",
        )

    return transact(work)


def trade_of(payment: Payment, **other: Any) -> Trade:
    """What WeChat says once the payment was made; `other` says what is different."""
    right = Trade(
        out_trade_no=payment.out_trade_no,
        state=TradeState.SUCCESS,
        appid=RECEIVER.appid,
        mch_id=RECEIVER.mch_id,
        sub_mch_id=payment.sub_mch_id,
        transaction_id=f"42{payment.id:026d}",
        amount_fen=payment.amount_fen,
        paid_at=clock.now(),
    )
    return replace(right, **other)


def pay(payment: Payment, **other: Any) -> Settlement:
    """The payment arrives as WeChat would tell of it."""
    trade = trade_of(payment, **other)
    return transact(lambda: settle(trade.out_trade_no, trade, receiver=RECEIVER))


def make_paid(place: Place, **values: Any) -> Payment:
    """A payment that has arrived."""
    payment = make_payment(place, **values)
    pay(payment)
    return payment
