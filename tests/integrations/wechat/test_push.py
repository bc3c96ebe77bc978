"""Message push: what WeChat sends is read, and whatever anyone else sends is one PushRefused."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.integrations.wechat import push
from app.integrations.wechat.errors import CodeRefused, PushRefused
from app.integrations.wechat.userdata import decrypt_user_data, raw_data_is_signed
from config import SANDBOX_APPID, SANDBOX_PUSH_AES_KEY, SANDBOX_PUSH_TOKEN
from tests.integrations.wechat.conftest import VECTORS, vector
from wechat_sandbox import crypto

OURS = {"token": SANDBOX_PUSH_TOKEN, "aes_key": SANDBOX_PUSH_AES_KEY, "appid": SANDBOX_APPID}


def sealed(
    message: str | bytes, *, appid: str = SANDBOX_APPID, token: str = SANDBOX_PUSH_TOKEN
) -> tuple[bytes, dict]:
    """A push as the platform would send it, JSON envelope, with any message inside."""
    text = message if isinstance(message, str) else message.decode("latin-1")
    encrypted = crypto.seal(text, aes_key=SANDBOX_PUSH_AES_KEY, appid=appid)
    return envelope(encrypted), signed(encrypted, token)


def envelope(encrypted: str) -> bytes:
    return json.dumps({"ToUserName": "gh_1", "Encrypt": encrypted}).encode()


def signed(encrypted: str, token: str = SANDBOX_PUSH_TOKEN) -> dict[str, str]:
    return {
        "timestamp": "1763700000",
        "nonce": "n0nce",
        "msg_signature": crypto.sign(token, "1763700000", "n0nce", encrypted),
    }


def opened(body: bytes, query: dict[str, str]) -> dict[str, Any]:
    return push.decrypt(body, query=query, **OURS)


def test_the_published_push_is_decrypted_from_xml():
    case = vector("wxbizmsgcrypt")["decrypt"]
    body = f"<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{case['encrypt']}]]></Encrypt></xml>".encode()
    query = {name: case[name] for name in ("timestamp", "nonce", "msg_signature")}
    keys = {"token": case["token"], "aes_key": case["encoding_aes_key"], "appid": case["appid"]}
    message = push.decrypt(body, query=query, **keys)
    assert {name: message[name] for name in case["expect"]} == case["expect"]


@pytest.mark.parametrize("broken", ["token", "appid", "timestamp", "nonce", "msg_signature", "encrypt"])
def test_the_published_push_with_one_thing_changed_is_refused(broken: str):
    case = dict(vector("wxbizmsgcrypt")["decrypt"])
    case[broken] = case[broken][:-3] + ("AAA" if case[broken][-3:] != "AAA" else "BBB")
    query = {name: case[name] for name in ("timestamp", "nonce", "msg_signature")}
    keys = {"token": case["token"], "aes_key": case["encoding_aes_key"], "appid": case["appid"]}
    with pytest.raises(PushRefused):
        push.decrypt(json.dumps({"Encrypt": case["encrypt"]}).encode(), query=query, **keys)


@pytest.mark.parametrize("number", [0, 1])
def test_the_sandbox_encrypts_as_published_and_the_product_reads_it(number: int):
    case = vector("wxbizmsgcrypt")["encrypt"][number]
    lead = case["random"].encode()
    encrypted = crypto.seal(
        case["plaintext"], aes_key=case["encoding_aes_key"], appid=case["appid"], lead=lead
    )
    assert encrypted == case["encrypt"]
    assert crypto.unseal(encrypted, aes_key=case["encoding_aes_key"]) == (case["plaintext"], case["appid"])


def test_the_address_check_knows_a_good_signature_from_a_bad_one():
    good = crypto.sign("t", "1", "n")
    assert push.check_signature("t", good, "1", "n")
    assert not push.check_signature("t", good, "2", "n")
    assert not push.check_signature("t", "", "1", "n")
    assert not push.check_signature("t", "\ud800签", "1", "n")


def test_a_plain_push_is_refused():
    """Unencrypted, it carries no proof that the platform wrote it."""
    plain = {"MsgType": "event", "Event": "subscribe_msg_popup_event", "FromUserName": "o1"}
    with pytest.raises(PushRefused, match="not encrypted"):
        opened(json.dumps(plain).encode(), signed(""))


def test_a_push_for_another_mini_program_is_refused():
    with pytest.raises(PushRefused):
        opened(*sealed("{}", appid="wx-of-another"))


def test_a_push_signed_with_another_token_is_refused():
    with pytest.raises(PushRefused, match="wrong signature"):
        opened(*sealed("{}", token="not-ours"))


def hostile_texts() -> dict[str, bytes]:
    bomb = b"<!DOCTYPE x [" + b"".join(
        b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"ha") for n in range(9)
    )
    return {
        "nothing": b"",
        "blank": b"  \n",
        "no object": b"[]",
        "null": b"null",
        "number": b"1" * 5000,
        "infinity": b'{"Encrypt": Infinity}',
        "half": b'{"Encrypt": "',
        "not text": b"\xff\xfe\xfd",
        "empty element": b"<xml/>",
        "text in the root": b"<xml>hi</xml>",
        "another root": b"<foo><Encrypt>a</Encrypt></foo>",
        "unclosed": b"<xml><Encrypt>a",
        "two encrypts": b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>",
        "nested encrypt": b"<xml><Encrypt><a>b</a></Encrypt></xml>",
        "external entity": (VECTORS / "xml_attack_xxe.xml").read_bytes(),
        "billion laughs": bomb + b"]><xml><Encrypt>&e8;</Encrypt></xml>",
        "deep XML": b"<xml>" + b"<a>" * 9_000 + b"</a>" * 9_000 + b"</xml>",
        "deep JSON": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        "deep list": b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        "too large": b'{"Encrypt":"' + b"A" * 70_000 + b'"}',
        "encrypt is a number": b'{"Encrypt": 5}',
        "encrypt is a surrogate": b'{"Encrypt": "\\ud800"}',
    }


@pytest.mark.parametrize("name", sorted(hostile_texts()))
def test_a_hostile_envelope_is_refused_quickly(name: str):
    """D10, D11: wechatpy lets AttributeError, ValueError and RecursionError out, some after seconds."""
    began = time.monotonic()
    with pytest.raises(PushRefused):
        opened(hostile_texts()[name], signed("a"))
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("name", sorted(set(hostile_texts()) - {"too large", "not text"}))
def test_a_hostile_message_inside_a_genuine_envelope_is_harmless(name: str):
    """D10, D11: also what is signed and decrypted is parsed with the same care."""
    body, query = sealed(hostile_texts()[name])
    if len(body) <= push.MAX_BODY_BYTES and name in READABLE_INSIDE:
        assert push.parse_event(opened(body, query)) == []
    else:
        with pytest.raises(PushRefused):
            opened(body, query)


READABLE_INSIDE = {"two encrypts", "nested encrypt", "encrypt is a number", "encrypt is a surrogate"}
"""Well-formed messages; that they hold an element `Encrypt` means nothing inside the envelope."""


def nested_xml(depth: int) -> str:
    return "<xml>" + "<a>" * (depth - 1) + "</a>" * (depth - 1) + "</xml>"


def nested_json(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize(
    ("message", "harmless"),
    [
        (nested_xml(13), nested_xml(11)),
        (nested_json(13), nested_json(11)),
        ("<!DOCTYPE xml><xml><a>1</a></xml>", "<xml><a>1</a></xml>"),
    ],
)
def test_a_genuine_message_is_neither_deep_nor_does_it_declare_a_type(message: str, harmless: str):
    """D10, D11: refused before a tree is built; real pushes nest four deep and have no DTD."""
    with pytest.raises(PushRefused):
        opened(*sealed(message))
    assert "a" in opened(*sealed(harmless))


@pytest.mark.parametrize(
    "encrypted",
    [
        "not base64 !!",
        "QUJD",
        base64.b64encode(b"0" * 32).decode(),
        base64.b64encode(b"\x00" * 4096).decode(),
        "=",
        "编码",
    ],
)
def test_a_signed_text_that_was_never_encrypted_is_refused(encrypted: str):
    """D10: padding, length and encoding are the attacker's choice when the token has leaked."""
    with pytest.raises(PushRefused):
        opened(envelope(encrypted), signed(encrypted))


