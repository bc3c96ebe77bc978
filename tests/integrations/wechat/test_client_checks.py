"""Text and picture checks, code pictures and quotas, against the sandbox."""

from __future__ import annotations

import json

import pytest

from app.integrations.wechat.answers import Scene, Verdict
from app.integrations.wechat.client import MiniClient
from app.integrations.wechat.errors import (
    BadMessage,
    QuotaUsed,
    UserInactive,
    WeChatDown,
)
from tests.fakes.loopback import Heard, Reply, loopback
from tests.fakes.sandbox import SandboxHandle
from tests.integrations.wechat.conftest import ClientMaker, vector


@pytest.mark.parametrize(
    ("text", "verdict", "label"),
    [
        ("楼道灯坏了", Verdict.PASS, 100),
        ("这里有违禁词测试", Verdict.RISKY, 20001),
        ("这里是待复核测试", Verdict.REVIEW, 20006),
    ],
)
def test_the_platform_judges_a_text(
    client: MiniClient, sandbox: SandboxHandle, text: str, verdict: Verdict, label: int
):
    found = client.check_text(text, openid=sandbox.openid("王阿姨"), scene=Scene.FORUM)
    assert (found.verdict, found.label) == (verdict, label)
    assert found.trace_id


def test_a_long_text_is_judged_by_its_worst_piece(client: MiniClient, sandbox: SandboxHandle):
    openid = sandbox.openid("王阿姨")
    text = "好" * 2600 + "待复核测试" + "好" * 4000
    assert client.check_text(text, openid=openid, scene=Scene.FORUM).verdict is Verdict.REVIEW
    pieces = [entry["body"]["content"] for entry in sandbox.journal("/wxa/msg_sec_check")]
    assert len(pieces) == 3
    assert max(map(len, pieces)) <= 2500


@pytest.mark.parametrize("before", range(2490, 2503))
def test_a_word_on_the_cut_is_not_missed(client: MiniClient, sandbox: SandboxHandle, before: int):
    text = "好" * before + "违禁词测试" + "好" * 100
    found = client.check_text(text, openid=sandbox.openid("王阿姨"), scene=Scene.FORUM)
    assert found.verdict is Verdict.RISKY


@pytest.mark.parametrize("length", [1, 2499, 2500, 2501, 4950, 5000])
def test_every_character_is_sent(client: MiniClient, sandbox: SandboxHandle, length: int):
    text = "".join(chr(0x4E00 + number % 5000) for number in range(length))
    client.check_text(text, openid=sandbox.openid("王阿姨"), scene=Scene.FORUM)
    sent = "".join(entry["body"]["content"] for entry in sandbox.journal("/wxa/msg_sec_check"))
    assert set(text) <= set(sent)
    assert sent.startswith(text[:1])
    assert sent.endswith(text[-1:])


def test_blank_text_passes_without_a_call(client: MiniClient, sandbox: SandboxHandle):
    assert client.check_text(" \n", openid="o", scene=Scene.FORUM).verdict is Verdict.PASS
    assert sandbox.journal() == []


def test_a_person_away_for_two_hours_cannot_be_checked(client: MiniClient, sandbox: SandboxHandle):
    openid = sandbox.openid("王阿姨")
    sandbox.advance(7201)
    with pytest.raises(UserInactive):
        client.check_text("楼道灯坏了", openid=openid, scene=Scene.FORUM)


def test_a_picture_is_submitted(client: MiniClient, sandbox: SandboxHandle):
    trace_id = client.check_image_async(
        "http://127.0.0.1:1/a.jpg", openid=sandbox.openid("王阿姨"), scene=Scene.FORUM
    )
    (entry,) = sandbox.journal("/wxa/media_check_async")
    assert trace_id
    assert entry["body"]["version"] == 2
    assert entry["body"]["media_type"] == 2


def test_a_recording_is_submitted_as_sound(client: MiniClient, sandbox: SandboxHandle):
    trace_id = client.check_audio_async(
        "http://127.0.0.1:1/a.wav", openid=sandbox.openid("王阿姨"), scene=Scene.COMMENT
    )
    (entry,) = sandbox.journal("/wxa/media_check_async")
    assert trace_id
    assert (entry["body"]["version"], entry["body"]["media_type"]) == (2, 1)


def test_a_code_picture_is_bytes(client: MiniClient):
    assert client.mini_program_qr("s=Ab3", "pages/home/home").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("scene", "page", "field"),
    [
        ("", "pages/home/home", "scene"),
        ("a" * 33, "pages/home/home", "scene"),
        ("二维码", "pages/home/home", "scene"),
        ("s=1", "/pages/home/home", "page"),
        ("s=1", "pages/home/home?x=1", "page"),
    ],
)
def test_a_code_that_the_platform_cannot_draw_names_its_field(
    client: MiniClient, scene: str, page: str, field: str
):
    with pytest.raises(BadMessage) as caught:
        client.mini_program_qr(scene, page)
    assert caught.value.field == field


def test_an_html_page_is_no_picture(client: MiniClient, sandbox: SandboxHandle):
    client.mini_program_qr("s=1", "pages/home/home")
    sandbox.fault("/wxa/getwxacodeunlimit", "html")
    with pytest.raises(WeChatDown):
        client.mini_program_qr("s=1", "pages/home/home")


def test_a_used_quota_says_how_long_to_wait(client: MiniClient, sandbox: SandboxHandle):
    sandbox.call("POST", "/quota", {"path": "/wxa/msg_sec_check", "per_minute": 1, "per_day": 1})
    openid = sandbox.openid("王阿姨")
    client.check_text("一", openid=openid, scene=Scene.FORUM)
    with pytest.raises(QuotaUsed) as minute:
        client.check_text("二", openid=openid, scene=Scene.FORUM)
    sandbox.advance(61)
    with pytest.raises(QuotaUsed) as day:
        client.check_text("三", openid=openid, scene=Scene.FORUM)
    assert (minute.value.errcode, minute.value.retry_after_seconds) == (45011, 60)
    assert (day.value.errcode, day.value.retry_after_seconds) == (45009, 3600)


def test_the_published_text_verdict_is_understood(new_client: ClientMaker):
    body = vector("sec_check_bodies")["msg_sec_check_pass"]
    token = {"access_token": "1234567890", "expires_in": 7200}

    def answer(heard: Heard) -> Reply:
        return Reply(json.dumps(token if "stable_token" in heard.path else body).encode())

    with loopback(answer) as server:
        found = new_client(api_base=server.url).check_text("好", openid="o1", scene=Scene.FORUM)
    assert (found.verdict, found.trace_id) == (Verdict.PASS, body["trace_id"])
