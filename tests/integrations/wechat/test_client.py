"""What the mini-program's calls return and raise, against the sandbox and against published bodies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.core.clock import china
from app.core.errors import Refusal
from app.integrations.wechat.answers import Scene
from app.integrations.wechat.client import MemoryTokenStore, MiniClient
from app.integrations.wechat.errors import (
    BadMessage,
    CodeRefused,
    ConsentUsed,
    CredentialRefused,
    PhoneCodeRefused,
    UserBlocked,
    WeChatDown,
    WeChatError,
    error_for,
)
from app.integrations.wechat.templates import TEMPLATES, compose
from config import SANDBOX_SECRET
from tests.fakes.loopback import Heard, Reply, loopback
from tests.fakes.sandbox import SandboxHandle
from tests.integrations.wechat.conftest import ClientMaker, vector

DONE = TEMPLATES["order_closing"].sandbox_id
PAGE = "pages/order/order?id=1"
LOGIN_PATH = "/sns/jscode2session"


def data(**changes: str) -> dict[str, str]:
    fields = {
        "character_string1": "R1121-0042",
        "thing2": "厨房漏水",
        "time3": "2026年11月21日 14:40",
        "thing4": "王师傅已修好",
    }
    return {**fields, **changes}


def test_a_login_code_becomes_a_session(client: MiniClient, sandbox: SandboxHandle):
    session = client.code_to_session(sandbox.code("王阿姨"))
    assert session.openid == sandbox.openid("王阿姨")
    assert session.unionid
    assert session.session_key


def test_a_used_code_is_refused_with_the_sentence_for_the_person(client: MiniClient, sandbox: SandboxHandle):
    code = sandbox.code("王阿姨")
    client.code_to_session(code)
    with pytest.raises(CodeRefused) as caught:
        client.code_to_session(code)
    assert caught.value.errcode == 40163
    assert (caught.value.status, caught.value.sentence) == (401, "登录已失效,请重新打开小程序")


@pytest.mark.parametrize(("code", "errcode"), [("never issued", 40029), ("", 41008)])
def test_a_code_that_is_none_is_refused(client: MiniClient, code: str, errcode: int):
    with pytest.raises(CodeRefused) as caught:
        client.code_to_session(code)
    assert caught.value.errcode == errcode


def test_a_code_older_than_five_minutes_is_refused(client: MiniClient, sandbox: SandboxHandle):
    code = sandbox.code("王阿姨")
    sandbox.advance(301)
    with pytest.raises(CodeRefused):
        client.code_to_session(code)


def test_a_blocked_person_is_told_where_to_turn(client: MiniClient, sandbox: SandboxHandle):
    sandbox.block("王阿姨")
    with pytest.raises(UserBlocked) as caught:
        client.code_to_session(sandbox.code("王阿姨"))
    assert caught.value.status == 403


def test_busy_once_is_asked_again_with_the_same_code(client: MiniClient, sandbox: SandboxHandle):
    sandbox.fault(LOGIN_PATH, "busy")
    assert client.code_to_session(sandbox.code("王阿姨")).openid
    assert len(sandbox.journal(LOGIN_PATH)) == 2


def test_busy_twice_is_down(client: MiniClient, sandbox: SandboxHandle):
    sandbox.fault("*", "busy", times=9)
    with pytest.raises(WeChatDown) as caught:
        client.code_to_session(sandbox.code("王阿姨"))
    assert len(sandbox.journal(LOGIN_PATH)) == 2
    assert (caught.value.status, caught.value.sentence) == (503, "微信暂时不可用,请稍后再试")


@pytest.mark.parametrize("kind", ["http_500", "html", "drop", "drop_after"])
def test_an_answer_that_is_none_is_down_and_not_repeated(
    client: MiniClient, sandbox: SandboxHandle, kind: str
):
    """The outcome of a send is unknown then: repeating it could use two consents for one message."""
    sandbox.consent("王阿姨", ["order_closing"], count=2)
    client.check_text("先取一次令牌", openid=sandbox.openid("王阿姨"), scene=Scene.SOCIAL)
    sandbox.fault("/cgi-bin/message/subscribe/send", kind)
    with pytest.raises(WeChatDown):
        client.send_subscribe_message(sandbox.openid("王阿姨"), DONE, data(), PAGE)
    assert len(sandbox.journal("/cgi-bin/message/subscribe/send")) == 1
    assert len(sandbox.messages("王阿姨")) == (1 if kind == "drop_after" else 0)


def test_nobody_listening_is_down(new_client: ClientMaker):
    with pytest.raises(WeChatDown):
        new_client(api_base="http://127.0.0.1:1").code_to_session("any")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b'{"errcode":"abc"}',
        b'{"errcode":[]}',
        b'{"openid":5,"session_key":"k"}',
        b'{"openid":"o1"}',
        b'{"base_resp":7}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe\x00",
    ],
)
def test_an_answer_that_makes_no_sense_is_down(new_client: ClientMaker, body: bytes):
    with loopback(lambda _: Reply(body)) as server, pytest.raises(WeChatDown):
        new_client(api_base=server.url).code_to_session("any")


def test_the_phone_number_comes_without_country_code(client: MiniClient, sandbox: SandboxHandle):
    """The platform sends the country code as number or text; both appear among these numbers."""
    for number in range(1, 9):
        phone = f"1990000000{number}"
        assert client.phone_number(sandbox.phone_code("王阿姨", phone)) == phone


def test_a_used_phone_code_asks_for_another_tap_and_not_for_a_login(
    client: MiniClient, sandbox: SandboxHandle
):
    code = sandbox.phone_code("王阿姨", "19900000001")
    client.phone_number(code)
    with pytest.raises(PhoneCodeRefused) as caught:
        client.phone_number(code)
    assert isinstance(caught.value, CodeRefused)
    assert caught.value.status == 422


def test_login_and_phone_codes_are_not_the_same(client: MiniClient, sandbox: SandboxHandle):
    with pytest.raises(CodeRefused):
        client.phone_number(sandbox.code("王阿姨"))
    with pytest.raises(CodeRefused):
        client.code_to_session(sandbox.phone_code("王阿姨", "19900000001"))


def test_a_message_arrives_and_uses_one_consent(client: MiniClient, sandbox: SandboxHandle):
    sandbox.consent("王阿姨", ["order_closing"])
    client.send_subscribe_message(sandbox.openid("王阿姨"), DONE, data(), PAGE)
    (message,) = sandbox.messages("王阿姨")
    assert message["data"]["thing4"] == "王师傅已修好"
    with pytest.raises(ConsentUsed) as caught:
        client.send_subscribe_message(sandbox.openid("王阿姨"), DONE, data(), PAGE)
    assert caught.value.retryable is False


@pytest.mark.parametrize("key", sorted(TEMPLATES))
def test_every_template_is_accepted_as_composed(client: MiniClient, sandbox: SandboxHandle, key: str):
    sandbox.consent("王阿姨", [key])
    composed = compose(
        key,
        number="R1121-0042",
        matter="厨房水管漏水,水已经流到楼下邻居家的天花板",
        at=china(2026, 11, 21, 14, 40),
        note="",
        state="已转热线 962121",
    )
    client.send_subscribe_message(sandbox.openid("王阿姨"), TEMPLATES[key].sandbox_id, composed, PAGE)
    assert sandbox.messages("王阿姨")[0]["key"] == key


@pytest.mark.parametrize(
    ("changes", "errcode", "field"),
    [
        ({"data": data(thing2="")}, 47003, "thing2"),
        ({"data": data(thing4="二十一个字的说明文字会被平台拒绝因为太长了吧是")}, 47003, "thing4"),
        ({"data": data(time3="明天")}, 47003, "time3"),
        ({"data": data(character_string1="编号一")}, 47003, "character_string1"),
        ({"data": data(thing9="多余")}, 47003, "thing9"),
        ({"template_id": "no such template"}, 40037, "template_id"),
        ({"page": "没有这个页面"}, 41030, "page"),
        ({"openid": "o-of-nobody"}, 40003, "touser"),
    ],
)
def test_a_wrong_message_names_its_field_and_is_final(
    client: MiniClient, sandbox: SandboxHandle, changes: dict[str, Any], errcode: int, field: str
):
    sandbox.consent("王阿姨", ["order_closing"])
    call = {"openid": sandbox.openid("王阿姨"), "template_id": DONE, "data": data(), "page": PAGE, **changes}
    with pytest.raises(BadMessage) as caught:
        client.send_subscribe_message(**call)
    assert (caught.value.errcode, caught.value.field) == (errcode, field)
    assert caught.value.retryable is False
    assert sandbox.user("王阿姨")["grants"] == {DONE: 1}


def test_published_success_bodies_are_understood(new_client: ClientMaker):
    bodies = vector("code2session_and_token_responses")
    phone = bodies["wxa/business/getuserphonenumber"]
    bodies["cgi-bin/stable_token"] = bodies["cgi-bin/token"]

    def answer(heard: Heard) -> Reply:
        return Reply(json.dumps(bodies[heard.path.lstrip("/").partition("?")[0]]).encode())

    with loopback(answer) as server:
        client = new_client(MemoryTokenStore(), api_base=server.url)
        session = client.code_to_session("any")
        assert session.openid == bodies["sns/jscode2session"]["openid"]
        assert session.session_key == bodies["sns/jscode2session"]["session_key"]
        # The published body has its watermark removed: as it stands it is nobody's and must be refused
        with pytest.raises(PhoneCodeRefused):
            client.phone_number("any")
        phone["phone_info"]["watermark"]["appid"] = "wx0000anju0sandbox"
        assert client.phone_number("any") == "19900000001"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (vector("miniprogram_error_bodies")["jscode2session"][0], CodeRefused),
        (vector("miniprogram_error_bodies")["jscode2session"][1], CodeRefused),
        (vector("miniprogram_error_bodies")["subscribe_send"][0], ConsentUsed),
        (vector("miniprogram_error_bodies")["any_api"][0], CredentialRefused),
    ],
)
def test_published_error_bodies_have_names(
    new_client: ClientMaker, body: dict[str, Any], error: type[WeChatError]
):
    token = {"access_token": "1234567890", "expires_in": 7200}

    def answer(heard: Heard) -> Reply:
        return Reply(json.dumps(token if "stable_token" in heard.path else body).encode())

    with loopback(answer) as server, pytest.raises(error):
        new_client(api_base=server.url).send_subscribe_message("o1", DONE, data(), PAGE)


def test_errors_that_a_person_sees_are_refusals_with_a_chinese_sentence():
    for errcode in (-1, 40029, 40226, 45009, 40125, 61010):
        error = error_for(errcode, "any")
        assert isinstance(error, Refusal)
        assert "请" in error.sentence
        assert SANDBOX_SECRET not in repr(error)


def test_an_unknown_errcode_is_a_plain_final_error():
    error = error_for(99999, "new")
    assert type(error) is WeChatError
    assert error.retryable is False
    assert str(error) == "WeChatError(99999: new)"
