"""Notices: forged, truncated, of another type, for others, entity-laden, too large: refused, and said why."""

from __future__ import annotations

import base64
import hashlib
import time

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import china
from app.integrations.wechat.pay.contract import NoticeRefused, RefundState, TradeState
from app.integrations.wechat.pay.library import Provider
from app.integrations.wechat.pay.signing import PayKey
from tests.integrations.wechat.pay.conftest import (
    APPID,
    IDENTITY,
    KEY,
    MCH_ID,
    OPENID,
    PAID,
    REFUND_NO,
    SUB_MCH_ID,
    TRADE_NO,
    fields_of,
    gateway_to,
    json_vector,
    signed,
    vector,
    xml,
)

GATEWAY = gateway_to("http://127.0.0.1:9")
INNER = {
    "out_refund_no": REFUND_NO,
    "out_trade_no": TRADE_NO,
    "refund_id": "50000000012026112200000000001",
    "transaction_id": PAID["transaction_id"],
    "refund_fee": "10000",
    "total_fee": "28600",
    "refund_status": "SUCCESS",
    "success_time": "2026-11-22 21:00:01",
}


def pay_notice(raw: bytes):
    return GATEWAY.parse_pay_notice({}, raw)


def refund_notice(raw: bytes):
    return GATEWAY.parse_refund_notice({}, raw)


def sealed(plain: bytes, key: str = KEY, *, pad: bool = True) -> str:
    """req_info as the platform describes it, written apart from the product's code."""
    missing = 16 - len(plain) % 16
    secret = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest().encode()
    cipher = Cipher(algorithms.AES(secret), modes.ECB()).encryptor()  # noqa: S305 the platform's own choice
    return base64.b64encode(
        cipher.update(plain + bytes([missing]) * missing * pad) + cipher.finalize()
    ).decode()


def envelope(req_info: str, **other: str) -> bytes:
    return xml({"return_code": "SUCCESS", **IDENTITY, "req_info": req_info, **other})


def told(**other: str) -> bytes:
    """A refund notice with another inside."""
    return envelope(sealed(xml({**INNER, **other}, root="root")))


def test_a_genuine_notice_is_the_payment():
    trade = pay_notice(xml(signed({**PAID, "bank_type": "CMB_DEBIT", "cash_fee": "28600"})))
    assert (trade.out_trade_no, trade.state, trade.amount_fen) == (TRADE_NO, TradeState.SUCCESS, 28600)
    assert (trade.appid, trade.mch_id, trade.sub_mch_id, trade.openid) == (APPID, MCH_ID, SUB_MCH_ID, OPENID)
    assert (trade.currency, trade.transaction_id) == ("CNY", PAID["transaction_id"])
    assert trade.paid_at == china(2026, 11, 22, 20, 15, 30)


def test_a_genuine_notice_may_hold_fields_that_we_do_not_know_in_any_order():
    """The platform says that fields may come; D7: real notices hold no sign_type."""
    fields = signed({"zz_new": "1", **PAID, "coupon_fee": "100", "attach": "支付测试", "is_subscribe": ""})
    assert pay_notice(xml(dict(reversed(fields.items())))).amount_fen == 28600


def test_a_failed_payment_is_told_as_one():
    """D9: wechatpy passes it as if it were paid."""
    trade = pay_notice(xml(signed({**PAID, "result_code": "FAIL", "err_code": "SYSTEMERROR"})))
    assert trade.state is TradeState.PAYERROR


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (PAID, "signature"),
        (signed(PAID, md5=True), "signature"),
        (signed({**PAID, "sign_type": "MD5"}, md5=True), "signature"),
        (signed({**PAID, "sign_type": "MD5"}), "signature"),
        (signed(PAID, key="f" * 32), "signature"),
        ({**signed(PAID), "total_fee": "1"}, "signature"),
        ({**signed(PAID), "out_trade_no": "A261122another"}, "signature"),
        ({**signed(PAID), "sign": ""}, "signature"),
        (signed({**PAID, "return_code": "FAIL"}), "return_code"),
        ({"return_code": "FAIL"}, "return_code"),
        (signed({**PAID, "appid": "wx-of-others"}), "another app"),
        (signed({**PAID, "mch_id": "1600000999"}), "another merchant"),
        (signed({n: t for n, t in PAID.items() if n != "mch_id"}), "another merchant"),
        (signed({**PAID, "total_fee": "286.00"}), "not a payment"),
        (signed({**PAID, "total_fee": "0x1"}), "not a payment"),
        (signed({n: t for n, t in PAID.items() if n != "total_fee"}), "not a payment"),
        (signed({n: t for n, t in PAID.items() if n != "out_trade_no"}), "not a payment"),
        (signed({**PAID, "transaction_id": ""}), "not a payment"),
        (signed({**PAID, "time_end": "yesterday"}), "not a payment"),
        (signed({**PAID, "trade_type": "NATIVE"}), "not a payment"),
    ],
)
def test_a_notice_that_is_not_exactly_right_is_refused(fields, reason):
    """D6, D7, D9."""
    with pytest.raises(NoticeRefused, match=reason):
        pay_notice(xml(fields))


