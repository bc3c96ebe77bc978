"""付维修费 (S0-29, T21, U11-U14): once, to the company of the order; what is unpaid is not confirmed nor forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.audit.service import ensure_head
from app.books.accounts import Account
from app.books.models import LedgerEntry, LedgerLine
from app.core.db import db, transact
from app.core.errors import Invalid
from app.core.outbox import OutboxRow
from app.core.roles import Role
from app.orders import evidence, feedback, field_work, paying
from app.orders.cash_models import CashReceipt
from app.orders.clock_models import Deadline
from app.orders.errors import (
    MissingEvidence,
    NothingOwed,
    NotPaid,
    OrderNotFound,
    PaymentRunning,
    WrongOrderState,
)
from app.orders.lifecycle import Action, Status
from app.orders.quote_lines import Wanted
from app.orders.settlement import settlement_of
from app.orders.subjects import orders_in
from app.payments.errors import AlreadyPaid, NotPayable
from app.payments.events import PaymentSettled, RefundFinished
from app.payments.models import Payment, PaymentState, RefundStep
from app.reactions import order_payment_reactions
from tests.engines import both_engines
from tests.factories.scene import make_neighbour
from tests.orders.paying import give_back, open_for_money, settle_payment, to_pay
from tests.orders.quoting import HOUR, MINUTE, actions, agree, amounts, decline, dripping, quote, working
from tests.orders.test_clock_vectors import sweep_at

DAY = timedelta(days=1)


def pay(scene, order_id: int, *, by: Role = Role.RES) -> Payment:
    return scene.do(lambda: paying.pay(order_id, by=scene.by(by), client_ip="127.0.0.1"))


def paid(scene, order_id: int) -> Payment:
    """Paid on the phone, and the order has heard of it."""
    payment = pay(scene, order_id)
    settle_payment(scene, payment)
    hear(scene, order_id)
    return payment


def hear(scene, order_id: int) -> None:
    scene.do(lambda: paying.take_note(order_id))


def confirm(scene, order_id: int, **step):
    return scene.do(lambda: feedback.confirm(order_id, by=scene.by(Role.RES)), **step)


def cash(scene, order_id: int, fen: int = 6_500, *, by: Role = Role.WRK, photos: bool = True):
    receipt = scene.photos(by) if photos else []
    return scene.do(lambda: paying.record_cash(order_id, by=scene.by(by), amount_fen=fen, photo_ids=receipt))


# ---- what is to be paid


@both_engines
def test_a_settled_repair_waits_for_its_money_and_is_paid_to_the_orders_company(scene):
    order_id = to_pay(scene)
    payment = pay(scene, order_id)
    assert (payment.amount_fen, payment.company_id, payment.state) == (
        *(6_500, scene.place.company.id),
        PaymentState.CREATED,
    )
    assert [(line.subject, line.account, line.amount_fen) for line in payment.lines] == [
        (f"order:{order_id}", Account.REPAIR, 6_500)
    ]
    assert "更换水龙头" in payment.lines[0].label
    assert pay(scene, order_id).id == payment.id, "the same tap is the same payment"


def test_the_settlement_list_names_every_line_and_sums_to_the_total(scene):
    settled = settlement_of(scene.order(to_pay(scene)))
    assert [(line.label, line.amount_fen) for line in settled.lines] == [
        ("更换水龙头 1个", 4_000),
        ("材料:陶瓷芯水龙头", 2_500),
    ]
    assert (settled.total_fen, settled.due_fen) == (6_500, 6_500)


def test_less_than_agreed_stands_on_the_list_as_less(scene):
    settled = settlement_of(scene.order(to_pay(scene, final_fen=5_000)))
    assert [(line.label, line.amount_fen) for line in settled.lines][-1] == ("少收", -1_500)
    assert sum(line.amount_fen for line in settled.lines) == settled.total_fen == settled.due_fen == 5_000


def test_the_announced_visit_fee_of_a_declined_quote_is_paid_like_a_repair(scene):
    open_for_money(scene)
    order_id = dripping(scene, fee=2_000)
    quote(scene, order_id)
    decline(scene, order_id)
    assert [(line.label, line.amount_fen) for line in settlement_of(scene.order(order_id)).lines] == [
        ("上门检测费", 2_000)
    ]
    paid(scene, order_id)
    assert (scene.order(order_id).pay_status, scene.order(order_id).status) == ("已支付", Status.CLOSED)


def test_nothing_is_paid_where_nothing_is_owed(scene):
    order_id = working(scene)
    with pytest.raises(WrongOrderState):
        pay(scene, order_id)
    scene.finish(order_id)
    transact(lambda: setattr(scene.order(order_id), "pay_status", "免费"))
    with pytest.raises(NothingOwed):
        pay(scene, order_id)


def test_a_company_without_a_merchant_account_takes_no_money_here(scene):
    order_id = working(scene)
    scene.finish(order_id)
    with pytest.raises(NotPayable):
        pay(scene, order_id)


def test_where_nobody_can_pay_online_nothing_waits_for_the_money(scene):
    """S0-29 is a switch of the estate, off by default: then it is paid in cash, and confirmed all the same."""
    order_id = working(scene)
    scene.finish(order_id)
    offered = actions(scene, order_id, Role.RES)
    assert Action.CONFIRM in offered and Action.PAY not in offered
    with pytest.raises(NotPayable) as refused:
        pay(scene, order_id)
    assert "收据" in refused.value.sentence
    assert confirm(scene, order_id).pay_status == "待支付"
    transact(ensure_head)
    cash(scene, order_id)
    assert scene.order(order_id).pay_status == "已支付"


def test_nobody_pays_the_order_of_another(scene):
    order_id = to_pay(scene)
    neighbour = make_neighbour(scene)
    with pytest.raises(OrderNotFound):
        scene.do(lambda: paying.pay(order_id, by=neighbour, client_ip="127.0.0.1"))


# ---- what was paid


def test_the_order_hears_of_its_money_once(scene):
    order_id = to_pay(scene)
    payment = pay(scene, order_id)
    settle_payment(scene, payment)
    fact = PaymentSettled(payment.id, "repair", [f"order:{order_id}", "bill:7"])
    for _ in range(2):
        scene.do(lambda: order_payment_reactions.note_payment_of_order(fact))
    order = scene.order(order_id)
    assert (*amounts(order), order.paid_fen, order.status) == (
        6_500,
        6_500,
        6_500,
        "已支付",
        6_500,
        Status.DONE,
    )
    steps = [line for line in evidence.timeline(order_id) if line.action == Action.PAID]
    assert [(step.code, step.role, step.data["payment_id"]) for step in steps] == [
        ("U11", Role.SYS, payment.id)
    ]


def test_between_the_money_and_its_note_nothing_is_paid_twice(scene):
    order_id = to_pay(scene)
    settle_payment(scene, pay(scene, order_id))
    for again in (lambda: pay(scene, order_id), lambda: cash(scene, order_id)):
        with pytest.raises((NothingOwed, AlreadyPaid)):
            again()


def test_what_is_unpaid_is_not_confirmed_and_what_is_paid_is(scene):
    order_id = to_pay(scene)
    offered = actions(scene, order_id, Role.RES)
    assert {Action.PAY, Action.RATE, Action.REOPEN} <= offered
    assert Action.CONFIRM not in offered
    with pytest.raises(NotPaid):
        confirm(scene, order_id)
    paid(scene, order_id)
    offered = actions(scene, order_id, Role.RES)
    assert Action.CONFIRM in offered and Action.PAY not in offered
    assert confirm(scene, order_id).status == Status.CLOSED


def test_who_rates_before_he_pays_leaves_it_open_and_it_closes_with_the_money(scene):
    order_id = to_pay(scene)
    scene.do(lambda: feedback.rate(order_id, by=scene.by(Role.RES), stars=5))
    assert scene.order(order_id).status == Status.DONE
    assert Action.RATE not in actions(scene, order_id, Role.RES)
    paid(scene, order_id)
    order = scene.order(order_id)
    assert (order.status, order.closed_how) == (Status.CLOSED, "rated")
    assert [line.action for line in evidence.timeline(order_id)][-3:] == ["rate_unpaid", "paid", "confirm"]


def test_after_72_hours_an_unpaid_order_closes_and_the_debt_stays_and_is_reminded(scene):
    order_id = to_pay(scene)
    sweep_at(scene.at + 72 * HOUR + MINUTE)
    order = scene.order(order_id)
    assert (order.status, order.closed_how, order.pay_status) == (Status.CLOSED, "auto", "待支付")
    assert Action.PAY in actions(scene, order_id, Role.RES)
    assert told(order_id) == ["R1"]
    sweep_at(scene.at + 40 * DAY)
    assert told(order_id) == ["R1", "R2", "R3"]
    paid(scene, order_id)
    assert scene.order(order_id).pay_status == "已支付"


def test_who_has_paid_is_not_reminded(scene):
    order_id = to_pay(scene)
    paid(scene, order_id)
    sweep_at(scene.at + 40 * DAY)
    assert told(order_id) == []
    mine = (Deadline.order_id == order_id) & (Deadline.clock == "PAY")
    assert set(db.session.scalars(select(Deadline.state).where(mine))) == {"void"}


def told(order_id: int) -> list[str]:
    """The reminders that were given."""
    db.session.rollback()
    facts = db.session.scalars(select(OutboxRow.payload).where(OutboxRow.name == "ClockReached"))
    return sorted(each["level"] for each in facts if (each["order_id"], each["clock"]) == (order_id, "PAY"))


# ---- cash


def test_cash_is_written_down_with_its_receipt_booked_and_audited(scene):
    transact(ensure_head)
    order_id = to_pay(scene)
    assert Action.RECORD_CASH in actions(scene, order_id, Role.WRK)
    assert Action.RECORD_CASH not in actions(scene, order_id, Role.RES)
    with pytest.raises(MissingEvidence):
        cash(scene, order_id, photos=False)
    cash(scene, order_id)
    order = scene.order(order_id)
    assert (order.pay_status, order.paid_fen) == ("已支付", 6_500)
    receipt = db.session.scalars(select(CashReceipt)).one()
    entry = db.session.scalars(select(LedgerEntry).where(LedgerEntry.subject == f"cash:{receipt.id}")).one()
    lines = db.session.scalars(select(LedgerLine).where(LedgerLine.entry_id == entry.id)).all()
    assert {(line.account, line.debit_fen, line.credit_fen) for line in lines} == {
        (Account.CASH, 6_500, 0),
        (Account.REPAIR, 0, 6_500),
    }
    assert "order.cash" in set(db.session.scalars(select(AuditRecord.action)))
    assert "receipt" in {photo.step for photo in evidence.order_photos(order_id)}
    with pytest.raises(NothingOwed):
        cash(scene, order_id)


@pytest.mark.parametrize("fen", [6_499, 6_501, 0, -1, True, 10**12])
def test_cash_is_exactly_what_is_owed(scene, fen):
    order_id = to_pay(scene)
    with pytest.raises(Invalid):
        cash(scene, order_id, fen)
    assert db.session.scalars(select(CashReceipt.id)).all() == []


def test_no_cash_while_he_pays_on_his_phone(scene):
    order_id = to_pay(scene)
    pay(scene, order_id)
    with pytest.raises(PaymentRunning):
        cash(scene, order_id)


# ---- what goes back


def test_a_part_that_goes_back_is_no_new_debt(scene):
    order_id = to_pay(scene)
    payment = paid(scene, order_id)
    refund = give_back(scene, payment, 2_000, step=RefundStep.SENDING)
    hear(scene, order_id)
    assert scene.order(order_id).pay_status == "退款中"
    give_back(scene, payment, 2_000, step=RefundStep.DONE, refund_id=refund)
    fact = RefundFinished(refund, payment.id, "repair", "done", [f"order:{order_id}"])
    for _ in range(2):
        scene.do(lambda: order_payment_reactions.note_payment_of_order(fact))
    order = scene.order(order_id)
    assert (order.pay_status, order.final_fen, order.paid_fen, order.refunded_fen) == (
        "已支付",
        4_500,
        6_500,
        2_000,
    )
    settled = settlement_of(order)
    assert (settled.due_fen, sum(line.amount_fen for line in settled.lines)) == (0, 4_500)
    assert [line.label for line in settled.lines][-1] == "已退款"
    done = [line.action for line in evidence.timeline(order_id)][-3:]
    assert done == ["paid", "refunding", "refunded"]


def test_when_all_went_back_it_says_so(scene):
    order_id = to_pay(scene)
    payment = paid(scene, order_id)
    give_back(scene, payment, 6_500, step=RefundStep.DONE)
    hear(scene, order_id)
    order = scene.order(order_id)
    assert (order.pay_status, order.final_fen) == ("已退款", 0)
    with pytest.raises(NothingOwed):
        pay(scene, order_id)


# ---- a later round


def reopened(scene, order_id: int) -> None:
    photos = scene.photos(Role.RES)
    scene.do(lambda: feedback.reopen(order_id, by=scene.by(Role.RES), reason="又滴水了", photo_ids=photos))
    scene.check_in(order_id, after=HOUR)


def finished(scene, order_id: int, final_fen: int | None = None):
    by, photos = scene.by(Role.WRK), scene.photos(Role.WRK)
    words = {"result": "又紧了一次", "photo_ids": photos, "final_fen": final_fen}
    return scene.do(lambda: field_work.finish(order_id, by=by, **words))


def test_what_goes_back_of_an_earlier_repair_leaves_the_new_debt_as_it_is(scene):
    order_id = to_pay(scene)
    first = paid(scene, order_id)
    reopened(scene, order_id)
    quote(scene, order_id, Wanted("W04"))
    agree(scene, order_id)
    finished(scene, order_id)
    give_back(scene, first, 1_000, step=RefundStep.DONE)
    hear(scene, order_id)
    order = scene.order(order_id)
    assert (order.final_fen, order.pay_status, settlement_of(order).due_fen) == (13_500, "待支付", 8_000)
    assert sum(line.amount_fen for line in settlement_of(order).lines) == 13_500
    assert pay(scene, order_id).amount_fen == 8_000


def test_what_was_paid_too_much_goes_back_without_lowering_the_settlement(scene):
    order_id = to_pay(scene)
    payment = paid(scene, order_id)
    reopened(scene, order_id)
    finished(scene, order_id, final_fen=5_000)
    give_back(scene, payment, 1_500, step=RefundStep.DONE)
    hear(scene, order_id)
    order = scene.order(order_id)
    assert (order.final_fen, order.pay_status, settlement_of(order).due_fen) == (5_000, "已支付", 0)


def test_what_went_back_is_not_charged_again_without_a_new_quote(scene):
    order_id = to_pay(scene)
    payment = paid(scene, order_id)
    give_back(scene, payment, 6_500, step=RefundStep.DONE)
    hear(scene, order_id)
    reopened(scene, order_id)
    with pytest.raises(Invalid) as refused:
        finished(scene, order_id, final_fen=6_500)
    assert refused.value.fields == {"final_fen": "最多 ¥0.00"}
    finished(scene, order_id)
    order = scene.order(order_id)
    assert (order.final_fen, order.pay_status) == (0, "已退款")


def test_while_it_is_repaired_again_the_list_of_the_first_repair_stays_as_it_was(scene):
    order_id = to_pay(scene)
    paid(scene, order_id)
    before = settlement_of(scene.order(order_id))
    reopened(scene, order_id)
    assert settlement_of(scene.order(order_id)) == before
    quote(scene, order_id, Wanted("W04"))
    agree(scene, order_id)
    assert settlement_of(scene.order(order_id)) == before, "what was added is not settled yet"


def test_nobody_is_asked_for_money_while_it_is_repaired_again_and_afterwards_anew(scene):
    order_id = to_pay(scene)
    reopened(scene, order_id)
    sweep_at(scene.at + 8 * DAY)
    assert told(order_id) == []
    finished(scene, order_id)
    sweep_at(scene.at + 40 * DAY)
    assert told(order_id) == ["R1", "R2", "R3"]


def test_what_comes_to_it_after_a_reopening_is_a_payment_of_its_own(scene):
    order_id = to_pay(scene)
    first = paid(scene, order_id)
    photos = scene.photos(Role.RES)
    scene.do(lambda: feedback.reopen(order_id, by=scene.by(Role.RES), reason="又滴水了", photo_ids=photos))
    scene.check_in(order_id, after=HOUR)
    quote(scene, order_id, Wanted("W02"))
    agree(scene, order_id)
    scene.finish(order_id)
    order = scene.order(order_id)
    assert (order.final_fen, order.paid_fen, order.pay_status) == (9_000, 6_500, "待支付")
    second = pay(scene, order_id)
    assert (second.amount_fen, second.lines[0].subject) == (2_500, f"order:{order_id}:1")
    assert second.id != first.id
    settle_payment(scene, second)
    hear(scene, order_id)
    assert (scene.order(order_id).paid_fen, scene.order(order_id).pay_status) == (9_000, "已支付")


def test_a_payment_of_an_earlier_round_that_waits_keeps_the_next_away(scene):
    order_id = to_pay(scene)
    pay(scene, order_id)
    photos = scene.photos(Role.RES)
    scene.do(lambda: feedback.reopen(order_id, by=scene.by(Role.RES), reason="又滴水了", photo_ids=photos))
    scene.check_in(order_id, after=MINUTE)
    scene.finish(order_id, after=MINUTE)
    with pytest.raises(PaymentRunning):
        pay(scene, order_id)


def test_subjects_of_others_are_nobodys_orders():
    assert orders_in(["bill:7", "order:3", "order:3:1", "order:12"]) == [3, 12]


def test_the_clock_of_the_debt_is_no_promise_on_the_page(scene):
    order_id = to_pay(scene)
    assert "PAY" not in {line.clock.value for line in evidence.clocks(order_id)}
