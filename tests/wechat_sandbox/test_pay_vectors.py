"""The published vectors against the sandbox's own signing, sealing and XML."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config import SANDBOX_PAY_KEY
from wechat_sandbox import pay_crypto, pay_xml

VECTORS = Path(__file__).parents[1] / "vectors" / "wechat"
SIGN = json.loads((VECTORS / "v2_sign.json").read_text("utf-8"))
BODIES = (
    "v2_notify_paysuccess.xml",
    "v2_orderquery_response_coupons.xml",
    "v2_refund_response.xml",
    "v2_refundquery_response.xml",
    "v2_unifiedorder_request.xml",
)
BOMB = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><v>&b;</v></xml>'


@pytest.mark.parametrize("sign_type", pay_crypto.SIGN_TYPES)
@pytest.mark.parametrize("example", ["official", "wechatpy_test"])
def test_the_published_signatures_are_ours(example: str, sign_type: str):
    vector = SIGN[example]
    params, key, expected = vector["params"], vector["key"], vector[sign_type]
    assert pay_crypto.sign(params, key=key, sign_type=sign_type) == expected
    assert pay_crypto.is_signed({**params, "sign": "x", "empty": ""}, expected, key=key, sign_type=sign_type)
    assert not pay_crypto.is_signed(params, expected.lower(), key=key, sign_type=sign_type)
    assert not pay_crypto.is_signed({**params, "more": "1"}, expected, key=key, sign_type=sign_type)
    assert not pay_crypto.is_signed(params, expected, key=key[::-1], sign_type=sign_type)


def test_the_official_text_is_what_is_signed():
    assert pay_crypto.signing_text(SIGN["official"]["params"]) == SIGN["official"]["stringA"]


@pytest.mark.parametrize("sign_type", pay_crypto.SIGN_TYPES)
def test_the_published_pay_sign_is_ours(sign_type: str):
    vector = SIGN["easywechat_jsapi"]
    params = {**vector["params"], "signType": sign_type}
    expected = vector[f"{sign_type} (signType={sign_type} added to params)"]
    assert pay_crypto.sign(params, key=vector["key"], sign_type=sign_type) == expected


@pytest.mark.parametrize("name", BODIES)
def test_published_bodies_are_read_and_their_unknown_key_is_noticed(name: str):
    fields = pay_xml.read((VECTORS / name).read_bytes())
    assert fields["mch_id"] == "10000100"
    for sign_type in pay_crypto.SIGN_TYPES:
        assert not pay_crypto.is_signed(fields, fields["sign"], key=SANDBOX_PAY_KEY, sign_type=sign_type)
    assert pay_xml.read(pay_xml.write(fields)) == {name: value for name, value in fields.items() if value}


def test_the_published_refund_notice_opens_with_its_key_and_closes_again():
    vector = json.loads((VECTORS / "v2_refund_notice.json").read_text("utf-8"))
    plain = pay_crypto.unseal_refund(vector["req_info"], key=vector["key"])
    fields = pay_xml.read(plain, root="root")
    assert {name: fields[name] for name in vector["plain"]} == vector["plain"]
    assert pay_crypto.seal_refund(plain, key=vector["key"]) == vector["req_info"]
    with pytest.raises(ValueError):
        pay_xml.read(pay_crypto.unseal_refund(vector["req_info"], key="0" * 32), root="root")


@pytest.mark.parametrize(
    "raw",
    [
        (VECTORS / "xml_attack_xxe.xml").read_bytes(),
        BOMB,
        b"",
        b"<xml>",
        b"<xml><a>1</a></xml><xml/>",
        b"<root><a>1</a></root>",
        b"<xml><a><b>1</b></a></xml>",
        b"<xml><a>1</a><a>2</a></xml>",
        b'<xml><a x="1">1</a></xml>',
        b"<xml>text<a>1</a></xml>",
        b"<xml><?php x?><a>1</a></xml>",
        b"<xml><a>\xff\xfe</a></xml>",
        b"<xml><a>\x01</a></xml>",
        b"<xml><a>&unknown;</a></xml>",
        '<?xml version="1.0" encoding="gbk"?><xml><a>中</a></xml>'.encode(),
        "<xml><a>中</a></xml>".encode("utf-16"),
        b"<xml><a>" + b"1" * pay_xml.MAX_BYTES + b"</a></xml>",
        b"<xml>" + b"<a>" * 20_000,
    ],
)
def test_xml_that_is_not_flat_and_plain_is_refused(raw: bytes):
    with pytest.raises(pay_xml.BadXml):
        pay_xml.read(raw)


@pytest.mark.parametrize("value", ["a]]>b", "<b>&amp;", "费😀", " 空 格 ", "]]>]]>"])
def test_what_is_written_is_read_again(value: str):
    assert pay_xml.read(pay_xml.write({"v": value, "n": 7, "none": ""})) == {"v": value, "n": "7"}
