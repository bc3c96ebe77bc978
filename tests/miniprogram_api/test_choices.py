"""What somebody on the phone may choose from before he acts: prices for a quote, other categories; and until when."""

from __future__ import annotations

from datetime import timedelta

from app.core.clock import china
from app.core.roles import Role
from miniprogram_api.fields import said
from tests.miniprogram_api.quote_steps import LAMP_LINE, agreed, looked_at
from tests.miniprogram_api.steps import accepted, assigned, verified


def items(api, order_id: int) -> dict:
    api.at(api.scene.at)
    answer = api.phone(Role.WRK).get(f"/orders/{order_id}/quote-items")
    assert answer.status_code == 200, answer.json
    return answer.json


def test_a_worker_reads_the_published_items_of_the_trouble_first_with_the_most_they_may_cost(api):
    found = items(api, looked_at(api.scene))
    assert (found["free"], found["needed"], found["visit_fee_fen"]) == (False, True, 2_000)
    assert [each["code"][0] for each in found["items"][:7]] == ["E"] * 7
    lamp = next(each for each in found["items"] if each["code"] == LAMP_LINE["item_code"])
    order_id = looked_at(api.scene)
    api.at(api.scene.at)
    at_most = {"lines": [{"item_code": lamp["code"], "unit_price_fen": lamp["most_fen"]}]}
    too_much = {"lines": [{"item_code": lamp["code"], "unit_price_fen": lamp["most_fen"] + 1}]}
    phone = api.phone(Role.WRK)
    assert phone.send(f"/orders/{order_id}/quote", too_much).status_code == 422
    assert phone.send(f"/orders/{order_id}/quote", at_most).status_code == 200


def test_fees_for_a_visit_cannot_be_chosen_and_what_was_agreed_needs_no_further_quote(api):
    found = items(api, agreed(api.scene))
    assert not found["needed"]
    assert not {each["code"] for each in found["items"]} & {"F01", "G01"}


def test_a_resident_has_no_such_list_and_a_foreign_order_does_not_exist(api):
    order_id = looked_at(api.scene)
    api.at(api.scene.at)
    assert api.phone(Role.RES).get(f"/orders/{order_id}/quote-items").status_code == 403
    assert api.phone(Role.WRK).get("/orders/999999/quote-items").status_code == 404
    assert api.phone(Role.DSP).get("/orders/999999/other-categories").status_code == 404


def test_the_desk_chooses_another_category_of_the_same_kind_of_order(api):
    order_id = accepted(api.scene)
    desk = api.phone(Role.DSP)
    before = desk.get(f"/orders/{order_id}").json["category_code"]
    found = desk.get(f"/orders/{order_id}/other-categories").json["items"]
    codes = [each["code"] for each in found]
    assert before not in codes
    assert {code[0] for code in codes} == {"G"}
    assert codes[0][:3] == before[:3]
    body = {"category_code": codes[0], "reason": "看照片是另一种情况"}
    assert desk.send(f"/orders/{order_id}/recategorise", body).json["category_code"] == codes[0]


def test_a_worker_reads_until_when_he_has_to_confirm_and_no_longer_once_he_has(api):
    order_id = assigned(api.scene)
    phone = api.phone(Role.WRK)
    until = said(api.scene.at + timedelta(minutes=5))
    (task,) = phone.get("/tasks").json["items"]
    assert task["answer_by"] == phone.get(f"/orders/{order_id}/site").json["answer_by"] == until
    assert phone.send(f"/orders/{order_id}/take").status_code == 200
    (task,) = phone.get("/tasks").json["items"]
    assert task["answer_by"] is None


def test_who_has_arrived_is_asked_for_no_confirmation(api):
    order_id = verified(api.scene)
    assert api.phone(Role.WRK).get(f"/orders/{order_id}/site").json["answer_by"] is None
    assert api.scene.at > china(2026, 1, 1)
