"""A sandbox that is new for each test, and raw HTTP to it: no client of ours stands between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from config import SANDBOX_APPID, SANDBOX_SECRET
from tests.fakes.sandbox import SandboxHandle, start_sandbox
from tests.wechat_sandbox.merchant import Merchant

APP = {"appid": SANDBOX_APPID, "secret": SANDBOX_SECRET}
TOKEN_BODY = {**APP, "grant_type": "client_credential"}


@pytest.fixture(scope="module")
def one_sandbox() -> Iterator[SandboxHandle]:
    with start_sandbox() as handle:
        yield handle


@pytest.fixture
def sandbox(one_sandbox: SandboxHandle) -> SandboxHandle:
    one_sandbox.reset()
    one_sandbox.notify("")
    one_sandbox.call("POST", "/push_format", {"format": "json"})
    return one_sandbox


@pytest.fixture
def merchant(sandbox: SandboxHandle) -> Merchant:
    """The provider, signing by hand."""
    return Merchant(sandbox)


Get = Callable[..., dict[str, Any]]


@pytest.fixture
def get(sandbox: SandboxHandle) -> Get:
    """GET of the platform: `get("/sns/jscode2session", js_code=...)`."""

    def call(path: str, **query: Any) -> dict[str, Any]:
        return requests.get(sandbox.url + path, params=query, timeout=10).json()

    return call


@pytest.fixture
def post(sandbox: SandboxHandle) -> Get:
    """POST of the platform with an access token, unless `token` says another."""

    def call(path: str, body: Any, *, token: str | None = None) -> dict[str, Any]:
        if token is None:
            token = requests.post(sandbox.url + "/cgi-bin/stable_token", json=TOKEN_BODY, timeout=10).json()[
                "access_token"
            ]
        answer = requests.post(sandbox.url + path, params={"access_token": token}, json=body, timeout=10)
        return answer.json()

    return call