HOSTILE = [
    (b"", "not well-formed"),
    (b"<xml/>", "return_code"),
    (b"<xml>hi</xml>", "text outside"),
    (xml(signed(PAID))[:-30], "not well-formed"),
    (b"<xml>" + b"<a>" * 20_000, "nested"),
    (b"<xml>" + b"<a>" * 70_000, "too large"),
    (xml({**signed(PAID), "attach": "a" * 70_000}), "too large"),
    (b"x" * 200_000, "too large"),
    (vector("xml_attack_xxe.xml").encode(), "DTD"),
    (b'<!DOCTYPE xml [<!ENTITY e "1">]>' + xml(signed(PAID)).replace(b"28600", b"&e;"), "DTD"),
    (xml(signed(PAID)).replace(b"</xml>", b"<total_fee>28600</total_fee></xml>"), "twice"),
    (xml({"xml": signed(PAID)}), "nested"),
    (b'{"return_code": "SUCCESS"}', "not well-formed"),
]


@pytest.mark.parametrize(("raw", "reason"), HOSTILE)
@pytest.mark.parametrize("parse", [pay_notice, refund_notice])
def test_a_hostile_body_is_refused_at_once(parse, raw, reason):
    """D10, D11: 200 kB of nesting took wechatpy 1.4 seconds and ended in a RecursionError."""
    began = time.monotonic()
    with pytest.raises(NoticeRefused, match=reason):
        parse(raw)
    assert time.monotonic() - began < 0.1


@given(st.binary(max_size=300))
def test_no_bytes_at_all_do_anything_but_be_refused(raw):
    for parse in (pay_notice, refund_notice):
        with pytest.raises(NoticeRefused):
            parse(raw)


@given(st.data())
def test_one_byte_changed_anywhere_is_refused_or_makes_no_difference(data):
    """Whatever is let through says exactly what WeChat signed."""
    raw = bytearray(xml(signed(PAID)))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255))
    try:
        trade = pay_notice(bytes(raw))
    except NoticeRefused:
        return
    assert trade == pay_notice(xml(signed(PAID)))


def test_the_reason_holds_nothing_of_the_content():
    secret = "13-Tower-Street"
    for fields in ({**PAID, "attach": secret}, signed({**PAID, "attach": secret, "total_fee": secret})):
        with pytest.raises(NoticeRefused) as refused:
            pay_notice(xml(fields))
        assert secret not in str(refused.value)
        assert KEY not in str(refused.value)
        assert refused.value.__cause__ is None
        assert refused.value.__context__ is None


def test_the_published_refund_notice_is_opened():
    case = json_vector("v2_refund_notice.json")
    gateway = gateway_to("http://127.0.0.1:9", provider=Provider(APPID, MCH_ID, PayKey(case["key"])))
    record = gateway.parse_refund_notice({}, envelope(case["req_info"]))
    plain = case["plain"]
    assert record.out_refund_no == plain["out_refund_no"]
    assert record.out_trade_no == plain["out_trade_no"]
    assert record.refund_id == plain["refund_id"]
    assert (record.state, record.refund_fen, record.total_fen) == (RefundState.SUCCESS, 6, 6)
    assert record.succeeded_at == china(2017, 11, 25, 15, 36, 17)
    with pytest.raises(NoticeRefused, match="decrypted"):
        refund_notice(envelope(case["req_info"]))


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("SUCCESS", RefundState.SUCCESS),
        ("CHANGE", RefundState.ABNORMAL),
        ("REFUNDCLOSE", RefundState.CLOSED),
        ("PROCESSING", RefundState.PROCESSING),
    ],
)
def test_a_refund_notice_says_what_became_of_it(said, state):
    record = refund_notice(told(refund_status=said, success_time=""))
    assert (record.state, record.out_refund_no, record.refund_fen) == (state, REFUND_NO, 10000)
    assert (record.appid, record.mch_id, record.sub_mch_id) == (APPID, MCH_ID, SUB_MCH_ID)
    assert record.succeeded_at is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (envelope(""), "decrypted"),
        (envelope("not base64!"), "decrypted"),
        (envelope(base64.b64encode(b"0" * 15).decode()), "decrypted"),
        (envelope(sealed(b"a" * 32, pad=False)), "decrypted"),
        (envelope(sealed(xml(INNER, root="root"), key="f" * 32)), "decrypted"),
        (envelope(sealed(b"hello")), "not well-formed"),
        (envelope(sealed(vector("xml_attack_xxe.xml").encode())), "DTD"),
        (envelope(sealed(xml(INNER))), "another root"),
        (envelope(sealed(xml({**INNER, "more": {"a": "1"}}, root="root"))), "nested"),  # type: ignore[dict-item]
        (told(refund_status="A_NEW_STATE"), "not a refund"),
        (told(refund_fee="100.00"), "not a refund"),
        (told(success_time="20261122210001"), "not a refund"),
        (envelope(sealed(xml({"out_refund_no": REFUND_NO}, root="root"))), "not a refund"),
        (envelope(sealed(xml(INNER, root="root")), appid="wx-of-others"), "another app"),
        (envelope(sealed(xml(INNER, root="root")), mch_id="1600000999"), "another merchant"),
        (envelope(sealed(xml(INNER, root="root")), return_code="FAIL"), "return_code"),
        (xml({"return_code": "SUCCESS", **IDENTITY}), "decrypted"),
    ],
)
def test_a_refund_notice_that_is_not_exactly_right_is_refused(raw, reason):
    """D18: the cipher has no check of its own, so what comes out is read as strictly as what came in."""
    with pytest.raises(NoticeRefused, match=reason):
        refund_notice(raw)


@pytest.mark.parametrize(("accepted", "code"), [(True, "SUCCESS"), (False, "FAIL")])
def test_wechat_is_told_whether_to_come_again(accepted, code):
    body, kind = GATEWAY.notice_reply(accepted=accepted)
    assert fields_of(body)["return_code"] == code
    assert kind.startswith("text/xml")
