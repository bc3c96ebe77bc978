"""The console's page 随手拍: the office opens, answers, declines, repairs; others read; the bureau's K20."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest

from app.core import clock
from app.core.db import transact
from app.core.roles import Role
from app.feedback.lifecycle import Kind
from app.feedback.sweeping import sweep
from app.supervision.rolling_up import roll_up
from tests.admin.conftest import Desk
from tests.factories.scene import LAMP, make_scene
from tests.feedback import doing

READERS = (Role.CO, Role.STR, Role.BUR)


def submit(desk: Desk, snap_id: int, action: str, role: Role = Role.MGR, **form: str):
    """A form as the page sends it."""
    fields = {"csrf_token": desk.token(role), "request_id": secrets.token_hex(12), **form}
    return desk.client(role).post(f"/admin/snaps/{snap_id}/{action}", data=fields)


def page(desk: Desk, snap_id: int, role: Role = Role.MGR) -> str:
    answer = desk.get(f"/admin/snaps/{snap_id}", role)
    assert answer.status_code == 200
    return answer.text


def test_the_list_takes_nothing_and_begins_with_what_ends_first(desk: Desk) -> None:
    now = clock.now()
    later = doing.send(desk.scene, at=now - timedelta(days=1), text="后到期的建议")
    sooner = doing.send(desk.scene, at=now - timedelta(days=9), text="先到期的建议")
    text = desk.get("/admin/snaps/").text
    assert text.index("先到期的建议") < text.index("后到期的建议")
    assert "还剩" in text
    assert [doing.snap(each).status for each in (later, sooner)] == ["SUBMITTED", "SUBMITTED"]


def test_looking_at_the_page_takes_nothing_but_the_button_does(desk: Desk) -> None:
    snap_id = doing.send(desk.scene, text="门厅地面很脏")
    assert "门厅地面很脏" not in page(desk, snap_id)
    assert doing.snap(snap_id).status == "SUBMITTED"
    assert submit(desk, snap_id, "open", Role.DSP).status_code == 302
    assert doing.snap(snap_id).status == "ACCEPTED"
    assert "门厅地面很脏" in page(desk, snap_id)


def test_an_answer_goes_out_once_however_often_the_button_is_pressed(desk: Desk) -> None:
    snap_id = doing.send(desk.scene, Kind.PRAISE)
    for _ in range(2):
        submit(desk, snap_id, "reply", text="谢谢您的表扬", request_id="the-same-form-1")
    assert doing.events(snap_id)[-1] == (2, "reply", "ANSWERED")
    shown = page(desk, snap_id)
    assert "谢谢您的表扬" in shown
    assert "发送回复" not in shown
    assert "谢谢您的表扬" not in desk.get("/admin/snaps/").text
    assert "已处理" in desk.get("/admin/snaps/?show=done").text


def test_a_refusal_stands_on_the_page_and_changes_nothing(desk: Desk) -> None:
    snap_id = doing.send(desk.scene)
    submit(desk, snap_id, "open")
    submit(desk, snap_id, "decline", reason=" ")
    assert "请再写具体一点" in page(desk, snap_id)
    assert doing.snap(snap_id).status == "ACCEPTED"


def test_not_taken_means_the_hotline_answers(desk: Desk) -> None:
    snap_id = doing.send(desk.scene)
    submit(desk, snap_id, "decline", reason="不是本小区的范围")
    assert "发送回复" not in page(desk, snap_id)
    assert "不是本小区的范围" in page(desk, snap_id, Role.HOT)
    submit(desk, snap_id, "reply", Role.HOT, text="已联系街道处理")
    assert doing.snap(snap_id).status == "ANSWERED"


def test_the_manager_turns_a_problem_into_a_repair_and_the_dispatcher_may_not(desk: Desk) -> None:
    snap_id = doing.send(desk.scene, Kind.PROBLEM, text="楼道灯不亮了")
    submit(desk, snap_id, "open")
    assert f'value="{LAMP}" selected' in page(desk, snap_id)
    assert "转为报修</summary>" not in page(desk, snap_id, Role.DSP)
    assert submit(desk, snap_id, "convert", Role.DSP, category_code=LAMP).status_code == 403
    submit(desk, snap_id, "convert", category_code=LAMP)
    row = doing.snap(snap_id)
    assert row.status == "CONVERTED"
    assert f"/admin/orders/{row.order_id}" in page(desk, snap_id)
    assert f"/admin/snaps/{snap_id}" in desk.get(f"/admin/orders/{row.order_id}", Role.MGR).text


@pytest.mark.parametrize("role", READERS)
def test_company_street_and_bureau_read_without_doors_and_without_buttons(desk: Desk, role: Role) -> None:
    snap_id = doing.send(desk.scene, text="3号楼502室太吵,请打19900000301")
    assert desk.get("/admin/snaps/", role).status_code == 200
    shown = page(desk, snap_id, role)
    assert "太吵" in shown
    assert not any(secret in shown for secret in ("502", "19900000301", "发送回复", "打开(即为接收)"))
    assert submit(desk, snap_id, "reply", role, text="谢谢您").status_code == 403
    assert doing.snap(snap_id).version == 1


@pytest.mark.parametrize("role", [Role.DSP, Role.MGR, *READERS, Role.HOT])
def test_those_of_another_district_are_not_found(desk: Desk, role: Role) -> None:
    other = make_scene(clock.now())
    snap_id = doing.send(other, text="别处的建议")
    assert "别处的建议" not in desk.get("/admin/snaps/?show=all", role).text
    assert desk.get(f"/admin/snaps/{snap_id}", role).status_code == 404
    for action in ("open", "reply", "decline", "convert"):
        assert submit(desk, snap_id, action, role, text="谢谢您").status_code == 404


def test_k20_counts_what_fell_due_and_only_an_answer_in_time_is_one(desk: Desk) -> None:
    scene, now = desk.scene, clock.now()
    sent = now - timedelta(days=10, minutes=1)
    answered, read, never, declined, repaired = (
        doing.send(scene, Kind.PROBLEM if number == 4 else Kind.SUGGEST, at=sent) for number in range(5)
    )
    doing.send(scene, at=now - timedelta(days=1))
    scene.at = sent
    doing.reply(scene, answered, after=timedelta(days=1))
    doing.open_(scene, read)
    doing.decline(scene, declined)
    doing.convert(scene, repaired)
    sweep()
    assert [doing.snap(each).status for each in (read, never)] == ["EXPIRED", "EXPIRED"]
    fell_due = clock.china_date(sent + timedelta(days=10))
    transact(lambda: roll_up(fell_due))
    shown = desk.get(
        f"/admin/dashboard/orders?figure=K20&outcome=all&from={fell_due}&to={fell_due}", Role.BUR
    )
    assert shown.status_code == 200
    assert "1/4" in shown.text
    assert shown.text.count("/admin/snaps/") >= 4
    assert "随手拍答复率" in desk.get("/admin/dashboard/", Role.BUR).text
