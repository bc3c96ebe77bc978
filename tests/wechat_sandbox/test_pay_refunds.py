"""Refunds: never more than was paid, one number is one refund, and acceptance is not arrival: item 21."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wechat_sandbox.merchant import CERTIFICATE, SUB_MCH_ID, Merchant, signature, xml

YEAR = 366 * 86400


def arrive(merchant: Merchant) -> None:
    """Let the clock bring accepted refunds home."""
    merchant.sandbox.advance(2)
    merchant.sandbox.deliver()


def test_a_refund_is_accepted_and_arrives_later(merchant: Merchant):
    paid = merchant.paid("A0000001")
    accepted = merchant.refund("A0000001", "R1", 345)
    assert (accepted["result_code"], accepted["refund_fee"], accepted["total_fee"]) == (
        "SUCCESS",
        "345",
        "12345",
    )
    assert accepted["transaction_id"] == paid["transaction_id"]
    waiting = merchant.refund_query(out_refund_no="R1")
    assert waiting["refund_status_0"] == "PROCESSING"
    assert "refund_success_time_0" not in waiting
    arrive(merchant)
    done = merchant.refund_query(out_refund_no="R1")
    expected = {
        "out_refund_no_0": "R1",
        "refund_id_0": accepted["refund_id"],
        "refund_fee_0": "345",
        "refund_status_0": "SUCCESS",
        "refund_channel_0": "ORIGINAL",
        "refund_count": "1",
        "out_trade_no": "A0000001",
    }
    assert {name: done[name] for name in expected} == expected
    assert len(done["refund_success_time_0"]) == len("2026-11-22 10:00:00")


def test_the_same_number_is_the_same_refund(merchant: Merchant):
    merchant.paid("A0000001")
    first, again = merchant.refund("A0000001", "R1", 345), merchant.refund("A0000001", "R1", 345)
    assert first["refund_id"] == again["refund_id"]
    assert merchant.sandbox.pay_order("A0000001")["refunded"] == 345
    other = merchant.refund("A0000001", "R1", 346)
    assert other["err_code"] == "INVALID_REQUEST"


def test_never_more_than_was_paid_goes_back(merchant: Merchant):
    merchant.paid("A0000001")
    assert merchant.refund("A0000001", "R1", 12346)["err_code_des"] == "累计退款金额大于支付金额"
    assert merchant.refund("A0000001", "R2", 12344)["result_code"] == "SUCCESS"
    assert merchant.refund("A0000001", "R3", 2)["err_code"] == "ERROR"
    assert merchant.refund("A0000001", "R4", 1)["result_code"] == "SUCCESS"
    assert merchant.sandbox.pay_order("A0000001")["refunded"] == 12345


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"total_fee": 12344}, "INVALID_REQUEST"),
        ({"out_trade_no": "A0000009"}, "ORDERNOTEXIST"),
        ({"out_trade_no": "A0000002"}, "ERROR"),
        ({"sub_mch_id": "1900000202"}, "ORDERNOTEXIST"),
        ({"transaction_id": "4200000000000000000000000000"}, "ORDERNOTEXIST"),
    ],
)
def test_a_refund_of_something_else_is_declined(merchant: Merchant, changes: dict[str, Any], code: str):
    merchant.paid("A0000001")
    merchant.order("A0000002")
    fields = {**merchant.refund_fields("A0000001", "R1", 1), **changes}
    assert merchant.send("/secapi/pay/refund", fields, headers=CERTIFICATE)["err_code"] == code


@pytest.mark.parametrize(
    "changes",
    [
        {"refund_fee": "0"},
        {"refund_fee": "1.0"},
        {"refund_fee": "-1"},
        {"refund_fee": ""},
        {"total_fee": "x"},
        {"out_refund_no": ""},
        {"out_refund_no": "退款"},
        {"out_refund_no": "R" * 65},
        {"refund_fee_type": "USD"},
        {"refund_desc": "因" * 81},
        {"refund_account": "MINE"},
        {"notify_url": "http://192.0.2.1/x"},
        {"reason": "unknown element"},
    ],
)
def test_a_malformed_refund_is_not_understood(merchant: Merchant, changes: dict[str, Any]):
    merchant.paid("A0000001")
    fields = {**merchant.refund_fields("A0000001", "R1", 1), **changes}
    assert merchant.send("/secapi/pay/refund", fields, headers=CERTIFICATE)["return_code"] == "FAIL"
    assert merchant.sandbox.pay_order("A0000001")["refunds"] == []


def test_money_out_needs_the_client_certificate(merchant: Merchant):
    merchant.paid("A0000001")

    def without(**headers: str) -> int:
        fields = merchant.refund_fields("A0000001", "R1", 1)
        body = xml({**fields, "sign": signature(fields)})
        return merchant.raw("/secapi/pay/refund", body, **headers).status_code

    assert without() == 400
    assert without(**{"X-Client-Certificate": "1900000999"}) == 400
    assert merchant.sandbox.pay_order("A0000001")["refunds"] == []
    merchant.sandbox.pay_switches(certificate=False)
    assert without() == 200


def test_an_order_is_refunded_fifty_times_and_within_a_year(merchant: Merchant):
    merchant.paid("A0000001")
    for number in range(50):
        assert merchant.refund("A0000001", f"R{number}", 1)["result_code"] == "SUCCESS"
    assert merchant.refund("A0000001", "R50", 1)["err_code_des"] == "部分退款次数超限"
    all_of_it = merchant.refund_query(out_trade_no="A0000001", offset="45")
    assert (all_of_it["refund_count"], all_of_it["total_refund_count"]) == ("5", "50")
    assert all_of_it["out_refund_no_4"] == "R49"
    merchant.paid("A0000002")
    merchant.sandbox.advance(YEAR)
    assert merchant.refund("A0000002", "S1", 1)["err_code"] == "TRADE_OVERDUE"


def test_a_refund_is_found_by_each_of_its_numbers(merchant: Merchant):
    paid = merchant.paid("A0000001")
    refund_id = merchant.refund("A0000001", "R1", 1)["refund_id"]
    numbers = {
        "out_refund_no": "R1",
        "refund_id": refund_id,
        "transaction_id": paid["transaction_id"],
        "out_trade_no": "A0000001",
    }
    for name, value in numbers.items():
        assert merchant.refund_query(**{name: value})["out_refund_no_0"] == "R1"
        assert merchant.refund_query(**{name: value, "sub_mch_id": "1900000202"})["result_code"] == "FAIL"
    assert merchant.refund_query(out_refund_no="R9")["err_code"] == "REFUNDNOTEXIST"
    merchant.paid("A0000002")
    assert merchant.refund_query(out_trade_no="A0000002")["err_code"] == "REFUNDNOTEXIST"


def test_a_refund_may_end_badly(merchant: Merchant):
    merchant.paid("A0000001")
    for outcome in ("CHANGE", "REFUNDCLOSE", "PROCESSING"):
        merchant.sandbox.call("POST", "/pay/refund_outcome", {"next": outcome})
    for outcome in ("CHANGE", "REFUNDCLOSE", "PROCESSING"):
        merchant.refund("A0000001", f"R-{outcome}", 100)
        arrive(merchant)
        assert merchant.refund_query(out_refund_no=f"R-{outcome}")["refund_status_0"] == outcome
    assert merchant.sandbox.pay_order("A0000001")["refunded"] == 200


def test_a_company_that_never_allowed_refunds_gives_none(merchant: Merchant):
    merchant.paid("A0000001")
    company = {"sub_mch_id": SUB_MCH_ID, "name": "甲", "refunds": False}
    merchant.sandbox.call("POST", "/pay/sub_merchants", company)
    assert merchant.refund("A0000001", "R1", 1)["err_code"] == "NOAUTH"
