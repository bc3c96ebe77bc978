"""What the accountants of the demonstration find on their pages."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from app.accounts.models import Credential, Hat
from app.books import vouchers
from app.books.accounts import Account, Book
from app.books.voucher_models import Direction
from app.books.vouchers import NewVoucher
from app.companies.hats import scope_of
from app.companies.models import Company
from app.core.clock import china_date
from app.core.db import db
from app.core.scope import Scope
from app.fees.bill_models import Bill
from app.fees.question_models import FeeQuestion
from app.invoices.lifecycle import State
from app.invoices.models import Invoice, InvoiceStep
from app.payments.models import Merchant, Refund, RefundStep
from app.seeds.money_stories import WANTED_INVOICES
from app.supervision.collection_models import CollectionFigure, CollectionStale
from config import SANDBOX_SUB_MERCHANTS
from tests.seeds.demo_database import NOW


def test_there_are_invoices_in_every_state_of_paper_with_their_steps_in_order(demo):
    states = Counter(db.session.scalars(select(Invoice.state)))
    assert states == Counter(state.value for state, _ in WANTED_INVOICES)
    assert {State.REQUESTED, State.READY, State.DELIVERING, State.REVERSED} <= set(states)
    for invoice_id in db.session.scalars(select(Invoice.id)):
        mine = select(InvoiceStep.at).where(InvoiceStep.invoice_id == invoice_id)
        instants = list(db.session.scalars(mine.order_by(InvoiceStep.seq)))
        assert instants == sorted(instants)


def test_one_question_waits_and_one_is_answered_and_a_refund_waits_for_each_of_its_looks(demo):
    assert sorted(db.session.scalars(select(FeeQuestion.state))) == ["answered", "submitted"]
    waiting = db.session.execute(select(Refund.step, Company.name).join(Company).order_by(Refund.id)).all()
    assert waiting == [
        (RefundStep.REQUESTED.value, "运河样例城市服务有限公司"),
        (RefundStep.REVIEWED.value, "北京潞安示范物业服务有限公司"),
    ]


@pytest.mark.parametrize(
    "logins", [("demo-fin", "demo-co", "demo-fin4"), ("demo-fin2", "demo-co3", "demo-fin3")], ids=" ".join
)
def test_three_printed_logins_of_a_company_bring_a_voucher_through(demo, logins):
    enters, approves, checks = (_hat_of(login) for login in logins)
    new = NewVoucher(
        *(Book.PROPERTY, Direction.EXPENSE, Account.CLEANING, Account.BANK, 120_000),
        *(china_date(NOW), "楼道保洁用品"),
    )
    voucher = vouchers.enter(new, by=enters)
    vouchers.approve(voucher.id, by=approves)
    assert vouchers.reconcile(voucher.id, reference="网银流水 0731", by=checks).state == "reconciled"


def _hat_of(login: str) -> Scope:
    mine = select(Hat).join(Credential, Credential.account_id == Hat.account_id)
    return scope_of(db.session.scalars(mine.where(Credential.login_name == login)).one())


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
