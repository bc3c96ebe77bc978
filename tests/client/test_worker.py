"""A worker's day on his phone, as he lives it: visible words, with a network and without one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.client import field
from tests.client.district import DISPATCHER, NEIGHBOURS, RESIDENT, SECOND_WORKER, WORKER
from tests.client.phone import Phone

TASKS, TASK, CHECK_IN, FINISH = (
    "worker/tasks/tasks",
    "worker/task/task",
    "worker/check-in/check-in",
    "worker/finish/finish",
)


@pytest.fixture
def li(phones, district) -> Phone:
    """Master Li, who stands in the estate. Orders that are taken from him are 404 from then on."""
    return phones(WORKER, position=field.standing_in(district), tolerated=("status of 404",))


def open_task(phone: Phone, order_id: int) -> None:
    """From the list, as a worker does."""
    phone.open(TASKS)
    phone.tap(field.number(phone.district, order_id))
    phone.arrives_at(TASK)
    phone.sees(field.place(phone.district, order_id))


def photograph(phone: Phone, button: str, kind: str = "lamp_dark") -> None:
    """Take a photo and wait until the phone has kept it."""
    phone.photograph(button, kind=kind)
    expect(phone.pressable("删除第 1 张照片")).to_have_count(1)


def answer_check_in(phone: Phone, place: str = "用手机定位", danger: str = "没有危险") -> None:
    """All five questions but for the last press."""
    phone.arrives_at(CHECK_IN)
    phone.tap(place)
    if place == "用手机定位":
        phone.sees("已取得位置")
    phone.tap("下一步")
    photograph(phone, "拍照")
    phone.type("看到什么", "灯管烧坏,线路完好")
    phone.tap("下一步")
    phone.tap(danger)
    if danger == "有危险":
        phone.tap("下一步")
        phone.sees("请先放好警示牌,再拍一张照片")
        photograph(phone, "拍警示牌", kind="warning_sign")
    phone.tap("下一步")
    phone.tap("后天下班前")
    phone.tap("下一步")
    phone.tap("已当面告诉报修人")


def answer_finish(phone: Phone) -> None:
    phone.arrives_at(FINISH)
    photograph(phone, "拍照", kind="lamp_lit")
    phone.tap("已更换配件,试用正常")
    phone.tap("加一样配件")
    phone.type("配件 1", "LED 灯管 18W")
    phone.tap("配件 1 多一个")


def test_a_workers_whole_day_ends_with_a_lamp_that_shines(li, district):
    order_id = field.assigned(district, NEIGHBOURS[0])
    li.open(TASKS)
    duty = li.page.get_by_role("switch")
    duty.tap()
    expect(duty).to_have_attribute("aria-checked", "false")
    district.wait_for(lambda: not field.api(district, WORKER).get("/me")["on_duty"])
    duty.tap()
    expect(duty).to_have_attribute("aria-checked", "true")
    district.wait_for(lambda: field.api(district, WORKER).get("/me")["on_duty"])
    li.sees("带:灯泡、人字梯、验电笔")

    open_task(li, order_id)
    li.sees("打电话 199")
    li.sees("还剩")
    li.tap("确认接单")
    li.sees("已确认,还没出发")
    li.tap("出发", exact=True)
    li.sees("在路上")
    li.tap("到场签到")
    answer_check_in(li, danger="有危险")
    li.tap("到场签到")
    li.arrives_at(TASK)
    li.sees("已到场")
    li.sees("警示牌")
    li.tap("开始维修")
    li.sees("维修中")
    li.tap("完工")
    li.sees("修之前")
    answer_finish(li)
    li.tap("完工")
    li.arrives_at(TASK)
    li.sees("做完了,等居民确认")
    li.sees("修好后")

    assert field.steps(district, order_id) == list(field.ON_SITE)
    found = field.site(district, order_id)
    (visit,) = found["visits"]
    assert (visit["method"], visit["flagged"], visit["hazardous"]) == ("gps", False, True)
    assert [repair["parts"] for repair in found["repairs"]] == ["LED 灯管 18W×2"]
    shown = field.api(district, DISPATCHER).get(f"/orders/{order_id}")
    assert [photo["step"] for photo in shown["photos"]] == ["submit", "site", "protection", "after"]
    li.open(TASKS)
    li.sees("我的任务")
    li.sees_no(field.number(district, order_id))


def test_in_a_cellar_everything_is_kept_and_sent_once_in_its_order(li, district):
    order_id = field.assigned(district, NEIGHBOURS[1])
    open_task(li, order_id)
    li.tap("确认接单")
    li.sees("已确认,还没出发")
    with li.offline():
        li.tap("出发", exact=True)
        li.sees("出发:已保存,联网后自动发送")
        li.tap("到场签到")
        answer_check_in(li)
        li.tap("到场签到")
        li.arrives_at(TASK)
        li.sees("到场签到:已保存,联网后自动发送")
        li.sees("已到场")
        li.tap("开始维修")
        li.sees("开始维修:已保存,联网后自动发送")
        li.tap("完工")
        answer_finish(li)
        li.tap("完工")
        li.arrives_at(TASK)
        li.sees("完工:已保存,联网后自动发送")
        assert field.steps(district, order_id) == ["take"]
        assert len(li.stored("outbox")) == 4
        li.back()
        li.sees("4 步已保存,联网后自动发送")
        li.sees("没有网络,这是")
        li.close_app()
    li.open(TASKS)
    district.wait_for(lambda: "finish" in field.steps(district, order_id), what="the replay")
    assert field.steps(district, order_id) == list(field.ON_SITE)
    li.sees_no("步已保存")
    assert li.stored("outbox") == []
    shown = field.api(district, DISPATCHER).get(f"/orders/{order_id}")
    assert [photo["step"] for photo in shown["photos"]] == ["submit", "site", "after"]


def test_a_step_whose_answer_was_lost_is_not_done_twice(li, district):
    order_id = field.assigned(district, NEIGHBOURS[6])
    open_task(li, order_id)

    def lose(route) -> None:
        route.fetch()
        route.abort("internetdisconnected")

    li.page.route("**/depart", lose, times=1)
    li.tap("出发", exact=True)
    li.sees("在路上")
    li.sees_no("已保存")
    assert field.steps(district, order_id) == ["depart"]


def test_a_step_that_was_refused_says_why_and_is_mended(li, district):
    order_id = field.assigned(district, NEIGHBOURS[2])
    open_task(li, order_id)
    with li.offline():
        li.tap("到场签到")
        li.arrives_at(CHECK_IN)
        li.tap("填点位码")
        li.page.get_by_label("点位码", exact=True).fill(field.spot_code(district, inside=False))
        answer_check_in(li, place="填点位码")
        li.tap("到场签到")
        li.sees("到场签到:已保存,联网后自动发送")
        li.tap("完工")
        answer_finish(li)
        li.tap("完工")
        li.sees("完工:已保存,联网后自动发送")
    li.sees("到场签到:没有成功。这个点位码不在报修的小区,请扫现场的码", within_s=30)
    assert li.pressable("完工", exact=True).count() == 0
    li.tap("改一改再发")
    li.arrives_at(CHECK_IN)
    li.tap("用手机定位")
    li.sees("已取得位置")
    for _ in range(4):
        li.tap("下一步")
    li.tap("到场签到")
    li.arrives_at(TASK)
    district.wait_for(lambda: "finish" in field.steps(district, order_id), what="the mended step")
    assert field.steps(district, order_id) == ["check_in", "finish"]
    assert li.stored("outbox") == []


def test_a_step_can_be_given_up_and_the_later_ones_go_on(li, district):
    order_id = field.assigned(district, NEIGHBOURS[3], category_code=field.TOILET, text="马桶堵了")
    open_task(li, order_id)
    with li.offline():
        li.tap("记录电话")
        li.tap("已通知,在家等")
        li.tap("记下来")
        li.sees("记录电话:已保存")
        li.tap("出发", exact=True)
        li.sees("出发:已保存")
        field.api(district, DISPATCHER).post(
            f"/orders/{order_id}/assign",
            {"worker_id": field.worker_id(district, order_id, SECOND_WORKER), "override_reason": "换人"},
        )
    li.sees("记录电话:没有成功。没有找到这张工单", within_s=30)
    for _ in range(2):
        li.tap("放弃这一步")
        li.page.get_by_role("alertdialog").get_by_role("button", name="放弃这一步").tap()
        li.page.wait_for_timeout(1000)
    li.sees("这张工单已不在您名下")
    assert li.stored("outbox") == []


def test_nobody_home_needs_two_calls_and_a_photo_of_the_door(li, district):
    order_id = field.assigned(district, NEIGHBOURS[4])
    open_task(li, order_id)
    li.tap("到场签到")
    answer_check_in(li)
    li.tap("到场签到")
    li.sees("已到场")
    li.tap("改约时间")
    li.arrives_at("worker/hold/hold")
    li.tap("家里没人")
    photograph(li, "拍门口", kind="door_broken")
    li.tap("记录:没人接")
    li.sees("第二次请在")
    li.tap("改约时间")
    li.sees("还缺电话记录:两次,隔 5 分钟")
    district.advance("10m")
    li.sees("现在可以打第二次了", within_s=20)
    li.tap("记录:没人接")
    li.sees("两次电话都有了")
    li.tap("改约时间")
    li.arrives_at(TASK)
    li.sees("等居民约时间")
    assert field.api(district, NEIGHBOURS[4]).get(f"/orders/{order_id}")["hold"]["slots"]
    li.tap("恢复处理")
    li.type("为什么提前恢复", "住户已回家")
    li.tap("现在接着修")
    li.sees("维修中")


def test_what_cannot_be_taken_goes_back_to_the_desk_with_the_reason(li, district):
    order_id = field.assigned(district, NEIGHBOURS[5])
    open_task(li, order_id)
    li.tap("不能接")
    li.tap("退回调度")
    li.sees("请选一个原因")
    li.tap("安全原因")
    li.tap("退回调度")
    li.arrives_at(TASKS)
    assert field.api(district, DISPATCHER).get(f"/orders/{order_id}")["status"] == "ACCEPTED"


def test_more_photos_and_a_call_are_kept_with_the_order(li, district):
    order_id = field.assigned(district, NEIGHBOURS[6])
    open_task(li, order_id)
    li.tap("补充照片")
    photograph(li, "拍照")
    li.tap("送出照片")
    li.sees_no("送出照片")
    li.tap("记录电话")
    li.tap("没人接")
    li.tap("记下来")
    li.sees("电话沟通")
    assert field.steps(district, order_id) == ["add_photos", "log_call"]


def test_a_worker_who_is_elsewhere_can_check_in_but_is_marked(phones, district):
    order_id = field.assigned(district, NEIGHBOURS[7])
    li = phones(WORKER)
    open_task(li, order_id)
    li.tap("到场签到")
    answer_check_in(li, place="都不行,先签到")
    li.tap("到场签到")
    li.sees("已到场")
    (visit,) = field.site(district, order_id)["visits"]
    assert (visit["method"], visit["flagged"]) == ("none", True)


def test_a_half_filled_check_in_survives_a_closed_app(li, district):
    order_id = field.assigned(district, NEIGHBOURS[0])
    open_task(li, order_id)
    li.tap("到场签到")
    li.arrives_at(CHECK_IN)
    li.tap("都不行,先签到")
    li.tap("下一步")
    photograph(li, "拍照")
    li.type("看到什么", "插座烧黑")
    li.close_app()
    li.open(CHECK_IN, id=order_id)
    li.sees("第 2 步,共 5 步")
    assert li.page.get_by_label("看到什么").input_value() == "插座烧黑"
    expect(li.pressable("删除第 1 张照片")).to_have_count(1)
    li.sees_no("照片不见了")


def test_a_resident_who_opens_the_workers_pages_is_led_to_his_hats(phones):
    wang = phones(RESIDENT)
    for page in (TASKS, "worker/task/task?id=1", "worker/check-in/check-in?id=1"):
        wang.open(page)
        wang.sees("您现在的身份是“居民”")
    wang.tap("切换身份")
    wang.arrives_at("more/hats/hats")
