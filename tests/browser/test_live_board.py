"""The dispatcher's eight hours, in a real browser."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from app.core import clock
from app.core.roles import Role
from app.orders import desk as orders_desk
from app.orders.lifecycle import Menu
from tests.browser.conftest import Live
from tests.factories import make_worker

pytestmark = pytest.mark.browser
BOARD = "/admin/board/"
HAZARD = "G0203"


def submit(live: Live, **values):
    return live.scene.submit(at=clock.now(), **values)


def status(live: Live, order_id: int) -> str:
    return live.scene.order(order_id).status


def ready(page: Page) -> Page:
    expect(page.locator("#rows .line, #rows .empty").first).to_be_visible()
    return page


def test_a_new_order_is_on_the_screen_within_three_seconds_without_a_reload(live: Live) -> None:
    page = ready(live.open(BOARD))
    page.evaluate("window.neverReloaded = true")
    submitted = submit(live)
    begin = time.monotonic()
    expect(page.get_by_text(submitted.number).first).to_be_visible(timeout=3000)
    assert time.monotonic() - begin < 3
    assert page.evaluate("window.neverReloaded")
    expect(page).to_have_title("(1) 工单看板 · 安居")
    expect(page.locator("#announce")).to_contain_text("1 张新工单")


def test_accepting_and_dispatching_with_the_keyboard_alone(live: Live) -> None:
    order_id = submit(live).order_id
    page = ready(live.open(BOARD))
    expect(page.locator("[data-action=accept]")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("[data-action=assign]")).to_be_visible()
    assert status(live, order_id) == "ACCEPTED"
    page.keyboard.press("d")
    page.keyboard.press("1")
    expect(page.locator("#rows .line-who").first).to_have_text(live.scene.worker.title)
    assert status(live, order_id) == "ASSIGNED"


def test_j_and_k_walk_the_list_and_the_order_opens_beside_it(live: Live) -> None:
    numbers = [submit(live).number for _ in range(3)]
    page = ready(live.open(BOARD))
    shown = page.locator(".order-number")
    expect(shown).to_have_text(numbers[0])
    page.keyboard.press("j")
    expect(shown).to_have_text(numbers[1])
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(shown).to_have_text(numbers[1])


def test_a_doubtful_worker_is_sent_only_with_a_reason_that_is_kept_through_an_error(live: Live) -> None:
    place = live.scene.place
    make_worker(place.office, district_id=place.district.id, skills=(), online=False, title="夜班师傅")
    order_id = submit(live, category_code="G1001", text="门厅没有打扫").order_id
    live.scene.accept(order_id)
    page = ready(live.open(BOARD))
    page.locator(".candidate", has_text="夜班师傅").click()
    reason = page.locator("dialog [name=override_reason]")
    reason.fill("他住得最近")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("dialog#ask")).not_to_be_visible()
    assert status(live, order_id) == "ASSIGNED"


def test_two_desks_one_order_and_the_loser_reads_who_won(live: Live) -> None:
    order_id = submit(live).order_id
    page = ready(live.open(BOARD))
    expect(page.locator("[data-action=accept]")).to_be_visible()
    by = live.scene.by(Role.MGR)
    page.route("**/data/version", lambda route: route.abort())  # this desk has not heard of it yet
    live.scene.do(lambda: orders_desk.accept(order_id, by=by), at=clock.now())
    page.keyboard.press("a")
    expect(page.locator(".toast-late")).to_contain_text("已由示经理接单")
    expect(page.locator(".order [data-action=assign]")).to_be_visible()
    page.unroute("**/data/version")
    live.watched[-1].console[:] = [each for each in live.watched[-1].console if "ERR_FAILED" not in each]


def test_p0_takes_the_whole_screen_until_somebody_deals_with_it(live: Live) -> None:
    page = ready(live.open(BOARD))
    other = ready(live.open(BOARD, Role.MGR))
    order_id = submit(live, category_code=HAZARD, text="配电箱有电线露在外面").order_id
    overlay = page.locator("#p0")
    expect(overlay).to_be_visible(timeout=4000)
    expect(other.locator("#p0")).to_be_visible(timeout=4000)
    expect(page.locator("#p0-take")).to_be_focused()
    box = overlay.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (1366, 768)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(overlay).to_be_visible()
    page.keyboard.press("Enter")
    expect(overlay).to_be_hidden()
    expect(other.locator("#p0")).to_be_hidden(timeout=4000)
    assert status(live, order_id) == "ACCEPTED"


def test_nothing_moves_under_somebody_who_reads_further_down(live: Live) -> None:
    for _ in range(20):
        submit(live)
    page = ready(live.open(BOARD))
    rows = page.locator("#rows")
    rows.evaluate("box => { box.scrollTop = 400; }")
    before = page.evaluate("document.elementFromPoint(600, 400).closest('.line').dataset.id")
    number = submit(live, category_code="G0501", text="整栋楼没有水").number
    news = page.locator("#news")
    expect(news).to_have_text("1 张新工单,点这里显示", timeout=4000)
    assert page.evaluate("document.elementFromPoint(600, 400).closest('.line').dataset.id") == before
    expect(page.get_by_text(number)).to_have_count(0)
    news.click()
    expect(page.locator(".line-number", has_text=number)).to_be_visible()


def test_the_countdown_runs_warns_and_counts_up(live: Live) -> None:
    page = ready(live.open(BOARD))
    words = page.evaluate(
        """async () => {
          const { reading } = await import('/admin/static/js/countdown.js');
          const minute = 60000;
          const at = (left) => reading(1e12, 1e12 - 5 * minute, 1e12 - left * minute);
          return [at(14.5), at(4), at(-12), at(61), at(60 * 26), at(0.5)].map((each) => `${each.tone} ${each.text}`);
        }"""
    )
    assert words == [
        "ok ◷ 剩 14 分钟",
        "warn ⚠ 剩 4 分钟",
        "late ✕ 已超 12 分钟",
        "ok ◷ 剩 1 小时 1 分",
        "ok ◷ 剩 1 天",
        "warn ⚠ 剩 不到 1 分钟",
    ]


def test_the_reporters_number_is_shown_only_with_a_reason(live: Live) -> None:
    submit(live)
    page = ready(live.open(BOARD))
    phone = live.scene.resident.phone
    page.locator("[data-reveal]").click()
    expect(page.get_by_text(phone)).to_have_count(0)
    page.locator("dialog#ask button[type=submit]").click()
    expect(page.locator(".contact a")).to_have_text(phone)


def test_a_photo_opens_large_and_closes_again(live: Live) -> None:
    photo = live.photo(Role.RES, "lamp_dark")
    submit(live, photo_ids=[photo])
    page = ready(live.open(BOARD))
    page.locator(".photo").click()
    image = page.locator("#viewer img")
    expect(image).to_be_visible()
    page.wait_for_function("document.querySelector('#viewer img').naturalWidth > 300")
    page.keyboard.press("Escape")
    expect(image).not_to_be_visible()


def test_the_hotline_takes_over_and_names_whom_it_spoke_to(live: Live) -> None:
    order_id = submit(live).order_id
    live.scene.do(lambda: orders_desk.to_hotline(order_id, by=live.scene.by(Role.DSP), reason="no_staff"))
    page = ready(live.open(BOARD, Role.HOT))
    page.keyboard.press("a")
    page.locator("dialog [name=spoken_to]").fill("王经理")
    page.keyboard.press("Enter")
    expect(page.locator("[data-action=assign]")).to_be_visible()
    assert status(live, order_id) == "ACCEPTED"


def test_a_lost_network_is_told_and_heals(live: Live) -> None:
    page = ready(live.open(BOARD))
    page.route("**/board/data/**", lambda route: route.abort())
    expect(page.locator("#link-state")).to_contain_text("网络断了", timeout=5000)
    page.unroute("**/board/data/**")
    number = submit(live, menu=Menu.REPORT).number
    expect(page.get_by_text(number).first).to_be_visible(timeout=5000)
    live.watched[-1].console[:] = [each for each in live.watched[-1].console if "ERR_FAILED" not in each]
