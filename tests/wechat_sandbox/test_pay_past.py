"""Payments from before this sandbox: known from then on like any other, once, and refused whole when one is wrong."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.wechat_sandbox.merchant import SUB_MCH_ID, Merchant, beijing, signature, xml

DAY = 86400.0


def past(number: str = "A2611010000000001", **changes: Any) -> dict[str, Any]:
    """Paid the day before yesterday."""
    at = time.time() - 2 * DAY
    payment = {
        "out_trade_no": number,
        "sub_mch_id": SUB_MCH_ID,
        "openid": "o" + "x" * 27,
        "body": "物业费 2026年10月",
        "total_fee": 12345,
        "transaction_id": f"42000{number[-6:]:0>23}",
        "notify_url": "http://127.0.0.1:9/notice",
        "created_at": at,
        "expires_at": at + 1800,
        "paid_at": at + 30,
        "refunds": [],
    }
    return {**payment, **changes}


GONE_BACK = {
    "out_refund_no": "R1",
    "refund_id": "50300000002026110100000000001",
    "refund_fee": 2345,
    "notify_url": "http://127.0.0.1:9/refund-notice",
    "done_at": time.time() - DAY,
}


def tell(merchant: Merchant, *payments: Any) -> int:
    return int(merchant.sandbox.call("POST", "/pay/past", {"payments": list(payments)})["new"])


def test_it_is_found_by_its_numbers_and_stands_in_the_bill_of_its_day(merchant: Merchant):
    assert tell(merchant, past()) == 1
    answer = merchant.query("A2611010000000001")
    assert (answer["trade_state"], answer["total_fee"]) == ("SUCCESS", "12345")
    day = beijing(30 - 2 * DAY)[:8]
    text = _bill(merchant, day)
    assert "`A2611010000000001" in text
    assert "`123.45" in text


def _bill(merchant: Merchant, day: str) -> str:
    fields = merchant.fields(bill_date=day, bill_type="ALL")
    return merchant.raw("/pay/downloadbill", xml({**fields, "sign": signature(fields)})).text


def test_it_can_be_given_back_but_never_more_than_is_left(merchant: Merchant):
    tell(merchant, past(refunds=[GONE_BACK]))
    assert merchant.query("A2611010000000001")["trade_state"] == "REFUND"
    assert merchant.refund("A2611010000000001", "R2", 10_001)["err_code"] == "ERROR"
    assert merchant.refund("A2611010000000001", "R2", 10_000)["result_code"] == "SUCCESS"
    merchant.sandbox.advance(2)
    merchant.sandbox.deliver()
    assert merchant.refund_query(out_refund_no="R2")["refund_status_0"] == "SUCCESS"
    assert merchant.refund_query(out_refund_no="R1")["refund_fee_0"] == "2345"


def test_told_again_it_stays_as_it_has_become(merchant: Merchant):
    assert tell(merchant, past()) == 1
    merchant.refund("A2611010000000001", "R2", 345)
    assert tell(merchant, past(), past("A2611010000000002")) == 1
    assert merchant.sandbox.pay_order("A2611010000000001")["refunded"] == 345
    assert merchant.sandbox.pay_tries() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"sub_mch_id": "1900000777"},
        {"total_fee": 0},
        {"total_fee": "12345"},
        {"paid_at": None},
        {"openid": ""},
        {"refunds": [{**GONE_BACK, "refund_fee": None}]},
    ],
    ids=[
        "foreign_number",
        "nothing_paid",
        "a_sum_in_words",
        "never_paid",
        "paid_by_nobody",
        "nothing_given_back",
    ],
)
def test_a_list_with_something_wrong_in_it_changes_nothing(merchant: Merchant, wrong: dict[str, Any]):
    with pytest.raises(requests.HTTPError, match="422"):
        tell(merchant, past("A2611010000000002"), past(**wrong))
    assert merchant.sandbox.call("GET", "/pay/orders")["count"] == 0
