"""Bills, payments and what the payer does in WeChat, for tests that show the money pages."""

from __future__ import annotations

from typing import Any

import requests
from sqlalchemy import select

from app.accounts.bindings import Method, request_binding
from app.accounts.models import Account, BindingStatus, HomeBinding, Relation
from app.companies.queries import serving_office
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db, transact
from app.estates.models import Estate, Home, OwnerRecord
from app.fees import rules
from app.fees.bill_models import Bill
from app.fees.rules import FeeKind
from app.payments.following import end_payment
from app.payments.models import WAITING, Payment
from app.seeds.credentials import sandbox_openid
from tests.client import field
from tests.client.crew import Crew
from tests.client.district import SECOND_WORKER, District

PRICE = 26_000
"""2.60 yuan for a m² and month."""
SPACE = 15_000
TAP = "H0201"
NEW_TAP = {"item_code": "W01", "material_by": "company", "material": "普通铜龙头", "material_fen": 2_500}
LONG_AGO = 36
"""Months: how far back a home is looked at for one without a bill."""


def yuan(fen: int) -> str:
    """As it is written."""
    return f"¥{fen / 100:.2f}"


def owe(district: District, who: str, *, months: int = 3, kind: FeeKind = FeeKind.PROPERTY) -> list[int]:
    """Open payment where this person's homes are, and issue bills of past months for each of them; returns their ids,
    home by home, the oldest first."""

    def work() -> list[int]:
        return [bill.id for home in _homes(district, who) for bill in _issue(home, months, kind)]

    with district.product.looking_in():
        return list(transact(work))


def _homes(district: District, who: str) -> list[Home]:
    openid = sandbox_openid(district.product.settings.wechat_appid, who)
    statement = (
        select(Home)
        .join(HomeBinding, HomeBinding.home_id == Home.id)
        .join(Account, Account.id == HomeBinding.account_id)
        .where(Account.openid == openid, HomeBinding.status == BindingStatus.ACTIVE)
        .order_by(HomeBinding.id)
    )
    return list(db.session.scalars(statement).unique())


def open_payment(district: District, who: str) -> None:
    """Where this person's homes are, people can pay on their phones."""

    def work() -> None:
        for home in _homes(district, who):
            _opened(home)

    with district.product.looking_in():
        transact(work)


def _opened(home: Home) -> Estate:
    estate = db.session.get_one(Estate, home.estate_id)
    estate.pay_enabled = True
    return estate


def _issue(home: Home, months: int, kind: FeeKind) -> list[Bill]:
    estate = _opened(home)
    there = set(db.session.scalars(select(Bill.period).where(Bill.home_id == home.id, Bill.kind == kind)))
    this_month = rules.period_of(clock.china_date(clock.now()))
    periods = [rules.months_later(this_month, -back) for back in range(1, LONG_AGO)]
    free = [period for period in periods if period not in there][:months]
    bills = [_bill(home, estate, period, kind) for period in sorted(free)]
    db.session.add_all(bills)
    db.session.flush()
    return bills


def _bill(home: Home, estate: Estate, period: str, kind: FeeKind) -> Bill:
    contract = serving_office(estate.id, clock.china_date(clock.now()))
    assert contract is not None
    quantity, price = (100, SPACE * 100) if kind in rules.SPACE_KINDS else (int(home.area_m2 * 100), PRICE)
    return Bill(
        home_id=home.id,
        period=period,
        kind=kind.value,
        amount_fen=rules.amount_fen(quantity, price),
        due_on=rules.due_on(period),
        estate_id=estate.id,
        company_id=contract.company_id,
        district_id=estate.district_id,
        contract_id=contract.id,
        quantity_hundredths=quantity,
        price_hundredths=price,
        issued_at=clock.now(),
    )


def owns_too(district: District, who: str, estate_code: str) -> None:
    """One more home, in this estate, by the register of owners."""

    def work() -> None:
        openid = sandbox_openid(district.product.settings.wechat_appid, who)
        account = db.session.scalars(select(Account).where(Account.openid == openid)).one()
        home = db.session.scalars(
            select(Home)
            .join(Estate, Estate.id == Home.estate_id)
            .where(Estate.code == estate_code, Home.id.not_in(select(HomeBinding.home_id)))
            .order_by(Home.id)
            .limit(1)
        ).one()
        if any(each.estate_id == home.estate_id for each in _homes(district, who)):
            return
        assert account.name and account.phone_index
        last = account.name[-1]
        index = blind_index(last)
        ties = {"phone_index": account.phone_index, "last_character_index": index}
        db.session.add(OwnerRecord(home_id=home.id, estate_id=home.estate_id, **ties))
        db.session.flush()
        request_binding(
            account.id,
            home_id=home.id,
            relation=Relation.OWNER,
            method=Method.REGISTER,
            last_character=last,
        )

    with district.product.looking_in():
        transact(work)


def nothing_waits(district: District, who: str) -> None:
    """What this person began to pay elsewhere has ended, so that everything owed can be chosen."""

    def work() -> None:
        openid = sandbox_openid(district.product.settings.wechat_appid, who)
        mine = select(Payment).join(Account, Account.id == Payment.payer_id).where(Account.openid == openid)
        for payment in db.session.scalars(mine.where(Payment.state.in_(sorted(WAITING)))):
            end_payment(payment)

    with district.product.looking_in():
        transact(work)


def asked_to_pay(district: District, who: str, bill_ids: list[int]) -> list[int]:
    """Payments that wait, one for each company."""
    answer = field.api(district, who).post("/bills/pay", {"bill_ids": bill_ids})
    return [payment["id"] for payment in answer["payments"]]


def pay(district: District, who: str, payment_id: int) -> dict[str, Any]:
    """Open the cashier and pay there, as a phone does; returns the settled payment."""
    phone = field.api(district, who)
    params = phone.post(f"/payments/{payment_id}/open")["wechat"]
    body = {"params": params, "name": who, "outcome": "ok"}
    answer = requests.post(f"{district.product.sandbox}/control/pay", json=body, timeout=20)
    assert answer.status_code == 200, answer.text
    settled = phone.post(f"/payments/{payment_id}/check")
    assert settled["state"] == "paid", settled
    return dict(settled)


def paid(district: District, who: str, *, months: int = 1) -> int:
    """A payment for bills of this person's first home that has gone through."""
    first_home = owe(district, who, months=months)[:months]
    [payment_id] = asked_to_pay(district, who, first_home)
    pay(district, who, payment_id)
    return payment_id


def repaired(district: District, who: str) -> int:
    """Z7: a tap that drips is replaced for 65.00 with the resident's agreement; he has not paid yet."""
    open_payment(district, who)
    crew, phone = Crew.of(district, SECOND_WORKER), field.api(district, who)
    with field.residents_pay(district):
        order_id = field.reported(district, who, category_code=TAP, text="厨房水龙头一直滴水")
    crew.send_somebody(order_id)
    crew.check_in(order_id, "龙头阀芯磨坏", before="tap_dripping")
    crew.worker.post(f"/orders/{order_id}/quote", {"lines": [NEW_TAP]})
    read = phone.get(f"/orders/{order_id}")["quote"]["hash"]
    phone.post(f"/orders/{order_id}/agree-quote", {"hash": read})
    crew.finish(order_id, "已换龙头,不滴水了", after="tap_fixed")
    return order_id
