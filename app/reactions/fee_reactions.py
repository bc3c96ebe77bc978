"""What follows for bills when money came or went, a month was issued, a bill was corrected. Each may run again."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.accounts.models import BindingStatus, HomeBinding
from app.core.db import db
from app.core.money import yuan
from app.fees import rules
from app.fees.bill_models import Bill, BillCorrection
from app.fees.events import AgencyBillsEntered, BillCorrected, BillingRunFinished
from app.fees.reminding import TEMPLATE, TOLD, announce
from app.fees.settling import bill_ids_of, take_over
from app.notifications.service import notify_many
from app.payments.events import PaymentSettled, RefundFinished


def mark_bills(fact: PaymentSettled | RefundFinished) -> None:
    """已缴, 已退款: by what the payment lines say now."""
    take_over(bill_ids_of(fact.subjects))


def announce_bills(fact: BillingRunFinished) -> None:
    """The residents hear of a month once it is written as a whole."""
    if fact.bills:
        announce(rules.due_on(fact.period))


def announce_agency_bills(fact: AgencyBillsEntered) -> None:
    """The same for what was read in."""
    announce(date.fromisoformat(fact.due_on))


def tell_of_correction(fact: BillCorrected) -> None:
    """Those who are told of bills read what it was, what it is, and why."""
    bill = db.session.get_one(Bill, fact.new_bill_id)
    why = select(BillCorrection.reason).where(BillCorrection.new_bill_id == bill.id)
    title, body = correction_words(fact, bill, db.session.scalars(why).one())
    notify_many(
        _told(bill.home_id),
        unique_key=f"bill:{bill.id}:corrected",
        template=TEMPLATE,
        title=title,
        body=body,
        can_wait=True,
        district_id=bill.district_id,
    )


def _told(home_id: int) -> list[int]:
    active = (HomeBinding.home_id == home_id) & (HomeBinding.status == BindingStatus.ACTIVE.value)
    return list(
        db.session.scalars(select(HomeBinding.account_id).where(active, HomeBinding.relation.in_(TOLD)))
    )


def correction_words(fact: BillCorrected, bill: Bill, reason: str) -> tuple[str, str]:
    """Title and text; names no home."""
    what = f"{rules.period_label(bill.period)}{bill.title.label}"
    change = f"{what}已由 {yuan(fact.before_fen)} 更正为 {yuan(fact.after_fen)}。原因:{reason}。"
    if fact.refund_fen:
        return "账单已更正", f"{change}多付的 {yuan(fact.refund_fen)} 已为您申请退回,审核后原路退款。"
    if bill.unpaid_fen and bill.paid_fen:
        return "账单已更正", f"{change}还差 {yuan(bill.unpaid_fen)},请在账单里补缴,有疑问可点“费用咨询”。"
    return "账单已更正", change
