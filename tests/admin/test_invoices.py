"""The console's page 发票: numbers written down, handed over in batches, reversed; another company finds nothing."""

from __future__ import annotations

import secrets

import pytest

from app.audit.service import ensure_head
from app.core.db import transact
from app.core.roles import Role
from app.integrations.einvoice.contract import EInvoiceRefused
from app.invoices import issuing
from app.invoices.electronic import make_calls
from app.invoices.lifecycle import How, State
from tests.admin.conftest import Desk
from tests.admin.finance import give_accountant
from tests.factories.scene import make_scene
from tests.invoices import doing
from tests.invoices.test_electronic import Service, good


@pytest.fixture
def office(desk: Desk) -> Desk:
    transact(ensure_head)
    give_accountant(desk)
    return desk


def submit(desk: Desk, path: str, role: Role = Role.FIN, **form: object):
    """A form as the page sends it."""
    fields = {"csrf_token": desk.token(role), "request_id": secrets.token_hex(12), **form}
    return desk.client(role).post(f"/admin/invoices/{path}", data=fields, follow_redirects=True)


def shown(desk: Desk, show: str = "requested", role: Role = Role.FIN) -> str:
    answer = desk.get(f"/admin/invoices/?show={show}", role)
    assert answer.status_code == 200
    return answer.text


def test_the_worklist_says_for_what_and_for_whom_the_oldest_first(office: Desk) -> None:
    first = doing.asked(office.scene, title="先来女士")
    doing.asked(office.scene, title="后来女士")
    text = shown(office)
    assert text.index("先来女士") < text.index("后来女士")
    assert "2026年01月 物业费" in text
    assert "¥286.00" in text
    assert f'name="number_{first}"' in text
    assert "没有已开" in shown(office, "issued")


def test_numbers_of_several_are_written_down_together_and_a_double_one_writes_none(office: Desk) -> None:
    ids = [doing.asked(office.scene) for _ in range(3)]
    same = doing.number()
    said = submit(office, "issue", **{f"number_{each}": same for each in ids[:2]}).text
    assert "没有办理" in said
    assert doing.invoice(ids[0]).state == State.REQUESTED
    numbers = {f"number_{each}": doing.number() for each in ids[:2]}
    assert "已登记 2 张" in submit(office, "issue", **numbers, **{f"number_{ids[2]}": " "}).text
    states = [doing.invoice(each).state for each in ids]
    assert states == [State.ISSUED, State.ISSUED, State.REQUESTED]


def test_from_the_number_to_the_letter_box_with_ticked_boxes(office: Desk) -> None:
    taken = doing.in_state(office.scene, State.ISSUED)
    posted = doing.in_state(office.scene, State.ISSUED, How.LETTERBOX)
    assert "已送出 2 张" in submit(office, "set-out", ids=[str(taken), str(posted)]).text
    assert (doing.invoice(taken).state, doing.invoice(posted).state) == (State.READY, State.DELIVERING)
    assert "没有办理" in submit(office, "hand-over", ids=[str(taken)], to="").text
    assert "已登记 2 张" in submit(office, "hand-over", ids=[str(taken), str(posted)], to="本人").text
    assert "本人" in shown(office, "done")
    assert doing.invoice(posted).state == State.DELIVERED


@pytest.mark.parametrize("ids", [[], ["x"], ["-1"], ["9" * 30], ["987654321"]], ids=str)
def test_nonsense_among_the_boxes_is_no_invoice(office: Desk, ids: list[str]) -> None:
    answer = submit(office, "set-out", ids=ids)
    assert answer.status_code in (200, 404)
    assert "已送出" not in answer.text


def test_one_invoice_is_sent_back_with_a_reason_or_reversed_with_a_number(office: Desk) -> None:
    wrong, refunded = doing.asked(office.scene), doing.in_state(office.scene, State.COLLECTED)
    assert "抬头不完整" in submit(office, f"{wrong}/send_back", reason="抬头不完整").text
    said = submit(office, f"{refunded}/reverse", red_number="12", reason="居民退费").text
    assert "8到24位数字" in said
    red = doing.number()
    assert red in submit(office, f"{refunded}/reverse", red_number=red, reason="居民退费").text
    assert (doing.invoice(wrong).state, doing.invoice(refunded).state) == (State.RETURNED, State.REVERSED)
    assert "办理</h2>" not in office.get(f"/admin/invoices/{refunded}", Role.FIN).text


def test_what_the_service_will_not_reverse_is_told_and_its_red_number_is_written_down(office: Desk) -> None:
    invoice_id, by = doing.asked(office.scene, How.ELECTRONIC), doing.accountant(office.scene)
    make_calls(Service(good()), 1)
    doing.step(lambda: issuing.reverse(invoice_id, reason="居民退费", by=by))
    page = f"/admin/invoices/{invoice_id}"
    assert "登记红字发票" not in office.get(page, Role.FIN).text
    make_calls(Service(EInvoiceRefused("发票已勾选抵扣")), 1)
    text = office.get(page, Role.FIN).text
    assert "发票已勾选抵扣" in text and "登记红字发票" in text
    red = doing.number()
    assert red in submit(office, f"{invoice_id}/reverse_by_hand", red_number=red).text
    assert doing.invoice(invoice_id).state == State.REVERSED


def test_the_same_form_twice_is_one_step(office: Desk) -> None:
    invoice_id = doing.asked(office.scene)
    for _ in range(2):
        submit(office, f"{invoice_id}/issue", number="26110000000000000009", request_id="one-form-only-1")
    assert doing.invoice(invoice_id).version == 2


def test_another_company_and_other_hats_find_nothing(office: Desk) -> None:
    elsewhere = doing.asked(make_scene())
    assert office.get(f"/admin/invoices/{elsewhere}", Role.FIN).status_code == 404
    assert submit(office, f"{elsewhere}/issue", number=doing.number()).status_code == 404
    assert "没有待开的发票" in shown(office)
    assert office.get("/admin/invoices/", Role.CO).status_code == 200
    for role in (Role.DSP, Role.MGR, Role.BUR, Role.STR):
        assert office.get("/admin/invoices/", role).status_code == 403


def test_the_list_costs_as_many_statements_for_ten_as_for_one(office: Desk) -> None:
    doing.asked(office.scene)
    before = office.statements("/admin/invoices/", Role.FIN)
    for _ in range(9):
        doing.asked(office.scene)
    assert office.statements("/admin/invoices/", Role.FIN) == before
