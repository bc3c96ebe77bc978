"""Z5 and Z14 of domain 4.8 over the API, and what each person reads while an order waits for somebody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.companies.models import WorkerSkill
from app.core.clock import china
from app.core.db import transact
from app.core.roles import Role
from app.orders.sweeping import sweep
from miniprogram_api.fields import said
from tests.factories.people import make_certificate
from tests.factories.units import saved
from tests.miniprogram_api import waiting_steps as steps
from tests.miniprogram_api.steps import submitted

MS, HOUR = timedelta(milliseconds=1), timedelta(hours=1)
NINE = china(2026, 11, 21, 9)
DUE = china(2026, 11, 23, 22, 10)


def shown(api, order_id, role=Role.RES):
    answer = api.phone(role).get(f"/orders/{order_id}")
    assert answer.status_code == 200, answer.json
    return answer.json


def send(api, role, order_id, command, body=None):
    answer = api.phone(role).send(f"/orders/{order_id}/{command}", body)
    assert answer.status_code == 200, answer.json
    return answer.json


def promise(answer, which):
    return next(each for each in answer["promises"] if each["clock"] == which)


def buttons(answer):
    return [each["action"] for each in answer["actions"]]


def arrived(api, **values) -> int:
    """The worker is there at nine in the morning."""
    order_id = api.scene.until_working(**values)
    api.at(NINE)
    return order_id


def learn(scene) -> None:
    """The worker may work at heights, on walls."""
    saved(WorkerSkill(worker_id=scene.worker.id, category_group="G07"))
    make_certificate(scene.worker, "高处作业", valid_to=date(2099, 1, 1))


def test_z5_a_leaking_wall_waits_for_the_owners_and_the_resident_knows_why(api):
    scene = api.scene
    transact(lambda: learn(scene))
    order_id = arrived(api, category_code="G0701", text="12号楼外墙渗水")
    answer = send(api, Role.MGR, order_id, "need-fund", steps.need(scene))
    assert promise(answer, "C4")["words"] == "今天 11:00 前说明维修资金"
    refused = api.phone(Role.MGR).send(f"/orders/{order_id}/hold-fund")
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["fund_told_at"])
    api.later(minutes=30)
    answer = send(api, Role.DSP, order_id, "tell-fund", steps.TOLD)
    assert promise(answer, "C4")["state"] == "met"
    api.later(minutes=30)
    send(api, Role.MGR, order_id, "hold-fund")
    answer = shown(api, order_id)
    assert (answer["status_label"], answer["hold"]) == ("维修资金征询中", None)
    assert answer["standstill"] == {
        "kind": "FUND",
        "party": "",
        "since": said(china(2026, 11, 21, 10)),
        "expected_at": None,
        "words": "这项维修要动用维修资金,按规定先征询业主意见。外墙防水已过保修期,无责任人。"
        "范围:12号楼东立面。修复时限已暂停,恢复后接着计时。",
    }
    repair = promise(answer, "C3")
    assert (repair["state"], repair["words"], answer["next_due_words"]) == ("paused", "修复暂停计时", "")
    api.at(china(2026, 12, 10, 9))
    while sweep():
        pass
    answer = shown(api, order_id)
    assert (answer["status"], promise(answer, "C3")["breached"]) == ("HOLD_FUND", False)
    answer = send(api, Role.MGR, order_id, "end-hold", {"reason": "征询已通过,开始施工"})
    assert (answer["status"], answer["standstill"]) == ("WORKING", None)
    assert promise(answer, "C3")["due_at"] == said(china(2026, 12, 12, 21, 10))


def test_z14_low_pressure_waits_for_the_waterworks_and_nobody_is_late(api):
    order_id = arrived(api, text="高层水压低")
    body = {**steps.FIRM, "expected_at": said(china(2026, 11, 25, 18))}
    send(api, Role.MGR, order_id, "hold-third", body)
    answer = shown(api, order_id)
    standing = answer["standstill"]
    assert (answer["status_label"], standing["kind"], standing["party"]) == (
        "待专业单位",
        "THIRD",
        "城东自来水公司",
    )
    assert standing["words"] == (
        "等城东自来水公司处理(对方单号 W20261121-7):二次供水泵故障。临时安全措施:已在门厅放置临时水桶。"
        "修复时限已暂停,恢复后接着计时。"
    )
    assert answer["expected_at"] == standing["expected_at"] == said(china(2026, 11, 25, 18))
    assert buttons(answer) == ["add_photos"]
    assert "end_hold" not in buttons(shown(api, order_id, Role.WRK))
    api.at(china(2026, 11, 25, 17))
    while sweep():
        pass
    assert not shown(api, order_id)["late"]
    assert api.phone(Role.WRK).send(f"/orders/{order_id}/end-hold", {"reason": "修好了"}).status_code == 409
    answer = send(api, Role.MGR, order_id, "end-hold", {"reason": "自来水公司已换泵"})
    assert promise(answer, "C3")["due_at"] == said(DUE + 104 * HOUR)
    note = api.phone(Role.RES).get(f"/orders/{order_id}/timeline").json["items"][-1]["note"]
    assert note == "自来水公司已换泵"


def test_owners_who_do_not_agree_close_the_order_with_their_result(api):
    order_id = steps.fund_asked(api.scene)
    api.at(api.scene.at + HOUR)
    send(api, Role.MGR, order_id, "close-fund", steps.failed(api.scene))
    answer = shown(api, order_id)
    assert (answer["status"], answer["standstill"], buttons(answer)) == ("CLOSED", None, [])
    assert promise(answer, "C3")["state"] == "void"


def test_the_manager_reads_who_pays_before_he_asks_the_owners(api):
    answer = api.phone(Role.MGR).get("/who-pays").json
    assert "不等于" in answer["rule"]
    assert [each["payer"] for each in answer["items"] if not each["instead"]] == ["fund", "revenue", "owners"]
    assert api.phone(Role.RES).get("/who-pays").status_code == 403


def test_a_question_is_asked_and_answered(api):
    order_id = submitted(api.scene)
    api.at(api.scene.at)
    send(api, Role.DSP, order_id, "ask-info", {"question": "是几号楼几单元的灯?"})
    answer = shown(api, order_id)
    asked = answer["question"]
    assert (asked["open"], asked["words"]) == (True, "请在 明天 22:10 前补充:是几号楼几单元的灯?")
    assert "give_info" in buttons(answer)
    assert promise(answer, "C3")["state"] == "paused"
    assert promise(answer, "C1")["state"] == "pending"
    api.later(minutes=10)
    photos = api.scene.photos(Role.RES)
    send(api, Role.RES, order_id, "give-info", {"text": "3号楼2单元", "photo_ids": photos})
    answer = shown(api, order_id, Role.DSP)
    asked = answer["question"]
    assert (asked["open"], asked["answer"], asked["words"]) == (False, "3号楼2单元", "居民已补充信息")
    assert promise(answer, "C3")["due_at"] == said(DUE + timedelta(minutes=10))
    assert "ask_info" not in buttons(answer)
    again = api.phone(Role.DSP).send(f"/orders/{order_id}/ask-info", {"question": "是哪一盏灯?"})
    assert (again.status_code, again.json["fields"]) == (409, {"status": "SUBMITTED"})


def test_what_was_asked_and_answered_is_masked_for_who_only_looks_on(api):
    order_id = submitted(api.scene)
    api.at(api.scene.at)
    send(api, Role.DSP, order_id, "ask-info", {"question": "请留一个能打通的电话"})
    send(api, Role.RES, order_id, "give-info", {"text": "打13900000001找我"})
    for role in (Role.CO, Role.BUR):
        assert "13900000001" not in str(shown(api, order_id, role)["question"])


def test_a_special_extension_names_its_date_to_the_resident(api):
    order_id = steps.special_asked(api.scene)
    api.at(api.scene.at + HOUR)
    asked = shown(api, order_id, Role.STR)
    assert {"approve_special", "refuse_special"} <= set(buttons(asked))
    assert asked["special"]["words"].endswith("等街道或房管局决定")
    until = asked["special"]["asked_until"]
    send(api, Role.BUR, order_id, "approve-special", {"note": "情况属实", "force_majeure": True})
    answer = shown(api, order_id)
    assert promise(answer, "C3")["due_at"] == answer["special"]["granted_until"] == until
    assert answer["special"]["words"] == "经街道或房管局同意,修复期限延到 12月10日 22:20,因不可抗力"


@pytest.mark.parametrize("role", [Role.RES, Role.WRK])
def test_an_order_that_never_waited_says_nothing_of_it(api, role):
    order_id = arrived(api)
    answer = shown(api, order_id, role)
    assert (answer["standstill"], answer["question"], answer["special"]) == (None, None, None)
