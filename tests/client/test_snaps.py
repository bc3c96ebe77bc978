"""随手拍: praise, a suggestion, a problem - sent, answered within ten days, rated; what the office does with it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.client.district import DISPATCHER, MANAGER, NEIGHBOURS, District
from tests.client.field import api
from tests.client.phone import Phone
from tests.client.sight_orders import GATE_CODE, RUBBISH

TELL, SENT = "more/tell/tell", "pages/sent/sent"
SNAPS, SNAP = "more/snaps/snaps", "more/snap/snap"
DESK_SNAPS, DESK_SNAP, FORM = "desk/snaps/snaps", "desk/snap/snap", "desk/form/form"
ONE, TWO, THREE = NEIGHBOURS[1], NEIGHBOURS[2], NEIGHBOURS[5]


def sent(district: District, who: str, **values) -> int:
    """A problem at the gate, unless told otherwise."""
    phone = api(district, who)
    body = {**RUBBISH, "spot_code": GATE_CODE, **values}
    if body["kind"] == "PROBLEM":
        body["photo_ids"] = [phone.upload(district.draw("site_generic", seed=3))]
    return int(phone.post("/snaps", body)["snap_id"])


def newest(district: District, who: str):
    return api(district, who).get("/snaps")["items"][0]


def shown(district: District, who: str, snap_id: int):
    return api(district, who).get(f"/snaps/{snap_id}")


def answered(district: District) -> int:
    """One that its sender has an answer to."""
    snap_id = sent(district, ONE)
    answer(district, snap_id)
    return snap_id


def answer(district: District, snap_id: int, text: str = "已清运,以后每天两次") -> None:
    manager = api(district, MANAGER)
    manager.post(f"/snaps/{snap_id}/open")
    manager.post(f"/snaps/{snap_id}/reply", {"text": text})


@pytest.fixture
def manager(phones) -> Phone:
    return phones(MANAGER, tolerated=("status of 404",))


def test_five_ways_to_be_heard_are_at_most_two_taps_from_home(phones):
    """S0-36: a repair, a report, 随手拍; a complaint and a question about fees go by telephone."""
    phone = phones(ONE).open()
    for one_tap in ("服务预约", "公区报事", "应急维修", "随手拍"):
        phone.tap(one_tap)
        phone.sees_no("我的消息")
        phone.open()
    phone.tap("随手拍")
    phone.arrives_at(TELL)
    for second_tap in ("表扬", "建议", "反映问题", "问物业费", "投诉物业"):
        expect(phone.pressable(second_tap).first).to_be_visible()


def test_a_problem_needs_a_photo_and_is_promised_an_answer_by_a_day(phones, district):
    phone = phones(ONE).open()
    phone.tap("随手拍")
    phone.tap("反映问题")
    phone.tap("环境卫生")
    phone.sees("拍一张照片")
    assert phone.pressable("下一步").count() == 0
    phone.photograph("拍照")
    phone.sees("在哪里?")
    phone.tap("小区大门")
    phone.tap("发送", exact=True)
    phone.sees("错误:请写几个字,至少两个字")
    phone.type("是怎么回事?", "垃圾桶满了两天没有清")
    phone.tap("发送", exact=True)
    phone.arrives_at(SENT)
    said = newest(district, ONE)
    assert (said["kind"], said["topic"], bool(said["thumb"])) == ("PROBLEM", "CLEAN", True)
    phone.sees(said["number"])
    card = phone.page.locator(".promise").inner_text()
    assert "物业最晚" in card and "答复您" in card
    phone.tap("看进展")
    phone.arrives_at(SNAP)
    phone.sees("未接收")
    phone.sees(",还剩 ")
    phone.sees("垃圾桶满了两天没有清")


def test_praise_needs_neither_photo_nor_place(phones, district):
    phone = phones(TWO).open(TELL)
    phone.tap("表扬")
    phone.tap("客服接待")
    phone.sees("照片:没有")
    phone.sees("在:葛布店北里")
    phone.type("您想夸谁,夸什么?", "前台李姐很耐心")
    phone.tap("发送", exact=True)
    phone.arrives_at(SENT)
    said = newest(district, TWO)
    assert (said["kind_label"], said["topic_label"], said["text"]) == ("表扬", "客服接待", "前台李姐很耐心")
    phone.open("pages/orders/orders")
    phone.tap("我的随手拍")
    phone.arrives_at(SNAPS)
    phone.sees("表扬:客服接待")


def test_without_a_network_nothing_is_lost_and_it_is_sent_once(phones, district):
    before = len(api(district, THREE).get("/snaps")["items"])
    phone = phones(THREE).open(TELL)
    phone.tap("建议")
    phone.tap("绿化养护")
    phone.type("您有什么建议?", "门口种两棵桂花")
    phone.close_app()
    phone.open(TELL).sees("建议:绿化养护")
    phone.settles()
    with phone.offline():
        phone.tap("发送", exact=True)
        phone.sees("联网后自动发送")
    phone.sees("已收到", within_s=30)
    items = api(district, THREE).get("/snaps")["items"]
    assert [len(items) - before, items[0]["text"]] == [1, "门口种两棵桂花"]


def test_who_gives_up_leaves_no_draft(phones):
    phone = phones(THREE).open(TELL)
    phone.tap("建议")
    phone.tap("停车管理")
    phone.type("您有什么建议?", "多画两个车位")
    phone.tap("不说了,清空")
    phone.tap("清空", exact=True)
    phone.sees("服务预约")
    phone.open(TELL).sees("您想说什么?")
    assert phone.stored("draft.tell") in (None, {})


def test_who_says_that_it_is_not_solved_asks_once_more(phones, district):
    snap_id = answered(district)
    phone = phones(ONE).open(SNAP, id=snap_id)
    phone.tap("没解决,再问一次")
    phone.type("您想再问的话", "今天又满了")
    phone.tap("发给物业")
    phone.sees("已转给物业,有答复会告诉您")
    phone.sees("您又问的")
    assert phone.pressable("没解决,再问一次").count() == 0
    said = shown(district, ONE, snap_id)
    assert (said["status"], said["question"]["text"]) == ("ASKED", "今天又满了")


def test_the_answer_is_read_and_rated_once(phones, district):
    snap_id = answered(district)
    phone = phones(ONE).open(SNAPS)
    phone.sees("请您评价物业的答复")
    phone.open(SNAP, id=snap_id)
    phone.sees("物业的答复")
    phone.sees("已清运,以后每天两次")
    phone.tap("解决了")
    phone.tap("满意,")
    phone.type("还想说几句", "谢谢")
    phone.tap("提交评价")
    phone.sees("已收到您的评价,谢谢您")
    phone.sees("您的评价:满意")
    assert phone.pressable("提交评价").count() == 0
    said = shown(district, ONE, snap_id)
    assert (said["status"], said["stars"], said["rating_text"]) == ("CLOSED", 4, "谢谢")


def test_a_rating_without_a_network_is_kept_and_arrives(phones, district):
    snap_id = answered(district)
    phone = phones(ONE).open(SNAP, id=snap_id)
    phone.tap("解决了")
    phone.tap("很好")
    with phone.offline():
        phone.tap("提交评价")
        phone.sees("网络不好,已替您保存,联网后自动发送")
        assert phone.pressable("提交评价").count() == 0
    district.wait_for(lambda: shown(district, ONE, snap_id)["stars"] == 5, what="the kept rating")


def test_a_message_about_the_answer_leads_to_it(phones, district):
    snap_id = sent(district, TWO)
    answer(district, snap_id, "以后每天清两次垃圾")
    inbox = api(district, TWO)
    district.wait_for(lambda: any("有回复了" in each["body"] for each in inbox.get("/messages")["items"]))
    phone = phones(TWO).open("pages/messages/messages")
    phone.tap("以后每天清两次垃圾")
    phone.arrives_at(SNAP)
    phone.sees("物业的答复")


def test_opening_the_page_takes_it_over_and_the_list_alone_does_not(manager, district):
    snap_id = sent(district, ONE, text="凉亭的座椅上都是灰")
    manager.open("desk/board/board")
    manager.tap("随手拍")
    manager.arrives_at(DESK_SNAPS)
    manager.sees("反映问题:环境卫生")
    manager.settles()
    assert shown(district, ONE, snap_id)["status"] == "SUBMITTED"
    manager.open(DESK_SNAP, id=snap_id)
    manager.sees("已接收")
    district.wait_for(lambda: shown(district, ONE, snap_id)["status"] == "ACCEPTED")


def test_the_manager_answers_with_a_photo(manager, district):
    snap_id = sent(district, ONE, text="南门口的灯箱脏了")
    manager.open(DESK_SNAP, id=snap_id)
    manager.tap("回复")
    manager.arrives_at(FORM)
    manager.sees("南门口的灯箱脏了")
    manager.tap("发给居民")
    manager.sees("“您的答复”请写 2 个字以上")
    manager.tap("已处理好,请您看一看")
    manager.photograph("拍照片", kind="site_generic")
    manager.tap("发给居民")
    manager.arrives_at(DESK_SNAP)
    manager.sees("我们的答复")
    said = shown(district, ONE, snap_id)
    assert (said["status"], said["reply"]["text"]) == ("ANSWERED", "已处理好,请您看一看")
    assert [photo["step"] for photo in said["photos"]].count("reply") == 1


def test_what_is_not_taken_goes_to_the_hotline_with_a_reason(phones, manager, district):
    snap_id = sent(district, TWO)
    manager.open(DESK_SNAP, id=snap_id)
    manager.tap("不接收")
    manager.tap("不接收,转热线")
    manager.sees("错误:请选一项,或写 2 个字以上")
    manager.tap("不属于物业服务范围")
    manager.tap("不接收,转热线")
    manager.sees("已转 962121 热线")
    assert shown(district, TWO, snap_id)["status"] == "HOTLINE"
    phone = phones(TWO).open(SNAP, id=snap_id)
    phone.sees("物业没有接收")
    phone.sees("不属于物业服务范围")
    expect(phone.pressable("打 962121").first).to_be_visible()


def test_a_problem_becomes_a_repair_that_its_sender_can_follow(phones, manager, district):
    snap_id = sent(district, TWO, text="楼道灯一闪一闪的")
    manager.open(DESK_SNAP, id=snap_id)
    manager.tap("转为报修")
    manager.arrives_at(FORM)
    manager.type("找一找", "楼道灯")
    manager.page.get_by_role("radiogroup", name="是哪一类问题?").get_by_role("radio").first.tap()
    manager.tap("转为报修", exact=True)
    manager.arrives_at(DESK_SNAP)
    order = shown(district, TWO, snap_id)["order"]
    manager.sees(f"看工单 {order['number']}")
    phone = phones(TWO).open(SNAP, id=snap_id)
    phone.tap(f"看 {order['number']}")
    phone.arrives_at("pages/order/order")
    phone.sees("等小区物业接单")


def test_two_colleagues_answer_one_and_the_second_is_told(phones, manager, district):
    snap_id = sent(district, ONE)
    desk = phones(DISPATCHER, tolerated=("status of 404",)).open(DESK_SNAP, id=snap_id)
    desk.tap("不接收")
    answer(district, snap_id)
    desk.tap("不属于物业服务范围")
    desk.tap("不接收,转热线")
    desk.sees("错误:")
    desk.sees("我们的答复")
    assert desk.pressable("不接收").count() == 0