@pytest.mark.parametrize("missing", ["timestamp", "nonce", "msg_signature"])
def test_a_query_without_its_parts_is_refused(missing: str):
    body, query = sealed("{}")
    del query[missing]
    with pytest.raises(PushRefused):
        opened(body, query)


def test_an_endless_query_is_refused():
    body, query = sealed("{}")
    with pytest.raises(PushRefused, match="query too long"):
        opened(body, {**query, "nonce": "n" * 10_000})


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_push_refused(raw: bytes):
    for body, query in ((raw, signed("a")), sealed(raw)):
        try:
            opened(body, query)
        except PushRefused:
            continue


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
EVENTS = [
    "subscribe_msg_popup_event",
    "subscribe_msg_change_event",
    "subscribe_msg_sent_event",
    "wxa_media_check",
]
KEYS = [
    "FromUserName",
    "CreateTime",
    "List",
    "SubscribeMsgPopupEvent",
    "SubscribeMsgSentEvent",
    "trace_id",
    "result",
    "errcode",
    "isrisky",
    "status_code",
    "MsgId",
]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(EVENTS), st.dictionaries(st.sampled_from(KEYS), JSON_VALUES))
def test_no_event_raises_anything_but_push_refused(event: str, body: dict[str, Any]):
    message = {"MsgType": "event", "Event": event, **body}
    assert len(push.dedupe_key(message)) <= 70
    try:
        push.parse_event(message)
    except PushRefused:
        return


def test_the_published_user_data_is_decrypted():
    case = vector("miniprogram_userdata")["decrypt"]
    keys = {"iv": case["iv"], "session_key": case["sessionKey"], "appid": case["appId"]}
    assert decrypt_user_data(case["encryptedData"], **keys) == case["expect"]
    with pytest.raises(CodeRefused):
        decrypt_user_data(case["must_fail"]["encryptedData prefixed with aaaa"], **keys)
    with pytest.raises(CodeRefused):
        decrypt_user_data(case["encryptedData"], **{**keys, "appid": case["must_fail"]["other appId"]})
    with pytest.raises(CodeRefused):
        decrypt_user_data("", **keys)


def test_the_published_raw_data_is_signed():
    case = vector("miniprogram_userdata")["rawData_signature"]
    keys = {"signature": case["signature"], "session_key": case["session_key"]}
    assert raw_data_is_signed(case["rawData"], **keys)
    assert not raw_data_is_signed(case["rawData"] + " ", **keys)
    assert not raw_data_is_signed(case["rawData"], **{**keys, "signature": ""})
