"""Money over HTTP only: bills of three homes from the choice of months through WeChat's cashier to receipt, books and
the night's reconciliation; what a payer cancels; money that comes too late. Web, scheduler and sandbox are processes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select

from admin.formatters import yuan
from app.core import clock
from app.core.db import db
from app.core.roles import Role
from app.payments.models import Refund
from app.reconciliation.models import BillFile, ReconciliationCase, SettlementBatch
from config import SANDBOX_SUB_MERCHANTS
from tests.journeys.purse import A_MONTH_FEN, ACCOUNTANTS, MONTHS, Purse, fill_purse
from tests.journeys.town import Town, message_of

pytestmark = pytest.mark.processes
A_HOME_FEN = MONTHS * A_MONTH_FEN


@pytest.fixture(scope="module")
def purse(town: Town) -> Purse:
    return fill_purse(town)


def test_three_months_of_three_homes_go_to_two_companies_and_the_night_finds_no_difference(
    town: Town, purse: Purse
):
    resident = purse.payer()
    summary = resident.get("/bills/summary")
    assert summary["total_fen"] == 3 * A_HOME_FEN
    bill_ids = [bill_id for home_id in purse.home_ids for bill_id in purse.due(resident, home_id)]
    assert len(bill_ids) == 3 * MONTHS
    payments = resident.post("/bills/pay", {"bill_ids": bill_ids})["payments"]
    assert sorted(each["amount_fen"] for each in payments) == [A_HOME_FEN, 2 * A_HOME_FEN]
    for each in payments:
        opened = resident.post(f"/payments/{each['id']}/open")
        assert opened["cashier_url"].startswith(f"{purse.sandbox}/cashier?")
        back = purse.pay_in_a_browser(opened["cashier_url"], back=f"{town.product.base}/m/?pay=1")
        assert back == f"{town.product.base}/m/?pay=1&result=ok"
        paid = purse.until(resident, each["id"], lambda seen: seen["state"] == "paid", "the settled payment")
        assert paid["paid_at"]
        receipt = resident.http.get(town.product.base + paid["receipt_url"], timeout=20)
        assert receipt.content.startswith(b"%PDF-")
        assert paid["receipt_no"] in receipt.headers["Content-Disposition"]
    _bills_are_paid(town, purse)
    _each_company_got_its_own(purse)
    message_of(town, resident, "payment_done")
    _the_bureau_sees_it(town)
    _the_night_finds_nothing(town, purse)


def _bills_are_paid(town: Town, purse: Purse) -> None:
    resident = purse.payer()
    town.product.wait_for(
        lambda: all(purse.due(resident, home_id) == [] for home_id in purse.home_ids),
        within=30,
        what="paid bills",
    )
    shown = [each for home_id in purse.home_ids for each in resident.get("/bills", home_id=home_id)["items"]]
    assert {(each["state"], each["paid_fen"]) for each in shown} == {("paid", A_MONTH_FEN)}


def _the_bureau_sees_it(town: Town) -> None:
    """收缴监管 of this month: two homes of its district have paid."""
    bureau = town.console(Role.BUR)
    period = clock.china_date(town.now()).strftime("%Y-%m")
    town.product.wait_for(
        lambda: (
            f'<p class="sum">{yuan(2 * A_MONTH_FEN)}</p>' in bureau.page("/collection/", period=period).text
        ),
        within=60,
        what="the bureau's figures",
    )


def _each_company_got_its_own(purse: Purse) -> None:
    """In WeChat's books as in ours, once; and WeChat repeats itself in vain."""
    expected = dict(zip(purse.company_ids, (2 * A_HOME_FEN, A_HOME_FEN), strict=True))
    for company_id, fen in expected.items():
        assert purse.balances(company_id) == {"wechat": fen, "property_fee": -fen}
    trades = [each for each in purse.control("/orders")["orders"] if each["state"] == "SUCCESS"]
    received = {each["sub_mch_id"]: each["total_fee"] for each in trades}
    assert received == dict(zip(SANDBOX_SUB_MERCHANTS, expected.values(), strict=False))
    purse.town.product.wait_for(
        lambda: {each["state"] for each in purse.control("/notices")["notices"]} == {"done"},
        within=30,
        what="the repeated notices",
    )
    tries = purse.control("/notices")["tries"]
    assert len(tries) >= 2 * len(trades)
    assert {each["status"] for each in tries} == {"SUCCESS"}


