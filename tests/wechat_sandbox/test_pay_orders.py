"""unifiedorder, orderquery and closeorder refuse what the platform refuses: section 4.1, items 11 to 17 and 20."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from config import SANDBOX_MCH_ID
from tests.wechat_sandbox.merchant import PAYER, SUB_MCH_ID, Merchant, beijing, parsed, signature, xml
from wechat_sandbox.pay_desk import ORDINARY
from wechat_sandbox.people import openid_of

DAY = 86400


@pytest.mark.parametrize("sign_type", ["HMAC-SHA256", "MD5", None])
def test_an_order_gets_a_prepay_id_signed_as_it_was_asked(merchant: Merchant, sign_type: str | None):
    answer = merchant.order("A0000001", sign_type=sign_type, attach="bill:7", time_expire=beijing(1800))
    assert (answer["return_code"], answer["result_code"]) == ("SUCCESS", "SUCCESS")
    assert answer["prepay_id"].startswith("wx")
    assert len(answer["sign"]) == (64 if sign_type == "HMAC-SHA256" else 32)
    assert (answer["mch_id"], answer["sub_mch_id"]) == (SANDBOX_MCH_ID, SUB_MCH_ID)
    assert answer["nonce_str"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"appid": None}, "缺少参数"),
        ({"mch_id": None}, "缺少参数"),
        ({"nonce_str": None}, "缺少参数"),
        ({"mch_id": "1234567890"}, "mch_id不存在"),
        ({"sign_type": "SHA1"}, "sign_type"),
        ({"appid": "wx1234567890123456"}, "不匹配"),
        ({"nonce_str": "n" * 33}, "nonce_str"),
        ({"sub_mch_id": None}, "必须传入sub_mch_id"),
        ({"sub_mch_id": SANDBOX_MCH_ID}, "不能相同"),
        ({"sub_mch_id": "1900009999"}, "受理关系不存在"),
        ({"sub_appid": "wx1234567890123456"}, "sub_appid不匹配"),
        ({"body": None}, "缺少参数:body"),
        ({"body": ""}, "缺少参数:body"),
        ({"body": "费" * 128}, "128 个字符,384 字节"),
        ({"attach": "a" * 128}, "attach"),
        ({"detail": "d" * 6145}, "detail"),
        ({"out_trade_no": "A1"}, "out_trade_no"),
        ({"out_trade_no": "A" * 33}, "out_trade_no"),
        ({"out_trade_no": "A 00001"}, "out_trade_no"),
        ({"out_trade_no": "订单0000001"}, "out_trade_no"),
        ({"fee_type": "USD"}, "fee_type"),
        ({"trade_type": "NATIVE"}, "trade_type"),
        ({"spbill_create_ip": "localhost"}, "spbill_create_ip"),
        ({"spbill_create_ip": "300.1.1.1"}, "spbill_create_ip"),
        ({"notify_url": "ftp://127.0.0.1/x"}, "notify_url"),
        ({"notify_url": "http://127.0.0.1"}, "notify_url"),
        ({"notify_url": "http://127.0.0.1:bad/x"}, "notify_url"),
        ({"notify_url": "http://127.0.0.1/x?a=1"}, "不能携带参数"),
        ({"notify_url": "http://192.0.2.1/x"}, "只能是本机"),
        ({"notify_url": "http://127.0.0.1/" + "x" * 255}, "notify_url"),
        ({"openid": None}, "openid"),
        ({"sub_openid": "o123"}, "其中之一"),
        ({"openid": None, "sub_openid": "o123"}, "sub_appid"),
        ({"time_expire": "20260101"}, "time_expire"),
        ({"time_expire": "20261399000000"}, "time_expire"),
        ({"time_expire": beijing(50)}, "time_expire"),
        ({"time_start": "soon"}, "time_start"),
        ({"notifyurl": "http://127.0.0.1/x"}, "不识别的参数:notifyurl"),
    ],
)
def test_a_malformed_order_is_not_understood(merchant: Merchant, changes: dict[str, Any], words: str):
    fields = {**merchant.order_fields("A0000001"), **changes}
    answer = merchant.send(
        "/pay/unifiedorder", {name: value for name, value in fields.items() if value is not None}
    )
    assert answer["return_code"] == "FAIL"
    assert words in answer["return_msg"]
    assert "sign" not in answer
    assert merchant.query("A0000001")["err_code"] == "ORDERNOTEXIST"


@pytest.mark.parametrize(
    "fee", ["0", "-1", "1.5", "1.00", "+1", " 1", "01", "1e3", "", "True", "100000001", "9" * 30, "١٢"]
)
def test_an_amount_is_whole_fen(merchant: Merchant, fee: str):
    assert merchant.order("A0000001", total_fee=fee)["return_code"] == "FAIL"


def test_the_payer_is_known_here(merchant: Merchant):
    answer = merchant.order("A0000001", openid="o" + "x" * 27)
    assert (answer["result_code"], answer["err_code"]) == ("FAIL", "PARAM_ERROR")


def test_a_wrong_signature_gets_an_unsigned_refusal(merchant: Merchant):
    good = merchant.order_fields("A0000001")
    sign = signature(good)
    for bad in (
        sign.lower(),
        sign[:-1] + ("0" if sign[-1] != "0" else "1"),
        "",
        signature(good, sign_type="MD5"),
    ):
        raw = merchant.raw("/pay/unifiedorder", xml({**good, "sign": bad}))
        answer = parsed(raw.text)
        assert answer["return_code"] == "FAIL"
        assert "sign" not in answer
    other = parsed(merchant.raw("/pay/unifiedorder", xml({**good, "total_fee": 1, "sign": sign})).text)
    assert other["return_msg"] == "签名错误"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not xml",
        b"{}",
        b"<xml><a>1</a><a>2</a></xml>",
        b'<!DOCTYPE xml [<!ENTITY e "1">]><xml><a>&e;</a></xml>',
        "<xml><body>\u4e2d</body></xml>".encode("gbk"),
        b"<xml><a>" + b"x" * 70_000 + b"</a></xml>",
    ],
)
def test_a_body_that_is_no_flat_xml_is_refused(merchant: Merchant, raw: bytes):
    assert parsed(merchant.raw("/pay/unifiedorder", raw).text)["return_code"] == "FAIL"


def test_a_nonce_is_used_once_in_a_while(merchant: Merchant):
    fields = merchant.fields(out_trade_no="A0000001")
    assert merchant.send("/pay/orderquery", fields)["return_code"] == "SUCCESS"
    assert "重复" in merchant.send("/pay/orderquery", fields)["return_msg"]
    merchant.sandbox.advance(601)
    assert merchant.send("/pay/orderquery", fields)["return_code"] == "SUCCESS"


def test_an_ordinary_merchant_speaks_for_itself_only(merchant: Merchant):
    fields = merchant.order_fields("A0000001", mch_id=ORDINARY.mch_id, appid=ORDINARY.appid)
    refused = merchant.send("/pay/unifiedorder", {**fields, "sign": signature(fields, key=ORDINARY.key)})
    assert refused["return_msg"] == "普通商户不允许传sub_mch_id"


def test_the_same_order_again_gets_a_fresh_prepay_id(merchant: Merchant):
    first, again = merchant.order("A0000001"), merchant.order("A0000001", spbill_create_ip="127.0.0.2")
    assert first["prepay_id"] != again["prepay_id"]
    assert len(merchant.sandbox.pay_order("A0000001")["prepays"]) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"total_fee": 12346},
        {"body": "车位费"},
        {"sub_mch_id": "1900000202"},
        {"attach": "x"},
        {"sign_type": "MD5"},
    ],
)
def test_the_same_number_for_another_order_is_refused(merchant: Merchant, changes: dict[str, Any]):
    merchant.order("A0000001")
    refused = merchant.order("A0000001", **changes)
    assert (refused["err_code"], refused["err_code_des"]) == ("INVALID_REQUEST", "201 商户订单号重复")


def test_a_paid_and_a_closed_number_take_no_order(merchant: Merchant):
    merchant.paid("A0000001")
    assert merchant.order("A0000001")["err_code"] == "ORDERPAID"
    merchant.order("A0000002")
    merchant.sandbox.advance(301)
    merchant.close("A0000002")
    assert merchant.order("A0000002")["err_code"] == "ORDERCLOSED"


def test_a_query_tells_the_whole_life_of_an_order(merchant: Merchant):
    assert merchant.query("A0000001")["err_code"] == "ORDERNOTEXIST"
    prepay_id = merchant.order("A0000001", attach="bill:7")["prepay_id"]
    assert merchant.query("A0000001")["trade_state"] == "NOTPAY"
    for outcome, state in {"cancel": "NOTPAY", "paying": "USERPAYING", "error": "PAYERROR"}.items():
        merchant.sandbox.pay_as(PAYER, merchant.params(prepay_id), outcome)
        assert merchant.query("A0000001")["trade_state"] == state
    merchant.sandbox.pay_as(PAYER, merchant.params(prepay_id), wait=False)
    paid = merchant.query("A0000001")
    assert (paid["trade_state"], paid["total_fee"], paid["attach"]) == ("SUCCESS", "12345", "bill:7")
    assert len(paid["transaction_id"]) == 28
    assert paid["transaction_id"].startswith("42")
    assert abs(time.time() - _instant(paid["time_end"])) < 60
    by_id = merchant.send("/pay/orderquery", merchant.fields(transaction_id=paid["transaction_id"]))
    assert by_id["out_trade_no"] == "A0000001"
    merchant.refund("A0000001", "R1", 1)
    assert merchant.query("A0000001")["trade_state"] == "REFUND"


def test_another_sub_merchant_finds_nothing(merchant: Merchant):
    merchant.order("A0000001")
    assert merchant.query("A0000001", sub_mch_id="1900000202")["err_code"] == "ORDERNOTEXIST"
    assert merchant.close("A0000001", sub_mch_id="1900000202")["err_code"] == "ORDERNOTEXIST"


def test_closing_waits_five_minutes_and_may_be_repeated(merchant: Merchant):
    merchant.order("A0000001")
    assert "5分钟" in merchant.close("A0000001")["err_code_des"]
    merchant.sandbox.advance(301)
    assert merchant.close("A0000001")["result_code"] == "SUCCESS"
    assert merchant.close("A0000001")["result_code"] == "SUCCESS"
    assert merchant.query("A0000001")["trade_state"] == "CLOSED"
    merchant.sandbox.pay_switches(close_after=0)
    merchant.order("A0000002")
    assert merchant.close("A0000002")["result_code"] == "SUCCESS"
    merchant.paid("A0000003")
    assert merchant.close("A0000003")["err_code"] == "ORDERPAID"


def test_an_order_that_nobody_pays_is_closed_after_seven_days(merchant: Merchant):
    merchant.order("A0000001")
    merchant.sandbox.advance(7 * DAY)
    assert merchant.query("A0000001")["trade_state"] == "CLOSED"


def test_a_company_that_takes_its_consent_back_sells_nothing(merchant: Merchant):
    company = {"sub_mch_id": SUB_MCH_ID, "name": "甲", "pays": False, "sub_appid": "wx0000company0001"}
    merchant.sandbox.call("POST", "/pay/sub_merchants", company)
    assert merchant.order("A0000001")["err_code"] == "NOAUTH"


def test_a_company_with_a_mini_program_of_its_own_names_the_payer_by_sub_openid(merchant: Merchant):
    sub_appid = "wx0000company0001"
    merchant.sandbox.call(
        "POST", "/pay/sub_merchants", {"sub_mch_id": SUB_MCH_ID, "name": "甲", "sub_appid": sub_appid}
    )
    whose = {"openid": None, "sub_appid": sub_appid, "sub_openid": openid_of(sub_appid, PAYER)}
    assert merchant.order("A0000001", **{**whose, "sub_openid": "o1"})["err_code"] == "PARAM_ERROR"
    prepay_id = merchant.order("A0000002", **whose)["prepay_id"]
    merchant.sandbox.pay_as(PAYER, merchant.params(prepay_id, appId=sub_appid), wait=False)
    assert merchant.query("A0000002", sub_appid=sub_appid)["sub_openid"] == whose["sub_openid"]


def test_the_real_rule_for_notify_addresses_can_be_switched_on(merchant: Merchant):
    merchant.sandbox.pay_switches(loopback_notify=False)
    assert "内网" in merchant.order("A0000001")["return_msg"]


def test_pay_calls_are_posted(merchant: Merchant):
    answer = parsed(requests.get(merchant.sandbox.url + "/pay/orderquery", timeout=10).text)
    assert answer["return_msg"] == "请使用post方法"


def _instant(text: str) -> float:
    return (datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC) - timedelta(hours=8)).timestamp()
