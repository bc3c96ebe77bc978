"""The sandbox refuses what the platform refuses: spec of the platform, section 4.1, items 1 to 6."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from config import SANDBOX_APPID
from tests.fakes.sandbox import SandboxHandle
from tests.wechat_sandbox.conftest import APP, TOKEN_BODY, Get

LOGIN = {**APP, "grant_type": "authorization_code"}
TEMPLATE = "sandbox-order_closing"
DATA = {
    "character_string1": {"value": "R1121-0042"},
    "thing2": {"value": "厨房漏水"},
    "time3": {"value": "2026年11月21日 14:40"},
    "thing4": {"value": "王师傅已修好"},
}


def stable(sandbox: SandboxHandle, **changes: Any) -> dict[str, Any]:
    body = {**TOKEN_BODY, **changes}
    return requests.post(sandbox.url + "/cgi-bin/stable_token", json=body, timeout=10).json()


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": "wx-other"}, 40013),
        ({"secret": "other"}, 40125),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"grant_type": "Client_Credential"}, 40002),
    ],
)
def test_app_and_grant_type_are_exact(
    get: Get, sandbox: SandboxHandle, changes: dict[str, str], errcode: int
):
    assert stable(sandbox, **changes)["errcode"] == errcode
    assert get("/cgi-bin/token", **{**TOKEN_BODY, **changes})["errcode"] == errcode
    grant = {"grant_type": "other"} if "grant_type" in changes else {}
    login = {**LOGIN, **changes, **grant, "js_code": sandbox.code("王阿姨")}
    assert get("/sns/jscode2session", **login)["errcode"] == errcode


def test_stable_token_is_posted_as_json(sandbox: SandboxHandle, get: Get):
    assert get("/cgi-bin/stable_token", **TOKEN_BODY)["errcode"] == 43002
    form = requests.post(sandbox.url + "/cgi-bin/stable_token", data=TOKEN_BODY, timeout=10)
    assert form.json()["errcode"] == 47001
    assert stable(sandbox, force_refresh="true")["errcode"] == 47001


def test_the_stable_token_stays_until_five_minutes_before_its_end(sandbox: SandboxHandle, post: Get):
    first = stable(sandbox)
    sandbox.advance(6890)
    assert stable(sandbox)["access_token"] == first["access_token"]
    sandbox.advance(20)
    second = stable(sandbox)
    assert second["access_token"] != first["access_token"]
    body = {"code": "never issued"}
    path = "/wxa/business/getuserphonenumber"
    assert post(path, body, token=first["access_token"])["errcode"] == 40029, "both live for five minutes"
    sandbox.advance(300)
    assert post(path, body, token=first["access_token"])["errcode"] == 42001
    assert post(path, body, token=second["access_token"])["errcode"] == 40029


def test_a_forced_renewal_kills_the_token_at_once_and_is_rare(sandbox: SandboxHandle, post: Get):
    first = stable(sandbox)["access_token"]
    assert stable(sandbox, force_refresh=True)["access_token"] != first
    assert post("/wxa/business/getuserphonenumber", {"code": "x"}, token=first)["errcode"] == 40001
    assert stable(sandbox, force_refresh=True)["errcode"] == 45011
    for _ in range(19):
        sandbox.advance(31)
        assert "access_token" in stable(sandbox, force_refresh=True)
    sandbox.advance(31)
    assert stable(sandbox, force_refresh=True)["errcode"] == 45009


def test_the_plain_token_kills_the_one_before_after_five_minutes(sandbox: SandboxHandle, get: Get, post: Get):
    path, body = "/wxa/business/getuserphonenumber", {"code": "x"}
    stable_one = stable(sandbox)["access_token"]
    first = get("/cgi-bin/token", **TOKEN_BODY)["access_token"]
    second = get("/cgi-bin/token", **TOKEN_BODY)["access_token"]
    assert first != second
    assert post(path, body, token=first)["errcode"] == 40029
    sandbox.advance(301)
    assert post(path, body, token=first)["errcode"] == 42001
    assert post(path, body, token=second)["errcode"] == 40029
    assert post(path, body, token=stable_one)["errcode"] == 40029, "the two lines do not touch each other"


@pytest.mark.parametrize(("token", "errcode"), [("", 41001), ("no token at all", 40014), ("f" * 136, 40001)])
def test_a_call_needs_a_live_token(post: Get, token: str, errcode: int):
    for path in (
        "/wxa/business/getuserphonenumber",
        "/cgi-bin/message/subscribe/send",
        "/wxa/msg_sec_check",
        "/wxa/media_check_async",
        "/wxa/getwxacodeunlimit",
    ):
        answer = post(path, {}, token=token)
        assert answer["errcode"] == errcode
        assert " rid: " in answer["errmsg"]


def test_a_login_has_no_errcode_and_needs_no_token(get: Get, sandbox: SandboxHandle):
    answer = get("/sns/jscode2session", **LOGIN, js_code=sandbox.code("王阿姨"))
    assert set(answer) == {"openid", "unionid", "session_key"}


def test_a_new_login_replaces_the_session_key_of_the_person(get: Get, sandbox: SandboxHandle):
    first = get("/sns/jscode2session", **LOGIN, js_code=sandbox.code("王阿姨"))
    second = get("/sns/jscode2session", **LOGIN, js_code=sandbox.code("王阿姨"))
    assert first["openid"] == second["openid"]
    assert first["session_key"] != second["session_key"]


def test_one_person_logs_in_at_most_100_times_a_minute(get: Get, sandbox: SandboxHandle):
    sandbox.call("POST", "/clock", {"hold": True})
    sandbox.call("POST", "/quota", {"path": "/sns/jscode2session", "per_minute": 3})
    codes = [get("/sns/jscode2session", **LOGIN, js_code=sandbox.code("王阿姨")) for _ in range(4)]
    assert [answer.get("errcode") for answer in codes] == [None, None, None, 45011]
    assert "openid" in get("/sns/jscode2session", **LOGIN, js_code=sandbox.code("李先生"))


def test_a_phone_number_carries_our_watermark(post: Get, sandbox: SandboxHandle):
    answer = post("/wxa/business/getuserphonenumber", {"code": sandbox.phone_code("王阿姨", "19900000001")})
    info = answer["phone_info"]
    assert info["purePhoneNumber"] == "19900000001"
    assert str(info["countryCode"]) == "86"
    assert info["watermark"]["appid"] == SANDBOX_APPID


def send(post: Get, sandbox: SandboxHandle, **changes: Any) -> dict[str, Any]:
    body = {
        "touser": sandbox.openid("王阿姨"),
        "template_id": TEMPLATE,
        "page": "pages/a/b?id=1",
        "data": DATA,
    }
    return post("/cgi-bin/message/subscribe/send", {**body, **changes})


def test_one_consent_is_one_message(post: Get, sandbox: SandboxHandle):
    assert send(post, sandbox)["errcode"] == 43101
    sandbox.consent("王阿姨", ["order_closing"], count=2)
    assert [send(post, sandbox)["errcode"] for _ in range(3)] == [0, 0, 43101]
    assert len(sandbox.messages("王阿姨")) == 2


def test_a_refused_message_uses_no_consent(post: Get, sandbox: SandboxHandle):
    sandbox.consent("王阿姨", ["order_closing"])
    assert send(post, sandbox, data={})["errcode"] == 47003
    assert send(post, sandbox)["errcode"] == 0


def test_a_rejection_grants_nothing_and_settings_take_everything_back(post: Get, sandbox: SandboxHandle):
    sandbox.consent("王阿姨", ["order_closing"], accept=False)
    assert send(post, sandbox)["errcode"] == 43101
    sandbox.consent("王阿姨", ["order_closing"], count=5)
    sandbox.change_settings("王阿姨", ["order_closing"])
    assert send(post, sandbox)["errcode"] == 43101


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("thing2", ""),
        ("thing2", "   "),
        ("thing2", "字" * 21),
        ("thing2", "两行\n文字"),
        ("thing2", 5),
        ("time3", "2026-11-21 14:40"),
        ("time3", "2026年13月1日 14:40"),
        ("time3", "25:00"),
        ("character_string1", "编号"),
        ("character_string1", "A" * 33),
    ],
)
def test_a_field_that_breaks_its_rule_is_named(post: Get, sandbox: SandboxHandle, field: str, value: object):
    sandbox.consent("王阿姨", ["order_closing"])
    answer = send(post, sandbox, data={**DATA, field: {"value": value}})
    assert answer["errcode"] == 47003
    assert f"data.{field}.value" in answer["errmsg"]


@pytest.mark.parametrize("value", ["15:01", "2026年11月21日", "2026年1月2日 15:01", "14:00~16:00"])
def test_the_times_that_the_platform_documents_are_taken(post: Get, sandbox: SandboxHandle, value: str):
    sandbox.consent("王阿姨", ["order_closing"])
    assert send(post, sandbox, data={**DATA, "time3": {"value": value}})["errcode"] == 0


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"touser": "o-nobody"}, 40003),
        ({"touser": None}, 40003),
        ({"template_id": "other"}, 40037),
        ({"page": "not-a-page"}, 41030),
        ({"data": []}, 47003),
        ({"miniprogram_state": "other"}, 40097),
    ],
)
def test_a_message_with_a_wrong_part_is_refused(
    post: Get, sandbox: SandboxHandle, changes: dict, errcode: int
):
    sandbox.consent("王阿姨", ["order_closing"])
    assert send(post, sandbox, **changes)["errcode"] == errcode


def test_other_hosts_other_paths_and_large_bodies_are_refused(sandbox: SandboxHandle):
    assert requests.get(sandbox.url + "/cgi-bin/unknown", timeout=10).status_code == 404
    other_host = requests.get(sandbox.url + "/sandbox/health", headers={"Host": "example.org"}, timeout=10)
    assert other_host.status_code == 404
    large = requests.post(sandbox.url + "/cgi-bin/stable_token", data=b"x" * 1_100_000, timeout=10)
    assert large.status_code == 413
