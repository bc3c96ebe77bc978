"""The console: merging, handing over, appeals, urgency and category from the order's page and its two lists."""

from __future__ import annotations

from app.core.roles import Role
from app.orders import transferring
from app.orders.models import Order
from tests.admin.conftest import Desk
from tests.live import csrf_of
from tests.miniprogram_api.sorting_steps import (
    appealed,
    asked_a_third_time,
    asked_of_us,
    elsewhere,
    merged,
    submitted,
)


def panel(desk: Desk, order_id: int, role: Role = Role.DSP) -> str:
    answer = desk.get(f"/admin/orders/{order_id}", role)
    assert answer.status_code == 200
    return answer.text


def send_form(desk: Desk, url: str, role: Role = Role.DSP, **fields: str):
    data = {
        "csrf_token": csrf_of(desk.get("/admin/transfers/", role).text),
        "request_id": "form-0001-x",
        **fields,
    }
    return desk.client(role).post(url, data=data)


def test_a_report_is_merged_from_its_page_and_taken_back_by_the_manager(desk: Desk) -> None:
    first, second = submitted(desk.scene), submitted(desk.scene)
    assert f'<option value="{first}">' in panel(desk, second)
    assert desk.act(second, "merge", master_id=str(first)).json["status"] == "MERGED"
    shown = panel(desk, second)
    assert "已并入" in shown
    assert f"/admin/orders/{first}" in shown
    assert "另有 1 张报修已并入" in panel(desk, first)
    answer = desk.act(second, "unmerge", Role.MGR, reason="是另一盏灯")
    assert answer.json["status"] == "ACCEPTED"


def test_the_asked_desk_finds_the_request_and_receives_or_sends_it_back(desk: Desk) -> None:
    order_id, other = asked_of_us(desk.scene), asked_of_us(desk.scene)
    page = desk.get("/admin/transfers/").text
    assert f"/admin/transfers/{order_id}/receive" in page
    assert desk.get(f"/admin/orders/{order_id}").status_code == 404
    assert send_form(desk, f"/admin/transfers/{order_id}/receive").status_code == 302
    assert desk.get(f"/admin/orders/{order_id}").status_code == 200
    short = send_form(desk, f"/admin/transfers/{other}/send-back", reason="", request_id="form-0003-x")
    assert short.status_code == 302
    assert desk.scene.order(other).transfer_to is not None
    back = {"reason": "不是我们的片区", "request_id": "form-0002-x"}
    assert send_form(desk, f"/admin/transfers/{other}/send-back", **back).status_code == 302
    assert desk.scene.order(other).transfer_to is None
    told = desk.get("/admin/transfers/").text
    assert "已退回,对方会收到原因" in told
    assert "没有等待答复的转单" in told


def test_the_list_of_requests_costs_the_same_for_one_and_for_three(desk: Desk) -> None:
    asked_of_us(desk.scene)
    before = desk.statements("/admin/transfers/")
    for _ in range(2):
        asked_of_us(desk.scene)
    assert desk.get("/admin/transfers/").text.count("接单 ") == 3
    assert desk.statements("/admin/transfers/") == before


def test_a_request_names_neither_homes_nor_numbers_to_who_does_not_have_the_order(desk: Desk) -> None:
    written = "住户在3号楼2单元1502室,电话19900000778"
    other = elsewhere(desk.scene)
    order_id = other.submit(place_note="1502室门口").order_id
    by, office_id = other.by(Role.DSP), desk.scene.place.office.id
    other.do(lambda: transferring.ask(order_id, by=by, office_id=office_id, reason=written))
    page = desk.get("/admin/transfers/").text
    assert "(电话略)" in page
    assert "1502" not in page


def test_a_request_goes_out_from_the_orders_page(desk: Desk) -> None:
    order_id = submitted(desk.scene)
    office = asked_of_us(desk.scene)  # makes another office
    target = desk.scene.order(office).office_id
    assert desk.act(order_id, "transfer", office_id=str(target), reason="是他们的片区").status_code == 200
    assert "在此之前仍由" in panel(desk, order_id)


def test_the_street_decides_about_the_third_transfer_and_about_an_appeal(desk: Desk) -> None:
    order_id = asked_a_third_time(desk.scene)
    assert "打开工单,指定处理单位" in desk.get("/admin/transfers/", Role.STR).text
    assert 'data-action="decide_transfer"' in panel(desk, order_id, Role.STR)
    office = str(desk.scene.place.office.id)
    answer = desk.act(order_id, "decide_transfer", Role.STR, office_id=office, reason="以合同为准")
    assert answer.status_code == 200
    rejected = appealed(desk.scene)
    assert desk.scene.order(rejected).appeal_open
    assert f"/admin/orders/{rejected}" in desk.get("/admin/appeals/", Role.STR).text
    assert "灯在楼道里,确实不亮" in panel(desk, rejected, Role.STR)
    answer = desk.act(rejected, "uphold_appeal", Role.STR, reason="照片显示是楼道灯")
    assert answer.json["status"] == "SUBMITTED"
    assert "没有等待复核的申诉" in desk.get("/admin/appeals/", Role.STR).text
    assert desk.get("/admin/appeals/", Role.DSP).status_code == 403


def test_urgency_and_category_are_corrected_and_the_bureau_reads_the_lowering(desk: Desk) -> None:
    order_id = submitted(desk.scene)
    raised = {"urgency": "P0", "reason": "现场电话说线头露着"}
    assert desk.act(order_id, "change_urgency", **raised).status_code == 200
    assert desk.act(order_id, "change_urgency", urgency="P2", reason="线头已包好").status_code == 200
    log = desk.get("/admin/audit/", Role.BUR).text
    assert "调低紧急程度" in log
    assert "线头已包好" in log
    assert desk.act(order_id, "recategorise", category_code="G0202", reason="是庭院灯").status_code == 200
    order: Order = desk.scene.order(order_id)
    assert (order.category_code, order.urgency) == ("G0202", "P2")


def test_a_merged_order_offers_nothing_to_the_dispatcher(desk: Desk) -> None:
    assert "这张工单现在不需要您操作" in panel(desk, merged(desk.scene))


def test_a_rejection_as_duplicate_leads_desk_and_bureau_to_the_order_before_it(desk: Desk) -> None:
    earlier, second = desk.scene.submit(), submitted(desk.scene)
    text = f"与{earlier.number}是同一盏灯,已在处理"
    assert desk.act(second, "reject", reason="duplicate", text=text).json["status"] == "REJECTED"
    for role in (Role.DSP, Role.BUR):
        shown = panel(desk, second, role)
        assert f"与 {earlier.number} 重复" in shown
        assert f'href="/admin/orders/{earlier.order_id}"' in shown
    assert "重复</b>" not in panel(desk, earlier.order_id)
