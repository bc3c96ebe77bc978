"""Facts about bills, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.outbox import event


@event
@dataclass(frozen=True)
class BillingRunFinished:
    """Every home of the run has its bills of the month; one event for the run, however many bills it wrote."""

    run_id: int
    period: str
    bills: int


@event
@dataclass(frozen=True)
class BillCorrected:
    """A new version replaces a bill; amounts in fen. `refund_fen` goes back to who had paid."""

    old_bill_id: int
    new_bill_id: int
    before_fen: int
    after_fen: int
    refund_fen: int


@event
@dataclass(frozen=True)
class AgencyBillsEntered:
    """Bills for water or power were imported by the company's finance."""

    company_id: int
    kind: str
    due_on: str
    bills: int
