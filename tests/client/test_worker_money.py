"""What a repair costs in the end, on the worker's phone: settled for less than agreed, paid in cash (S2-12, 3.10)."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.client import field, money
from tests.client.crew import Crew
from tests.client.district import NEIGHBOURS, SECOND_WORKER, District
from tests.client.phone import Phone

TASK, FINISH = "worker/task/task", "worker/finish/finish"


def at_work(district: District) -> int:
    """65.00 were agreed to and the tap is being changed."""
    money.open_payment(district, NEIGHBOURS[1])
    crew, phone = Crew.of(district, SECOND_WORKER), field.api(district, NEIGHBOURS[1])
    with field.residents_pay(district):
        order_id = field.reported(district, NEIGHBOURS[1], category_code=money.TAP, text="厨房水龙头一直滴水")
    crew.send_somebody(order_id)
    crew.check_in(order_id, "龙头阀芯磨坏", before="tap_dripping")
    crew.worker.post(f"/orders/{order_id}/quote", {"lines": [money.NEW_TAP]})
    read = phone.get(f"/orders/{order_id}")["quote"]["hash"]
    phone.post(f"/orders/{order_id}/agree-quote", {"hash": read})
    return order_id


def photograph(phone: Phone, button: str, kind: str, count: int = 1) -> None:
    phone.photograph(button, kind=kind)
    expect(phone.pressable("删除第 1 张照片")).to_have_count(count)


def test_a_worker_settles_for_less_than_agreed_and_writes_down_the_cash(phones, district):
    order_id = at_work(district)
    zhou = phones(SECOND_WORKER, position=field.standing_in(district)).open(FINISH, id=order_id)
    photograph(zhou, "拍照", "tap_fixed")
    photograph(zhou, "拍旧件", "tap_dripping", count=2)
    zhou.type("或者自己写", "换了龙头,不滴水了")
    zhou.tap("少收一些")
    zhou.type("收多少元", "65")
    zhou.tap("完工")
    zhou.sees("请写收多少元,比 ¥65.00 少")
    zhou.type("收多少元", "40")
    zhou.tap("完工")

    zhou.open(TASK, id=order_id)
    zhou.sees("维修费 ¥40.00,居民还没有付")
    zhou.tap("登记现金")
    zhou.sees("应收 ¥40.00")
    zhou.tap("收到了,登记")
    zhou.sees("请拍一张收据")
    photograph(zhou, "拍收据", "tap_fixed")
    zhou.tap("收到了,登记")
    api = field.api(district, NEIGHBOURS[1])
    district.wait_for(lambda: api.get(f"/orders/{order_id}")["pay"]["state"] == "已支付")
    shown = api.get(f"/orders/{order_id}")
    assert (shown["final_fen"], shown["pay"]["paid_fen"]) == (4_000, 4_000)
    expect(zhou.pressable("登记现金")).to_have_count(0)
