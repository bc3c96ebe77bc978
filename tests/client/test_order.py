"""报修进展: an order followed, urged, cancelled, reopened, put off and chosen anew, as its reporter does it."""

from __future__ import annotations

import math
import struct
import wave
from datetime import datetime
from io import BytesIO
from secrets import token_urlsafe
from typing import Any

from playwright.sync_api import expect

from tests.client.crew import Crew, order_of
from tests.client.district import NEIGHBOURS, SECOND_WORKER, District
from tests.journeys.product import ApiClient

LAMP, TAP = "G0201", "H0201"


def home_of(api: ApiClient) -> dict[str, Any]:
    return next(each for each in api.get("/me/homes")["items"] if each["status"] == "active")


def reported(api: ApiClient, *, menu: str = "PUB", category: str = LAMP, **more: Any) -> int:
    """The id of an order that this person has just sent."""
    home = home_of(api)
    body: dict[str, Any] = {"menu": menu, "category_code": category, "text": "楼道灯不亮,晚上看不见"}
    if menu == "EMG":
        body["home_id"] = home["home_id"]
    else:
        body |= {"estate_id": home["estate_id"], "place_note": "3号楼一层楼道"}
    return int(api.post("/orders", {**body, **more})["order_id"])


def mended(district: District, order_id: int) -> Crew:
    crew = Crew.of(district)
    crew.send_somebody(order_id)
    crew.check_in(order_id, "灯管烧坏,线路完好")
    crew.finish(order_id, "已换灯管,亮了")
    return crew


def actions(api: ApiClient, order_id: int) -> list[str]:
    return [each["action"] for each in api.get(f"/orders/{order_id}")["actions"]]


def test_z2_a_loose_tile_is_secured_within_half_an_hour_and_mended_on_time(phones, district):
    api, crew = district.api(NEIGHBOURS[0]), Crew.of(district)
    phone = phones(NEIGHBOURS[0]).open()
    phone.tap("公区报事")
    phone.photograph("拍照", kind="tile_loose")
    phone.tap("您家楼道")
    phone.tap("也可以写几个字")
    phone.type("写几个字", "电梯厅地砖松动,容易绊倒")
    phone.sees("我们猜是:电梯厅地砖")
    phone.tap("现场有危险")
    phone.tap("发送", exact=True)
    phone.arrives_at("pages/sent/sent")
    phone.tap("看进展")
    phone.arrives_at("pages/order/order")
    phone.sees("小区物业")
    order_id = order_of(api, category="电梯厅地砖松动起翘")["id"]
    crew.send_somebody(order_id)
    phone.sees(f"{crew.title}已在路上", within_s=15)
    district.advance("15m", "10m", "1m", "1m", "1m")
    crew.check_in(order_id, "地砖松动,已放警示牌", danger=True, before="tile_loose")
    phone.sees("地砖松动,已放警示牌", within_s=15)
    phone.sees("放好的警示牌")
    phone.sees_no("⚠")
    district.advance("4h", "4h", "4h", "4h", "4h")
    crew.finish(order_id, "已重新铺好地砖", after="tile_fixed")
    phone.sees("已重新铺好地砖", within_s=15)
    phone.sees_no("⚠")
    promises = api.get(f"/orders/{order_id}")["promises"]
    assert not any(each["breached"] for each in promises)


def test_after_a_day_the_page_asks_whether_it_is_mended_and_no_reopens_the_same_order(phones, district):
    api = district.api(NEIGHBOURS[1])
    order_id = reported(api)
    crew = mended(district, order_id)
    district.advance("24h")
    phone = phones(NEIGHBOURS[1])
    phone.open("pages/order/order", id=order_id)
    phone.sees("修好了吗?", within_s=20)
    phone.tap("没修好")
    phone.arrives_at("pages/reopen/reopen")
    phone.sees("还差两样")
    phone.tap("好了一阵又坏了")
    phone.photograph("拍照", kind="lamp_dark")
    phone.type("再说几句", "今天又不亮了")
    phone.tap("请师傅再来")
    phone.arrives_at("pages/order/order")
    phone.sees("您说没修好,正在重新处理", within_s=15)
    phone.sees("再到现场")
    crew.check_in(order_id, "镇流器坏了")
    crew.finish(order_id, "已换镇流器")
    phone.sees("已换镇流器", within_s=15)
    phone.tap("确认修好了")
    phone.sees("已办结,谢谢您")
    shown = api.get(f"/orders/{order_id}")
    assert (shown["status"], shown["round"]) == ("CLOSED", 1)


