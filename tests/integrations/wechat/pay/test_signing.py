"""The published signatures, recomputed; and what must not pass for one."""

from __future__ import annotations

import pytest

from app.integrations.wechat.pay.contract import NoticeRefused
from app.integrations.wechat.pay.signing import PayKey, is_signed, new_nonce, sign
from tests.integrations.wechat.pay.conftest import (
    APPID,
    IDENTITY,
    KEY,
    PAID,
    fields_of,
    json_vector,
    signed,
    vector,
    xml,
)

SAMPLES = (
    "v2_notify_paysuccess.xml",
    "v2_orderquery_response_coupons.xml",
    "v2_refund_response.xml",
    "v2_refundquery_response.xml",
    "v2_unifiedorder_request.xml",
)


@pytest.mark.parametrize("name", ["official", "wechatpy_test"])
def test_the_published_hmac_is_recomputed(name):
    case = json_vector("v2_sign.json")[name]
    assert sign(case["params"], PayKey(case["key"])) == case["HMAC-SHA256"]
    assert is_signed({**case["params"], "sign": case["HMAC-SHA256"]}, PayKey(case["key"]))


def test_the_published_parameters_of_a_payment_are_recomputed():
    case = json_vector("v2_sign.json")["easywechat_jsapi"]
    params = {**case["params"], "signType": "HMAC-SHA256"}
    assert sign(params, PayKey(case["key"])) == case["HMAC-SHA256 (signType=HMAC-SHA256 added to params)"]


@pytest.mark.parametrize("name", ["official", "wechatpy_test"])
def test_a_genuine_md5_signature_is_refused(name):
    """D7: we order with HMAC-SHA256, so WeChat answers with it; whoever broke MD5 gets nowhere."""
    case = json_vector("v2_sign.json")[name]
    assert not is_signed({**case["params"], "sign": case["MD5"]}, PayKey(case["key"]))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_published_sample_is_refused_as_it_is_and_taken_when_signed_anew(name):
    """They are signed with a key that nobody published."""
    fields = fields_of(vector(name))
    assert not is_signed(fields, PayKey(KEY))
    assert is_signed(signed(fields), PayKey(KEY))


def test_the_partner_sample_is_refused_as_it_is_and_taken_when_signed_anew():
    answer = json_vector("v2_unifiedorder_response_partner.json")["response"]["respdata"]
    fields = {name: text for name, text in answer.items() if isinstance(text, str)}
    assert not is_signed(fields, PayKey(KEY))
    assert is_signed(signed(fields), PayKey(KEY))


@pytest.mark.parametrize("name", sorted(PAID))
def test_changing_any_field_breaks_the_signature(name):
    """One byte more, or the field left out."""
    right = signed(PAID)
    assert is_signed(right, PayKey(KEY))
    assert not is_signed({**right, name: right[name] + "0"}, PayKey(KEY))
    assert not is_signed({each: text for each, text in right.items() if each != name}, PayKey(KEY))


@pytest.mark.parametrize(
    "change",
    [
        {"sign": ""},
        {"sign": "0" * 64},
        {"sign": signed(PAID)["sign"].lower()},
        {"sign": signed(PAID)["sign"][:-1]},
        {"sign": signed(PAID)["sign"] + "\n"},
        {"sign": "签" * 64},
        {"sign": signed(PAID, key="f" * 32)["sign"]},
        {"extra": "a field that was not signed"},
        {"sign_type": "MD5"},
    ],
)
def test_what_is_nearly_a_signature_is_none(change):
    assert not is_signed({**signed(PAID), **change}, PayKey(KEY))


def test_a_signature_may_name_its_type_and_cover_fields_that_we_do_not_know():
    assert is_signed(signed({**PAID, "sign_type": "HMAC-SHA256", "a_new_field": "2027"}), PayKey(KEY))


def test_nonces_cannot_be_guessed_and_do_not_repeat():
    """D16: wechatpy draws them from `random` and never repeats a character in one."""
    nonces = {new_nonce() for _ in range(1000)}
    assert len(nonces) == 1000
    assert {len(each) for each in nonces} == {32}
    assert any(len(set(each)) < 32 for each in nonces)


def test_the_key_is_shown_by_nothing():
    assert KEY not in f"{PayKey(KEY)!r} {PayKey(KEY)}"
    assert PayKey(KEY).blanked(f"wrong key {KEY}!") == "wrong key ***!"


def test_the_published_notice_is_refused_as_it_is_and_taken_for_us_when_signed_anew(unreachable):
    """The sample is a notice to another merchant: signed anew with our ids it is ours."""
    fields = fields_of(vector("v2_notify_paysuccess.xml"))
    with pytest.raises(NoticeRefused, match="signature"):
        unreachable.parse_pay_notice({}, vector("v2_notify_paysuccess.xml").encode())
    with pytest.raises(NoticeRefused, match="another app"):
        unreachable.parse_pay_notice({}, xml(signed(fields)))
    ours = {**fields, **IDENTITY}
    trade = unreachable.parse_pay_notice({}, xml(signed(ours)))
    assert (trade.appid, trade.amount_fen, trade.out_trade_no) == (APPID, 1, "1409811653")
    assert trade.transaction_id == "1004400740201409030005092168"
    assert trade.paid_at and trade.paid_at.isoformat() == "2014-09-03T05:15:40+00:00"
    assert trade.attach == "支付测试"
