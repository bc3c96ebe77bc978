"""What the accountants of the demonstration find on their pages."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select

from app.core.db import db
from app.fees.bill_models import Bill
from app.fees.question_models import FeeQuestion
from app.invoices.lifecycle import State
from app.invoices.models import Invoice, InvoiceStep
from app.payments.models import Merchant, Refund, RefundStep
from app.seeds.money_stories import WANTED_INVOICES
from app.supervision.collection_models import CollectionFigure, CollectionStale
from config import SANDBOX_SUB_MERCHANTS


def test_there_are_invoices_in_every_state_of_paper_with_their_steps_in_order(demo):
    states = Counter(db.session.scalars(select(Invoice.state)))
    assert states == Counter(state.value for state, _ in WANTED_INVOICES)
    assert {State.REQUESTED, State.READY, State.DELIVERING, State.REVERSED} <= set(states)
    for invoice_id in db.session.scalars(select(Invoice.id)):
        mine = select(InvoiceStep.at).where(InvoiceStep.invoice_id == invoice_id)
        instants = list(db.session.scalars(mine.order_by(InvoiceStep.seq)))
        assert instants == sorted(instants)


def test_one_question_waits_and_one_is_answered_and_one_refund_waits_for_its_first_look(demo):
    assert sorted(db.session.scalars(select(FeeQuestion.state))) == ["answered", "submitted"]
    assert list(db.session.scalars(select(Refund.step))) == [RefundStep.REQUESTED.value]


def test_the_bureaus_figures_are_those_of_the_bills(demo):
    counted = db.session.execute(
        select(func.sum(CollectionFigure.billed_fen), func.sum(CollectionFigure.paid_fen))
    ).one()
    whole = db.session.execute(
        select(func.sum(Bill.amount_fen), func.sum(Bill.paid_fen)).where(Bill.state != "void")
    ).one()
    assert tuple(map(int, counted)) == tuple(map(int, whole))
    assert db.session.scalars(select(CollectionStale.period)).all() == []


def test_the_five_companies_receive_into_the_sandboxs_accounts(demo):
    assert tuple(db.session.scalars(select(Merchant.sub_mch_id).order_by(Merchant.company_id))) == (
        SANDBOX_SUB_MERCHANTS
    )
