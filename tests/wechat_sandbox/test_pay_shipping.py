"""发货信息: for an order that is paid, by its payer, once and one change: section 4.1, item 10."""

from __future__ import annotations

from typing import Any

import pytest

from config import SANDBOX_APPID, SANDBOX_MCH_ID
from tests.wechat_sandbox.conftest import Get
from tests.wechat_sandbox.merchant import SUB_MCH_ID, Merchant

PATH = "/wxa/sec/order/upload_shipping_info"
WHEN = "2026-11-22T10:00:00.123+08:00"
LATER = "2026-11-22T10:00:01.123+08:00"


def shipping(paid: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A service that was done, nothing to carry."""
    body = {
        "order_key": {"order_number_type": 2, "transaction_id": paid["transaction_id"]},
        "logistics_type": 3,
        "delivery_mode": 1,
        "shipping_list": [{"item_desc": "物业费 2026年10月"}],
        "upload_time": WHEN,
        "payer": {"openid": paid["payer"]},
    }
    return {**body, **changes}


def test_whether_money_waits_for_shipping_is_a_switch(merchant: Merchant, post: Get):
    path = "/wxa/sec/order/is_trade_managed"
    assert post(path, {"appid": SANDBOX_APPID})["is_trade_managed"] is False
    merchant.sandbox.pay_switches(trade_managed=True)
    assert post(path, {"appid": SANDBOX_APPID})["is_trade_managed"] is True
    assert post(path, {"appid": "wx1"})["errcode"] == 40013
    assert post(path, {"appid": SANDBOX_APPID}, token="x")["errcode"] == 40014


@pytest.mark.parametrize("mchid", [SANDBOX_MCH_ID, SUB_MCH_ID])
def test_an_order_is_named_by_either_number(merchant: Merchant, post: Get, mchid: str):
    paid = merchant.paid("A0000001")
    by_number = {"order_number_type": 1, "mchid": mchid, "out_trade_no": "A0000001"}
    assert post(PATH, shipping(paid, order_key=by_number))["errcode"] == 0
    assert merchant.sandbox.pay_order("A0000001")["shipping"]


def test_it_is_said_once_and_changed_once(merchant: Merchant, post: Get):
    paid = merchant.paid("A0000001")
    assert post(PATH, shipping(paid))["errcode"] == 0
    assert post(PATH, shipping(paid))["errcode"] == 10060023
    assert post(PATH, shipping(paid, upload_time=LATER))["errcode"] == 0
    assert post(PATH, shipping(paid, upload_time="2026-11-22T11:00:00+08:00"))["errcode"] == 10060003


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"order_key": None}, 268485194),
        ({"order_key": {"order_number_type": 3}}, 268485194),
        ({"order_key": {"order_number_type": 2}}, 268485195),
        ({"order_key": {"order_number_type": 1, "out_trade_no": "A0000001"}}, 268485226),
        ({"order_key": {"order_number_type": 1, "mchid": SANDBOX_MCH_ID}}, 268485227),
        ({"order_key": {"order_number_type": 2, "transaction_id": "42"}}, 10060001),
        ({"order_key": {"order_number_type": 1, "mchid": "190", "out_trade_no": "A0000001"}}, 10060001),
        ({"upload_time": None}, 268485216),
        ({"upload_time": "2026-11-22 10:00:00"}, 268485216),
        ({"upload_time": "2026-13-22T10:00:00+08:00"}, 268485216),
        ({"logistics_type": 5}, 10060005),
        ({"logistics_type": True}, 10060005),
        ({"delivery_mode": 0}, 268485224),
        ({"delivery_mode": 2}, 10060006),
        ({"delivery_mode": 2, "logistics_type": 1}, 10060007),
        ({"shipping_list": []}, 10060014),
        ({"shipping_list": [{"item_desc": "a"}, {"item_desc": "b"}]}, 10060014),
        ({"shipping_list": [{"item_desc": " "}]}, 10060008),
        ({"shipping_list": ["a"]}, 10060008),
        ({"shipping_list": [{"item_desc": "a" * 121}]}, 10060009),
        ({"logistics_type": 1}, 10060014),
        ({"payer": {"openid": "o123"}}, 10060031),
        ({"payer": None}, 10060031),
    ],
)
def test_what_does_not_fit_is_refused(merchant: Merchant, post: Get, changes: dict[str, Any], errcode: int):
    paid = merchant.paid("A0000001")
    assert post(PATH, shipping(paid, **changes))["errcode"] == errcode
    assert merchant.sandbox.pay_order("A0000001")["shipping"] == []


def test_too_many_parcels_are_refused(merchant: Merchant, post: Get):
    paid = merchant.paid("A0000001")
    parcel = {"item_desc": "a", "tracking_no": "1", "express_company": "SF"}
    split = {"delivery_mode": 2, "logistics_type": 1, "is_all_delivered": True}
    assert post(PATH, shipping(paid, shipping_list=[parcel] * 11, **split))["errcode"] == 10060024
    assert post(PATH, shipping(paid, shipping_list=[parcel] * 10, **split))["errcode"] == 0


def test_what_is_not_paid_or_went_back_is_not_shipped(merchant: Merchant, post: Get):
    merchant.order("A0000001")
    unpaid = {"order_number_type": 1, "mchid": SUB_MCH_ID, "out_trade_no": "A0000001"}
    paid = merchant.paid("A0000002")
    assert post(PATH, shipping(paid, order_key=unpaid))["errcode"] == 10060001
    merchant.refund("A0000002", "R1", 1)
    assert post(PATH, shipping(paid))["errcode"] == 10060004
    assert post(PATH, shipping(paid), token="x")["errcode"] == 40014
