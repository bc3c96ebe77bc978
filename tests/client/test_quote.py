"""报价: read line by line, thought over, agreed to, declined, added to; agreed to once, also without a network."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from playwright.sync_api import expect

from tests.client import field
from tests.client.crew import Crew
from tests.client.district import NEIGHBOURS, SECOND_WORKER, District
from tests.client.test_order import TAP, reported
from tests.journeys.product import ApiClient

ORDER = "pages/order/order"
NEW_TAP = {"item_code": "W01", "material_by": "company", "material": "普通铜龙头", "material_fen": 2_500}
VALVE = {"item_code": "W02"}


def looked_at(district: District, api: ApiClient, *, free: bool = False) -> tuple[int, Crew]:
    """A dripping tap at home that the worker has seen, where repairs cost something unless told otherwise."""
    crew = Crew.of(district, SECOND_WORKER)
    with nullcontext() if free else field.residents_pay(district):
        order_id = reported(api, menu="EMG", category=TAP, text="厨房水龙头一直滴水")
    crew.send_somebody(order_id)
    crew.check_in(order_id, "龙头阀芯磨坏", before="tap_dripping")
    return order_id, crew


def quote(crew: Crew, order_id: int, *lines: dict[str, Any], note: str = "") -> None:
    crew.worker.post(f"/orders/{order_id}/quote", {"lines": list(lines), "note": note})


def card(phone):
    return phone.page.get_by_role("group", name="报价")


def dialog(phone):
    return phone.page.get_by_role("alertdialog")


def status(api: ApiClient, order_id: int) -> str:
    return api.get(f"/orders/{order_id}")["status"]


def test_a_quote_is_read_agreed_to_added_to_and_the_addition_declined(phones, district):
    api = district.api(NEIGHBOURS[0])
    order_id, crew = looked_at(district, api)
    quote(crew, order_id, NEW_TAP, note="阀芯坏了,要换整只龙头")
    phone = phones(NEIGHBOURS[0]).open()
    phone.sees("师傅报了价,请您看一看")
    phone.tap("看报价")
    phone.arrives_at(ORDER)
    for words in (
        "更换水龙头",
        "1个 × ¥40.00",
        "材料师傅代买:普通铜龙头",
        "¥25.00",
        "一共 ¥65.00",
        "不修也不收费",
        "师傅说:阀芯坏了,要换整只龙头",
        "不答复就按不修办结",
    ):
        expect(card(phone)).to_contain_text(words)
    phone.tap("同意,开始修")
    expect(dialog(phone)).to_contain_text("一共 ¥65.00,修好再付。同意吗?")
    expect(dialog(phone)).to_contain_text("现在不用付钱")
    phone.tap("再想一想")
    expect(dialog(phone)).to_have_count(0)
    assert status(api, order_id) == "QUOTED"
    phone.tap("同意,开始修")
    phone.tap("我同意")
    phone.sees("已同意,师傅接着修")
    phone.sees("您已同意,一共 ¥65.00")
    assert api.get(f"/orders/{order_id}")["agreed_fen"] == 6500

    quote(crew, order_id, VALVE)
    phone.sees("师傅想增加项目,请您看一看", within_s=15)
    expect(card(phone)).to_contain_text("更换角阀(新加的)")
    expect(card(phone)).to_contain_text("您原来同意的是 ¥65.00")
    phone.tap("不加,按原来的修")
    expect(dialog(phone)).to_contain_text("按您原来同意的 ¥65.00 接着修")
    phone.tap("不加了")
    phone.sees("您没有同意新加的项目,按原来同意的 ¥65.00 修")
    assert status(api, order_id) == "WORKING"
    crew.finish(order_id, "已换龙头,不滴水了", after="tap_fixed")
    phone.sees("待支付 ¥65.00", within_s=15)


def test_who_wants_no_repair_at_this_price_says_so_and_reads_what_remains_to_pay(phones, district):
    api = district.api(NEIGHBOURS[1])
    order_id, crew = looked_at(district, api)
    quote(crew, order_id, NEW_TAP)
    phone = phones(NEIGHBOURS[1]).open(ORDER, id=order_id)
    expect(phone.pressable("申请取消")).to_have_count(0)
    phone.tap("不修了")
    expect(dialog(phone)).to_contain_text("不收任何费用")
    phone.tap("确定不修了")
    phone.sees("没有维修,已办结")
    phone.sees("您没有同意,这次没有维修。不收任何费用")
    told = api.get(f"/orders/{order_id}")
    assert (told["status"], told["final_fen"]) == ("CLOSED", 0)


def test_in_a_free_estate_the_list_price_is_struck_through(phones, district):
    api = district.api(NEIGHBOURS[2])
    order_id, crew = looked_at(district, api, free=True)
    quote(crew, order_id, {"item_code": "W01"})
    phone = phones(NEIGHBOURS[2]).open(ORDER, id=order_id)
    expect(card(phone)).to_contain_text("一共 ¥0.00,免费")
    struck = card(phone).get_by_text("¥40.00 × 1个 = ¥40.00")
    assert "line-through" in struck.evaluate(
        "each => getComputedStyle(each.parentElement).textDecorationLine"
    ) or ("line-through" in struck.evaluate("each => getComputedStyle(each).textDecorationLine"))
    phone.tap("同意,开始修")
    expect(dialog(phone)).to_contain_text("这次不收费")
    phone.tap("我同意")
    phone.sees(f"{crew.title}正在处理")
    assert api.get(f"/orders/{order_id}")["agreed_fen"] == 0


def test_agreeing_without_a_network_is_kept_and_done_once(phones, district):
    api = district.api(NEIGHBOURS[3])
    order_id, crew = looked_at(district, api)
    quote(crew, order_id, NEW_TAP)
    phone = phones(NEIGHBOURS[3]).open(ORDER, id=order_id)
    expect(card(phone)).to_contain_text("一共 ¥65.00")
    with phone.offline():
        phone.tap("同意,开始修")
        phone.tap("我同意")
        phone.sees("您的答复已保存,联网后自动发送")
        expect(phone.pressable("同意,开始修")).to_have_count(0)
        expect(phone.pressable("不修了")).to_have_count(0)
    district.wait_for(lambda: status(api, order_id) == "WORKING", what="the agreement")
    phone.sees("您已同意,一共 ¥65.00", within_s=15)
    told = [each["action"] for each in api.get(f"/orders/{order_id}/timeline")["items"]]
    assert told.count("agree_quote") == 1


def test_a_quote_that_was_answered_meanwhile_is_not_agreed_to_and_the_page_says_how_it_is(phones, district):
    api = district.api(NEIGHBOURS[4])
    order_id, crew = looked_at(district, api)
    quote(crew, order_id, NEW_TAP)
    phone = phones(NEIGHBOURS[4]).open(ORDER, id=order_id)
    phone.tap("同意,开始修")
    stale = "0" * 64

    def another(route):
        route.continue_(post_data={"hash": stale})

    phone.page.route("**/agree-quote", another)
    phone.tap("我同意")
    phone.sees("错误:报价刚有变化,请重新看一遍再同意")
    assert status(api, order_id) == "QUOTED"
    phone.page.unroute_all()
    phone.tap("同意,开始修")
    phone.tap("我同意")
    phone.sees("您已同意,一共 ¥65.00")


def test_after_the_visit_cancelling_is_a_request_that_the_worker_answers(phones, district):
    api = district.api(NEIGHBOURS[5])
    order_id, crew = looked_at(district, api, free=True)
    phone = phones(NEIGHBOURS[5]).open(ORDER, id=order_id)
    phone.tap("不修了,申请取消")
    expect(dialog(phone)).to_contain_text("取消要物业同意")
    phone.tap("不需要了")
    dialog(phone).get_by_role("button", name="申请取消").tap()
    phone.sees("您申请了取消")
    expect(phone.pressable("申请取消")).to_have_count(0)
    crew.worker.post(f"/orders/{order_id}/refuse-cancel", {"reason": "阀芯已拆开,要装回去才不漏水"})
    phone.sees("物业没有同意取消", within_s=15)
    phone.sees("阀芯已拆开,要装回去才不漏水")
    phone.tap("不修了,申请取消")
    phone.tap("不需要了")
    dialog(phone).get_by_role("button", name="申请取消").tap()
    phone.sees("您申请了取消")
    crew.worker.post(f"/orders/{order_id}/agree-cancel")
    phone.sees("双方同意,已取消", within_s=15)
