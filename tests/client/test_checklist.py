"""The large-type checklist on every sight of the client (sights.py), at 320, 375 and 414 px and three sizes of type.

| row | where |
|---|---|
| 1 2 4 5 6 8 9 10 11 14 18 20 | elder_audit.js, `test_a_sight_obeys_the_checklist_at_every_size` |
| 3 | tests/weapp/font_size.mjs |
| 7 16 | axe on every sight; the icons' colours in `test_every_colour_of_the_tokens...` |
| 12 17 19 | deploy/weapp_lint.py; foreign requests are watched on every sight |
| 13 | `test_nobody_is_hurried` |
| 15 | `test_the_client_calls_itself_长辈版` |
| 21 | read by people; the words that must not appear stand in deploy/weapp_lint.py |
| 22 | `test_a_booking_can_be_taken_back_for_ten_minutes` |
| 23 | `test_the_page_reads_itself_aloud_and_falls_silent` |
| 24 25 | `test_a_keyboard_reaches_and_presses_everything` |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client import field
from tests.client.district import NEIGHBOURS, RESIDENT, WORKER, District
from tests.client.gallery import Gallery, audit, axe, enlarge
from tests.client.phone import Phone, Phones
from tests.client.sights import SIGHTS, Orders, Sight, pages

WIDTHS = (320, 375, 414)
AXE_AT = (1, 1.5)
NAMES_THE_SIZE = frozenset({"pages/home/home", "pages/mine/mine", "more/font/font"})
STARTS_ANEW: tuple[tuple[float, tuple[float, ...]], ...] = ((1, (1, 1.25)), (1.5, (1.5,)))
STARTS_ONCE: tuple[tuple[float, tuple[float, ...]], ...] = ((1, (1, 1.25, 1.5)),)
"""A page that says in words which size is chosen is started at the largest; for all others the size is nothing but
the two numbers that `enlarge` sets, which `test_only_these_pages_...` keeps true."""
ROOT = Path(__file__).resolve().parent.parent.parent
APP = ROOT / "miniprogram" / "src" / "App.vue"
TWO_NUMBERS = re.compile(r"--fs:\$\{font\.scale\}(;--fs-title:\$\{Math\.min\(font\.scale, 1\.25\)\})?")
TINY = '<button style="width:20px;height:10px;padding:0;border:0;font-size:18px">'
PUT = """
(html) => {
  const place = document.querySelector('.page')
  place.insertAdjacentHTML('beforeend', html)
  for (const each of place.querySelectorAll('[data-style]')) each.style.cssText = each.dataset.style
}
"""
SPEAKER = """
window.spoken = []
Object.defineProperty(window, 'speechSynthesis', {value: {
  speak: (said) => window.spoken.push(said.text), cancel: () => window.spoken.push(''), getVoices: () => []}})
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } }
"""


@pytest.fixture(scope="module")
def gallery(
    district: District, built_client: Path, phone_browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gallery]:
    phones = Phones(district, phone_browser, tmp_path_factory.mktemp("gallery"))
    yield Gallery(phones, Orders(district))
    phones.close()


def put(phone: Phone, html: str) -> None:
    """Add something to the page; its style is set afterwards, because the content policy refuses written ones."""
    phone.page.evaluate(PUT, html.replace("style=", "data-style="))


def test_every_page_of_the_client_is_a_sight():
    assert sorted({sight.path for sight in SIGHTS}) == sorted(pages())
    assert len({sight.name for sight in SIGHTS}) == len(SIGHTS)


def test_only_these_pages_know_the_size_of_type_but_for_the_two_numbers_in_their_style():
    source = APP.parent
    knowing = {
        each.relative_to(source).with_suffix("").as_posix()
        for each in source.rglob("*.vue")
        if "font.scale" in TWO_NUMBERS.sub("", each.read_text(encoding="utf-8"))
    }
    assert knowing == NAMES_THE_SIZE


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_a_sight_obeys_the_checklist_at_every_size(gallery: Gallery, sight: Sight):
    found: dict[str, list[str]] = {}
    for loaded_at, scales in STARTS_ANEW if sight.path in NAMES_THE_SIZE else STARTS_ONCE:
        phone = gallery.show(sight, loaded_at)
        for scale in scales:
            enlarge(phone, scale)
            if scale in AXE_AT:
                for fault in axe(phone):
                    found.setdefault(fault, []).append(f"axe x{scale}")
            for width in WIDTHS:
                phone.page.set_viewport_size({"width": width, "height": 667})
                for fault in audit(phone, scale, for_elders=sight.for_elders):
                    found.setdefault(fault, []).append(f"{width}x{scale}")
    assert found == {}
    gallery.leave(sight)
    assert gallery.complaints(sight.who) == []


@pytest.mark.parametrize(
    ("html", "row"),
    [
        ('<p style="font:17px/2 sans-serif">小字</p>', "[1]"),
        ('<p class="body" style="font:24px/2 sans-serif">不够大</p>', "[2]"),
        ('<p style="font:20px/2 serif">衬线</p>', "[4]"),
        ('<p style="font:20px/1.1 sans-serif">太挤</p>', "[5]"),
        ('<p class="para">一</p><p class="para" style="margin-top:0">二</p>', "[6]"),
        ('<div role="alert" style="font:20px/2 sans-serif">坏了</div>', "[8]"),
        (
            '<div role="radio" aria-checked="true" style="font:20px/2 sans-serif;padding:40px">红的</div>',
            "[8]",
        ),
        ('<p style="font:20px/2 sans-serif">请输入验证码</p>', "[9]"),
        ('<div role="button" style="font:20px/1.5 sans-serif;width:60px;height:40px">小</div>', "[10]"),
        ('<p style="font:20px/2 sans-serif">立即下载</p>', "[18]"),
        ('<p style="font:20px/2 sans-serif;width:2000px">长</p>', "[20]"),
        ('<p style="font:20px/2 sans-serif;height:10px;overflow:hidden">切掉</p>', "[20]"),
        ('<p style="font:20px/2 sans-serif;width:70px">服务预约</p>', "[20]"),
        ('<p class="h2" style="font:30px/2 sans-serif;width:70px">到场签到</p>', "[20]"),
        ('<p style="font:30px/1.5 sans-serif;position:absolute;top:80px">压住</p>', "[20]"),
        ('<div role="alertdialog" style="font:20px/2 sans-serif">没有按钮</div>', "[14]"),
    ],
)
def test_the_audit_sees_what_is_wrong(phones, html, row):
    phone = phones(RESIDENT, scale=1.5).open("more/font/font")
    phone.settles()
    assert audit(phone, 1.5) == []
    put(phone, html)
    assert any(fault.startswith(row) for fault in audit(phone, 1.5)), audit(phone, 1.5)


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ('<p style="color:#aaa;background:#fff">浅灰的字</p>', "color-contrast"),
        ("<input>", "label"),
        ("<img>", "image-alt"),
        (
            '<div><button style="width:9px;height:9px;padding:0;border:0" aria-label="左"></button>'
            '<button style="width:9px;height:9px;padding:0;border:0" aria-label="右"></button></div>',
            "target-size",
        ),
        ('<div role="button" aria-label="别的">名字</div>', "label-content-name-mismatch"),
    ],
)
def test_axe_sees_what_is_wrong(phones, html, rule):
    phone = phones(RESIDENT).open("more/font/font")
    phone.settles()
    assert axe(phone) == []
    put(phone, html)
    assert any(rule in fault for fault in axe(phone)), axe(phone)


def test_every_colour_of_the_tokens_is_told_from_its_ground():
    """Row 7: 4.5 : 1 for text and for icons, by the formula of WCAG."""
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", APP.read_text(encoding="utf-8")))
    for ground in ("ground", "card"):
        for ink in ("ink", "ink-2", "booking", "report", "emergency", "ok", "warn", "late", "paused"):
            assert contrast(tokens[ink], tokens[ground]) >= 4.5, (ink, ground)
    for menu in ("booking", "report", "emergency"):
        assert contrast("#ffffff", tokens[menu]) >= 4.5, menu


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_nobody_is_hurried(phones, district):
    """Row 13: half an hour later a half-filled form is as it was, and nothing has closed or opened by itself."""
    phone = phones(RESIDENT, moved_clock=False)
    phone.page.clock.install(time=district.now())
    phone.open("pages/report/report")
    phone.tap("不拍照,直接说")
    phone.tap("小区大门")
    phone.tap("也可以写几个字")
    phone.type("写几个字", "灯一闪一闪的")
    before = (phone.page.url, words(phone), phone.page.locator("textarea").input_value())
    phone.page.clock.fast_forward("30:00")
    phone.settles()
    assert (phone.page.url, words(phone), phone.page.locator("textarea").input_value()) == before


def words(phone) -> str:
    return str(phone.page.locator(".page").filter(visible=True).inner_text())


def test_the_client_calls_itself_长辈版(phones):
    """Row 15."""
    phone = phones(RESIDENT).open()
    phone.settles()
    assert "长辈版" in phone.page.title()
    phone.sees("安居 长辈版")


def test_a_booking_can_be_taken_back_for_ten_minutes(phones, district):
    """Row 22."""
    booker = field.api(district, NEIGHBOURS[5])
    home = booker.get("/me/homes")["items"][0]["home_id"]
    slot = next(each for each in reversed(booker.get("/slots", home_id=home)["items"]) if each["free"])
    body = {
        "menu": "APT",
        "category_code": "H0101",
        "home_id": home,
        "slot_id": slot["id"],
        "text": "吸顶灯不亮",
    }
    order_id = booker.post("/orders", body)["order_id"]
    district.advance("10m")
    phone = phones(NEIGHBOURS[5]).open("pages/order/order", id=order_id)
    phone.tap("取消")
    phone.tap("取消", exact=True) if phone.pressable("取消", exact=True).count() else None
    phone.settles()
    assert phone.page.get_by_role("alertdialog").is_visible()


def test_the_page_reads_itself_aloud_and_falls_silent(phones):
    """Row 23."""
    phone = phones(RESIDENT)
    phone.context.add_init_script(SPEAKER)
    phone.open()
    phone.settles()
    phone.tap("听一听")
    spoken = phone.page.evaluate("window.spoken.filter(Boolean)")
    assert len(spoken) == 1
    assert all(menu in spoken[0] for menu in ("服务预约", "公区报事", "应急维修"))
    phone.tap("别念了")
    assert phone.page.evaluate("window.spoken.at(-1)") == ""
    assert len(phone.page.evaluate("window.spoken.filter(Boolean)")) == 1


@pytest.mark.parametrize("who", [RESIDENT, WORKER])
def test_a_keyboard_reaches_and_presses_everything(phones, who):
    """Rows 24 and 25."""
    phone = phones(who).open()
    phone.settles()
    pressable = phone.page.evaluate(
        "[...document.querySelectorAll('[role=button],[role=link]')].filter((each) => each.checkVisibility()).length"
    )
    reached = set()
    for _ in range(pressable + 3):
        phone.page.keyboard.press("Tab")
        name, width = phone.page.evaluate(
            "(() => { const one = document.activeElement;"
            " return [one.innerText, parseFloat(getComputedStyle(one).outlineWidth)] })()"
        )
        if name and name != words(phone):
            assert width >= 3, name
            reached.add(name)
    assert len(reached) >= pressable
    first = phone.page.locator("[role=button]").filter(visible=True).first
    first.focus()
    before = phone.page.url
    phone.page.keyboard.press("Enter")
    phone.page.wait_for_url(lambda url: url != before)
