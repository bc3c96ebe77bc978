"""The desk and the manager on the phone: who has not been answered yet, who is sent, which extension is granted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.client import field
from tests.client.district import DISPATCHER, MANAGER, NEIGHBOURS, SECOND_WORKER, WORKER
from tests.client.phone import Phone
from tests.client.test_worker import answer_check_in

BOARD, ORDER, ASSIGN, REJECT = (
    "desk/board/board",
    "desk/order/order",
    "desk/assign/assign",
    "desk/form/form",
)
pytestmark = pytest.mark.usefixtures("district")


@pytest.fixture
def du(phones) -> Phone:
    """Dispatcher Du."""
    return phones(DISPATCHER)


@pytest.fixture
def manager(phones) -> Phone:
    """The manager of the same office."""
    return phones(MANAGER)


def status(district, order_id: int) -> str:
    return str(field.api(district, DISPATCHER).get(f"/orders/{order_id}")["status"])


def asked_for_time(district, resident: str) -> int:
    """An order whose worker waits for a part."""
    order_id = field.assigned(district, resident)
    li = field.api(district, WORKER)
    soon = field.api(district, DISPATCHER).get(f"/orders/{order_id}")["promises"][-1]["due_at"]
    visit = {
        "finding": "灯座烧坏",
        "hazardous": False,
        "expected_at": soon,
        "contact_result": "已当面告诉报修人",
        "photo_ids": [li.upload(district.draw("lamp_dark", seed=5))],
    }
    li.post(f"/orders/{order_id}/check-in", visit)
    wish = {
        "reason_code": "buying",
        "reason": "同型号灯座本地没货,明天到",
        "expected_at": soon,
        "photo_ids": [li.upload(district.draw("site_generic", seed=6))],
    }
    li.post(f"/orders/{order_id}/request-extension", wish)
    return order_id


def test_a_new_report_appears_by_itself_is_accepted_and_given_to_a_worker(du, district):
    du.open(BOARD)
    du.sees("每 5 秒自动更新")
    order_id = field.reported(district, NEIGHBOURS[0])
    of_this = f"接单 {field.number(district, order_id)}"
    expect(du.pressable(of_this)).to_have_count(1, timeout=8000)
    du.sees("1 张新工单")
    du.sees("还剩 14 分钟")
    du.pressable(of_this).tap()
    du.sees(f"已接单 {field.number(district, order_id)},请派师傅")
    district.wait_for(lambda: status(district, order_id) == "ACCEPTED")

    du.tap(field.place(district, order_id))
    du.arrives_at(ORDER)
    du.tap("派工")
    du.arrives_at(ASSIGN)
    first = du.page.get_by_role("radio").first
    expect(first).to_contain_text("1. ")
    expect(du.page.get_by_role("radio", name="周师傅")).to_have_attribute("aria-disabled", "true")
    du.sees("不能派:没有低压电工证")
    du.tap("李师傅")
    if du.page.get_by_label("还要派请写原因").count():
        du.type("还要派请写原因", "就在附近")
    du.tap("派给李师傅")
    du.arrives_at(ORDER)
    du.sees("李师傅")
    tasks = field.api(district, WORKER).get("/tasks")["items"]
    assert order_id in [task["id"] for task in tasks]


def test_of_two_desks_the_second_reads_who_was_first_and_the_list_is_right(du, manager, district):
    order_id = field.reported(district, NEIGHBOURS[1])
    of_this = f"接单 {field.number(district, order_id)}"
    manager.open(BOARD)
    expect(manager.pressable(of_this)).to_have_count(1)
    with manager.offline():  # what happens meanwhile does not reach this phone
        du.open(BOARD)
        du.pressable(of_this).tap()
        du.sees("已接单")
    manager.pressable(of_this).tap()
    manager.sees("调度接单,列表已更新")
    expect(manager.pressable(of_this)).to_have_count(0)


def test_the_manager_grants_the_time_that_a_worker_needs(manager, district):
    order_id = asked_for_time(district, NEIGHBOURS[2])
    manager.open(ORDER, id=order_id)
    manager.sees("采购困难:同型号灯座本地没货,明天到")
    manager.sees("延期凭证")
    manager.tap("同意延期")
    manager.sees("只能延一次")
    manager.page.get_by_role("alertdialog").get_by_role("button", name="同意延期").tap()
    manager.sees("已批准延期")
    assert field.api(district, MANAGER).get(f"/orders/{order_id}")["extended"]
    expect(manager.pressable("同意延期")).to_have_count(0)


def test_the_manager_may_refuse_it_with_his_reason(manager, district):
    order_id = asked_for_time(district, NEIGHBOURS[3])
    manager.open(ORDER, id=order_id)
    manager.tap("不同意延期")
    dialog = manager.page.get_by_role("alertdialog")
    dialog.get_by_role("button", name="不同意延期").tap()
    manager.sees("请写 2 个字以上")
    manager.type("为什么不同意", "仓库里还有一个,请今天去取")
    dialog.get_by_role("button", name="不同意延期").tap()
    manager.sees("未批准延期")
    manager.sees("仓库里还有一个")
    assert not field.api(district, MANAGER).get(f"/orders/{order_id}")["extended"]


def test_a_number_is_shown_for_a_reason_and_called_with_one_tap(du, district):
    order_id = field.accepted(district, NEIGHBOURS[4])
    du.open(ORDER, id=order_id)
    du.sees("199****")
    du.tap("查看电话")
    du.page.get_by_role("alertdialog").get_by_role("button", name="显示电话").tap()
    du.sees("请选一项,或写 2 个字以上")
    du.tap("约上门时间")
    du.tap("显示电话")
    button = du.page.get_by_role("button", name=re.compile(r"打电话 199\d{8}"))
    expect(button).to_be_visible()
    du.tap("记录电话")
    du.tap("约了上门时间")
    du.tap("记下来")
    du.sees("电话沟通")
    events = field.api(district, DISPATCHER).get(f"/orders/{order_id}/timeline")["items"]
    assert (events[-1]["action"], events[-1]["note"]) == ("log_call", "约了上门时间")


def test_a_refusal_needs_a_reason_and_words_that_help(du, district):
    order_id = field.reported(district, NEIGHBOURS[5])
    du.open(ORDER, id=order_id)
    du.tap("不予受理")
    du.arrives_at(REJECT)
    du.tap("不予受理")
    du.sees("请选:为什么不受理?")
    du.tap("非服务范围")
    du.tap("不予受理")
    du.sees("“给居民的说明”请写 10 个字以上")
    du.type("给居民的说明", "这是供电公司的电表,请拨打 95598 报修")
    du.tap("不予受理")
    du.sees("请写明依据,或拍一张照片")
    du.photograph("拍照")
    expect(du.pressable("删除第 1 张照片")).to_have_count(1)
    du.tap("不予受理")
    du.arrives_at(ORDER)
    du.sees("不予受理")
    shown = field.api(district, NEIGHBOURS[5]).get(f"/orders/{order_id}")
    assert (shown["status"], [photo["step"] for photo in shown["photos"]]) == (
        "REJECTED",
        ["submit", "reject"],
    )


def test_without_a_network_the_desk_is_told_and_nothing_is_done_twice(du, district):
    order_id = field.reported(district, NEIGHBOURS[6])
    of_this = f"接单 {field.number(district, order_id)}"
    du.open(BOARD)
    expect(du.pressable(of_this)).to_have_count(1)
    with du.offline():
        du.pressable(of_this).tap()
        du.sees("网络不好,请稍后再试")
        du.sees("没有网络,看到的是")
    assert status(district, order_id) == "SUBMITTED"
    du.pressable(of_this).tap()
    du.sees("已接单")
    events = field.api(district, DISPATCHER).get(f"/orders/{order_id}/timeline")["items"]
    assert [event["action"] for event in events] == ["submit", "accept"]


def test_what_nobody_here_can_do_goes_to_the_hotline(du, district):
    order_id = field.reported(district, NEIGHBOURS[7])
    du.open(ORDER, id=order_id)
    du.tap("转962121热线")
    du.tap("无人可派")
    du.tap("转 962121 热线")
    du.sees("已转热线")
    assert status(district, order_id) == "HOTLINE"


def test_the_desk_agrees_a_new_time_on_the_telephone(du, district):
    order_id = field.assigned(district, NEIGHBOURS[0])
    li = field.api(district, WORKER)
    due = field.api(district, DISPATCHER).get(f"/orders/{order_id}")["promises"][-1]["due_at"]
    visit = {
        "finding": "住户要出门",
        "hazardous": False,
        "expected_at": due,
        "contact_result": "已当面告诉报修人",
        "photo_ids": [li.upload(district.draw("site_generic", seed=8))],
    }
    li.post(f"/orders/{order_id}/check-in", visit)
    li.post(f"/orders/{order_id}/hold", {"reason": "resident_asked", "text": "今天要出门,明天可以"})
    du.open(ORDER, id=order_id)
    du.sees("挂起:居民要求改期")
    du.tap("选上门时间")
    du.page.get_by_role("alertdialog").get_by_role("radio").first.tap()
    du.tap("约这个时间")
    du.sees("已约好上门时间")
    assert field.api(district, NEIGHBOURS[0]).get(f"/orders/{order_id}")["hold"]["agreed"]


def test_a_manager_who_stands_there_himself_checks_in(manager, district):
    order_id = field.accepted(district, NEIGHBOURS[1])
    manager.open(ORDER, id=order_id)
    manager.tap("到场签到")
    manager.arrives_at("worker/check-in/check-in")
    answer_check_in(manager, place="都不行,先签到")
    manager.tap("到场签到")
    manager.arrives_at(ORDER)
    manager.sees("已现场核实")
    manager.sees("没有定位(定位异常)")


def test_a_worker_does_not_see_the_board(phones):
    zhou = phones(SECOND_WORKER)
    zhou.open(BOARD)
    zhou.sees("您现在的身份是“维修师傅”,这一页给调度和经理用")
