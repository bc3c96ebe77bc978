"""Electronic invoices: a row before each call, repeated until there is an answer, refused ones go back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db, transact
from app.core.outgoing import OutgoingState, take
from app.core.scope import Scope
from app.integrations.einvoice.contract import EInvoiceDown, EInvoiceRefused, Issued
from app.integrations.einvoice.http import EInvoiceClient
from app.invoices import issuing, queries
from app.invoices.electronic import make_calls
from app.invoices.errors import WrongInvoiceState
from app.invoices.lifecycle import OVER, How, State
from app.invoices.models import EInvoiceCall
from app.invoices.queries import Pile
from app.payments.refund_holds import RefundHeld, refuse_held
from tests.factories.scene import Scene
from tests.fakes.sandbox import start_sandbox
from tests.invoices import doing
from wechat_sandbox.settings import EINVOICE_KEY

OFFICE_STATES = (State.REQUESTED, State.ISSUED, State.READY, State.COLLECTED)


class Service:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), []

    def issue(self, request_no: str, content: Mapping[str, Any]) -> Issued:
        self.asked.append((request_no, dict(content)))
        return self._next()

    def reverse(self, request_no: str, number: str) -> Issued:
        self.asked.append((request_no, number))
        return self._next()

    def _next(self) -> Issued:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def good(number: str = "26110000000000000001") -> Issued:
    return Issued(number, f"https://invoices.example/{number}.pdf")


def call(invoice_id: int) -> EInvoiceCall:
    db.session.rollback()
    mine = select(EInvoiceCall).where(EInvoiceCall.invoice_id == invoice_id)
    return db.session.scalars(mine.order_by(EInvoiceCall.id.desc()).limit(1)).one()


def test_it_is_ordered_with_the_request_and_written_once(scene: Scene) -> None:
    invoice_id, service = doing.asked(scene, How.ELECTRONIC), Service(good())
    assert make_calls(service, 10) == 1
    assert make_calls(service, 10) == 0
    row = doing.invoice(invoice_id)
    assert (row.state, row.number) == (State.ISSUED, "26110000000000000001")
    assert row.pdf_url.endswith(".pdf")
    (request_no, content) = service.asked[0]
    assert request_no == f"I{invoice_id}-issue"
    assert (content["amount_fen"], content["items"][0]["amount_fen"]) == (28600, 28600)
    assert content["seller_tax_no"] == scene.place.company.credit_code
    assert queries.invoice_line(invoice_id, doing.payer(scene)).words == "已开,已发到邮箱"


def test_without_an_answer_it_is_repeated_under_its_own_number(scene: Scene) -> None:
    invoice_id = doing.asked(scene, How.ELECTRONIC)
    service = Service(EInvoiceDown("ReadTimeout"), EInvoiceDown("HTTP 502"), good())
    at = clock.now()
    for wait in (timedelta(), timedelta(minutes=1), timedelta(minutes=4)):
        with clock.frozen(at + wait):
            make_calls(service, 5)
    assert [each[0] for each in service.asked] == [f"I{invoice_id}-issue"] * 3
    assert service.asked[0] == service.asked[2]
    assert (call(invoice_id).state, call(invoice_id).attempts) == (OutgoingState.DONE, 3)


def test_a_killed_call_is_made_again_and_a_late_answer_of_the_first_changes_nothing(scene: Scene) -> None:
    invoice_id = doing.asked(scene, How.ELECTRONIC)
    transact(lambda: take(EInvoiceCall, 1))
    service = Service(good())
    assert make_calls(service, 1) == 0
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        assert make_calls(service, 1) == 1
    assert doing.invoice(invoice_id).state == State.ISSUED


def test_what_the_service_will_not_write_goes_back_with_its_words(scene: Scene) -> None:
    invoice_id = doing.asked(scene, How.ELECTRONIC)
    make_calls(Service(EInvoiceRefused("抬头与税号不符")), 1)
    row = doing.invoice(invoice_id)
    assert (row.state, row.live, call(invoice_id).state) == (State.RETURNED, None, OutgoingState.REFUSED)
    assert queries.steps_of(invoice_id)[-1].note == "抬头与税号不符"
    refuse_held(row.payment_id)


def test_from_the_order_on_a_refund_waits_and_after_the_reversal_it_may_go(scene: Scene) -> None:
    invoice_id, by = doing.asked(scene, How.ELECTRONIC), doing.accountant(scene)
    payment_id = doing.invoice(invoice_id).payment_id
    with pytest.raises(RefundHeld, match="正在开电子发票"):
        refuse_held(payment_id)
    make_calls(Service(good()), 1)
    doing.step(lambda: issuing.reverse(invoice_id, reason="居民退费", by=by))
    assert doing.invoice(invoice_id).state == State.REVERSING
    with pytest.raises(RefundHeld, match="红冲"):
        refuse_held(payment_id)
    service = Service(good("26110000000000000002"))
    make_calls(service, 1)
    assert service.asked == [(f"I{invoice_id}-reverse", "26110000000000000001")]
    row = doing.invoice(invoice_id)
    assert (row.state, row.red_number, row.live) == (State.REVERSED, "26110000000000000002", None)
    refuse_held(payment_id)


def test_without_a_service_nothing_is_called_and_nothing_is_lost(scene: Scene) -> None:
    invoice_id = doing.asked(scene, How.ELECTRONIC)
    assert make_calls(None, 10) == 0
    assert call(invoice_id).state == OutgoingState.WAITING


def test_against_the_sandbox_an_invoice_is_written_and_reversed_and_a_bad_title_refused(
    scene: Scene,
) -> None:
    with start_sandbox() as sandbox:
        client = EInvoiceClient(sandbox.url, EINVOICE_KEY)
        invoice_id, by = doing.asked(scene, How.ELECTRONIC), doing.accountant(scene)
        bad = doing.asked(scene, How.ELECTRONIC, title="拒开女士")
        assert make_calls(client, 5) == 2
        assert doing.invoice(bad).state == State.RETURNED
        doing.step(lambda: issuing.reverse(invoice_id, reason="居民退费", by=by))
        assert make_calls(client, 5) == 1
        row = doing.invoice(invoice_id)
        assert (row.state, len(row.number or ""), len(row.red_number or "")) == (State.REVERSED, 20, 20)


def test_what_the_service_will_not_reverse_is_settled_by_hand_and_only_then_money_goes_back(
    scene: Scene,
) -> None:
    invoice_id, by = doing.asked(scene, How.ELECTRONIC), doing.accountant(scene)
    payment_id = doing.invoice(invoice_id).payment_id
    make_calls(Service(good()), 1)
    doing.step(lambda: issuing.reverse(invoice_id, reason="居民退费", by=by))
    with pytest.raises(WrongInvoiceState, match="还在红冲"):
        doing.step(lambda: issuing.reverse_by_hand(invoice_id, red_number=doing.number(), by=by))
    make_calls(Service(EInvoiceRefused("发票已勾选抵扣")), 1)
    assert doing.invoice(invoice_id).state == State.REVERSING
    assert queries.steps_of(invoice_id)[-1].note == "发票已勾选抵扣"
    with pytest.raises(RefundHeld):
        refuse_held(payment_id)
    red = doing.number()
    doing.step(lambda: issuing.reverse_by_hand(invoice_id, red_number=red, by=by))
    row = doing.invoice(invoice_id)
    assert (row.state, row.red_number, row.live) == (State.REVERSED, red, None)
    refuse_held(payment_id)


def test_an_electronic_one_that_was_sent_waits_for_nobody(scene: Scene) -> None:
    invoice_id, by = doing.asked(scene, How.ELECTRONIC), doing.accountant(scene)
    assert invoice_id in in_pile(by, Pile.REQUESTED)
    make_calls(Service(good()), 1)
    assert invoice_id in in_pile(by, Pile.DONE)
    assert invoice_id not in in_pile(by, Pile.ISSUED)
    doing.step(lambda: issuing.reverse(invoice_id, reason="居民退费", by=by))
    assert invoice_id in in_pile(by, Pile.ISSUED)


def in_pile(by: Scope, pile: Pile) -> list[int]:
    return [line.id for line in queries.worklist(by, pile).items]


def test_every_state_lies_in_exactly_one_pile(scene: Scene) -> None:
    by = doing.accountant(scene)
    papers = [doing.in_state(scene, state) for state in (*OFFICE_STATES, *OVER)]
    seen = [invoice_id for pile in Pile for invoice_id in in_pile(by, pile)]
    assert sorted(seen) == sorted(papers)
