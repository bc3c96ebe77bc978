"""What else can happen to an order, as its reporter lives through it: a question, a standstill, a rejection and the
appeal against it, a merge, a later date."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.accounts.models import Hat
from app.companies.hats import scope_of
from app.core.db import db, transact
from app.core.roles import Role
from app.core.wording import moment
from app.orders import appeals, special
from app.orders.models import Order
from app.orders.rules import APPEAL_WITHIN
from tests.client import field
from tests.client.conftest import ROOT
from tests.client.crew import Crew
from tests.client.district import DISPATCHER, MANAGER, NEIGHBOURS, District
from tests.client.test_order import actions, reported
from tests.journeys.product import ApiClient

ORDER, INFO, APPEAL = "pages/order/order", "pages/info/info", "pages/appeal/appeal"


def at_work(district: District, order_id: int) -> Crew:
    crew = Crew.of(district)
    crew.send_somebody(order_id)
    crew.check_in(order_id, "要等别人先修好")
    return crew


def rejected(district: District, order_id: int) -> None:
    desk = district.api(DISPATCHER)
    photo = desk.upload(district.draw("lamp_lit", seed=3))
    body = {"reason": "not_our_service", "text": "这盏灯由供电公司维护,请打95598", "photo_ids": [photo]}
    desk.post(f"/orders/{order_id}/reject", body)


def judge(district: District, order_id: int, *, uphold: bool, reason: str) -> None:
    """Street or bureau decide; they have no phone here."""
    with district.product.looking_in():
        street = db.session.get_one(Order, order_id).street_id
        hat = db.session.scalars(select(Hat).where(Hat.role == Role.STR, Hat.street_id == street)).first()
        by = scope_of(hat)
        transact(lambda: appeals.decide(order_id, by=by, uphold=uphold, reason=reason))


def events(api: ApiClient, order_id: int) -> list[str]:
    return [each["action"] for each in api.get(f"/orders/{order_id}/timeline")["items"]]


def test_a_question_is_answered_with_words_and_a_photo_from_the_home_page(phones, district):
    api = district.api(NEIGHBOURS[0])
    order_id = reported(api)
    district.api(DISPATCHER).post(
        f"/orders/{order_id}/ask-info", {"question": "是几层的灯?灯罩是圆的还是方的?"}
    )
    phone = phones(NEIGHBOURS[0]).open("pages/orders/orders")
    phone.sees("请您补充信息")
    phone.open()
    phone.sees("物业请您补充信息")
    phone.tap("去补充")
    phone.arrives_at(ORDER)
    phone.sees("修好的时限不计时")
    phone.tap("去补充")
    phone.arrives_at(INFO)
    phone.sees("是几层的灯?灯罩是圆的还是方的?")
    phone.sees("还没有写字,也没有照片")
    phone.type("您的回答", "三层的,圆灯罩")
    phone.close_app()
    phone.open(INFO, id=order_id)
    assert phone.page.get_by_label("您的回答").input_value() == "三层的,圆灯罩"
    phone.photograph("拍照")
    phone.tap("发给物业")
    phone.sees("服务预约")  # the page was opened by itself: there is no other to go back to
    phone.open(ORDER, id=order_id)
    phone.sees("您答:三层的,圆灯罩")
    phone.sees("您补充的照片")
    expect(phone.pressable("去补充")).to_have_count(0)
    assert api.get(f"/orders/{order_id}")["question"]["answer"] == "三层的,圆灯罩"


def test_an_answer_without_a_network_is_kept_and_given_once(phones, district):
    api = district.api(NEIGHBOURS[1])
    order_id = reported(api)
    district.api(DISPATCHER).post(f"/orders/{order_id}/ask-info", {"question": "是几层的灯?"})
    phone = phones(NEIGHBOURS[1]).open(ORDER, id=order_id)
    phone.tap("去补充")
    phone.type("您的回答", "三层的")
    with phone.offline():
        phone.tap("发给物业")
        phone.arrives_at(ORDER)
        phone.sees("已保存,联网后自动发送")
        expect(phone.pressable("去补充")).to_have_count(0)
    phone.sees("您答:三层的", within_s=30)
    assert events(api, order_id).count("give_info") == 1


def test_a_wait_for_another_firm_is_told_with_its_reason_and_that_the_clock_stands(phones, district):
    api = district.api(NEIGHBOURS[2])
    order_id = reported(api)
    at_work(district, order_id)
    district.api(MANAGER).post(f"/orders/{order_id}/hold-third", field.FIRM)
    phone = phones(NEIGHBOURS[2]).open(ORDER, id=order_id)
    phone.sees("在等专业单位")
    phone.sees("二次供水泵故障")
    phone.sees("修复时限已暂停,恢复后接着计时")
    expect(phone.page.get_by_role("list", name="进度")).to_contain_text("等城东自来水公司")
    district.api(MANAGER).post(f"/orders/{order_id}/end-hold", {"reason": "水泵已修好"})
    phone.sees("正在处理", within_s=15)
    phone.sees_no("在等专业单位")


def test_the_owners_money_is_waited_for_and_the_result_read(phones, district):
    api, manager = district.api(NEIGHBOURS[3]), district.api(MANAGER)
    order_id = reported(api)
    at_work(district, order_id)
    photo = manager.upload(district.draw("tile_loose", seed=5))
    why: dict[str, Any] = {"payer": "fund", "reason": "外墙防水已过保修期,无责任人", "scope": "3号楼东立面"}
    manager.post(f"/orders/{order_id}/need-fund", {**why, "photo_ids": [photo]})
    told = {"spoken_to": "报修人", "how": "phone", "words": "已说明要先征询业主意见"}
    manager.post(f"/orders/{order_id}/tell-fund", told)
    manager.post(f"/orders/{order_id}/hold-fund")
    phone = phones(NEIGHBOURS[3]).open(ORDER, id=order_id)
    phone.sees("在征询维修资金")
    phone.sees("按规定先征询业主意见")
    result = {
        "result": "同意的面积不足,征询没有通过",
        "photo_ids": [manager.upload(district.draw("tile_loose", seed=6))],
    }
    manager.post(f"/orders/{order_id}/close-fund", result)
    phone.sees("征询没有通过,已办结", within_s=15)
    phone.sees("同意的面积不足")


def test_an_appeal_is_written_sent_once_and_its_answer_starts_the_order_anew(phones, district):
    api = district.api(NEIGHBOURS[4])
    order_id = reported(api)
    rejected(district, order_id)
    phone = phones(NEIGHBOURS[4]).open(ORDER, id=order_id)
    phone.sees("这盏灯由供电公司维护,请打95598")
    phone.sees("物业附的照片")
    phone.sees("由街道或房管局判断")
    phone.tap("我要申诉")
    phone.arrives_at(APPEAL)
    phone.sees("这盏灯由供电公司维护,请打95598")
    phone.type("您为什么不同意?", "灯在楼道里,物业合同里写了归物业管")
    phone.photograph("拍照")
    with phone.offline():
        phone.tap("提交申诉")
        phone.arrives_at(ORDER)
        phone.sees("已保存,联网后自动发送")
        expect(phone.pressable("我要申诉")).to_have_count(0)
    phone.sees("已申诉,街道或房管局", within_s=30)
    phone.sees("您写的:灯在楼道里,物业合同里写了归物业管")
    phone.sees("已申诉,等街道或房管局答复")
    assert events(api, order_id).count("appeal") == 1
    judge(district, order_id, uphold=True, reason="合同附件列明楼道照明由物业负责")
    phone.sees("您的申诉成立", within_s=15)
    phone.sees("合同附件列明楼道照明由物业负责")
    phone.sees("等小区物业接单")


def test_an_appeal_that_is_dismissed_says_why_and_offers_no_second_one(phones, district):
    api = district.api(NEIGHBOURS[5])
    order_id = reported(api)
    rejected(district, order_id)
    api.post(f"/orders/{order_id}/appeal", {"text": "灯就在我们楼道里"})
    judge(district, order_id, uphold=False, reason="路灯产权属于供电公司")
    phone = phones(NEIGHBOURS[5]).open(ORDER, id=order_id)
    phone.sees("申诉没有成立")
    phone.sees("路灯产权属于供电公司")
    expect(phone.pressable("我要申诉")).to_have_count(0)


def test_a_report_that_was_merged_leads_to_the_one_in_which_it_goes_on(phones, district):
    first, api = district.api(NEIGHBOURS[6]), district.api(NEIGHBOURS[7])
    lamp = {"menu": "PUB", "category_code": "G0201", "spot_code": field.spot_code(district)}
    master, order_id = (
        int(phone.post("/orders", {**lamp, "text": "门厅的灯不亮了,晚上看不见"})["order_id"])
        for phone in (first, api)
    )
    number = first.get(f"/orders/{master}")["number"]
    district.api(DISPATCHER).post(f"/orders/{order_id}/merge", {"master_id": master})
    phone = phones(NEIGHBOURS[7]).open(ORDER, id=order_id)
    phone.sees(f"已并入 {number}")
    phone.tap(f"看 {number} 的进展")
    phone.arrives_at("more/followed/followed")
    phone.sees(number)


def asked_for_more_time(district: District, order_id: int) -> datetime:
    """The worker is on site and the manager asks street and bureau; returns the wanted date."""
    at_work(district, order_id)
    manager = district.api(MANAGER)
    until = district.now() + timedelta(days=20)
    body = {
        "reason": "灯杆要整根更换",
        "plan": "厂家下月送货,到货两天装好",
        "until": until.isoformat(timespec="milliseconds"),
        "photo_ids": [manager.upload(district.draw("lamp_dark", seed=8))],
    }
    manager.post(f"/orders/{order_id}/request-special", body)
    return until


def answer_special(district: District, order_id: int, *, grant: bool, force_majeure: bool = False) -> None:
    """The bureau decides; it has no phone here."""
    with district.product.looking_in():
        place = db.session.get_one(Order, order_id).district_id
        hat = db.session.scalars(select(Hat).where(Hat.role == Role.BUR, Hat.district_id == place)).first()
        by = scope_of(hat)
        if grant:
            transact(lambda: special.approve(order_id, by=by, note="情况属实", force_majeure=force_majeure))
        else:
            transact(lambda: special.refuse(order_id, by=by, note="请先装一盏临时灯"))


def test_a_special_extension_that_was_asked_for_is_told_with_reason_and_plan(phones, district):
    order_id = reported(district.api(NEIGHBOURS[7]))
    asked_for_more_time(district, order_id)
    phone = phones(NEIGHBOURS[7]).open(ORDER, id=order_id)
    phone.sees("物业申请特别延期到")
    phone.sees("灯杆要整根更换")
    phone.sees("厂家下月送货,到货两天装好")


@pytest.mark.parametrize("force_majeure", [False, True], ids=["by grace", "force majeure"])
def test_a_granted_special_extension_is_told_with_reason_plan_and_date(phones, district, force_majeure):
    order_id = reported(district.api(NEIGHBOURS[7]))
    until = asked_for_more_time(district, order_id)
    answer_special(district, order_id, grant=True, force_majeure=force_majeure)
    phone = phones(NEIGHBOURS[7]).open(ORDER, id=order_id)
    phone.sees("经街道或房管局同意,修复期限延到")
    phone.sees(moment(until, district.now()))
    phone.sees("灯杆要整根更换")
    phone.sees("厂家下月送货,到货两天装好")
    expect(phone.page.get_by_text("因不可抗力")).to_have_count(int(force_majeure))


def test_a_refused_special_extension_leaves_the_promise_and_says_why(phones, district):
    api = district.api(NEIGHBOURS[7])
    order_id = reported(api)
    asked_for_more_time(district, order_id)
    before = promise_of(api, order_id)
    answer_special(district, order_id, grant=False)
    assert promise_of(api, order_id) == before
    phone = phones(NEIGHBOURS[7]).open(ORDER, id=order_id)
    phone.tap("看全部经过")
    phone.sees("未批准特别延期")
    phone.sees("请先装一盏临时灯")
    expect(phone.page.get_by_text("物业申请特别延期到")).to_have_count(0)


def promise_of(api: ApiClient, order_id: int) -> str:
    """Until when the repair was promised."""
    promises = api.get(f"/orders/{order_id}")["promises"]
    return next(each["due_at"] for each in promises if each["clock"] == "C3")


def test_the_term_for_an_appeal_is_that_of_the_server():
    text = (ROOT / "miniprogram/src/lib/order-told.js").read_text(encoding="utf-8")
    [hours] = re.findall(r"APPEAL_HOURS = (\d+)", text)
    assert timedelta(hours=int(hours)) == APPEAL_WITHIN


def test_a_page_of_another_order_offers_no_appeal_and_no_answer(phones, district):
    api = district.api(NEIGHBOURS[0])
    order_id = reported(api)
    assert not {"appeal", "give_info", "agree_quote"} & set(actions(api, order_id))
    phone = phones(NEIGHBOURS[0]).open(ORDER, id=order_id)
    phone.sees("等小区物业接单")
    for absent in ("去补充", "我要申诉", "同意"):
        expect(phone.pressable(absent)).to_have_count(0)
