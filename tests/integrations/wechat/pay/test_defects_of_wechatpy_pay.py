"""Each defect of wechatpy's Pay that this gateway counters has a test named after what it prevents.

Those that belong to one file are there: D7, D8 and D16 in test_signing.py, D10 to D12 in test_flat_xml.py, D13, D14 and
D17 in test_calls.py, D9 in test_notices.py.
"""

from __future__ import annotations

import inspect
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from wechatpy.pay import WeChatPay

from app.integrations.wechat.pay import flat_xml, signing
from app.integrations.wechat.pay.contract import Outcome
from app.integrations.wechat.pay.library import HardenedPay, Provider, open_session
from app.integrations.wechat.pay.signing import PayKey
from app.payments.numbers import new_refund_no, new_trade_no
from tests.fakes.loopback import Reply, loopback
from tests.integrations.wechat.pay.conftest import (
    AT,
    DONE,
    KEY,
    PAID,
    PROVIDER,
    REFUND_NO,
    SUB_MCH_ID,
    TRADE_NO,
    answering,
    gateway_to,
    order,
    refund,
    signed,
    xml,
)

CREATED = {**DONE, "trade_type": "JSAPI", "prepay_id": "wx22201500123456"}
FAIL = b"<xml><return_code>FAIL</return_code><return_msg>no</return_msg></xml>"


def every_call(gateway):
    """The outcome of each call that asks WeChat for something."""
    yield gateway.create(order())
    yield gateway.query(TRADE_NO, SUB_MCH_ID)
    yield gateway.close(TRADE_NO, SUB_MCH_ID)
    yield gateway.refund(refund())
    yield gateway.query_refund(REFUND_NO, SUB_MCH_ID)
    yield gateway.bill(AT.date().replace(day=20))


@pytest.mark.parametrize(
    "answer",
    [
        CREATED,
        {**CREATED, "sign": ""},
        signed(CREATED, key="f" * 32),
        signed(CREATED, md5=True),
        {**signed(CREATED), "prepay_id": "wx-of-somebody-else"},
    ],
    ids=["unsigned", "empty", "another key", "MD5", "changed after signing"],
)
def test_an_answer_that_wechat_did_not_sign_as_we_asked_is_not_believed(answer):
    """D6, D7: wechatpy takes an unsigned SUCCESS for granted."""
    with answering(xml(answer)) as wechat:
        created = wechat.gateway.create(order())
    assert (created.outcome, created.code, created.prepay_id) == (Outcome.UNKNOWN, "UNVERIFIED", "")


def test_an_unsigned_refusal_is_no_refusal():
    """D6: whoever can write to the line could end payments with it; WeChat's own malfunctions look like that too."""
    with answering(FAIL) as wechat:
        for answer in every_call(wechat.gateway):
            assert answer.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("field", ["appid", "mch_id", "sub_mch_id"])
def test_a_signed_answer_about_another_merchant_is_not_ours(field):
    """D9: wechatpy does not look."""
    with answering(xml(signed({**PAID, "trade_state": "SUCCESS", field: "1600000999"}))) as wechat:
        answer = wechat.gateway.query(TRADE_NO, SUB_MCH_ID)
    assert (answer.outcome, answer.code) == (Outcome.UNKNOWN, "MISMATCH")


def test_signatures_are_compared_in_constant_time():
    """D8: wechatpy compares with `!=`."""
    assert "compare_digest" in inspect.getsource(signing.is_signed)


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>502 Bad Gateway</body></html>",
        b"",
        b"<xml/>",
        b"<xml>hi</xml>",
        b"{}",
        b"\xff\xfe\x00",
        b"<xml>" + b"<a>" * 70_000,
        b"<xml><return_code>" + b"S" * 300_000 + b"</return_code></xml>",
        b"<!DOCTYPE x><xml><return_code>SUCCESS</return_code></xml>",
    ],
    ids=["HTML", "empty", "no fields", "text", "JSON", "binary", "nested", "300 kB", "DTD"],
)
def test_whatever_comes_back_no_call_raises(body):
    """D10, D18: AttributeError, KeyError, ValueError and RecursionError came out of wechatpy."""
    with answering(body) as wechat:
        for answer in every_call(wechat.gateway):
            assert answer.outcome is Outcome.UNKNOWN
            assert answer.code in ("UNREADABLE", "UNSIGNED", "NO_ANSWER")


@pytest.mark.parametrize("status", [201, 204, 301, 302, 400, 404, 429, 500, 502, 503])
def test_only_http_200_is_an_answer(status):
    """D18: also a correctly signed body under another status."""
    with answering(Reply(xml(signed(CREATED)), status=status)) as wechat:
        created = wechat.gateway.create(order())
    assert (created.outcome, created.code, created.message) == (
        Outcome.UNKNOWN,
        "NO_ANSWER",
        f"HTTP {status}",
    )


@pytest.mark.parametrize(
    "to", ["/elsewhere", "https://api.mch.weixin.qq.com/elsewhere", "http://other.invalid/"]
)
def test_a_redirect_is_not_followed(to):
    """An order or a refund, with the payer's openid, would go to whoever is named there."""
    with answering(Reply(status=307, headers={"Location": to})) as wechat:
        for answer in every_call(wechat.gateway):
            assert answer.outcome is Outcome.UNKNOWN
        assert len(wechat.server.heard) == 6


def test_no_call_is_repeated_by_itself():
    """Repeating is the decision of the core, which knows the number."""
    with answering(Reply(status=503)) as wechat:
        list(every_call(wechat.gateway))
        assert len(wechat.server.heard) == 6