def test_one_tap_says_that_it_is_mended(phones, district):
    api = district.api(NEIGHBOURS[2])
    order_id = reported(api)
    mended(district, order_id)
    district.advance("24h")
    phone = phones(NEIGHBOURS[2])
    phone.open()
    phone.tap("去回答")
    phone.arrives_at("pages/order/order")
    phone.tap("修好了", exact=True)
    phone.sees("已办结,谢谢您")
    assert api.get(f"/orders/{order_id}")["status"] == "CLOSED"


def test_z7_nobody_is_home_a_new_time_is_chosen_and_the_tap_mended_then(phones, district):
    api, crew = district.api(NEIGHBOURS[3]), Crew.of(district, SECOND_WORKER)
    order_id = reported(api, menu="EMG", category=TAP, text="厨房水龙头一直滴水")
    crew.send_somebody(order_id)
    crew.check_in(order_id, "敲门没人应", before="tap_dripping")
    crew.find_nobody_home(order_id)
    phone = phones(NEIGHBOURS[3])
    phone.open("pages/order/order", id=order_id)
    phone.sees("请选一个新的上门时间")
    times = phone.page.get_by_role("radiogroup", name="新的上门时间").get_by_role("radio")
    expect(times).to_have_count(3)
    phone.tap("这些都不方便,看更晚的")
    expect(times).to_have_count(6)
    offered = api.get(f"/orders/{order_id}")["hold"]["slots"][1]
    times.nth(1).tap()
    phone.tap("就约")
    phone.sees("已约好新的时间,请家里留人")
    assert api.get(f"/orders/{order_id}")["hold"]["agreed"]["begins_at"] == offered["begins_at"]
    wait_until(district, offered["begins_at"])
    district.wait_for(lambda: api.get(f"/orders/{order_id}")["status"] == "WORKING", what="the agreed time")
    phone.sees(f"{crew.title}正在处理", within_s=15)  # a command has led to the top: it comes by itself
    crew.finish(order_id, "已换龙头,不滴水了", after="tap_fixed")
    phone.sees("已换龙头,不滴水了", within_s=15)
    phone.tap("评价", exact=True)
    phone.tap("很好")
    phone.tap("提交评价")
    phone.sees("已办结", within_s=15)


def wait_until(district: District, instant: str) -> None:
    """Let the time pass; a few hours more do no harm."""
    hours = (datetime.fromisoformat(instant) - district.now()).total_seconds() / 3600
    district.advance(*["4h"] * (int(hours / 4) + 1))


def test_only_the_buttons_that_the_server_names_are_there(phones, district):
    api = district.api(NEIGHBOURS[4])
    order_id = reported(api)
    phone = phones(NEIGHBOURS[4])
    phone.open("pages/order/order", id=order_id)
    phone.sees("等小区物业接单")
    assert set(actions(api, order_id)) == {"cancel", "urge", "add_photos"}
    for there in ("催办", "补充照片", "取消这次报修"):
        expect(phone.pressable(there)).to_be_visible()
    for absent in ("确认修好了", "没修好", "评价"):
        expect(phone.pressable(absent)).to_have_count(0)
    phone.tap("催办")
    phone.sees("已替您催办")
    expect(phone.pressable("催办")).to_have_count(0)


