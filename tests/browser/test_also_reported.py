"""The board while neighbours join an order."""

from __future__ import annotations

from playwright.sync_api import expect

from app.orders import following
from tests.browser.conftest import Live
from tests.factories.scene import make_neighbour, make_stranger


def join(live: Live, order_id: int, *scopes) -> None:
    code = live.scene.place.spot.code
    for scope in scopes:
        live.scene.do(lambda scope=scope: following.follow(order_id, by=scope, spot_code=code))


def test_a_neighbour_who_joins_is_counted_on_the_open_board(live: Live) -> None:
    order_id = live.scene.submit().order_id
    page = live.open("/admin/board/")
    line = page.locator(f"#row-{order_id}")
    expect(line).to_contain_text("楼道灯不亮")
    expect(line).not_to_contain_text("户反映")
    join(live, order_id, make_neighbour(live.scene))
    expect(line).to_contain_text("另有 1 户反映", timeout=5000)
    line.click()
    panel = page.locator("#panel")
    expect(panel).to_contain_text("另有 1 户反映")
    join(live, order_id, make_stranger(), make_stranger())
    expect(panel).to_contain_text("另有 3 户反映", timeout=5000)
    expect(panel.get_by_text("邻居也遇到")).to_have_count(3)
