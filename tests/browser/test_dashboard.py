"""The dashboard in a real browser: charts are drawn, nothing inline, nothing foreign, the wall keeps itself fresh."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.core import clock
from app.core.db import transact
from app.core.roles import Role
from tests.admin.test_dashboard import roll_up_all, some_days
from tests.browser.conftest import Live
from tests.browser.test_every_page import overflow

pytestmark = pytest.mark.browser

INK_OF = """chart => {
  const canvas = chart.querySelector('canvas');
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let ink = 0;
  for (let place = 3; place < pixels.length; place += 4) if (pixels[place]) ink += 1;
  return ink;
}"""


def with_figures(live: Live) -> None:
    transact(lambda: some_days(live.scene.place))
    roll_up_all()


def dashboard(live: Live, query: str = "", role: Role = Role.BUR, **size: int) -> Page:
    page = live.open(f"/admin/dashboard/{query}", role, **size)
    page.wait_for_selector("body[data-drawn]")
    return page


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (683, 384)])
@pytest.mark.parametrize("role", [Role.BUR, Role.STR, Role.CO])
def test_every_chart_is_drawn_and_the_page_fits(live: Live, role: Role, width: int, height: int) -> None:
    with_figures(live)
    page = dashboard(live, role=role, width=width, height=height)
    charts = page.locator(".chart").all()
    assert len(charts) == 11
    for chart in charts:
        assert chart.evaluate(INK_OF) > 100
    assert overflow(page) <= 0


def test_the_first_screen_shows_today_and_the_first_comparison(live: Live) -> None:
    with_figures(live)
    page = dashboard(live)
    box = page.locator(".compare-1 .multiples").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 768


def test_a_bar_leads_to_its_orders_and_a_definition_opens_by_keyboard(live: Live) -> None:
    with_figures(live)
    page = dashboard(live)
    question = page.locator(".multiple .defn summary").first
    question.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".multiple .defn-panel").first).to_contain_text("时限内接单或说明理由不予受理")
    page.keyboard.press("Escape")
    expect(page.locator(".multiple .defn-panel").first).not_to_be_visible()
    page.locator(".compare-1 .chart").first.click(position={"x": 20, "y": 26})
    page.wait_for_url("**/admin/dashboard/orders?figure=K01&outcome=missed**")
    expect(page.locator("h1")).to_contain_text("接单及时率")


def test_the_wall_is_one_screen_without_chrome_and_without_links_to_orders(live: Live) -> None:
    with_figures(live)
    page = dashboard(live, "?wall=1", width=1920, height=1080)
    assert page.evaluate("document.documentElement.scrollHeight") == 1080
    assert page.evaluate("document.querySelector('.board-grid').scrollHeight") <= page.evaluate(
        "document.querySelector('.board-grid').clientHeight"
    )
    expect(page.locator(".side")).not_to_be_visible()
    assert page.locator("main a[href^='/admin/orders/']").count() == 0


def test_the_wall_refreshes_itself_and_says_when_it_cannot(live: Live) -> None:
    with_figures(live)
    context = live.window(Role.BUR, width=1920, height=1080).context
    page = context.new_page()
    page.clock.install(time=clock.now())
    page.goto(f"{live.address}/admin/dashboard/?wall=1")
    page.wait_for_selector("body[data-drawn]")
    before = page.locator(".today .figure-number").first.inner_text()
    transact(lambda: some_days(live.scene.place, 3))
    roll_up_all()
    page.clock.run_for(31_000)
    page.wait_for_selector("body[data-refreshed='1']")
    assert page.locator(".today .figure-number").first.inner_text() != before
    context.route("**/admin/dashboard/**", lambda route: route.abort())
    page.clock.run_for(31_000)
    expect(page.locator(".as-of")).to_contain_text("暂时连不上服务器")
    live.watched[-1].console[:] = [each for each in live.watched[-1].console if "ERR_FAILED" not in each]


def test_the_countdown_of_an_unaccepted_order_runs(live: Live) -> None:
    live.scene.submit(at=clock.now() - timedelta(minutes=5))
    roll_up_all()
    page = dashboard(live)
    left = page.locator("[data-left]").first
    expect(left).to_contain_text("还剩")
    first = left.inner_text()
    expect(left).not_to_have_text(first)
