"""Figures of 收缴监管 are counted again where a bill was issued, paid, refunded or corrected."""

from __future__ import annotations

from datetime import date

from app.fees.events import AgencyBillsEntered, BillCorrected, BillingRunFinished
from app.fees.settling import bill_ids_of
from app.payments.events import PaymentSettled, RefundFinished
from app.supervision.counting_bills import mark_bills_stale, mark_entered_stale, mark_period_stale


def recount_paid(fact: PaymentSettled | RefundFinished) -> None:
    """The months of the bills whose money came or went; runs after the bills themselves were marked."""
    mark_bills_stale(bill_ids_of(fact.subjects))


def recount_corrected(fact: BillCorrected) -> None:
    """Old and new version are of the same month."""
    mark_bills_stale([fact.new_bill_id])


def recount_issued(fact: BillingRunFinished) -> None:
    """The month in every estate."""
    mark_period_stale(fact.period)


def recount_entered(fact: AgencyBillsEntered) -> None:
    """The months of what was read in."""
    mark_entered_stale(fact.company_id, fact.kind, date.fromisoformat(fact.due_on))
