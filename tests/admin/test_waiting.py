"""Orders that wait, at the console: firm, fund, question, and the list from which street and bureau decide."""

from __future__ import annotations

from datetime import timedelta

from app.core import clock
from app.core.clock import in_china
from app.core.roles import Role
from tests.admin.conftest import Desk
from tests.factories.scene import Scene
from tests.orders import waiting

FIRM = {
    "party": "utility",
    "party_name": "城东自来水公司",
    "ticket": "W20261121-7",
    "reason": "二次供水泵故障",
    "safety": "已在门厅放置临时水桶",
}


def at_work(scene: Scene) -> int:
    return scene.until_working(at=clock.now() - timedelta(minutes=30))


def local(**later: float) -> str:
    """What a datetime-local field sends."""
    return f"{in_china(clock.now() + timedelta(**later)):%Y-%m-%dT%H:%M}"


def special_asked(scene: Scene) -> int:
    order_id = at_work(scene)
    waiting.ask_special(scene, order_id, scene.at + timedelta(days=20))
    return order_id


def test_the_manager_puts_an_order_on_hold_for_a_firm_and_the_page_says_for_whom(desk: Desk) -> None:
    order_id = at_work(desk.scene)
    assert desk.act(order_id, "hold_third", Role.DSP, **FIRM).status_code == 403
    bare = desk.act(order_id, "hold_third", Role.MGR, **{**FIRM, "ticket": ""})
    assert (bare.status_code, list(bare.json["fields"])) == (422, ["ticket"])
    bad = desk.act(order_id, "hold_third", Role.MGR, **FIRM, expected_at="soon")
    assert (bad.status_code, list(bad.json["fields"])) == (422, ["expected_at"])
    done = desk.act(order_id, "hold_third", Role.MGR, **FIRM, expected_at=local(days=2))
    assert done.json["status"] == "HOLD_THIRD"
    page = desk.get(f"/admin/orders/{order_id}", Role.MGR).text
    assert "等城东自来水公司处理(对方单号 W20261121-7)" in page
    assert "单号 W20261121-7 · 安全措施:已在门厅放置临时水桶" in page
    assert 'data-action="end_hold"' in page
    late = desk.act(order_id, "hold_third", Role.MGR, **FIRM)
    assert (late.status_code, late.json["fields"]) == (409, {"status": "HOLD_THIRD"})
    ended = desk.act(order_id, "end_hold", Role.MGR, reason="自来水公司已换泵")
    assert ended.json["status"] == "WORKING"


def test_who_caused_the_damage_is_not_named_to_those_who_only_look_on(desk: Desk) -> None:
    order_id = at_work(desk.scene)
    desk.act(order_id, "hold_third", Role.MGR, **{**FIRM, "party": "liable", "party_name": "示范肇事人"})
    assert "示范肇事人" in desk.get(f"/admin/orders/{order_id}", Role.MGR).text
    for role in (Role.CO, Role.STR, Role.BUR):
        page = desk.get(f"/admin/orders/{order_id}", role).text
        assert "责任人" in page
        assert "示范肇事人" not in page


def test_the_desk_tells_the_reporter_before_the_manager_asks_the_owners(desk: Desk) -> None:
    order_id = at_work(desk.scene)
    assert desk.act(order_id, "need_fund", Role.MGR).status_code == 409
    waiting.need_fund(desk.scene, order_id)
    page = desk.get(f"/admin/orders/{order_id}").text
    assert 'data-action="tell_fund"' in page
    assert "没有说明不能转征询" in page
    assert desk.act(order_id, "hold_fund", Role.MGR).status_code == 422
    told = {"spoken_to": "报修人", "how": "phone", "words": "已说明要先征询业主意见"}
    assert desk.act(order_id, "tell_fund", **told).json["status"] == "VERIFIED"
    assert desk.act(order_id, "hold_fund", Role.MGR).json["status"] == "HOLD_FUND"
    assert "先征询业主意见" in desk.get(f"/admin/orders/{order_id}", Role.BUR).text
    rows = desk.get("/admin/board/data/list?queue=on_hold").json["rows"]
    assert [row["id"] for row in rows] == [order_id]


def test_the_desk_asks_once_and_reads_the_answer(desk: Desk) -> None:
    order_id = desk.scene.submit(at=clock.now()).order_id
    assert desk.act(order_id, "ask_info", question="哪").status_code == 422
    assert desk.act(order_id, "ask_info", question="是几号楼几单元的灯?").json["status"] == "SUBMITTED"
    assert "是几号楼几单元的灯?" in desk.get(f"/admin/orders/{order_id}").text
    assert desk.act(order_id, "ask_info", question="是哪一盏灯?").status_code == 409


def test_street_and_bureau_find_what_waits_for_them_and_decide_on_the_orders_page(desk: Desk) -> None:
    assert "没有等待决定" in desk.get("/admin/special-extensions/", Role.BUR).text
    first, second = special_asked(desk.scene), special_asked(desk.scene)
    for role in (Role.STR, Role.BUR):
        page = desk.get("/admin/special-extensions/", role).text
        assert f"/admin/orders/{first}" in page
        assert "27日拆运" in page
    assert desk.get("/admin/special-extensions/", Role.MGR).status_code == 403
    assert 'data-action="approve_special"' not in desk.get(f"/admin/orders/{first}", Role.MGR).text
    assert "force_majeure" not in desk.get(f"/admin/orders/{first}", Role.STR).text
    assert "force_majeure" in desk.get(f"/admin/orders/{first}", Role.BUR).text
    assert desk.act(first, "approve_special", Role.MGR, note="情况属实").status_code == 403
    late = desk.act(first, "approve_special", Role.BUR, note="情况属实", until=local(days=40))
    assert (late.status_code, list(late.json["fields"])) == (422, ["until"])
    body = {"note": "情况属实", "until": local(days=10), "force_majeure": "yes"}
    assert desk.act(first, "approve_special", Role.BUR, **body).status_code == 200
    assert desk.act(second, "refuse_special", Role.STR, note="请先用备用配件").status_code == 200
    page = desk.get(f"/admin/orders/{first}", Role.MGR).text
    assert "特延" in page
    assert "不可抗力" in page
    assert "没有等待决定" in desk.get("/admin/special-extensions/", Role.BUR).text
