"""应急维修 as a person does it: Z1 from the dark lamp to five stars, and the card before everything dangerous."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.catalogue.standard import STANDARD
from tests.client.conftest import ROOT
from tests.client.crew import Crew, order_of
from tests.client.district import DISPATCHER, NEIGHBOURS, NON_PILOT, RESIDENT

LAMP = "灯具不亮"


def test_z1_a_ceiling_lamp_is_mended_at_home_for_nothing_and_gets_five_stars(phones, district):
    wang, crew = phones(RESIDENT), Crew.of(district)
    wang.open()
    wang.tap("应急维修")
    wang.tap("灯和电")
    wang.tap(LAMP, exact=True)
    wang.type("用几个字说明", "客厅吸顶灯不亮,老两口爬不上去")
    wang.tap("马上报修")
    wang.arrives_at("pages/sent/sent")
    wang.sees("前答复您")
    wang.tap("看进展")
    wang.arrives_at("pages/order/order")
    wang.sees("等小区物业接单")
    order_id = order_of(district.api(RESIDENT), category=LAMP)["id"]

    crew.send_somebody(order_id)
    wang.sees(f"{crew.title}已在路上", within_s=15)
    wang.sees("前到")
    crew.check_in(order_id, "灯头接线松脱")
    wang.sees("灯头接线松脱", within_s=15)
    crew.finish(order_id, "已接好线,灯亮了")
    wang.sees("已接好线,灯亮了", within_s=15)
    for title in ("修之前", "修好后"):
        expect(wang.pressable(f"看大图:{title}")).to_be_visible()
    wang.sees("未收费 ¥0.00")

    wang.tap("评价", exact=True)
    wang.arrives_at("pages/rate/rate")
    wang.tap("很好")
    for tag in ("响应快", "修得好"):
        wang.tap(tag)
    wang.type("还想说几句", "谢谢师傅")
    wang.tap("提交评价")
    wang.arrives_at("pages/order/order")
    wang.sees("已办结", within_s=15)
    events = district.api(RESIDENT).get(f"/orders/{order_id}/timeline")["items"]
    assert (events[-1]["action"], events[-1]["status"]) == ("rate", "CLOSED")


@pytest.mark.parametrize(
    ("danger", "first", "calls"),
    [
        ("漏电、有人触电", "不碰漏电的地方", ["打急救 120", "打火警 119", "打小区物业"]),
        ("水管爆裂", "关上进水总阀门", ["打小区物业"]),
        ("闻到燃气味", "不开灯、不关灯", ["打火警 119"]),
        ("有人困在电梯里", "不扒门", ["打小区物业", "打火警 119", "打急救 120"]),
    ],
)
def test_before_a_dangerous_matter_stand_three_things_to_do_and_whom_to_call(phones, danger, first, calls):
    phone = phones(NEIGHBOURS[0])
    phone.open("pages/emergency/emergency")
    phone.tap(danger)
    expect(phone.page.get_by_role("list", name="现在先做").get_by_role("listitem")).to_have_count(3)
    phone.sees(first)
    buttons = [each for each in phone.page.get_by_role("button").all_text_contents() if each.startswith("打")]
    assert [re.sub(r" 199\d+$", "", each) for each in buttons] == calls
    expect(phone.pressable("马上报修")).to_have_count(0)
    phone.tap("继续报修")
    expect(phone.pressable("马上报修")).to_be_visible()


def test_gas_is_left_to_the_gas_company(phones, district):
    phone = phones(NEIGHBOURS[0])
    phone.open("pages/emergency/emergency")
    phone.tap("闻到燃气味")
    phone.sees("燃气只由燃气公司来处理,物业不会上门修")
    phone.sees("号码在燃气表或燃气卡上")
    expect(phone.pressable("小区物业")).to_have_count(0)


def test_somebody_in_a_lift_is_reported_as_a_public_danger_at_ones_own_building(phones, district):
    phone = phones(NEIGHBOURS[1])
    phone.open("pages/emergency/emergency")
    phone.tap("有人困在电梯里")
    phone.tap("我安全了,继续报修")
    phone.sees("号楼的电梯")
    phone.tap("马上报修")
    phone.arrives_at("pages/sent/sent")
    sent = order_of(district.api(NEIGHBOURS[1]), category="电梯困人")
    assert (sent["menu"], sent["urgency"], sent["hazardous"]) == ("PUB", "P0", True)
    assert sent["place"].endswith("号楼的电梯")


def test_an_unfinished_report_is_still_there_after_the_app_was_closed(phones):
    phone = phones(NEIGHBOURS[2])
    phone.open("pages/emergency/emergency")
    phone.tap("水龙头、水管")
    phone.tap("水龙头", exact=True)
    phone.photograph("拍照", kind="tap_dripping")
    expect(phone.pressable("删除第 1 张照片")).to_be_visible()
    phone.type("用几个字说明", "厨房的龙头关不紧")
    phone.close_app()
    phone.open("pages/emergency/emergency")
    expect(phone.pressable("删除第 1 张照片")).to_be_visible()
    expect(phone.page.get_by_label("用几个字说明")).to_have_value("厨房的龙头关不紧")


def test_where_nobody_comes_home_the_page_says_so_and_leads_on(phones):
    phone = phones(NON_PILOT)
    phone.open("pages/emergency/emergency")
    phone.sees("这里还不能叫师傅上门")
    phone.sees("还没有开通上门服务")
    phone.tap("公区报事")
    phone.arrives_at("pages/report/report")


def test_every_dangerous_category_has_a_card_of_its_own():
    text = (ROOT / "miniprogram/src/lib/safety.js").read_text(encoding="utf-8")
    cards = set(re.findall(r"^  ([GH]\d{4}): [A-Z_]+,$", text, re.MULTILINE))
    assert {each.code for each in STANDARD if each.urgency == "P0"} <= cards


def test_a_daughter_reports_for_her_mother_who_is_the_one_to_be_called(phones, district):
    """S2-31: 替家里老人报; who, her number and how she agreed, and nothing typed is lost by what is missing."""
    phone = phones(NEIGHBOURS[7])
    phone.open("pages/emergency/emergency")
    phone.tap("灯和电")
    phone.tap(LAMP, exact=True)
    phone.type("用几个字说明", "妈妈屋里的灯不亮")
    phone.tap("替家里老人报")
    phone.type("老人怎么称呼", "王奶奶")
    phone.type("老人的电话", "1990000")
    phone.tap("马上报修")
    phone.sees("请写 11 位手机号")
    phone.sees("请选一下")
    phone.type("老人的电话", "19900000688")
    phone.tap("电话里说好的")
    phone.tap("马上报修")
    phone.arrives_at("pages/sent/sent")
    sent = order_of(district.api(NEIGHBOURS[7]), category=LAMP)
    phone.open("pages/order/order", id=sent["id"])
    phone.sees("替王奶奶报的,师傅直接联系本人")
    contact = district.api(DISPATCHER).get(f"/orders/{sent['id']}")["contact"]
    assert (contact["name"], contact["phone"], contact["on_behalf"]) == ("王**", "199****0688", True)
