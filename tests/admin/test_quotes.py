"""报价 on the order's page, and what the desk answers to who wants no repair any more."""

from __future__ import annotations

from app.audit.service import ensure_head
from app.core import clock
from app.core.db import transact
from app.core.roles import Role
from app.orders import cancelling, paying
from app.orders.lifecycle import Status
from tests.admin.conftest import Desk
from tests.miniprogram_api.quote_steps import added_to, agreed, asked_to_cancel, looked_at, quoted, settled


def pages(desk: Desk, order_id: int, role: Role = Role.DSP) -> list[str]:
    clock.freeze(desk.scene.at)
    return [
        desk.get(url, role).text
        for url in (f"/admin/board/data/orders/{order_id}", f"/admin/orders/{order_id}")
    ]


def command(desk: Desk, order_id: int, action: str, body: dict | None = None, role: Role = Role.DSP):
    clock.freeze(desk.scene.at)
    return desk.post(f"/admin/order-commands/{order_id}/{action}", body or {}, role)


def test_the_page_shows_every_line_with_material_sum_and_visit_fee(desk: Desk) -> None:
    for page in pages(desk, quoted(desk.scene)):
        for words in ("灯具检修、接线 × 1次", "¥30.00", "材料:LED灯管(代买) ¥15.00", "¥45.00", "等居民同意"):
            assert words in page
        assert "不修时收上门检测费 ¥20.00" in page
        assert "费用:报价 ¥45.00,等居民同意" in page


def test_an_addition_stands_above_the_quote_that_was_agreed_before(desk: Desk) -> None:
    page = pages(desk, added_to(desk.scene))[1]
    assert page.index("第 2 次报价(增加项目)") < page.index("第 1 次报价")
    assert "居民已同意" in page
    assert page.count("新加") == 1


def test_what_was_agreed_to_is_said_while_it_is_repaired(desk: Desk) -> None:
    assert "费用:居民已同意 ¥45.00" in pages(desk, agreed(desk.scene))[1]


def test_an_order_without_a_quote_shows_none(desk: Desk) -> None:
    assert "报价</h3>" not in pages(desk, looked_at(desk.scene))[1]


def test_what_was_settled_stands_line_by_line_with_what_is_paid(desk: Desk) -> None:
    order_id = settled(desk.scene)
    for page in pages(desk, order_id):
        for words in ("按价目第 1 版", "材料:LED灯管", "<b>结算:</b>¥45.00", "待支付"):
            assert words in page
        assert "待支付 ¥45.00" in page, "beside the status, where the desk looks first"
    _cash(desk, order_id)
    page = pages(desk, order_id)[1]
    assert "待支付" not in page
    assert "已支付" in page and "收到 ¥45.00" in page and "现金收据" in page


def _cash(desk: Desk, order_id: int) -> None:
    photos, by = desk.scene.photos(Role.WRK), desk.scene.by(Role.WRK)
    transact(ensure_head)
    desk.scene.do(lambda: paying.record_cash(order_id, by=by, photo_ids=photos))


def test_the_desk_agrees_to_a_wish_to_cancel(desk: Desk) -> None:
    order_id = asked_to_cancel(desk.scene)
    for page in pages(desk, order_id):
        assert "报修人想取消:" in page and "亲戚会修" in page
        assert 'data-action="agree_cancel"' in page and 'data-action="refuse_cancel"' in page
    answer = command(desk, order_id, "agree_cancel")
    assert (answer.status_code, answer.json["status"]) == (200, Status.CANCELLED)
    assert 'data-action="agree_cancel"' not in pages(desk, order_id)[1]


def test_a_refusal_needs_its_reason(desk: Desk) -> None:
    order_id = asked_to_cancel(desk.scene)
    assert command(desk, order_id, "refuse_cancel").status_code == 422
    answer = command(desk, order_id, "refuse_cancel", {"reason": "电线露在外面"}, Role.MGR)
    assert (answer.status_code, answer.json["status"]) == (200, Status.VERIFIED)
    assert "电线露在外面" in pages(desk, order_id)[1]


def test_who_comes_second_is_told_who_was_first(desk: Desk) -> None:
    order_id = asked_to_cancel(desk.scene)
    manager = desk.scene.by(Role.MGR)
    desk.scene.do(lambda: cancelling.agree(order_id, by=manager))
    answer = command(desk, order_id, "agree_cancel")
    assert answer.status_code == 409
    assert "经理" in answer.json["message"]


def test_the_desk_may_say_that_nothing_is_charged(desk: Desk) -> None:
    order_id = looked_at(desk.scene)
    assert 'data-action="waive"' in pages(desk, order_id)[1]
    assert command(desk, order_id, "waive").status_code == 200
    assert desk.scene.order(order_id).pay_status == "免费"
    assert command(desk, order_id, "waive").status_code == 409
