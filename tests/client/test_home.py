"""The home page: three large buttons at once, everything else below them, nothing that a place does not offer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.client.crew import Crew
from tests.client.district import (
    DISPATCHER,
    FAMILY_OF_THREE_HOMES,
    NEIGHBOURS,
    NEWCOMER,
    NON_PILOT,
    RESIDENT,
    WORKER,
)
from tests.client.field import api

MENUS = ("服务预约", "公区报事", "应急维修")
SCREENS = [(375, 667, 1), (375, 667, 1.5), (414, 736, 1.5), (320, 568, 1), (320, 568, 1.5)]
AFTER_THEM = ("我的记录", "打电话给物业", "字号:标准", "听一听")
NEIGHBOUR = NEIGHBOURS[0]


def boxes_of(phone):
    """Where the three buttons stand, as they are seen."""
    return [phone.pressable(name).first.bounding_box() for name in MENUS]


@pytest.mark.parametrize(("width", "height", "scale"), SCREENS)
def test_three_large_buttons_stand_on_the_first_screen(phones, width, height, scale):
    wang = phones(RESIDENT, width=width, height=height, scale=scale).open()
    wang.sees("葛布店北里")
    boxes = boxes_of(wang)
    assert all(box["height"] >= 100 and box["width"] >= width - 40 for box in boxes)
    assert all(box["y"] + box["height"] <= height for box in boxes)
    for name in MENUS:
        lines = wang.page.get_by_text(name, exact=True).first.evaluate(
            "node => Math.round(node.getBoundingClientRect().height / parseFloat(getComputedStyle(node).lineHeight))"
        )
        assert lines == 1, name


def test_the_first_screen_holds_nothing_but_what_everybody_needs(phones):
    wang = phones(RESIDENT).open()
    wang.sees("葛布店北里")
    expect(wang.page.locator(".menu:visible")).to_have_count(3)
    seen = [wang.pressable(name).first.bounding_box() for name in AFTER_THEM]
    assert all(box["y"] + box["height"] <= 667 for box in seen)
    below = wang.pressable("我的消息").first.bounding_box()
    assert below["y"] >= 667


@pytest.mark.parametrize("visit", ["the first", "a later one"])
def test_the_buttons_do_not_wait_for_the_network(phones, visit):
    wang = phones(RESIDENT, tolerated=("ERR_FAILED",))
    if visit == "a later one":
        wang.open().sees("葛布店北里")
        wang.close_app()
    unanswered: list[Route] = []
    wang.page.route("**/api/**", lambda route: unanswered.append(route))
    wang.open()
    for name in MENUS:
        expect(wang.pressable(name).first).to_be_visible(timeout=3000)
    if visit == "a later one":
        wang.sees("葛布店北里")
    for route in unanswered:
        route.abort()


def test_an_estate_without_visits_offers_the_public_area_and_says_why(phones):
    phone = phones(NON_PILOT).open()
    phone.sees("还没有开通上门服务")
    expect(phone.pressable("公区报事").first).to_be_visible()
    for name in ("服务预约", "应急维修"):
        expect(phone.page.get_by_text(name, exact=True)).to_have_count(0)
    expect(phone.pressable("打电话给物业")).to_have_count(1)


def test_one_tap_calls_the_office(phones, district):
    number = api(district, RESIDENT).get("/menus?home_id=" + str(home_id(district, RESIDENT)))["office_phone"]
    wang = phones(RESIDENT).open()
    wang.sees("葛布店北里")
    with wang.page.expect_event("request", lambda request: request.url.startswith("tel:")) as asked:
        wang.tap("打电话给物业")
    assert asked.value.url == f"tel:{number}"
    wang.watched.foreign.remove(f"tel:{number}")  # a telephone is no host


def home_id(district, name):
    return api(district, name).get("/me/homes")["items"][0]["home_id"]


def test_the_type_grows_with_one_button_and_stays_so(phones):
    wang = phones(RESIDENT).open()
    sizes = []
    for _ in range(3):
        example = wang.page.get_by_text("漏水、没电", exact=True).first
        sizes.append(example.evaluate("node => parseFloat(getComputedStyle(node).fontSize)"))
        wang.tap("字号")
    assert sizes == [20, 25, 30]
    wang.tap("字号:标准")
    wang.close_app()
    wang.open()
    wang.sees("字号:大")


def test_the_page_is_read_aloud(phones):
    wang = phones(RESIDENT)
    wang.page.add_init_script(
        "window.said = []; Object.defineProperty(window, 'speechSynthesis', {value: "
        "{cancel() {}, speak: (words) => window.said.push(words.text)}})"
    )
    wang.open()
    wang.sees("葛布店北里")
    wang.tap("听一听")
    [said] = wang.page.evaluate("window.said")
    assert "公区报事,楼道、院子里的东西坏了,拍照告诉物业" in said
    wang.tap("别念了")
    wang.sees("听一听")


def test_with_several_homes_another_one_is_a_tap_away(phones):
    liu = phones(FAMILY_OF_THREE_HOMES).open()
    liu.tap("换一套住房")
    options = liu.page.get_by_role("radio")
    expect(options).to_have_count(3)
    wanted = options.nth(2).get_attribute("aria-label")
    assert wanted
    options.nth(2).tap()
    place = wanted.split(",")[0]
    expect(liu.pressable(f"{place},换一套住房").first).to_be_visible()
    liu.close_app()
    liu.open()
    liu.sees(place)


@pytest.mark.parametrize(
    ("who", "way", "place"),
    [(WORKER, "去我的任务", "worker/tasks/tasks"), (DISPATCHER, "去待办工单", "desk/board/board")],
)
def test_who_works_here_has_a_large_button_to_work(phones, who, way, place):
    phone = phones(who).open()
    box = phone.pressable(way).first
    expect(box).to_be_visible()
    assert box.bounding_box()["height"] >= 100
    phone.tap(way)
    phone.arrives_at(place)
    phone.open()
    phone.tap("我也是居民,去报修")
    expect(phone.pressable("公区报事").first).to_be_visible()


def test_a_repaired_order_asks_a_day_later_whether_it_is_mended(phones, district):
    crew = Crew.of(district)
    person = api(district, NEIGHBOUR)
    report = {
        "menu": "EMG",
        "category_code": "H0101",
        "text": "客厅的灯不亮",
        "home_id": home_id(district, NEIGHBOUR),
        "photo_ids": [person.upload(district.draw("lamp_dark", seed=3))],
    }
    order_id = person.post("/orders", report)["order_id"]
    crew.send_somebody(order_id)
    crew.check_in(order_id, "灯座坏了")
    crew.worker.post(f"/orders/{order_id}/start")
    crew.finish(order_id, "换了新灯座,试过亮了")
    phone = phones(NEIGHBOUR).open()
    phone.sees("我的消息")
    phone.sees_no("修好了吗?")
    district.advance("24h", "1m")
    phone.close_app()
    phone.open()
    phone.sees("修好了吗?")
    phone.tap("去回答")
    phone.arrives_at("pages/order/order")


def test_nothing_personal_is_asked_before_the_person_has_agreed(phones, district):
    phone = phones(f"{NEWCOMER}-home").open()
    phone.tap("公区报事")
    phone.arrives_at("pages/sign-in/sign-in")
    phone.tap("同意并继续")
    phone.tap("以后再说")
    phone.arrives_at("pages/report/report")
    phone.sees("拍一张照片")


def test_messages_that_were_not_read_are_counted(phones, district):
    unread = api(district, RESIDENT).get("/messages/unread-count")["unread"]
    wang = phones(RESIDENT).open()
    wang.sees(f"{unread} 条没看" if unread else "没有新消息")


def test_what_has_to_be_known_before_sending_stands_under_the_menus(phones):
    """Nobody comes at night, say, or an emergency period has been declared (domain 3.7)."""
    night = "现在是夜间,一般问题在 明天 08:30 前到现场核实"
    wang = phones(RESIDENT)

    def with_note(route: Route) -> None:
        answer = route.fetch()
        menus = answer.json()
        menus["items"][1]["note"] = night
        route.fulfill(response=answer, json=menus)

    wang.page.route("**/api/v1/menus?*", with_note)
    wang.open().sees(f"公区报事:{night}")
    note = wang.text(night).first.bounding_box()
    assert all(box["y"] + box["height"] <= note["y"] for box in boxes_of(wang))
    wang.tap("公区报事")
    wang.tap("不拍照,直接说")
    wang.tap("小区大门")
    wang.sees(night)
