"""The demonstration's books: every past payment is settled, nothing differs, a quarter is published."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from app.books.models import LedgerLine
from app.books.revenue_models import RevenueReport
from app.books.voucher_models import Voucher
from app.core.clock import china_date
from app.core.db import db
from app.payments.models import Payment
from app.reconciliation.models import BillFile, ReconciliationCase, SettlementBatch
from app.reconciliation.planning import last_billed_day
from tests.seeds.demo_database import NOW


def test_every_past_payment_stands_in_a_settlement_and_nothing_differs(demo):
    paid = select(func.sum(Payment.amount_fen)).where(Payment.paid_on < china_date(NOW))
    settled = select(func.sum(SettlementBatch.paid_fen), func.sum(SettlementBatch.difference_fen))
    assert db.session.execute(settled).one() == (db.session.scalar(paid), 0)
    assert db.session.scalar(select(func.count(ReconciliationCase.id))) == 0


def test_the_first_night_begins_after_the_past(demo):
    newest = select(func.max(BillFile.bill_on)).group_by(BillFile.sub_mch_id)
    assert set(db.session.scalars(newest)) == {last_billed_day(NOW)} == {china_date(NOW) - timedelta(days=1)}


def test_the_books_balance_a_voucher_waits_and_a_quarter_is_published(demo):
    sides = select(func.sum(LedgerLine.debit_fen), func.sum(LedgerLine.credit_fen))
    debit, credit = db.session.execute(sides).one()
    assert debit == credit > 0
    states = set(db.session.scalars(select(Voucher.state)))
    assert states == {"entered", "approved", "reconciled"}
    assert db.session.execute(select(RevenueReport.quarter, RevenueReport.state)).all() == [
        ("2026Q3", "published")
    ]
