"""The hotline over real HTTP: what is signed, what counts as an acknowledgement."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from app.integrations.hotline.contract import HotlineDown
from app.integrations.hotline.http import HotlineClient
from tests.fakes.loopback import Heard, Reply, loopback
from tests.fakes.sandbox import start_sandbox
from wechat_sandbox.settings import HOTLINE_KEY

ORDER = {"order_no": "R1120-0042", "estate": "试验家园"}


def answer_with(body: object, status: int = 200):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: Reply(raw, status=status)


def hand_over(url: str) -> str:
    return HotlineClient(url, "a shared secret", timeout=(1, 1)).hand_over("R1120-0042-2", ORDER)


def test_an_acknowledged_order_has_a_ticket():
    with loopback(answer_with({"ack": True, "ticket": "962121-1"})) as hotline:
        assert hand_over(hotline.url) == "962121-1"


def test_the_body_is_signed_and_names_the_handover():
    with loopback(answer_with({"ack": True, "ticket": "1"})) as hotline:
        hand_over(hotline.url)
        (heard,) = hotline.heard
    expected = hmac.new(b"a shared secret", heard.body, hashlib.sha256).hexdigest()
    assert heard.path == "/hotline/orders"
    assert heard.headers["X-Anju-Signature"] == f"sha256={expected}"
    assert heard.headers["X-Anju-Timestamp"].isdecimal()
    assert json.loads(heard.body) == {"handover_id": "R1120-0042-2", **ORDER}


def test_a_repetition_is_the_same_to_the_byte():
    with loopback(answer_with({"ack": True, "ticket": "1"})) as hotline:
        hand_over(hotline.url)
        hand_over(hotline.url)
        first, second = hotline.heard
    assert first.body == second.body


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"ack": False, "ticket": "1"}, 200),
        ({"ack": "true", "ticket": "1"}, 200),
        ({"ticket": "1"}, 200),
        ({"ack": True}, 200),
        ({"ack": True, "ticket": ""}, 200),
        ({"ack": True, "ticket": "9" * 41}, 200),
        ({"ack": True, "ticket": "1"}, 500),
        ({"ack": True, "ticket": "1"}, 302),
        ([], 200),
        (b"<html>", 200),
        (b"[" * 60000, 200),
    ],
)
def test_everything_else_is_no_acknowledgement(body, status):
    with loopback(answer_with(body, status)) as hotline, pytest.raises(HotlineDown):
        hand_over(hotline.url)


def test_a_closed_door_is_no_acknowledgement():
    with loopback(answer_with({})) as hotline:
        url = hotline.url
    with pytest.raises(HotlineDown):
        hand_over(url)


def test_an_endless_answer_is_cut_off():
    def endless(_: Heard) -> Reply:
        return Reply(b" " * 3_000_000 + b'{"ack": true, "ticket": "1"}')

    with loopback(endless) as hotline, pytest.raises(HotlineDown):
        hand_over(hotline.url)


def test_the_sandbox_gives_the_same_ticket_again():
    with start_sandbox() as sandbox:
        client = HotlineClient(sandbox.url, HOTLINE_KEY)
        first = client.hand_over("R1120-0042-2", ORDER)
        assert client.hand_over("R1120-0042-2", ORDER) == first
        (order,) = sandbox.hotline()
        assert order["order"]["estate"] == "试验家园"


def test_the_sandbox_refuses_a_wrong_secret():
    with start_sandbox() as sandbox, pytest.raises(HotlineDown, match="401"):
        HotlineClient(sandbox.url, "a wrong secret").hand_over("R1120-0042-2", ORDER)
