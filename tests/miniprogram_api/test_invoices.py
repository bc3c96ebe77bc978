"""Invoices over the API: asked for by the payer, read by him alone, taken back before they are written out."""

from __future__ import annotations

import pytest

from app.audit.service import ensure_head
from app.core.db import transact
from app.invoices.lifecycle import How, State
from app.payments.models import PaymentState
from tests.factories.scene import make_neighbour
from tests.invoices import doing

ASK = {"how": "office", "title_kind": "person", "title": "王女士"}


@pytest.fixture
def phone(api):
    transact(ensure_head)
    return api.phone(doing.payer(api.scene))


def test_a_paid_payment_gets_its_invoice_and_a_repeat_is_the_same(api, phone):
    payment_id = doing.paid(api.scene, lines=2)
    first = phone.send(f"/payments/{payment_id}/invoice", ASK, key="one-invoice-only-1")
    assert first.status_code == 201, first.json
    shown = first.json
    assert (shown["state"], shown["words"], shown["amount_fen"]) == ("requested", "待开", 57200)
    assert [each["words"] for each in shown["steps"]] == ["已申请开票"]
    assert [each["action"] for each in shown["actions"]] == ["withdraw"]
    again = phone.send(f"/payments/{payment_id}/invoice", ASK, key="one-invoice-only-1")
    assert (again.status_code, again.json) == (201, shown)
    assert [each["id"] for each in phone.get("/invoices").json["items"]] == [shown["id"]]
    payment = phone.get(f"/payments/{payment_id}").json
    assert payment["invoice"] == {"id": shown["id"], "state": "requested", "words": "待开"}
    assert "ask_invoice" not in [each["action"] for each in payment["actions"]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"how": "fax"}, "how"),
        ({"title_kind": "estate"}, "title_kind"),
        ({"title": ""}, "title"),
        ({"title": "长" * 61}, "title"),
        ({"title": True}, "title"),
        ({"title_kind": "company"}, "tax_no"),
        ({"title_kind": "company", "tax_no": "91110108MA01ABCD21"}, "tax_no"),
        ({"email": "wang@example.com"}, "email"),
        ({"amount_fen": 1}, "amount_fen"),
    ],
    ids=str,
)
def test_a_bad_body_is_422_and_names_the_field(api, phone, wrong, field):
    payment_id = doing.paid(api.scene)
    answer = phone.send(f"/payments/{payment_id}/invoice", {**ASK, **wrong})
    assert answer.status_code == 422, answer.json
    assert field in answer.json["fields"]
    assert phone.get("/invoices").json["items"] == []


def test_without_a_service_electronic_is_neither_offered_nor_taken(api, phone):
    choices = phone.get("/invoices/choices").json
    assert [each["code"] for each in choices["ways"]] == ["office", "letterbox"]
    body = {**ASK, "how": "electronic", "email": "wang@example.com"}
    answer = phone.send(f"/payments/{doing.paid(api.scene)}/invoice", body)
    assert (answer.status_code, answer.json["code"]) == (409, "no_electronic")


def test_what_was_not_paid_or_has_one_already_is_409(api, phone):
    unpaid = doing.paid(api.scene, state=PaymentState.OPEN)
    answer = phone.send(f"/payments/{unpaid}/invoice", ASK)
    assert (answer.status_code, answer.json["code"]) == (409, "not_invoiceable")
    payment_id = doing.paid(api.scene)
    assert phone.send(f"/payments/{payment_id}/invoice", ASK).status_code == 201
    answer = phone.send(f"/payments/{payment_id}/invoice", ASK)
    assert (answer.status_code, answer.json["code"]) == (409, "invoice_asked_for")


def test_a_request_is_taken_back_once_and_not_after_it_was_written_out(api, phone):
    invoice_id = doing.asked(api.scene)
    first = phone.send(f"/invoices/{invoice_id}/withdraw", key="taken-back-once-1")
    assert (first.status_code, first.json["words"]) == (200, "已撤回")
    again = phone.send(f"/invoices/{invoice_id}/withdraw", key="taken-back-once-1")
    assert again.json == first.json
    issued = doing.in_state(api.scene, State.ISSUED)
    answer = phone.send(f"/invoices/{issued}/withdraw")
    assert (answer.status_code, answer.json["code"]) == (409, "wrong_invoice_state")
    assert answer.json["fields"] == {"state": "issued"}


def test_somebody_else_finds_neither_payment_nor_invoice(api, phone):
    neighbour = api.phone(make_neighbour(api.scene))
    payment_id, invoice_id = doing.paid(api.scene), doing.asked(api.scene)
    answers = (
        neighbour.send(f"/payments/{payment_id}/invoice", ASK),
        neighbour.send(f"/invoices/{invoice_id}/withdraw"),
        neighbour.get(f"/invoices/{invoice_id}"),
    )
    assert [each.status_code for each in answers] == [404, 404, 404]
    assert neighbour.get("/invoices").json["items"] == []
    assert phone.get(f"/invoices/{invoice_id}").json["id"] == invoice_id


def test_the_list_pages_and_tells_how_it_was_handed_over(api, phone):
    done = doing.in_state(api.scene, State.DELIVERED, How.LETTERBOX)
    newer = doing.asked(api.scene)
    first = phone.get("/invoices", limit=1).json
    rest = phone.get("/invoices", limit=1, cursor=first["next_cursor"]).json
    assert [each["id"] for each in first["items"] + rest["items"]] == [newer, done]
    delivered = rest["items"][0]
    assert (delivered["words"], delivered["steps"][-1]["words"]) == ("已投递", "已投递到信报箱")
    assert delivered["handed_over_at"]
    assert phone.get("/invoices", cursor="nonsense").status_code == 422
