"""Every page at both office sizes and at 200 % zoom: nothing cut off, nothing broken, nothing foreign."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.core import clock
from app.core.roles import Role
from tests.browser.conftest import Live

pytestmark = pytest.mark.browser
DESK_PAGES = (
    "/admin/board/",
    "/admin/orders/",
    "/admin/front-desk/",
    "/admin/handover/",
    "/admin/bindings/",
    "/admin/workers/",
    "/admin/staff/",
    "/admin/roster/",
    "/admin/transfers/",
    "/admin/unheard/",
    "/admin/inbox/",
    "/admin/account/",
    "/admin/account/password",
    "/admin/account/hats",
    "/admin/account/second-factor",
    "/admin/nowhere",
)
BUREAU_PAGES = (
    "/admin/limits/",
    "/admin/what-if/?clock=C2&from=30&to=20",
    "/admin/emergencies/",
    "/admin/drafts/",
    "/admin/transfers/",
    "/admin/appeals/",
    "/admin/special-extensions/",
)
LONG = "一位住在顶楼说话很慢但是说得非常详细的老年居民反映" * 8


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (683, 384)])
def test_no_page_of_the_desk_is_wider_than_its_window(live: Live, width: int, height: int) -> None:
    live.scene.submit(at=clock.now(), text=LONG[:200])
    live.scene.do(lambda: setattr(live.scene.order(1).estate, "name", "名字很长的示范小区" * 6))
    page = live.window(width=width, height=height)
    for path in (*DESK_PAGES, "/admin/orders/1"):
        answer = page.goto(live.address + path)
        assert answer is not None
        assert answer.status == (404 if path.endswith("nowhere") else 200), path
        assert overflow(page) <= 0, path
    live.watched[-1].console[:] = [each for each in live.watched[-1].console if "404" not in each]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (683, 384)])
def test_no_page_of_the_bureau_is_wider_than_its_window(live: Live, width: int, height: int) -> None:
    live.scene.submit(at=clock.now(), text=LONG[:200])
    page = live.window(Role.BUR, width=width, height=height)
    for path in BUREAU_PAGES:
        answer = page.goto(live.address + path)
        assert answer is not None
        assert answer.status == 200, path
        page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        assert overflow(page) <= 0, path


def test_every_control_can_be_reached_and_seen_with_the_keyboard(live: Live) -> None:
    page = live.open("/admin/orders/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width == "3px"


def test_the_hand_over_sheet_prints_without_the_menu(live: Live) -> None:
    live.scene.submit(at=clock.now())
    page = live.open("/admin/handover/")
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator(".signatures")).to_be_visible()


def test_the_second_factor_is_set_up_with_a_picture(live: Live) -> None:
    page = live.open("/admin/account/second-factor")
    page.get_by_role("button", name="显示二维码").click()
    expect(page.locator(".qr svg")).to_be_visible()


def test_a_wrong_password_is_told_without_a_new_page(live: Live) -> None:
    page = live.window(Role.MGR)
    page.locator(".me summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.fill("[name=login_name]", "nobody")
    page.fill("[name=password]", "not the password")
    page.keyboard.press("Enter")
    expect(page.locator("#refusal")).to_contain_text("密码不对")
    expect(page.locator("[name=login_name]")).to_have_value("nobody")
    live.watched[-1].console[:] = [each for each in live.watched[-1].console if "401" not in each]