def test_cancelling_wants_a_reason_and_can_be_thought_over(phones, district):
    api = district.api(NEIGHBOURS[4])
    order_id = reported(api)
    phone = phones(NEIGHBOURS[4])
    phone.open("pages/order/order", id=order_id)
    phone.tap("取消这次报修")
    dialog = phone.page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    expect(phone.pressable("确认取消")).to_have_count(0)
    phone.tap("不取消了")
    expect(dialog).to_have_count(0)
    phone.tap("取消这次报修")
    phone.tap("自己修好了")
    phone.tap("确认取消")
    phone.sees("您已取消")
    assert api.get(f"/orders/{order_id}")["status"] == "CANCELLED"


def test_a_late_visit_is_told_in_one_sentence(phones, district):
    api = district.api(NEIGHBOURS[5])
    order_id = reported(api)
    Crew.of(district).desk.post(f"/orders/{order_id}/accept")
    district.advance("15m", "15m", "1m")
    district.wait_for(lambda: api.get(f"/orders/{order_id}")["late"], what="the breach")
    phone = phones(NEIGHBOURS[5])
    phone.open("pages/order/order", id=order_id)
    phone.sees("已超过 30 分钟,师傅还没有到,已通知物业经理,他会联系您")


def test_news_do_not_pull_the_page_from_under_who_reads_further_down(phones, district):
    api, crew = district.api(NEIGHBOURS[6]), Crew.of(district)
    order_id = reported(api)
    phone = phones(NEIGHBOURS[6])
    phone.open("pages/order/order", id=order_id)
    phone.sees("等小区物业接单")
    phone.page.evaluate("window.scrollTo(0, 400)")
    phone.page.wait_for_timeout(300)
    crew.send_somebody(order_id)
    expect(phone.pressable("有新进展,点这里看")).to_be_visible(timeout=15_000)
    assert phone.page.evaluate("window.scrollY") == 400
    phone.sees_no("已在路上")
    phone.tap("有新进展,点这里看")
    phone.sees(f"{crew.title}已在路上")
    assert phone.page.evaluate("window.scrollY") < 100


def test_urging_without_a_network_is_kept_and_done_once(phones, district):
    api = district.api(NEIGHBOURS[6])
    order_id = reported(api)
    phone = phones(NEIGHBOURS[6])
    phone.open("pages/order/order", id=order_id)
    phone.sees("等小区物业接单")
    with phone.offline():
        phone.tap("催办")
        phone.sees("已替您保存,联网后自动发送")
    district.wait_for(lambda: "urge" not in actions(api, order_id), what="the urge")
    told = api.get(f"/orders/{order_id}/timeline")["items"]
    assert [each["action"] for each in told].count("urge") == 1


def test_photos_are_added_and_a_recording_is_heard(phones, district):
    api = district.api(NEIGHBOURS[7])
    order_id = reported(api, text="", voice_id=spoken(api))
    phone = phones(NEIGHBOURS[7])
    phone.open("pages/order/order", id=order_id)
    phone.tap("听您说的话(1 秒)")
    phone.sees("正在放,点一下停")
    expect(phone.pressable("听您说的话(1 秒)")).to_be_visible(timeout=10_000)
    phone.tap("补充照片")
    phone.photograph("拍照", kind="lamp_dark")
    phone.tap("发送这些照片")
    phone.sees("照片已补充,谢谢您")
    phone.tap("看大图:修之前")
    expect(phone.page.get_by_role("dialog")).to_be_visible()
    phone.tap("关上照片")
    expect(phone.page.get_by_role("dialog")).to_have_count(0)


def spoken(api: ApiClient) -> int:
    """A second of a tone, uploaded as a recording."""
    out = BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        tone = (int(9000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(8000))
        sound.writeframes(b"".join(struct.pack("<h", each) for each in tone))
    answer = api.http.post(
        f"{api.product.base}/api/v1/voices",
        files={"voice": ("v.wav", out.getvalue(), "audio/wav")},
        headers={"Idempotency-Key": token_urlsafe(16)},
        timeout=20,
    )
    return int(api._checked(answer)["id"])


def test_somebody_elses_order_is_not_there(phones, district):
    order_id = reported(district.api(NEIGHBOURS[0]))
    phone = phones(NEIGHBOURS[7], tolerated=("status of 404",))
    phone.open("pages/order/order", id=order_id)
    phone.sees("没有找到这张工单")