def _the_night_finds_nothing(town: Town, purse: Purse) -> None:
    """Half past ten of the next day: the bills are fetched, the settlements written, and no case is opened."""
    paid_on = clock.china_date(town.now())
    now = clock.in_china(town.now())
    ready = (now + timedelta(days=1)).replace(hour=10, minute=31, second=0)
    hours = -(-int((ready - now).total_seconds()) // 3600)
    town.product.advance(*["4h"] * (hours // 4), *["30m"] * (2 * (hours % 4)))

    def compared() -> bool:
        with town.product.looking_in():
            wanted = select(BillFile.compared_at).where(BillFile.bill_on == paid_on)
            found = list(db.session.scalars(wanted))
            return len(found) == 2 and all(found)

    town.product.wait_for(compared, within=90, what="the reconciled bills")
    with town.product.looking_in():
        batches = select(SettlementBatch).where(SettlementBatch.bill_on == paid_on)
        settled = {each.company_id: each for each in db.session.scalars(batches)}
        assert db.session.scalars(select(ReconciliationCase)).all() == []
    for company_id, fen in zip(purse.company_ids, (2 * A_HOME_FEN, A_HOME_FEN), strict=True):
        batch = settled[company_id]
        assert (batch.paid_fen, batch.difference_fen) == (fen, 0)
        assert batch.net_fen == fen - batch.fee_fen


def test_what_a_payer_cancels_stays_due_and_can_be_paid_later(town: Town, purse: Purse):
    resident = purse.payer()
    bill_ids = purse.issue_next()
    (payment,) = resident.post("/bills/pay", {"bill_ids": bill_ids})["payments"]
    opened = resident.post(f"/payments/{payment['id']}/open")
    assert purse.tap(opened["wechat"], "cancel").json()["errMsg"] == "requestPayment:fail cancel"
    assert resident.post(f"/payments/{payment['id']}/check")["state"] == "open"
    assert set(bill_ids) <= set(purse.due(resident, purse.home_ids[0]))
    again = resident.post(f"/payments/{payment['id']}/open")
    assert again["wechat"]["package"] != opened["wechat"]["package"]
    assert purse.tap(again["wechat"]).status_code == 200
    assert resident.post(f"/payments/{payment['id']}/check")["state"] == "paid"
    assert purse.tap(again["wechat"]).status_code == 422


def test_a_refund_takes_three_persons_and_waits_for_the_balance_of_the_company(town: Town, purse: Purse):
    resident = purse.payer()
    (payment,) = resident.post("/bills/pay", {"bill_ids": purse.issue_next()})["payments"]
    assert purse.tap(resident.post(f"/payments/{payment['id']}/open")["wechat"]).status_code == 200
    purse.until(resident, payment["id"], lambda seen: seen["state"] == "paid", "the settled payment")
    before = purse.balances(purse.company_ids[0])
    asked = {"reason_code": "double", "reason": "这个月已经在管理处交过", "amount_fen": 10_000}
    (refund,) = resident.post(f"/payments/{payment['id']}/ask-refund", asked)["refunds"]
    assert refund["step"] == "requested"
    first, second = ACCOUNTANTS
    assert "已初审" in purse.sign_refund(refund["id"], "review", as_=first)
    purse.sign_refund(refund["id"], "approve", as_=first)
    assert purse.control(f"/orders/{payment['out_trade_no']}")["refunds"] == []
    requests.post(
        f"{purse.sandbox}/sandbox/faults",
        json={"path": "/secapi/pay/refund", "kind": "NOTENOUGH", "times": 1},
        timeout=10,
    ).raise_for_status()
    assert "已复核" in purse.sign_refund(refund["id"], "approve", as_=second)
    town.product.wait_for(lambda: _tries(purse, payment) == ["NOTENOUGH"], within=30, what="the first try")
    assert resident.get(f"/payments/{payment['id']}")["refunded_fen"] == 0
    town.product.advance("30m", "30m")
    purse.until(resident, payment["id"], lambda seen: seen["refunded_fen"] == 10_000, "the money back")
    assert _tries(purse, payment) == ["NOTENOUGH", "SUCCESS"]
    assert purse.control(f"/orders/{payment['out_trade_no']}")["refunded"] == 10_000
    after = purse.balances(purse.company_ids[0])
    assert after["wechat"] == before["wechat"] - 10_000
    assert after["property_fee"] == before["property_fee"] + 10_000


def _tries(purse: Purse, payment: dict[str, Any]) -> list[str]:
    """What WeChat answered when this payment's refund was sent, always under one number."""
    answer = requests.get(
        f"{purse.sandbox}/sandbox/journal", params={"path": "/secapi/pay/refund"}, timeout=10
    )
    mine = [
        each for each in answer.json()["entries"] if each["body"]["out_trade_no"] == payment["out_trade_no"]
    ]
    assert len({each["body"]["out_refund_no"] for each in mine}) <= 1
    return [each["outcome"] for each in mine]


def test_money_for_a_payment_that_is_closed_goes_back_by_itself(town: Town, purse: Purse):
    resident = purse.payer()
    bill_ids = purse.issue_next()
    (payment,) = resident.post("/bills/pay", {"bill_ids": bill_ids})["payments"]
    resident.post(f"/payments/{payment['id']}/open")
    before = {company_id: purse.balances(company_id) for company_id in purse.company_ids}
    town.product.advance("30m", "10m")
    purse.until(resident, payment["id"], lambda seen: seen["state"] == "closed", "the closed payment")
    number = payment["out_trade_no"]
    assert purse.control(f"/orders/{number}")["state"] == "CLOSED"
    purse.control("/late", {"out_trade_no": number})
    purse.until(resident, payment["id"], lambda seen: seen["state"] == "late", "the late money")
    gone = purse.until(
        resident,
        payment["id"],
        lambda seen: seen["refunded_fen"] == seen["amount_fen"],
        "the money on its way back",
    )
    assert [each["step"] for each in gone["refunds"]] == ["done"]
    with town.product.looking_in():
        refund = db.session.scalars(select(Refund).where(Refund.payment_id == payment["id"])).one()
    assert refund.by_rule
    assert purse.control(f"/orders/{number}")["refunded"] == payment["amount_fen"]
    assert {company_id: _worth(purse, company_id) for company_id in purse.company_ids} == {
        company_id: {name: fen for name, fen in known.items() if fen} for company_id, known in before.items()
    }
    assert set(bill_ids) <= set(purse.due(resident, purse.home_ids[0]))


def _worth(purse: Purse, company_id: int) -> dict[str, int]:
    """Accounts that stand at nothing say nothing."""
    return {name: fen for name, fen in purse.balances(company_id).items() if fen}
