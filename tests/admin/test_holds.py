"""挂起 at the console: the queue, the order's page, the desk's agreement by telephone, the manager's button."""

from __future__ import annotations

from datetime import timedelta

from app.core import clock
from app.core.db import transact
from app.core.roles import Role
from app.orders import booking, holds
from tests.admin.conftest import Desk
from tests.engines import both_engines
from tests.factories.scene import Scene


def held(scene: Scene, *, slots: bool = True) -> int:
    """Held a quarter of an hour ago by the clock that the console reads."""
    order_id = scene.at_a_closed_door(at=clock.now() - timedelta(minutes=31))
    if slots:
        today = clock.china_date(clock.now())
        transact(lambda: booking.open_slots(scene.place.office.id, today=today))
    scene.hold(order_id, text="门上已贴便条")
    return order_id


@both_engines
def test_a_held_order_stands_in_its_own_queue_with_its_reason(desk: Desk) -> None:
    order_id = held(desk.scene)
    answer = desk.get("/admin/board/data/list?queue=on_hold").json
    assert [row["id"] for row in answer["rows"]] == [order_id]
    assert answer["rows"][0]["status"].startswith("挂起至 ")
    counted = {queue["key"]: (queue["label"], queue["count"]) for queue in answer["queues"]}
    assert counted["on_hold"] == ("挂起", 1)
    panel = desk.get(f"/admin/board/data/orders/{order_id}").text
    assert "等居民约时间" in panel
    assert "家里没人:门上已贴便条" in panel
    assert "门口照片" in panel
    assert "恢复后顺延" in panel


def test_the_manager_ends_a_hold_with_a_reason_and_the_dispatcher_may_not(desk: Desk) -> None:
    order_id = held(desk.scene)
    assert 'data-action="end_hold"' not in desk.get(f"/admin/orders/{order_id}").text
    assert desk.act(order_id, "end_hold", reason="居民来电").status_code == 403
    assert 'data-action="end_hold"' in desk.get(f"/admin/orders/{order_id}", Role.MGR).text
    refused = desk.act(order_id, "end_hold", Role.MGR)
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["reason"])
    assert desk.act(order_id, "end_hold", Role.MGR, reason="居民来电,在家").json["status"] == "WORKING"
    page = desk.get(f"/admin/orders/{order_id}", Role.MGR).text
    assert "恢复:提前恢复处理" in page
    late = desk.act(order_id, "end_hold", Role.MGR, reason="居民来电,在家")
    assert (late.status_code, late.json["fields"]) == (409, {"status": "WORKING"})


def test_the_desk_agrees_on_a_time_by_telephone(desk: Desk) -> None:
    order_id = held(desk.scene)
    slot = next(
        slot
        for slot in booking.slots(desk.scene.place.office.id, at=clock.now())
        if slot.begins_at < clock.now() + timedelta(hours=60)
    )
    page = desk.get(f"/admin/orders/{order_id}").text
    assert f'<option value="{slot.id}">' in page
    assert desk.act(order_id, "choose_slot").status_code == 422
    assert desk.act(order_id, "choose_slot", slot_id=slot.id).json["status"] == "HOLD_RESIDENT"
    assert "已约好再上门" in desk.get(f"/admin/orders/{order_id}").text


def test_without_free_slots_the_page_says_what_to_do(desk: Desk) -> None:
    order_id = held(desk.scene, slots=False)
    assert "三天内没有空的时段了" in desk.get(f"/admin/orders/{order_id}", Role.MGR).text


def test_an_order_closed_because_nobody_was_home_says_so(desk: Desk) -> None:
    scene = desk.scene
    order_id = held(scene)
    worker = scene.by(Role.WRK)
    scene.do(lambda: holds.end_hold(order_id, by=worker, reason="约好现在上门"), after=timedelta(minutes=1))
    for wait in (1, 5):
        scene.call(order_id, after=timedelta(minutes=wait))
    scene.hold(order_id, after=timedelta(minutes=1))
    page = desk.get(f"/admin/orders/{order_id}", Role.MGR).text
    assert "两次上门都没人,按无法联系办结" in page
