"""The clock of a demonstration is moved for WeChat too: bills, closing and refunds there go by its own time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.integrations.wechat.demo_phones import follow_clock
from tests.live import csrf_of


def move(app, step: str):
    """A button of the page /demo, pressed by somebody whose clock runs."""
    clock.freeze(None)
    visitor = app.test_client()
    sent = {"csrf_token": csrf_of(visitor.get("/demo").text), "by": step}
    return visitor.post("/demo/clock", data=sent, follow_redirects=True)


def test_the_sandbox_leaps_with_the_product(wechat_api, sandbox):
    answer = move(wechat_api.app, "24h")
    assert answer.status_code == 200
    assert "沙盒没有运行" not in answer.text
    there = datetime.fromtimestamp(sandbox.call("GET", "/health")["now"], UTC)
    assert abs(there - clock.now()) < timedelta(seconds=5)
    assert clock.now() - datetime.now(UTC) > timedelta(hours=23)


def test_people_stay_in_the_mini_program_while_the_clock_leaps(wechat_api, sandbox):
    before = sandbox.user("wang")["active_at"]
    move(wechat_api.app, "72h")
    assert sandbox.user("wang")["active_at"] - before == pytest.approx(72 * 3600, abs=5)


def test_the_sandbox_never_goes_back(wechat_api, sandbox):
    sandbox.advance(3600)
    at = sandbox.call("GET", "/health")["now"]
    follow_clock(sandbox.url, clock.now())
    assert sandbox.call("GET", "/health")["now"] >= at


def test_while_the_sandbox_is_away_the_page_says_so_and_moves_ours(api):
    answer = move(api.app, "30m")
    assert "微信沙盒没有运行" in answer.text
    assert clock.now() - datetime.now(UTC) > timedelta(minutes=29)


def test_only_this_machine_is_asked():
    with pytest.raises(ValueError):
        follow_clock("https://api.weixin.qq.com", clock.now())
