"""A sandbox for the module, made new before each test, and clients that speak to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.integrations.wechat.client import MemoryTokenStore, MiniClient, TokenStore
from config import SANDBOX_APPID, SANDBOX_SECRET
from tests.fakes.sandbox import SandboxHandle, start_sandbox

VECTORS = Path(__file__).parents[2] / "vectors" / "wechat"


@pytest.fixture(scope="module")
def one_sandbox() -> Iterator[SandboxHandle]:
    with start_sandbox() as handle:
        yield handle


@pytest.fixture
def sandbox(one_sandbox: SandboxHandle) -> SandboxHandle:
    one_sandbox.reset()
    return one_sandbox


ClientMaker = Callable[..., MiniClient]


@pytest.fixture
def new_client(sandbox: SandboxHandle) -> ClientMaker:
    """Makes a client of the sandbox; short time-outs, so that a test of slowness is quick."""

    def make(
        store: TokenStore | None = None, *, secret: str = SANDBOX_SECRET, api_base: str = ""
    ) -> MiniClient:
        return MiniClient(
            SANDBOX_APPID,
            secret,
            api_base=api_base or sandbox.url,
            token_store=store or MemoryTokenStore(),
            timeout=(2.0, 5.0),
        )

    return make


@pytest.fixture
def client(new_client: ClientMaker) -> MiniClient:
    return new_client()


def vector(name: str) -> dict[str, Any]:
    """One of the published vector files."""
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
