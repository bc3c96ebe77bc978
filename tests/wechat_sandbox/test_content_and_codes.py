"""Content checks, code pictures and pages: what the platform refuses (section 4.1, items 7 to 9)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.sandbox import SandboxHandle
from tests.wechat_sandbox.conftest import Get
from wechat_sandbox.answers import Refused
from wechat_sandbox.catalogue import Catalogue


def check(post: Get, sandbox: SandboxHandle, **changes: Any) -> dict[str, Any]:
    body = {"content": "楼道灯坏了", "version": 2, "scene": 2, "openid": sandbox.openid("王阿姨"), **changes}
    return post("/wxa/msg_sec_check", {name: value for name, value in body.items() if value is not None})


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"version": 1}, 40097),
        ({"version": None}, 40097),
        ({"version": "2"}, 40097),
        ({"scene": 0}, 40129),
        ({"scene": 5}, 40129),
        ({"scene": "2"}, 40129),
        ({"content": ""}, 44002),
        ({"content": "字" * 2501}, 45002),
        ({"openid": "o-nobody"}, 40003),
        ({"signature": "签名"}, 40097),
    ],
)
def test_a_text_check_with_a_wrong_part_is_refused(
    post: Get, sandbox: SandboxHandle, changes: dict, errcode: int
):
    assert check(post, sandbox, **changes)["errcode"] == errcode


def test_a_text_is_judged_by_the_word_list(post: Get, sandbox: SandboxHandle):
    assert check(post, sandbox)["result"] == {"suggest": "pass", "label": 100}
    assert check(post, sandbox, content="字" * 2500)["result"]["suggest"] == "pass"
    assert check(post, sandbox, content="一个违禁词测试")["result"] == {"suggest": "risky", "label": 20001}
    assert check(post, sandbox, nickname="待复核测试")["result"]["suggest"] == "review"


def test_only_a_person_of_the_last_two_hours_can_be_checked(post: Get, sandbox: SandboxHandle):
    assert check(post, sandbox)["errcode"] == 0
    sandbox.advance(7201)
    assert check(post, sandbox)["errcode"] == 61010
    sandbox.call("POST", "/users/王阿姨/visit")
    assert check(post, sandbox)["errcode"] == 0


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"media_type": 3}, 40097),
        ({"media_url": ""}, 40097),
        ({"version": 1}, 40097),
        ({"scene": 9}, 40129),
        ({"openid": "o-nobody"}, 40003),
    ],
)
def test_a_picture_check_with_a_wrong_part_is_refused(
    post: Get, sandbox: SandboxHandle, changes: dict, errcode: int
):
    body = {"media_url": "http://127.0.0.1:1/", "media_type": 2, "version": 2, "scene": 1}
    answer = post("/wxa/media_check_async", {**body, "openid": sandbox.openid("王阿姨"), **changes})
    assert answer["errcode"] == errcode


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"scene": ""}, 40169),
        ({"scene": "x" * 33}, 40169),
        ({"scene": "空"}, 40169),
        ({"scene": 'a"b'}, 40169),
        ({"page": "/pages/a/b"}, 41030),
        ({"page": "pages/a/b?x=1"}, 41030),
        ({"width": 100}, 40097),
        ({"env_version": "other"}, 40097),
    ],
)
def test_a_code_with_a_wrong_part_is_refused(post: Get, changes: dict, errcode: int):
    answer = post("/wxa/getwxacodeunlimit", {"scene": "s=1", "page": "pages/a/b", **changes})
    assert answer["errcode"] == errcode


def test_pages_are_those_of_the_released_client(tmp_path: Path):
    file = tmp_path / "pages.json"
    file.write_text(
        '{\n  // the home page\n"pages":[{"path":"pages/home/home"}], /* more */'
        '"subPackages":[{"root":"worker","pages":[{"path":"today/today"}]}]}',
        "utf-8",
    )
    catalogue = Catalogue(file)
    catalogue.require_page("pages/home/home", query_allowed=False)
    catalogue.require_page("worker/today/today?id=1", query_allowed=True)
    with pytest.raises(Refused):
        catalogue.require_page("pages/other/other", query_allowed=True)
