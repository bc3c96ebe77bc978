"""费用咨询 over the API: a resident asks about a bill of his home and says whether the answer was one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.audit.service import ensure_head
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.fees import issuing, questions
from app.fees.bill_models import Bill
from app.fees.rules import period_of
from tests.factories.scene import make_neighbour
from tests.fees.town import charge
from tests.invoices import doing

TEXT = {"text": "这个数是怎么算出来的?"}


@pytest.fixture
def bill_id(api) -> int:
    """The bill of this month of the resident's home."""
    transact(ensure_head)
    charge(api.scene.place)
    issuing.issue(period_of(api.scene.at.date()), by=SYSTEM)
    home = api.scene.place.homes[0].id
    return db.session.query(Bill.id).filter_by(home_id=home).scalar()


def asked(api, bill_id: int) -> int:
    return api.phone(Role.RES).send(f"/bills/{bill_id}/ask", TEXT).json["id"]


def answered(api, question_id: int) -> None:
    finance = doing.accountant(api.scene)
    transact(lambda: questions.answer(question_id, text="面积乘单价", by=finance))


def test_a_question_is_asked_answered_and_confirmed(api, bill_id):
    phone = api.phone(Role.RES)
    first = phone.send(f"/bills/{bill_id}/ask", TEXT, key="asked-once-only-1")
    assert first.status_code == 201, first.json
    shown = first.json
    assert (shown["state"], shown["answer"], shown["actions"]) == ("submitted", "", [])
    assert (shown["bill"]["id"], shown["bill"]["kind_label"]) == (bill_id, "物业费")
    assert shown["due_at"] > shown["asked_at"]
    assert shown["due_words"] == "物业最晚 11月24日 答复"
    assert phone.send(f"/bills/{bill_id}/ask", TEXT, key="asked-once-only-1").json == shown
    answered(api, shown["id"])
    line = phone.get("/fee-questions").json["items"][0]
    assert (line["words"], line["answer"], line["due_words"]) == ("已答复", "面积乘单价", "")
    assert [each["action"] for each in line["actions"]] == ["solved", "unsolved"]
    done = phone.send(f"/fee-questions/{shown['id']}/solved", key="confirmed-once-1")
    assert (done.status_code, done.json["state"]) == (200, "solved")
    assert phone.send(f"/fee-questions/{shown['id']}/solved", key="confirmed-once-1").json == done.json


def test_unsolved_goes_to_the_company_and_a_repeat_does_not_go_further(api, bill_id):
    question_id = asked(api, bill_id)
    answered(api, question_id)
    phone = api.phone(Role.RES)
    first = phone.send(f"/fee-questions/{question_id}/unsolved", key="not-an-answer-1")
    assert (first.status_code, first.json["words"]) == (200, "未解决,已转物业公司答复")
    assert first.json["due_words"] == "物业公司最晚 11月25日 答复"
    assert phone.send(f"/fee-questions/{question_id}/unsolved", key="not-an-answer-1").json == first.json
    steps = phone.get(f"/fee-questions/{question_id}").json["steps"]
    assert [each["by"] for each in steps] == ["居民", "物业企业财务", "居民"]


def test_an_answer_that_is_late_says_so_with_an_apology(api, bill_id):
    question_id = asked(api, bill_id)
    due = questions.get_question(question_id, SYSTEM).due_at
    api.at(due)
    assert "晚了" not in api.phone(Role.RES).get(f"/fee-questions/{question_id}").json["due_words"]
    api.at(due + timedelta(milliseconds=1))
    words = api.phone(Role.RES).get(f"/fee-questions/{question_id}").json["due_words"]
    assert words.startswith("物业最晚应在 ") and "已经晚了,对不起" in words


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "?"}, {"text": "长" * 501}, {"text": 1}, {"text": "好的\x00"}]
)
def test_a_bad_body_is_422_and_names_the_field(api, bill_id, body):
    answer = api.phone(Role.RES).send(f"/bills/{bill_id}/ask", body)
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["text"])


def test_the_wrong_state_is_409(api, bill_id):
    phone, question_id = api.phone(Role.RES), asked(api, bill_id)
    for word in ("solved", "unsolved"):
        answer = phone.send(f"/fee-questions/{question_id}/{word}")
        assert (answer.status_code, answer.json["code"]) == (409, "wrong_fee_question_state")
        assert answer.json["fields"] == {"state": "submitted"}
    again = phone.send(f"/bills/{bill_id}/ask", TEXT)
    assert (again.status_code, again.json["code"]) == (409, "fee_question_open")


def test_somebody_else_finds_neither_bill_nor_question(api, bill_id):
    neighbour, question_id = api.phone(make_neighbour(api.scene)), asked(api, bill_id)
    answers = (
        neighbour.send(f"/bills/{bill_id}/ask", TEXT),
        neighbour.send(f"/fee-questions/{question_id}/solved"),
        neighbour.send(f"/fee-questions/{question_id}/unsolved"),
        neighbour.get(f"/fee-questions/{question_id}"),
    )
    assert [each.status_code for each in answers] == [404] * 4
    assert neighbour.get("/fee-questions").json["items"] == []
    assert api.phone(Role.DSP).get("/fee-questions").status_code == 403