def test_a_silent_platform_does_not_hold_the_caller_for_ever():
    """D2: wechatpy waits without end unless told otherwise."""
    silence = threading.Event()

    def nothing(_):
        silence.wait(5)
        return Reply(FAIL)

    with answering(nothing, timeout=(0.3, 0.3)) as wechat:
        began = time.monotonic()
        created = wechat.gateway.create(order())
        took = time.monotonic() - began
        silence.set()
    assert (created.outcome, created.code) == (Outcome.UNKNOWN, "NO_ANSWER")
    assert took < 1.5


@contextmanager
def dripping(pause: float):
    """A server that sends a byte now and then, so that no single read ever times out."""
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not ended.wait(pause):
                try:
                    connection.sendall(b"<")
                except OSError:
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        thread.join(5)
        listener.close()


def test_an_answer_that_drips_is_given_up(monkeypatch):
    """D2: the time-out of a read begins anew with every byte."""
    monkeypatch.setattr("app.integrations.wechat.pay.library.ANSWER_SECONDS", 0.5)
    with dripping(0.05) as url:
        began = time.monotonic()
        created = gateway_to(url).create(order())
    assert (created.outcome, created.code) == (Outcome.UNKNOWN, "NO_ANSWER")
    assert time.monotonic() - began < 2


def test_an_answer_that_ends_too_early_is_no_answer():
    """The connection breaks after the platform did its part."""

    def cut(_):
        whole = xml(signed(CREATED))
        return Reply(whole[:-20], headers={"Content-Length": str(len(whole))})

    with answering(cut, timeout=(0.5, 0.5)) as wechat:
        created = wechat.gateway.create(order())
    assert (created.outcome, created.code) == (Outcome.UNKNOWN, "NO_ANSWER")


def test_a_platform_that_is_not_there_is_unknown(unreachable):
    for answer in every_call(unreachable):
        assert (answer.outcome, answer.code) == (Outcome.UNKNOWN, "NO_ANSWER")


def test_a_proxy_of_the_environment_is_not_used_for_the_sandbox(monkeypatch):
    """D14 and one host only: the proxy would read the whole order."""
    with loopback(lambda _: Reply(b"stolen")) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with answering(xml(signed(CREATED))) as wechat:
            assert wechat.gateway.create(order()).outcome is Outcome.OK
        assert proxy.heard == []


def test_nothing_but_the_one_host_can_be_reached():
    """D14: wechatpy's own default asks the DNS and opens a socket to find our address."""
    http = open_session("http://127.0.0.1:9", "1600000001")
    with pytest.raises(Exception, match="No connection adapters"):
        http.get("https://api2.mch.weixin.qq.com/")


def test_no_name_is_looked_up(monkeypatch):
    """D14."""

    def refuse(*_):
        raise AssertionError("the DNS was asked")

    monkeypatch.setattr(socket, "gethostbyname", refuse)
    with answering(xml(signed(CREATED))) as wechat:
        assert wechat.gateway.create(order()).outcome is Outcome.OK


def test_our_numbers_do_not_collide():
    """D15: wechatpy's are the second and four digits of `random`."""
    trades = {new_trade_no(AT) for _ in range(5000)}
    assert len(trades | {new_refund_no(AT) for _ in range(5000)}) == 10_000
    assert all(len(each) <= 32 and each.isalnum() for each in trades)


def test_text_of_a_resident_cannot_write_elements():
    """D12: wechatpy does not escape `]]>`; the amount would stand there twice."""
    with answering(xml(signed(CREATED))) as wechat:
        wechat.gateway.create(order(body="灯]]></body><total_fee>1</total_fee><body><![CDATA["))
        raw = wechat.server.heard[0].body
    assert flat_xml.parse(raw)["total_fee"] == "28600"
    assert flat_xml.parse(raw)["body"] == "灯</body><total_fee>1</total_fee><body><![CDATA["


def test_threads_share_one_gateway():
    """Each call has an instance of its own, with its sub-merchant."""

    def answer(heard):
        number = flat_xml.parse(heard.body)["sub_mch_id"]
        return Reply(xml(signed({**CREATED, "sub_mch_id": number, "prepay_id": f"wx{number}"})))

    with answering(answer) as wechat, ThreadPoolExecutor(8) as threads:
        numbers = [f"16000001{n:02d}" for n in range(40)]
        created = list(threads.map(lambda n: wechat.gateway.create(order(sub_mch_id=n)), numbers))
    assert [each.prepay_id for each in created] == [f"wx{number}" for number in numbers]


def test_the_library_has_no_key_to_lose():
    """D19: its own signing prints the key at DEBUG; it does not have it."""
    http = open_session("http://127.0.0.1:9", "1600000001")
    pay = HardenedPay(PROVIDER, SUB_MCH_ID, http)
    assert isinstance(pay, WeChatPay)
    assert pay.api_key == ""
    assert KEY not in repr(vars(pay)) + repr(PROVIDER)


def test_the_certificate_is_used_for_refunds_alone(tmp_path):
    """A file that is missing ends the refund and nothing else; the outcome is unknown, as for all that went wrong."""
    files = (str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    provider = Provider(PROVIDER.appid, PROVIDER.mch_id, PayKey(KEY), files)
    with answering(xml(signed(CREATED)), provider=provider) as wechat:
        assert wechat.gateway.create(order()).outcome is Outcome.OK
        assert "X-Client-Certificate" not in wechat.server.heard[0].headers


def test_over_tls_no_header_stands_for_the_certificate():
    adapter = open_session("https://api.mch.weixin.qq.com", "1600000001").adapters[
        "https://api.mch.weixin.qq.com/"
    ]
    assert vars(adapter)["_stand_in"] == {}
