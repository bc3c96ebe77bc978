"""我的记录, 我的消息, 价目, 小区报修记录, 我关注的: what a resident looks up, and what he says about it afterwards."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from app.orders.feedback import RATING_TAGS
from tests.client.conftest import ROOT
from tests.client.district import NEIGHBOURS, NEWCOMER, RESIDENT
from tests.client.test_order import mended, reported


def test_what_goes_on_and_what_is_over_stand_in_two_tabs(phones, district):
    api = district.api(NEIGHBOURS[1])
    order_id = reported(api, text="四层楼道灯一闪一闪")
    phone = phones(NEIGHBOURS[1])
    phone.open()
    phone.tap("我的记录")
    expect(phone.page.get_by_role("tab", name="处理中")).to_have_attribute("aria-selected", "true")
    first = phone.page.get_by_role("link").first
    for words in ("报事", "楼道灯不亮", "3号楼一层楼道", "等小区物业接单", "小区物业 今天"):
        expect(first).to_contain_text(words)
    api.post(f"/orders/{order_id}/cancel", {"reason": "自己修好了"})
    phone.tap("已办结")
    phone.sees("已取消")
    phone.page.get_by_role("link").first.tap()
    phone.arrives_at("pages/order/order")
    phone.sees("您已取消")


def test_what_is_mended_waits_among_what_goes_on(phones, district):
    order_id = reported(district.api(NEIGHBOURS[2]))
    mended(district, order_id)
    phone = phones(NEIGHBOURS[2])
    phone.open("pages/orders/orders")
    expect(phone.page.get_by_role("link").first).to_contain_text("已处理好,请您看一看")


def test_more_records_come_on_demand(phones, district):
    phone = phones(RESIDENT)
    phone.open("more/estate/estate")
    phone.tap("再看更多")
    expect(phone.page.locator(".card")).to_have_count(40, timeout=10_000)


def test_who_has_reported_nothing_reads_why_the_lists_are_empty(phones):
    phone = phones(NEWCOMER)
    for path, words in (
        ("pages/orders/orders", "您报修以后,这里能看到进展"),
        ("pages/messages/messages", "每一步进展都会发到这里"),
        ("more/following/following", "点“我也遇到”"),
        ("more/prices/prices", "您还没有关联住房"),
    ):
        phone.open(path)
        phone.sees(words)


def test_what_waits_for_the_network_stands_on_top_of_the_records(phones, district):
    phone = phones(NEIGHBOURS[3])
    phone.open("pages/emergency/emergency")
    phone.tap("水龙头、水管")
    phone.tap("角阀软管")
    with phone.offline():
        phone.tap("马上报修")
        phone.arrives_at("pages/sent/sent")
        phone.tap("回首页")
        phone.tap("我的记录")
        phone.sees("应急维修:角阀软管")
        phone.sees("已保存,联网后自动发送")
    phone.sees_no("已保存,联网后自动发送", within_s=30)


def test_messages_are_marked_unread_in_words_and_lead_to_the_order(phones, district):
    api = district.api(NEIGHBOURS[4])
    order_id = reported(api)
    district.wait_for(
        lambda: [each for each in api.get("/messages")["items"] if each["order_id"] == order_id]
    )
    phone = phones(NEIGHBOURS[4])
    phone.open("pages/messages/messages")
    unread = api.get("/messages")["unread"]
    phone.sees(f"{unread} 条没有读过")
    phone.page.get_by_role("link", name="未读").first.tap()
    phone.arrives_at("pages/order/order")
    phone.sees("3号楼一层楼道")
    phone.open("pages/messages/messages")
    phone.sees(f"{unread - 1} 条没有读过" if unread > 1 else "都读过了")
    api.post(f"/orders/{order_id}/cancel", {"reason": "自己修好了"})
    other = reported(api)
    district.wait_for(lambda: [each for each in api.get("/messages")["items"] if each["order_id"] == other])
    phone.open("pages/messages/messages")
    phone.tap("全部标为已读")
    phone.sees("都读过了")
    assert api.get("/messages")["unread"] == 0


def test_a_neighbours_report_is_followed_rated_and_left(phones, district):
    reporter, follower = district.api(NEIGHBOURS[5]), district.api(NEIGHBOURS[6])
    order_id = reported(reporter)
    follower.post(f"/orders/{order_id}/follow", {})
    phone = phones(NEIGHBOURS[6])
    phone.open("more/following/following")
    phone.tap("楼道灯不亮")
    phone.arrives_at("more/followed/followed")
    phone.sees("邻居已报修")
    phone.sees("户反映")
    mended(district, order_id)
    phone.sees("已换灯管,亮了", within_s=30)
    phone.tap("评价", exact=True)
    phone.tap("4 颗星")
    phone.tap("提交评价")
    phone.arrives_at("more/followed/followed")
    assert reporter.get(f"/orders/{order_id}")["status"] == "DONE"
    phone.tap("不再关注")
    phone.page.get_by_role("alertdialog").get_by_role("button", name="不再关注").tap()
    phone.arrives_at("more/following/following")
    assert order_id not in [each["id"] for each in follower.get("/following")["items"]]


def test_the_records_of_the_estate_name_nobody(phones, district):
    phone = phones(RESIDENT)
    phone.open("pages/orders/orders")
    phone.tap("小区报修记录")
    phone.arrives_at("more/estate/estate")
    phone.sees("报修记录")
    shown = phone.page.inner_text("[role=main]")
    assert "单元3" not in shown and not re.search(r"1\d{10}", shown)


def test_few_stars_offer_to_send_the_worker_again(phones, district):
    order_id = reported(district.api(NEIGHBOURS[7]))
    mended(district, order_id)
    phone = phones(NEIGHBOURS[7])
    phone.open("pages/rate/rate", id=order_id)
    phone.tap("很差")
    phone.sees("哪里不满意?")
    phone.tap("没修好,请师傅再来")
    phone.arrives_at("pages/reopen/reopen")


def test_the_tags_of_a_rating_are_those_of_the_server():
    text = (ROOT / "miniprogram/src/lib/rating.js").read_text(encoding="utf-8")
    lists = [json.loads(found.replace("'", '"')) for found in re.findall(r"= (\['[^]]*\])", text)]
    assert sorted(tag for each in lists for tag in each) == sorted(RATING_TAGS)
