"""公区报事 in three taps: photo, place, send; words, voice and category only if wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from tests.client.district import NEWCOMER, RESIDENT
from tests.client.field import api, spot_code
from tests.client.reporting import ONE, REPORT, SENT, THREE, TWO, at_send, orders, send_anyway


@dataclass
class Taps:
    """Every touch of a button, as the page hears it."""

    page: object
    script: str = field(
        default="window.taps = []; document.addEventListener('click', (event) => {"
        " const one = event.target.closest('[role=button],[role=radio]');"
        " if (one) window.taps.push(one.innerText.split('\\n')[0]) }, true)"
    )

    def begin(self):
        self.page.evaluate(self.script)

    @property
    def all(self):
        return self.page.evaluate("window.taps")


def test_from_the_photo_to_the_promise_there_are_two_taps(phones, district):
    phone = phones(ONE).open()
    phone.sees("葛布店北里")
    taps = Taps(phone.page)
    taps.begin()
    phone.tap("公区报事")
    phone.photograph("拍照")
    phone.tap("您家楼道")
    phone.tap("发送")
    phone.arrives_at(SENT)
    assert len(taps.all[taps.all.index("拍照") + 1 :]) <= 3
    assert len(taps.all) == 4
    phone.sees("已收到")
    [newest, *_] = orders(district, ONE)
    assert (newest["menu"], newest["category_code"], bool(newest["thumb"])) == ("PUB", "G9901", True)
    assert newest["place"].endswith("单元楼道")


def test_the_promise_card_says_who_answers_when_and_what_follows(phones, district):
    phone = at_send(phones(ONE), "小区大门")
    send_anyway(phone)
    phone.arrives_at(SENT)
    [newest, *_] = orders(district, ONE)
    phone.sees(newest["number"])
    said = phone.page.locator(".promise").inner_text()
    assert re.search(r"小区物业 \d\d:\d\d 前答复您", said)
    assert "过时自动转 962121 热线,热线会联系您" in said
    assert re.search(r"师傅 今天 \d\d:\d\d 前到现场", said)
    assert re.search(r"\d+月\d+日 \d\d:\d\d 前修好", said)
    phone.tap("看进展")
    phone.arrives_at("pages/order/order")


def test_the_category_is_guessed_from_the_words_and_can_be_changed(phones, district):
    phone = at_send(phones(TWO), "小区大门")
    phone.tap("也可以写几个字")
    phone.type("写几个字", "门口的摄像头歪了")
    phone.sees("我们猜是:监控故障")
    phone.tap("我们猜是:监控故障")
    phone.tap("门、门禁、监控")
    phone.tap("道闸/车行门故障")
    phone.sees("您选的:道闸/车行门故障")
    send_anyway(phone)
    phone.arrives_at(SENT)
    [newest, *_] = orders(district, TWO)
    assert (newest["category_code"], newest["text"]) == ("G0302", "门口的摄像头歪了")


def test_the_place_alone_can_say_what_it_is(phones):
    phone = at_send(phones(TWO), "垃圾分类点")
    phone.sees("我们猜是:垃圾满溢/分类点")


def test_words_that_are_spoken_go_along_and_can_be_heard_and_deleted_before(phones, district):
    phone = at_send(phones(THREE), "消防通道")
    phone.tap("按住说话")
    phone.sees("正在录音 2 秒")
    phone.tap("正在录音")
    phone.sees("已录好")
    phone.tap("听一听录音")
    phone.sees("停下")
    phone.tap("停下")
    phone.tap("删除录音")
    phone.sees("按住说话")
    hold(phone, "按住说话", ms=1200)
    phone.sees("已录好 1 秒")
    send_anyway(phone)
    phone.arrives_at(SENT)
    [newest, *_] = orders(district, THREE)
    [voice] = api(district, THREE).get(f"/orders/{newest['id']}")["voices"]
    assert 500 <= voice["duration_ms"] <= 3000


def hold(phone, name, *, ms):
    """A finger that stays on the button."""
    box = phone.pressable(name).first.bounding_box()
    finger = phone.context.new_cdp_session(phone.page)
    point = {"x": box["x"] + 40, "y": box["y"] + 20}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    phone.page.wait_for_timeout(ms)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_words_alone_are_enough_and_nothing_at_all_is_not(phones, district):
    phone = phones(THREE).open(REPORT)
    phone.tap("不拍照,直接说")
    phone.tap("都不是,自己写")
    phone.type("写一写在哪里", "2号楼前的花坛")
    phone.tap("就在这里")
    phone.tap("发送", exact=True)
    phone.sees("错误:请拍一张照片、说一段话,或用几个字写明情况")
    phone.tap("也可以写几个字")
    phone.type("写几个字", "花坛的边裂开了")
    send_anyway(phone)
    phone.arrives_at(SENT)
    [newest, *_] = orders(district, THREE)
    assert (newest["place"], newest["text"]) == ("2号楼前的花坛", "花坛的边裂开了")


def test_a_neighbour_who_was_first_is_joined_with_one_tap(phones, district):
    first = at_send(phones(TWO), "垃圾分类点")
    first.sees("我们猜是:垃圾满溢/分类点")
    send_anyway(first)
    first.arrives_at(SENT)
    [reported, *_] = orders(district, TWO)
    before = len(orders(district, THREE))
    phone = at_send(phones(THREE), "垃圾分类点")
    phone.sees("我们猜是:垃圾满溢/分类点")
    phone.tap("发送", exact=True)
    phone.sees("户反映")
    phone.tap("我也遇到")
    phone.arrives_at("more/followed/followed")
    phone.sees(reported["number"])
    assert len(orders(district, THREE)) == before
    assert api(district, TWO).get(f"/orders/{reported['id']}")["also_reported"] == 1
    phone.open(REPORT)
    phone.sees("拍一张照片")
    again = at_send(phones(TWO), "垃圾分类点")
    again.sees("我们猜是:垃圾满溢/分类点")
    again.tap("发送", exact=True)
    again.sees("这件事您已经报过")
    again.tap("看进展")
    again.arrives_at("pages/order/order")


def test_danger_shows_how_to_stay_safe_before_it_is_sent(phones, district):
    phone = at_send(phones(ONE), "中心路")
    phone.tap("也可以写几个字")
    phone.type("写几个字", "路中间的井盖没了")
    phone.sees("我们猜是:井盖缺失/破损")
    phone.tap("发送", exact=True)
    phone.sees("井盖没了")
    expect(phone.pressable("打火警 119").first).to_be_visible()
    phone.tap("我安全了,继续报修")
    send_anyway(phone)
    phone.arrives_at(SENT)
    [newest, *_] = orders(district, ONE)
    assert (newest["urgency"], newest["hazardous"]) == ("P0", True)


def test_the_sign_opens_the_report_in_a_browser_and_waits_for_signing_in(phones, district):
    phone = phones()
    phone.page.goto(f"{district.client}?spot={spot_code(district, inside=True)}")
    phone.arrives_at("pages/sign-in/sign-in")
    phone.tap("居民(葛布店北里,大字版)")
    phone.arrives_at(REPORT)
    phone.photograph("拍照")
    phone.tap("下一步")
    phone.sees("在:")
    phone.back()
    phone.sees("葛布店北里")
    assert "spot=" not in phone.page.url


def test_the_sign_on_the_wall_names_the_place_also_elsewhere(phones, district):
    code = spot_code(district, inside=False)
    phone = phones(RESIDENT).open(REPORT, spot=code)
    phone.photograph("拍照", kind="lift_panel")
    phone.tap("下一步")
    phone.sees("在:")
    send_anyway(phone)
    phone.arrives_at(SENT)
    [newest, *_] = orders(district, RESIDENT)
    assert not newest["estate"].startswith("葛布店北里")


def test_who_has_no_home_yet_can_report_at_a_sign(phones, district):
    newcomer = f"{NEWCOMER}-sign-code"
    person = api(district, newcomer)
    version = person.get("/me")["privacy_version"]
    person.post("/me/consents", {"document": "privacy", "version": version, "agreed": True})
    phone = phones(newcomer).open(REPORT)
    phone.photograph("拍照")
    phone.sees("您还没有关联住房")
    phone.tap("都不是,自己写")
    phone.type("或者写墙上点位牌的编号", "没有这个码")
    phone.tap("用这个编号")
    phone.sees("没有认出这个编号")
    phone.type("或者写墙上点位牌的编号", spot_code(district, inside=False))
    phone.tap("用这个编号")
    send_anyway(phone)
    phone.arrives_at(SENT)
    assert len(orders(district, newcomer)) == 1


@pytest.mark.parametrize(("width", "scale"), [(320, 1), (320, 1.5), (375, 1.5), (414, 1)])
def test_nothing_is_cut_on_the_way(phones, width, scale):
    phone = phones(TWO, width=width, scale=scale).open(REPORT)
    fits(phone)
    phone.photograph("拍照")
    phone.sees("在哪里?")
    fits(phone)
    phone.tap("小区大门")
    phone.sees("发送")
    fits(phone)
    phone.tap("现场有危险")
    phone.tap("不报了,清空")
    fits(phone)
    phone.tap("清空", exact=True)


def fits(phone):
    """No sideways scrolling, and no text wider than its box."""
    assert phone.page.evaluate(TOO_WIDE) == []


TOO_WIDE = """() => [...document.querySelectorAll('uni-page-body *')]
  .filter((node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== 'inline')
  .filter((node) => node.clientWidth && node.closest('.anju-dialog,.page'))
  .map((node) => node.className + ':' + node.innerText)"""
