"""The front desk with a real keyboard, against the clock."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from app.core.roles import Role
from tests.browser.conftest import Live

pytestmark = pytest.mark.browser
KEY_MS = 120
"""A person at a desk types eight keys a second."""
LIMIT_SECONDS = 15


def test_a_public_matter_is_entered_within_fifteen_seconds(live: Live) -> None:
    page = live.open("/admin/front-desk/")
    expect(page.locator("form[data-ready]")).to_be_visible()
    begin = time.monotonic()
    page.keyboard.type(live.scene.resident.phone, delay=KEY_MS)
    page.keyboard.press("Enter")
    page.keyboard.type("ldd", delay=KEY_MS)
    expect(page.locator("#category-options li").first).to_contain_text("楼道灯不亮")
    page.keyboard.press("Enter")
    page.keyboard.type("5号楼门厅", delay=KEY_MS)
    page.keyboard.press("Enter")
    result = page.locator("#result")
    expect(result).to_contain_text("已登记,编号 R")
    assert time.monotonic() - begin < LIMIT_SECONDS
    expect(result.locator("li")).to_have_count(3)
    page.keyboard.press("Enter")
    expect(page.locator("#phone")).to_be_focused()
    expect(page.locator("#phone")).to_have_value("")


def test_a_home_matter_of_a_known_caller_is_entered_within_fifteen_seconds(live: Live) -> None:
    page = live.open("/admin/front-desk/")
    expect(page.locator("form[data-ready]")).to_be_visible()
    begin = time.monotonic()
    page.keyboard.type(live.scene.resident.phone, delay=KEY_MS)
    expect(page.locator("#caller")).to_contain_text("来电人 示***")
    page.keyboard.press("Enter")
    page.keyboard.type("djbl", delay=KEY_MS)
    expect(page.locator("#category-options li").first).to_contain_text("灯具不亮")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#result")).to_contain_text("已登记,编号 E")
    assert time.monotonic() - begin < LIMIT_SECONDS


def test_an_open_order_of_the_caller_is_shown_before_a_second_one_is_made(live: Live) -> None:
    number = live.scene.submit().number
    page = live.open("/admin/front-desk/")
    expect(page.locator("form[data-ready]")).to_be_visible()
    page.keyboard.type(live.scene.resident.phone)
    expect(page.locator("#caller")).to_contain_text(number)


def test_what_was_typed_survives_a_refusal(live: Live) -> None:
    page = live.open("/admin/front-desk/", Role.MGR)
    expect(page.locator("form[data-ready]")).to_be_visible()
    page.keyboard.type("1990000")
    page.fill("[name=text]", "门厅的灯坏了")
    page.locator("button.send").click()
    expect(page.locator("#form-refusal")).to_be_visible()
    expect(page.locator("[data-error=phone]")).to_have_text("手机号应为11位数字")
    expect(page.locator("[name=text]")).to_have_value("门厅的灯坏了")
