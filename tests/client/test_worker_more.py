"""A worker who names a price, takes an open order before his colleague does, and hears that somebody wants to stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.client import field
from tests.client.district import DISPATCHER, NEIGHBOURS, SECOND_WORKER, WORKER
from tests.client.phone import Phone

TASKS, TASK, QUOTE = "worker/tasks/tasks", "worker/task/task", "worker/quote/quote"


@pytest.fixture
def li(phones) -> Phone:
    """Master Li."""
    return phones(WORKER, tolerated=("status of 404",))


@pytest.fixture
def grabbing(district) -> Iterator[None]:
    """The office lets its crew take orders, for as long as the test lasts."""
    field.let_crew_grab(district)
    yield
    field.let_crew_grab(district, "assign")


def write_quote(li: Phone) -> None:
    """One item with material that the worker buys, two of them."""
    li.arrives_at(QUOTE)
    li.sees("¥30.00/次,房管局上限 ¥50.00")
    li.tap("灯具检修、接线")
    li.tap("选好了")
    li.tap("我代买")
    li.type("材料名称", "LED 灯管 18W")
    li.type("材料价格", "15.5")
    li.sees("合计 ¥45.50")
    li.tap("灯具检修、接线 多一些")
    li.sees("合计 ¥75.50")


def test_the_resident_agrees_to_what_the_worker_has_written_and_then_he_begins(li, district):
    order_id = field.looked_at(district, NEIGHBOURS[0], free=False)
    li.open(TASK, id=order_id)
    li.tap("报价", exact=True)
    write_quote(li)
    li.tap("报价,请居民同意")
    li.arrives_at(TASK)
    li.sees("等居民同意报价")
    li.sees("没有答复,就按不修办结")
    li.sees("¥75.50")
    assert li.pressable("开始维修").count() == 0

    resident = field.api(district, NEIGHBOURS[0])
    quote = resident.get(f"/orders/{order_id}")["quote"]
    assert (quote["total_fen"], quote["lines"][0]["quantity_words"]) == (7_550, "2次")
    resident.post(f"/orders/{order_id}/agree-quote", {"hash": quote["hash"]})
    li.sees("居民同意的报价", within_s=30)
    li.tap("增加项目")
    li.arrives_at(QUOTE)
    li.sees("再加哪些项目?")
    li.tap("更换开关/插座面板")
    li.sees("合计 ¥95.50")
    li.sees("原来同意的 ¥75.50,新加 ¥20.00")
    li.tap("报价,请居民同意")
    li.arrives_at(TASK)
    li.sees("就按原来同意的修")
    resident.post(f"/orders/{order_id}/decline-addition", {})
    assert resident.get(f"/orders/{order_id}")["agreed_fen"] == 7_550
    li.sees("维修中", within_s=30)


def test_in_a_cellar_a_quote_is_written_kept_and_sent_once(li, district):
    with field.residents_pay(district):
        order_id = field.assigned(district, NEIGHBOURS[1])
    field.check_in(district, order_id)
    li.open(TASK, id=order_id)
    li.sees("已到场")
    with li.offline():
        li.tap("报价", exact=True)
        write_quote(li)
        li.tap("报价,请居民同意")
        li.arrives_at(TASK)
        li.sees("报价:已保存,联网后自动发送")
        li.sees("已报价,等居民同意")
        assert "quote" not in field.steps(district, order_id)
        li.close_app()
    li.open(TASKS)
    district.wait_for(lambda: "quote" in field.steps(district, order_id), what="the replay")
    assert field.steps(district, order_id).count("quote") == 1
    assert li.stored("outbox") == []


def test_a_quote_that_was_refused_is_mended(li, district):
    order_id = field.looked_at(district, NEIGHBOURS[2], free=False)
    li.open(TASK, id=order_id)
    li.sees("已到场")
    with li.offline():
        li.tap("报价", exact=True)
        write_quote(li)
        li.tap("报价,请居民同意")
        li.sees("报价:已保存,联网后自动发送")
        field.api(district, WORKER).post(f"/orders/{order_id}/waive")
    li.sees("报价:没有成功", within_s=30)
    li.tap("改一改再发")
    li.arrives_at(QUOTE)
    li.sees("这张工单免费")
    li.sees("灯具检修、接线")
    li.tap("报价,请居民同意")
    li.arrives_at(TASK)
    district.wait_for(lambda: "quote" in field.steps(district, order_id), what="the mended quote")


def test_nothing_is_charged_where_the_company_says_so(li, district):
    order_id = field.looked_at(district, NEIGHBOURS[3], free=False)
    li.open(TASK, id=order_id)
    li.tap("这次不收费")
    li.page.get_by_role("alertdialog").get_by_role("button", name="这次不收费").tap()
    li.tap("开始维修")
    li.sees("维修中")
    assert field.api(district, DISPATCHER).get(f"/orders/{order_id}")["pay_status"] == "免费"


def test_who_wants_to_stop_is_told_why_the_repair_goes_on_or_is_let_go(li, district):
    order_id = field.looked_at(district, NEIGHBOURS[4])
    resident = field.api(district, NEIGHBOURS[4])
    resident.post(f"/orders/{order_id}/ask-cancel", {"reason": "亲戚会修"})
    li.open(TASK, id=order_id)
    li.sees("居民不想修了")
    li.sees("亲戚会修")
    li.tap("不同意取消")
    li.tap("线路已经拆开,停下来有危险")
    li.tap("接着修")
    li.sees_no("居民不想修了")
    district.wait_for(lambda: resident.get(f"/orders/{order_id}")["cancel_asked_at"] is None)
    resident.post(f"/orders/{order_id}/ask-cancel", {"reason": "真的不修了"})
    li.sees("真的不修了", within_s=30)
    li.tap("同意取消", exact=True)
    li.page.get_by_role("alertdialog").get_by_role("button", name="同意取消").tap()
    district.wait_for(lambda: resident.get(f"/orders/{order_id}")["status"] == "CANCELLED")


@pytest.mark.usefixtures("grabbing")
def test_of_two_workers_the_first_has_the_open_order_and_the_second_reads_it(phones, district):
    """A blocked toilet: both may do it."""
    li, zhou = phones(WORKER), phones(SECOND_WORKER)
    order_id = field.accepted(district, NEIGHBOURS[5], category_code=field.TOILET, text="马桶堵了")
    of_this = f"抢单 {field.number(district, order_id)}"
    zhou.open(TASKS)
    li.open(TASKS)
    zhou.sees("可抢的单")
    expect(zhou.pressable(of_this)).to_have_count(1)
    expect(li.pressable(of_this)).to_have_count(1)
    with zhou.offline():  # what happens meanwhile does not reach this phone
        li.pressable(of_this).tap()
        li.sees("抢到了")
        expect(li.pressable(of_this)).to_have_count(0)
    if zhou.pressable(of_this).count():
        zhou.pressable(of_this).tap()
        zhou.sees("错误:")
    expect(zhou.pressable(of_this)).to_have_count(0)
    tasks = [task["id"] for task in field.api(district, WORKER).get("/tasks")["items"]]
    assert order_id in tasks
    li.sees(field.number(district, order_id))


def test_an_offer_says_how_long_one_may_think_about_it(li, district):
    order_id = field.assigned(district, NEIGHBOURS[6])
    li.open(TASK, id=order_id)
    li.sees("分钟内确认,否则派给别的师傅")
    li.tap("确认接单")
    li.sees_no("否则派给别的师傅")


def test_an_order_that_waits_for_a_firm_says_so(li, district):
    order_id = field.looked_at(district, NEIGHBOURS[7])
    manager = field.api(district, "jingli")
    manager.upload(district.draw("site_generic", seed=2))
    manager.post(f"/orders/{order_id}/hold-third", field.FIRM)
    li.open(TASK, id=order_id)
    li.sees("等专业单位处理")
    li.sees("二次供水泵故障")
