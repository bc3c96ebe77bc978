"""What finance does with invoices: every action in every state, numbers, hand-over, reversal before a refund."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid
from app.core.roles import Role
from app.core.scope import Scope
from app.invoices import issuing, queries
from app.invoices.errors import (
    AmountChanged,
    InvoiceNotFound,
    NumberTaken,
    RefundUnderWay,
    WrongInvoiceState,
)
from app.invoices.lifecycle import Action, How, State
from app.invoices.models import Invoice
from app.payments.models import Payment
from app.payments.refund_holds import RefundHeld, refuse_held
from tests.factories.scene import Scene, make_scene
from tests.invoices import doing

STEPS: dict[Action, Callable[[int, Scope], Invoice]] = {
    Action.ISSUE: lambda invoice_id, by: issuing.issue(invoice_id, number=doing.number(), by=by),
    Action.SEND_BACK: lambda invoice_id, by: issuing.send_back(invoice_id, reason="抬头不完整", by=by),
    Action.SET_OUT: lambda invoice_id, by: issuing.set_out(invoice_id, by=by),
    Action.COLLECT: lambda invoice_id, by: issuing.hand_over(invoice_id, to="本人", by=by),
    Action.REVERSE: lambda invoice_id, by: issuing.reverse(
        invoice_id, red_number=doing.number(), reason="居民退费", by=by
    ),
}
OFFICE = {
    State.REQUESTED: {Action.ISSUE: State.ISSUED, Action.SEND_BACK: State.RETURNED},
    State.ISSUED: {Action.SET_OUT: State.READY, Action.REVERSE: State.REVERSED},
    State.READY: {Action.COLLECT: State.COLLECTED, Action.REVERSE: State.REVERSED},
    State.COLLECTED: {Action.REVERSE: State.REVERSED},
    State.REVERSED: {},
    State.RETURNED: {},
    State.WITHDRAWN: {},
}


@pytest.mark.parametrize("action", STEPS, ids=str)
@pytest.mark.parametrize("state", OFFICE, ids=str)
def test_every_action_does_what_the_table_says_and_nothing_else(scene: Scene, state, action) -> None:
    invoice_id, by = doing.in_state(scene, state), doing.accountant(scene)
    before = doing.invoice(invoice_id).version
    target = OFFICE[state].get(action)
    if target is None:
        with pytest.raises(WrongInvoiceState) as refused:
            doing.step(lambda: STEPS[action](invoice_id, by))
        assert refused.value.fields == {"state": state.value}
        assert doing.invoice(invoice_id).version == before
        return
    doing.step(lambda: STEPS[action](invoice_id, by))
    row = doing.invoice(invoice_id)
    assert (row.state, row.version) == (target.value, before + 1)
    assert queries.steps_of(invoice_id)[-1].words


def test_a_letter_box_has_its_own_words(scene: Scene) -> None:
    invoice_id = doing.in_state(scene, State.DELIVERED, How.LETTERBOX)
    words = [each.words for each in queries.steps_of(invoice_id)]
    assert words == ["已申请开票", "已开票", "正在投递到信报箱", "已投递到信报箱"]
    row = doing.invoice(invoice_id)
    assert (row.handed_over_to, row.handed_over_at is not None) == ("本人", True)


def test_two_invoices_of_a_company_never_have_the_same_number(scene: Scene) -> None:
    by, number = doing.accountant(scene), doing.number()
    first, second = doing.asked(scene), doing.asked(scene)
    doing.step(lambda: issuing.issue(first, number=number, by=by))
    with pytest.raises(NumberTaken):
        doing.step(lambda: issuing.issue(second, number=f" {number} ", by=by))
    assert doing.invoice(second).state == State.REQUESTED


@pytest.mark.parametrize("bad", ["", "12", "1234567x", "9" * 25, "-12345678", "1234567八", "😀" * 9])
def test_a_number_that_is_none_is_refused(scene: Scene, bad: str) -> None:
    invoice_id, by = doing.asked(scene), doing.accountant(scene)
    with pytest.raises(Invalid) as refused:
        doing.step(lambda: issuing.issue(invoice_id, number=bad, by=by))
    assert refused.value.fields == {"number": "8到24位数字"}


def test_nothing_is_written_out_while_money_may_go_back_or_over_another_amount(scene: Scene) -> None:
    invoice_id, by = doing.asked(scene), doing.accountant(scene)
    payment_id = doing.invoice(invoice_id).payment_id

    def set_(**values: int) -> None:
        payment = db.session.get_one(Payment, payment_id)
        for name, value in values.items():
            setattr(payment, name, value)

    transact(lambda: set_(refunding_fen=100))
    with pytest.raises(RefundUnderWay):
        doing.step(lambda: issuing.issue(invoice_id, number=doing.number(), by=by))
    transact(lambda: set_(refunding_fen=0, refunded_fen=100))
    with pytest.raises(AmountChanged):
        doing.step(lambda: issuing.issue(invoice_id, number=doing.number(), by=by))


def test_money_goes_back_only_after_the_invoice_was_reversed(scene: Scene) -> None:
    invoice_id, by = doing.asked(scene), doing.accountant(scene)
    payment_id = doing.invoice(invoice_id).payment_id
    refuse_held(payment_id)
    doing.step(lambda: issuing.issue(invoice_id, number=doing.number(), by=by))
    assert queries.must_reverse_first(payment_id)
    with pytest.raises(RefundHeld, match="先在“发票”里红冲"):
        refuse_held(payment_id)
    doing.step(lambda: issuing.reverse(invoice_id, red_number=doing.number(), reason="退费", by=by))
    refuse_held(payment_id)
    assert not queries.must_reverse_first(payment_id)
    again = doing.asked(scene, payment_id=payment_id)
    assert queries.live_invoice(payment_id) == queries.InvoiceMark(again, State.REQUESTED)


def test_a_red_letter_invoice_has_a_number_of_its_own(scene: Scene) -> None:
    invoice_id, by = doing.in_state(scene, State.ISSUED), doing.accountant(scene)
    same = doing.invoice(invoice_id).number or ""
    for red_number in (same, "", "12"):
        with pytest.raises(Invalid):
            doing.step(
                lambda red_number=red_number: issuing.reverse(
                    invoice_id, red_number=red_number, reason="退费", by=by
                )
            )
    assert doing.invoice(invoice_id).state == State.ISSUED


def test_a_batch_goes_through_whole_or_not_at_all(scene: Scene) -> None:
    by = doing.accountant(scene)
    issued = [doing.in_state(scene, State.ISSUED) for _ in range(2)]
    waiting = doing.asked(scene)
    with pytest.raises(WrongInvoiceState):
        transact(lambda: issuing.in_batch([*issued, waiting], lambda each: issuing.set_out(each, by=by)))
    assert [doing.invoice(each).state for each in issued] == [State.ISSUED] * 2
    done = transact(lambda: issuing.in_batch([*issued, *issued], lambda each: issuing.set_out(each, by=by)))
    assert (done, [doing.invoice(each).state for each in issued]) == (2, [State.READY] * 2)
    for wrong in ([], range(1, 52)):
        with pytest.raises(Invalid):
            transact(
                lambda wrong=wrong: issuing.in_batch(list(wrong), lambda each: issuing.set_out(each, by=by))
            )


def test_another_company_does_not_find_it_and_the_desk_may_do_nothing(scene: Scene) -> None:
    invoice_id = doing.asked(scene)
    other = doing.accountant(make_scene())
    with pytest.raises(InvoiceNotFound):
        doing.step(lambda: issuing.issue(invoice_id, number=doing.number(), by=other))
    finance = doing.accountant(scene)
    desk = Scope(role=Role.MGR, account_id=1, grants=finance.grants)
    with pytest.raises(Forbidden):
        doing.step(lambda: issuing.issue(invoice_id, number=doing.number(), by=desk))
