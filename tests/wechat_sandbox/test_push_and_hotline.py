"""Events are signed and encrypted; the hotline gives one ticket for one hand-over."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from app.integrations.wechat import push
from app.integrations.wechat.answers import Verdict
from app.integrations.wechat.errors import PushRefused
from app.integrations.wechat.push_events import (
    ConsentAnswered,
    ConsentChanged,
    MediaChecked,
    MessageDelivered,
)
from config import SANDBOX_APPID, SANDBOX_PUSH_AES_KEY, SANDBOX_PUSH_TOKEN
from tests.fakes.loopback import Heard, Loopback, Reply, loopback
from tests.fakes.sandbox import SandboxHandle
from tests.wechat_sandbox.conftest import Get
from wechat_sandbox.settings import HOTLINE_KEY

KEYS = {"token": SANDBOX_PUSH_TOKEN, "aes_key": SANDBOX_PUSH_AES_KEY, "appid": SANDBOX_APPID}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
WAV = b"RIFF\x6c\x00\x00\x00WAVEfmt " + bytes(100)
WEBP = b"RIFF\x6c\x00\x00\x00WEBPVP8 " + bytes(100)


def product(heard: Heard) -> Reply:
    """Answers as the product does: echo for the address check, success for a push, a picture for the check."""
    query = dict(parse_qsl(urlsplit(heard.path).query))
    files = {"/picture": PNG, "/voice": WAV, "/webp": WEBP}
    for path, content in files.items():
        if heard.path.startswith(path):
            return Reply(content)
    if heard.method == "GET":
        good = push.check_signature(KEYS["token"], query["signature"], query["timestamp"], query["nonce"])
        return Reply(query["echostr"].encode() if good else b"", 200 if good else 403)
    return Reply(b"success")


@pytest.fixture
def listening(sandbox: SandboxHandle) -> Iterator[Loopback]:
    with loopback(product) as server:
        sandbox.notify(server.url)
        yield server
        sandbox.notify("")


def facts(heard: Heard) -> list[Any]:
    query = dict(parse_qsl(urlsplit(heard.path).query))
    assert urlsplit(heard.path).path == "/wechat/push"
    assert push.check_signature(KEYS["token"], query["signature"], query["timestamp"], query["nonce"])
    return push.parse_event(push.decrypt(heard.body, query=query, **KEYS))


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("templates", [["order_done"], ["order_done", "order_late"]])
def test_a_consent_is_pushed_before_the_call_returns(
    sandbox: SandboxHandle, listening: Loopback, form: str, templates: list[str]
):
    sandbox.call("POST", "/push_format", {"format": form})
    assert sandbox.consent("王阿姨", templates)["pushed"] is True
    found = facts(listening.heard[0])
    assert [(type(fact), fact.template_id, fact.accepted) for fact in found] == [
        (ConsentAnswered, f"sandbox-{key}", True) for key in templates
    ]
    assert found[0].openid == sandbox.openid("王阿姨")


def test_each_tap_is_an_event_of_its_own(sandbox: SandboxHandle, listening: Loopback):
    sandbox.consent("王阿姨", ["order_done"], count=3)
    sandbox.consent("王阿姨", ["order_done"])
    bodies = [
        push.decrypt(heard.body, query=dict(parse_qsl(urlsplit(heard.path).query)), **KEYS)
        for heard in listening.heard
    ]
    assert len({push.dedupe_key(body) for body in bodies}) == 4


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_changed_setting_is_pushed(sandbox: SandboxHandle, listening: Loopback, form: str):
    sandbox.call("POST", "/push_format", {"format": form})
    sandbox.change_settings("王阿姨", ["order_done"])
    (fact,) = facts(listening.heard[0])
    assert isinstance(fact, ConsentChanged)
    assert fact.accepted is False


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_delivery_is_pushed_a_moment_later(
    sandbox: SandboxHandle, listening: Loopback, post: Get, form: str
):
    sandbox.call("POST", "/push_format", {"format": form})
    sandbox.consent("王阿姨", ["order_hotline"])
    data = {"character_string1": "R1", "thing2": "灯", "phrase5": "已转热线", "thing4": "无"}
    body = {
        "touser": sandbox.openid("王阿姨"),
        "template_id": "sandbox-order_hotline",
        "data": {name: {"value": value} for name, value in data.items()},
    }
    msgid = post("/cgi-bin/message/subscribe/send", body)["msgid"]
    (fact,) = facts(listening.wait_for(2)[1])
    assert fact == MessageDelivered(
        sandbox.openid("王阿姨"), "sandbox-order_hotline", str(msgid), 0, "success"
    )


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("verdict", ["pass", "review", "risky"])
def test_a_picture_is_fetched_and_its_verdict_pushed(
    sandbox: SandboxHandle, listening: Loopback, post: Get, verdict: str, form: str
):
    sandbox.call("POST", "/push_format", {"format": form})
    sandbox.media_verdict(verdict)
    trace_id = submit(sandbox, post, listening.url + "/picture.png")
    (fact,) = facts(listening.wait_for(2)[1])
    assert isinstance(fact, MediaChecked)
    assert (fact.trace_id, fact.verdict) == (trace_id, Verdict(verdict))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/none.png", "http://192.0.2.1/elsewhere.png", "file:///etc/hosts"]
)
def test_a_picture_that_cannot_be_had_is_no_pass(
    sandbox: SandboxHandle, listening: Loopback, post: Get, url: str
):
    submit(sandbox, post, url)
    (fact,) = facts(listening.wait_for(1)[0])
    assert fact.verdict is Verdict.REVIEW


@pytest.mark.parametrize(
    ("file", "media_type", "verdict"),
    [
        ("/voice.wav", 1, Verdict.PASS),
        ("/webp.webp", 2, Verdict.PASS),
        ("/voice.wav", 2, Verdict.REVIEW),
        ("/webp.webp", 1, Verdict.REVIEW),
        ("/picture.png", 1, Verdict.REVIEW),
    ],
)
def test_sound_and_pictures_are_told_apart_by_their_content(
    sandbox: SandboxHandle, listening: Loopback, post: Get, file: str, media_type: int, verdict: Verdict
):
    submit(sandbox, post, listening.url + file, media_type=media_type)
    (fact,) = facts(listening.wait_for(2)[1])
    assert fact.verdict is verdict


def submit(sandbox: SandboxHandle, post: Get, url: str, *, media_type: int = 2) -> str:
    body = {
        "media_url": url,
        "media_type": media_type,
        "version": 2,
        "scene": 3,
        "openid": sandbox.openid("王阿姨"),
    }
    return post("/wxa/media_check_async", body)["trace_id"]


def test_a_push_that_is_not_answered_with_success_comes_three_times(sandbox: SandboxHandle):
    with loopback(lambda _: Reply(b"oops", 500)) as server:
        sandbox.notify(server.url)
        assert sandbox.consent("王阿姨", ["order_done"])["pushed"] is False
        assert len(server.heard) == 3
    assert [entry["attempt"] for entry in sandbox.pushes()] == [1, 2, 3]


def test_a_push_may_come_twice_or_forged(sandbox: SandboxHandle, listening: Loopback):
    sandbox.fault("push", "duplicate")
    sandbox.consent("王阿姨", ["order_done"])
    assert facts(listening.heard[0]) == facts(listening.heard[1])
    sandbox.fault("push", "wrong_signature")
    sandbox.consent("王阿姨", ["order_done"])
    query = dict(parse_qsl(urlsplit(listening.heard[2].path).query))
    with pytest.raises(PushRefused):
        push.decrypt(listening.heard[2].body, query=query, **KEYS)


def test_the_push_address_is_verified_by_echo(sandbox: SandboxHandle, listening: Loopback):
    assert sandbox.call("POST", "/push_check")["ok"] is True


def hand_over(
    sandbox: SandboxHandle, order: Any, *, key: str = HOTLINE_KEY, **headers: str
) -> requests.Response:
    raw = json.dumps(order).encode()
    signature = hmac.new(key.encode(), raw, hashlib.sha256).hexdigest()
    sent = {"X-Anju-Signature": f"sha256={signature}", "X-Anju-Timestamp": "1763700000", **headers}
    return requests.post(sandbox.url + "/hotline/orders", data=raw, headers=sent, timeout=10)


def test_the_same_hand_over_gets_the_same_ticket(sandbox: SandboxHandle):
    first = hand_over(sandbox, {"handover_id": "h1", "category": "水管"}).json()
    again = hand_over(sandbox, {"handover_id": "h1", "category": "水管"}).json()
    other = hand_over(sandbox, {"handover_id": 2}).json()
    assert first == again
    assert first["ack"] is True
    assert first["ticket"].startswith("962121-")
    assert other["ticket"] != first["ticket"]
    assert [entry["times"] for entry in sandbox.hotline()] == [2, 1]


def test_a_hand_over_with_other_content_is_refused(sandbox: SandboxHandle):
    hand_over(sandbox, {"handover_id": "h1", "category": "水管"})
    assert hand_over(sandbox, {"handover_id": "h1", "category": "电梯"}).status_code == 409


@pytest.mark.parametrize(
    ("order", "more", "status"),
    [
        ({"handover_id": "h1"}, {"key": "another key"}, 401),
        ({"handover_id": "h1"}, {"X-Anju-Signature": ""}, 401),
        ({"handover_id": "h1"}, {"X-Anju-Timestamp": ""}, 401),
        ({}, {}, 422),
        ([], {}, 422),
        ({"handover_id": ""}, {}, 422),
        ({"handover_id": True}, {}, 422),
    ],
)
def test_a_hand_over_that_is_not_signed_or_not_complete_is_refused(
    sandbox: SandboxHandle, order: Any, more: dict[str, str], status: int
):
    assert hand_over(sandbox, order, **more).status_code == status
    assert sandbox.hotline() == []


def test_the_hotline_can_fail_too(sandbox: SandboxHandle):
    sandbox.fault("/hotline/orders", "http_500")
    assert hand_over(sandbox, {"handover_id": "h1"}).status_code == 500
    assert hand_over(sandbox, {"handover_id": "h1"}).status_code == 200
