"""What can be made to go wrong between the product and WeChat Pay, and what has happened by then."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.wechat_sandbox.merchant import HMAC, Merchant, parsed, signature, xml

PATH = "/pay/unifiedorder"


def send(merchant: Merchant, **changes: Any) -> requests.Response:
    fields = merchant.order_fields("A0000001", **changes)
    return merchant.raw(PATH, xml({**fields, "sign": signature(fields)}))


def exists(merchant: Merchant) -> bool:
    return merchant.query("A0000001")["result_code"] == "SUCCESS"


@pytest.mark.parametrize(("kind", "done"), [("drop", False), ("drop_after", True)])
def test_a_connection_may_break_before_or_after_the_order_is_taken(merchant: Merchant, kind: str, done: bool):
    merchant.sandbox.fault(PATH, kind)
    with pytest.raises(requests.ConnectionError):
        send(merchant)
    assert exists(merchant) is done
    assert merchant.order("A0000001")["result_code"] == "SUCCESS"


def test_a_refund_may_be_taken_though_nobody_hears_it(merchant: Merchant):
    merchant.paid("A0000001")
    merchant.sandbox.fault("/secapi/pay/refund", "drop_after")
    with pytest.raises(requests.ConnectionError):
        merchant.refund("A0000001", "R1", 345)
    assert merchant.refund("A0000001", "R1", 345)["result_code"] == "SUCCESS"
    assert merchant.sandbox.pay_order("A0000001")["refunded"] == 345


@pytest.mark.parametrize(("kind", "status"), [("http_500", 500), ("html", 200)])
def test_a_gateway_in_between_may_answer(merchant: Merchant, kind: str, status: int):
    merchant.sandbox.fault(PATH, kind)
    answer = send(merchant)
    assert answer.status_code == status
    assert "return_code" not in answer.text
    assert not exists(merchant)


def test_an_answer_may_be_slow(merchant: Merchant):
    merchant.sandbox.fault(PATH, "slow", seconds=0.3)
    began = time.monotonic()
    assert parsed(send(merchant).text)["result_code"] == "SUCCESS"
    assert time.monotonic() - began >= 0.3


def test_an_answer_may_carry_a_wrong_signature(merchant: Merchant):
    merchant.sandbox.fault(PATH, "wrong_answer_signature")
    answer = parsed(send(merchant).text)
    assert answer["result_code"] == "SUCCESS"
    assert answer["sign"] != signature(answer)


def test_an_answer_may_be_signed_in_the_other_type(merchant: Merchant):
    merchant.sandbox.fault(PATH, "answer_in_other_type")
    answer = parsed(send(merchant).text)
    assert answer["sign"] == signature(answer, sign_type="MD5")
    merchant.sandbox.fault(PATH, "answer_in_other_type")
    answer = parsed(merchant.raw(PATH, _in_md5(merchant)).text)
    assert answer["sign"] == signature(answer, sign_type=HMAC)


@pytest.mark.parametrize("code", ["NOTENOUGH", "FREQUENCY_LIMITED", "SYSTEMERROR"])
def test_a_refund_may_be_declined_for_a_while(merchant: Merchant, code: str):
    merchant.paid("A0000001")
    merchant.sandbox.fault("/secapi/pay/refund", code, times=2)
    for _ in range(2):
        assert merchant.refund("A0000001", "R1", 345)["err_code"] == code
    assert merchant.refund_query(out_refund_no="R1")["err_code"] == "REFUNDNOTEXIST"
    assert merchant.refund("A0000001", "R1", 345)["result_code"] == "SUCCESS"


def test_a_system_error_may_hide_a_success(merchant: Merchant):
    merchant.sandbox.fault(PATH, "SYSTEMERROR_AFTER")
    assert parsed(send(merchant).text)["err_code"] == "SYSTEMERROR"
    assert exists(merchant)


def test_faults_belong_to_their_side(merchant: Merchant):
    for body in (
        {"path": PATH, "kind": "busy"},
        {"path": "/sns/jscode2session", "kind": "NOTENOUGH"},
        {"path": "notice", "kind": "slow"},
        {"path": "push", "kind": "lost"},
    ):
        with pytest.raises(requests.HTTPError):
            merchant.sandbox.call("POST", "/faults", body)
    merchant.sandbox.fault("*", "SYSTEMERROR")
    merchant.sandbox.code("王阿姨")
    assert merchant.order("A0000001")["err_code"] == "SYSTEMERROR"


def test_the_journal_tells_each_call_and_its_outcome(merchant: Merchant):
    merchant.order("A0000001")
    merchant.order("A0000001", total_fee=1)
    merchant.order("A0000001", body="")
    merchant.raw(PATH, b"rubbish")
    entries = merchant.sandbox.journal(PATH)
    outcomes = [entry["outcome"] for entry in entries]
    assert outcomes[:3] == ["SUCCESS", "INVALID_REQUEST", "缺少参数:body"]
    assert outcomes[3].startswith("XML格式错误")
    assert entries[0]["body"]["out_trade_no"] == "A0000001"
    assert entries[3]["body"] == "(unreadable)"


def test_the_books_can_be_read(merchant: Merchant):
    merchant.paid("A0000001")
    merchant.order("A0000002")
    merchant.refund("A0000001", "R1", 345)
    control = merchant.sandbox.call
    assert control("GET", "/pay/orders", query={"state": "NOTPAY"})["count"] == 1
    assert control("GET", "/pay/orders", query={"payer": "王阿姨"})["count"] == 2
    assert control("GET", "/pay/orders", query={"payer": "nobody"})["count"] == 0
    assert [each["out_refund_no"] for each in control("GET", "/pay/refunds")["refunds"]] == ["R1"]
    assert merchant.sandbox.pay_refund("R1")["refund_fee"] == 345
    (payment,) = control("GET", "/users/王阿姨/payments")["payments"]
    assert (payment["payee"], payment["refunded"]) == ("北京潞安示范物业服务有限公司", 345)
    assert control("GET", "/users/李大爷/payments")["payments"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/pay/switches", {"copies": 0}, 422),
        ("/pay/switches", {"certificate": 1}, 422),
        ("/pay/switches", {"close_after": -1}, 422),
        ("/pay/switches", {"close_after": True}, 422),
        ("/pay/switches", {"unknown": 1}, 422),
        ("/pay/refund_outcome", {"next": "MAYBE"}, 422),
        ("/pay/sub_merchants", {"name": "甲"}, 422),
        ("/pay/sub_merchants", {"sub_mch_id": "1", "name": "甲", "balance": 1}, 422),
        ("/pay/late", {"out_trade_no": "none"}, 404),
        ("/pay/resend", {"out_trade_no": "none"}, 404),
        ("/pay/resend", {"out_trade_no": "A0000001"}, 422),
    ],
)
def test_a_control_call_that_makes_no_sense_is_refused(
    merchant: Merchant, path: str, body: dict[str, Any], status: int
):
    merchant.order("A0000001")
    with pytest.raises(requests.HTTPError) as caught:
        merchant.sandbox.call("POST", path, body)
    assert caught.value.response.status_code == status


def _in_md5(merchant: Merchant) -> bytes:
    fields = merchant.order_fields("A0000002", sign_type="MD5")
    return xml({**fields, "sign": signature(fields, sign_type="MD5")})
