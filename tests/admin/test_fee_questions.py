"""The console's page 费用咨询: the accountant answers, the company and the bureau when it comes to them."""

from __future__ import annotations

import secrets

import pytest

from app.audit.service import ensure_head
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.fees import issuing, questions
from app.fees.bill_models import Bill
from app.fees.question_lifecycle import State
from app.fees.question_models import FeeQuestion
from app.fees.rules import period_of
from tests.admin.conftest import Desk
from tests.admin.finance import give_accountant
from tests.factories.scene import Scene, make_scene
from tests.fees.town import charge


@pytest.fixture
def office(desk: Desk) -> Desk:
    transact(ensure_head)
    give_accountant(desk)
    return desk


def asked(scene: Scene, text: str = "面积好像不对,请打19900000301") -> int:
    """The resident of the scene asks about the bill of this month."""
    charge(scene.place)
    issuing.issue(period_of(scene.at.date()), by=SYSTEM)
    bill = db.session.query(Bill).filter_by(home_id=scene.place.homes[0].id).order_by(Bill.id.desc()).first()
    bill_id, by = bill.id, scene.by(Role.RES)
    return transact(lambda: questions.ask(bill_id, text=text, by=by).id)


def answer(desk: Desk, question_id: int, role: Role, text: str = "按登记面积计算,已附说明"):
    fields = {"csrf_token": desk.token(role), "request_id": secrets.token_hex(12), "text": text}
    url = f"/admin/fee-questions/{question_id}/answer"
    return desk.client(role).post(url, data=fields, follow_redirects=True)


def state_of(question_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(FeeQuestion, question_id, populate_existing=True).state


def unsolved(desk: Desk, question_id: int) -> None:
    by = desk.scene.by(Role.RES)
    transact(lambda: questions.unsolved(question_id, by=by))


def test_the_accountant_finds_it_answers_and_it_leaves_his_list(office: Desk) -> None:
    question_id = asked(office.scene)
    assert "面积好像不对" in office.get("/admin/fee-questions/", Role.FIN).text
    page = office.get(f"/admin/fee-questions/{question_id}", Role.FIN).text
    assert "发送答复" in page
    assert "已答复,居民会收到" in answer(office, question_id, Role.FIN).text
    assert state_of(question_id) == State.ANSWERED
    assert "面积好像不对" not in office.get("/admin/fee-questions/", Role.FIN).text
    assert "面积好像不对" in office.get("/admin/fee-questions/?show=all", Role.FIN).text
    assert "不能这样操作" in answer(office, question_id, Role.FIN).text


def test_it_reaches_company_and_bureau_and_each_answers_only_in_his_turn(office: Desk) -> None:
    question_id = asked(office.scene)
    assert "发送答复" not in office.get(f"/admin/fee-questions/{question_id}", Role.BUR).text
    answer(office, question_id, Role.BUR)
    assert state_of(question_id) == State.SUBMITTED
    answer(office, question_id, Role.MGR)
    unsolved(office, question_id)
    answer(office, question_id, Role.FIN)
    assert state_of(question_id) == State.COMPANY
    answer(office, question_id, Role.CO)
    unsolved(office, question_id)
    answer(office, question_id, Role.BUR, "请双方重新测量")
    assert state_of(question_id) == State.CONCLUDED


def test_the_manager_reads_no_amount_and_the_bureau_no_number_before_its_turn(office: Desk) -> None:
    question_id = asked(office.scene)
    url = f"/admin/fee-questions/{question_id}"
    assert "¥" in office.get(url, Role.FIN).text
    assert "¥" not in office.get(url, Role.MGR).text
    assert "19900000301" not in office.get(url, Role.BUR).text
    assert "19900000301" not in office.get("/admin/fee-questions/?show=all", Role.BUR).text


def test_an_empty_answer_is_explained_and_a_strange_question_not_found(office: Desk) -> None:
    question_id = asked(office.scene)
    assert "至少2个字" in answer(office, question_id, Role.FIN, " ").text
    elsewhere = asked(make_scene(office.scene.at))
    for role in (Role.FIN, Role.MGR, Role.CO, Role.BUR):
        assert office.get(f"/admin/fee-questions/{elsewhere}", role).status_code == 404
        assert answer(office, elsewhere, role).status_code == 404
    for role in (Role.DSP, Role.STR, Role.HOT):
        assert office.get("/admin/fee-questions/", role).status_code == 403
