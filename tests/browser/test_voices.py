"""Listening to a report in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.core import clock
from app.core.roles import Role
from app.integrations.storage import open_storage
from app.media.service import keep_voice, store_recording
from tests.browser.conftest import Live
from tests.factories.sounds import sound

pytestmark = pytest.mark.browser
PLAYER = "audio[data-voice]"


def spoken(live: Live) -> int:
    stored = store_recording(sound(12_000), open_storage(live.storage_url))
    voice = live.scene.do(lambda: keep_voice(stored, by=live.scene.by(Role.RES)).id)
    return live.scene.submit(at=clock.now(), text="", voice_id=voice).order_id


def play(page: Page, *, begin: float = 0) -> None:
    """Jump there and play until sound has come out."""
    page.locator(PLAYER).evaluate(
        "(player, begin) => { player.currentTime = begin; return player.play(); }", begin
    )
    page.wait_for_function(
        "begin => document.querySelector('audio[data-voice]').currentTime > begin + 0.2", arg=begin
    )


def test_the_dispatcher_listens_jumps_ahead_and_accepts_without_a_break(live: Live) -> None:
    order_id = spoken(live)
    page = live.open("/admin/board/")
    expect(page.locator("#rows .line-text")).to_contain_text("有语音")
    expect(page.get_by_text("报修语音 12 秒")).to_be_visible()
    page.wait_for_function("document.querySelector('audio[data-voice]').duration > 0")
    assert page.locator(PLAYER).evaluate("player => Math.round(player.duration)") == 12
    play(page, begin=6)
    page.evaluate("window.first = document.querySelector('audio[data-voice]')")
    page.locator("[data-action=accept]").click()
    expect(page.locator("[data-action=assign]")).to_be_visible()
    assert live.scene.order(order_id).status == "ACCEPTED"
    assert page.evaluate("window.first === document.querySelector('audio[data-voice]')")
    assert page.locator(PLAYER).evaluate("player => !player.paused && player.currentTime > 6")


def test_it_plays_on_the_orders_own_page(live: Live) -> None:
    order_id = spoken(live)
    page = live.open(f"/admin/orders/{order_id}")
    play(page)
