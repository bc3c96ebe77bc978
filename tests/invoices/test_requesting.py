"""Asking for an invoice: of what was paid, once, with a title that can be printed."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid
from app.invoices import queries, requesting
from app.invoices.errors import (
    InvoiceAskedFor,
    NoElectronic,
    NotInvoiceable,
    RefundUnderWay,
    WrongInvoiceState,
)
from app.invoices.lifecycle import How, State, TitleKind
from app.invoices.models import Invoice
from app.payments.errors import PaymentNotFound
from app.payments.models import Payment, PaymentState
from tests.factories.scene import Scene, make_stranger
from tests.invoices import doing


def test_a_paid_payment_gets_one_live_invoice_over_what_was_paid(scene: Scene) -> None:
    payment_id = doing.paid(scene, fen=28600, lines=3)
    invoice_id = doing.asked(scene, payment_id=payment_id)
    row = doing.invoice(invoice_id)
    assert (row.state, row.amount_fen, row.live) == (State.REQUESTED, 85800, 1)
    assert row.due_at > row.requested_at
    with pytest.raises(InvoiceAskedFor):
        doing.asked(scene, payment_id=payment_id)


def test_the_database_refuses_a_second_live_invoice_of_a_payment(scene: Scene) -> None:
    row = doing.invoice(doing.asked(scene))
    values = {
        column.key: getattr(row, column.key) for column in Invoice.__mapper__.columns if column.key != "id"
    }
    db.session.add(Invoice(**values))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


@pytest.mark.parametrize("state", [PaymentState.CREATED, PaymentState.OPEN, PaymentState.CLOSED])
def test_nothing_is_invoiced_that_was_not_paid(scene: Scene, state: PaymentState) -> None:
    payment_id = doing.paid(scene, state=state)
    with pytest.raises(NotInvoiceable):
        doing.asked(scene, payment_id=payment_id)


def _set(payment_id: int, **values: int) -> None:
    def write() -> None:
        payment = db.session.get_one(Payment, payment_id)
        for name, value in values.items():
            setattr(payment, name, value)

    transact(write)


def test_while_a_refund_is_decided_no_invoice_is_asked_for_and_afterwards_only_over_the_rest(
    scene: Scene,
) -> None:
    payment_id = doing.paid(scene, fen=28600, lines=2)
    _set(payment_id, refunding_fen=28600)
    with pytest.raises(RefundUnderWay):
        doing.asked(scene, payment_id=payment_id)
    _set(payment_id, refunding_fen=0, refunded_fen=28600)
    assert doing.invoice(doing.asked(scene, payment_id=payment_id)).amount_fen == 28600
    whole = doing.paid(scene)
    _set(whole, refunded_fen=28600)
    with pytest.raises(NotInvoiceable):
        doing.asked(scene, payment_id=whole)


@pytest.mark.parametrize(
    ("how", "values", "field"),
    [
        (How.OFFICE, {"title": " "}, "title"),
        (How.OFFICE, {"title": "长" * 61}, "title"),
        (How.OFFICE, {"title": "王]]>女士"}, "title"),
        (How.OFFICE, {"title": "王\u202e女士"}, "title"),
        (How.OFFICE, {"tax_no": doing.GOOD_CODE}, "tax_no"),
        (How.OFFICE, {"title_kind": TitleKind.COMPANY}, "tax_no"),
        (How.OFFICE, {"title_kind": TitleKind.COMPANY, "tax_no": "91110108MA01ABCD21"}, "tax_no"),
        (How.OFFICE, {"title_kind": TitleKind.COMPANY, "tax_no": "😀" * 18}, "tax_no"),
        (How.OFFICE, {"email": "wang@example.com"}, "email"),
        (How.ELECTRONIC, {"email": ""}, "email"),
        (How.ELECTRONIC, {"email": "wang@"}, "email"),
        (How.ELECTRONIC, {"email": f"{'w' * 100}@example.com"}, "email"),
        (How.ELECTRONIC, {"email": "wang@example.com\nbcc: x@y.cn"}, "email"),
    ],
)
def test_what_cannot_stand_on_an_invoice_is_refused_by_its_field(scene: Scene, how, values, field) -> None:
    with pytest.raises(Invalid) as refused:
        doing.asked(scene, how, **values)
    assert list(refused.value.fields) == [field]


def test_a_company_gives_its_number_and_small_letters_are_understood(scene: Scene) -> None:
    values = {"title_kind": TitleKind.COMPANY, "title": " 示范商贸 ", "tax_no": doing.GOOD_CODE.lower()}
    row = doing.invoice(doing.asked(scene, **values))
    assert (row.title, row.tax_no) == ("示范商贸", doing.GOOD_CODE)


def test_names_and_addresses_are_ciphertext_in_the_database(scene: Scene) -> None:
    doing.asked(scene, How.ELECTRONIC, title="示范抬头女士")
    stored = db.session.connection().exec_driver_sql("SELECT title, email FROM invoices").one()
    assert not any(secret in f"{stored}" for secret in ("示范抬头", "wang@"))


def test_without_a_service_nothing_electronic_is_taken(scene: Scene) -> None:
    payment_id, by = doing.paid(scene), doing.payer(scene)
    asked = doing.wanted(How.ELECTRONIC)
    with pytest.raises(NoElectronic):
        transact(lambda: requesting.request(payment_id, asked, electronic_offered=False, by=by))
    assert queries.live_invoice(payment_id) is None


def test_only_the_payer_asks_and_only_for_his_own(scene: Scene) -> None:
    payment_id, stranger, finance = doing.paid(scene), make_stranger(), doing.accountant(scene)
    for by, refusal in ((stranger, PaymentNotFound), (finance, Forbidden)):
        with pytest.raises(refusal):
            transact(
                lambda by=by: requesting.request(payment_id, doing.wanted(), electronic_offered=True, by=by)
            )


def test_a_request_can_be_taken_back_until_it_was_written_out_and_asked_again(scene: Scene) -> None:
    payment_id, by = doing.paid(scene), doing.payer(scene)
    first = doing.asked(scene, payment_id=payment_id)
    transact(lambda: requesting.withdraw(first, by=by))
    assert doing.invoice(first).live is None
    assert doing.asked(scene, payment_id=payment_id) != first
    issued = doing.in_state(scene, State.ISSUED)
    for invoice_id in (first, issued):
        with pytest.raises(WrongInvoiceState):
            transact(lambda invoice_id=invoice_id: requesting.withdraw(invoice_id, by=by))


def test_an_electronic_request_is_with_its_service_and_cannot_be_taken_back(scene: Scene) -> None:
    invoice_id, by = doing.asked(scene, How.ELECTRONIC), doing.payer(scene)
    with pytest.raises(WrongInvoiceState):
        transact(lambda: requesting.withdraw(invoice_id, by=by))
