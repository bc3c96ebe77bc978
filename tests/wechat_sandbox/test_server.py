"""The process itself: loopback only, lasting state, control interface, page, speed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import requests

from app.integrations.wechat.client import MemoryTokenStore, MiniClient
from app.integrations.wechat.errors import ConsentUsed
from config import SANDBOX_APPID, SANDBOX_SECRET
from tests.fakes.sandbox import SandboxHandle, start_sandbox
from wechat_sandbox.__main__ import main
from wechat_sandbox.server import Sandbox
from wechat_sandbox.settings import NotLoopback, SandboxSettings

REPOSITORY = Path(__file__).parents[2]
EVERY_ADDRESS = str(IPv4Address(0))
DATA = {
    "character_string1": "R1121-0042",
    "thing2": "厨房漏水",
    "time3": "2026年11月21日 14:40",
    "thing4": "王师傅已修好",
}


@pytest.mark.parametrize("host", [EVERY_ADDRESS, "::", "192.0.2.1", "example.org"])
def test_an_address_that_others_can_reach_is_refused(host: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(NotLoopback):
        Sandbox(SandboxSettings(), host=host)
    assert main(["--host", host, "--port", "0"]) == 2
    assert "沙盒没有启动" in capsys.readouterr().err


def test_events_are_pushed_to_this_machine_only(sandbox: SandboxHandle):
    with pytest.raises(NotLoopback):
        SandboxSettings(notify_base="https://example.org")
    with pytest.raises(requests.HTTPError):
        sandbox.notify("http://192.0.2.1")


def test_people_consents_messages_and_orders_outlive_a_restart(tmp_path: Path):
    with start_sandbox(database_dir=tmp_path) as first:
        first.consent("王阿姨", ["order_done"], count=3)
        openid = first.openid("王阿姨")
        client = MiniClient(SANDBOX_APPID, SANDBOX_SECRET, api_base=first.url, token_store=MemoryTokenStore())
        client.send_subscribe_message(openid, "sandbox-order_done", DATA, "pages/a/b")
        first.advance(3600)
    with start_sandbox(database_dir=tmp_path) as second:
        assert second.openid("王阿姨") == openid
        assert second.user("王阿姨")["grants"] == {"sandbox-order_done": 2}
        assert second.messages("王阿姨")[0]["data"] == DATA
        assert second.call("GET", "/health")["now"] - time.time() > 3500


def test_the_openid_of_a_name_is_the_same_in_every_sandbox(sandbox: SandboxHandle):
    with start_sandbox() as other:
        assert other.openid("王阿姨") == sandbox.openid("王阿姨")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/users/a/phone_code", {"phone": "123"}),
        ("/users/a/consent", {"templates": []}),
        ("/users/a/consent", {"templates": ["no such key"]}),
        ("/users/a/consent", {"templates": ["order_done"], "count": 0}),
        ("/faults", {"kind": "no such kind"}),
        ("/faults", {"kind": "slow", "times": 0}),
        ("/faults", {"path": "push", "kind": "slow"}),
        ("/clock", {"advance_seconds": -1}),
        ("/media_verdict", {"next": "maybe"}),
        ("/push_format", {"format": "yaml"}),
    ],
)
def test_a_control_call_that_makes_no_sense_is_answered_422(sandbox: SandboxHandle, path: str, body: dict):
    with pytest.raises(requests.HTTPError) as caught:
        sandbox.call("POST", path, body)
    assert caught.value.response.status_code == 422


def test_a_fault_is_used_up_and_can_be_cleared(sandbox: SandboxHandle):
    sandbox.fault("/sns/jscode2session", "busy", times=2)
    sandbox.fault("*", "http_500", times=5)
    sandbox.clear_faults()
    assert sandbox.call("GET", "/faults")["faults"] == []


def test_a_slow_call_from_before_a_reset_leaves_no_trace(sandbox: SandboxHandle):
    sandbox.fault("/sns/jscode2session", "slow", seconds=0.5)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{sandbox.url}/sns/jscode2session", timeout=(2, 0.2))
    sandbox.reset()
    answer = requests.get(f"{sandbox.url}/sns/jscode2session", timeout=10)
    assert answer.json()["errcode"] == 41002
    time.sleep(0.6)  # nothing can be awaited: the point is that nothing comes
    assert [entry["errcode"] for entry in sandbox.journal()] == [41002]


def test_a_held_clock_stands_and_runs_on(sandbox: SandboxHandle):
    held = sandbox.call("POST", "/clock", {"hold": True})["now"]
    assert sandbox.call("POST", "/clock", {"advance_seconds": 60})["now"] == held + 60
    assert sandbox.call("POST", "/clock", {"hold": False})["now"] >= held + 60


def test_the_page_has_no_inline_script_and_a_strict_policy(sandbox: SandboxHandle):
    answer = requests.get(sandbox.url + "/", timeout=10)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)
    assert not re.search(r"\son\w+=|\sstyle=", answer.text)
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text):
        assert requests.get(sandbox.url + path, timeout=10).status_code == 200


def test_hundreds_of_messages_a_second_lose_no_consent(sandbox: SandboxHandle):
    """Eight senders share 400 consents and try 408 times: exactly 400 arrive."""
    sandbox.call("POST", "/users/王阿姨/consent", {"templates": ["order_done"], "count": 100})
    for _ in range(3):
        sandbox.consent("王阿姨", ["order_done"], count=100)
    openid = sandbox.openid("王阿姨")
    client = MiniClient(SANDBOX_APPID, SANDBOX_SECRET, api_base=sandbox.url, token_store=MemoryTokenStore())

    def send(_: int) -> bool:
        try:
            client.send_subscribe_message(openid, "sandbox-order_done", DATA, "pages/a/b")
        except ConsentUsed:
            return False
        return True

    began = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        sent = list(threads.map(send, range(408)))
    assert sent.count(True) == 400
    assert len(sandbox.messages("王阿姨")) == 400
    assert time.monotonic() - began < 20, "far below a hundred a second on a busy machine"


@pytest.mark.processes
def test_the_process_starts_serves_and_ends(tmp_path: Path):
    command = [sys.executable, "-m", "wechat_sandbox", "--port", "0", "--database-dir", str(tmp_path)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert address
            requests.post(f"{address[0]}/sandbox/users/a/code", timeout=10).raise_for_status()
            requests.post(
                f"{address[0]}/sandbox/clock", json={"advance_seconds": 5}, timeout=10
            ).raise_for_status()
        finally:
            process.terminate()
        assert process.wait(10) == 0
    assert '"clock_offset": 5.0' in (tmp_path / "sandbox.json").read_text("utf-8")
