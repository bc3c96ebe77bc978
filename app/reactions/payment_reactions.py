"""Who hears what of payments and refunds. Each reaction may run again: its rows have unique keys."""

from __future__ import annotations

from sqlalchemy import select

from app.companies.models import Company
from app.companies.queries import company_accountants, company_admins
from app.core.db import db
from app.notifications.service import notify, notify_many
from app.payments.events import (
    LateMoneyArrived,
    PaymentSettled,
    RefundDecided,
    RefundFinished,
    RefundRequested,
)
from app.payments.models import Payment, Refund, RefundStep
from app.payments.refund_rules import REASON_WORDS
from app.payments.shipping import is_managed, write_shipment
from app.reactions import payment_messages as texts
from app.reactions.message import Message
from app.reactions.payment_messages import PAYMENT_PAGE, PaymentStory, RefundStory


def tell_payer_of_payment(fact: PaymentSettled) -> None:
    """缴费成功, with the number of the receipt."""
    payment = db.session.get_one(Payment, fact.payment_id)
    _tell_payer(payment, "paid", texts.paid(_payment_story(payment)))


def ship_if_managed(fact: PaymentSettled) -> None:
    """发货信息, where WeChat wants it."""
    if is_managed():
        write_shipment(fact.payment_id)


def tell_payer_of_late_money(fact: LateMoneyArrived) -> None:
    """The money goes back by itself."""
    payment = db.session.get_one(Payment, fact.payment_id)
    _tell_payer(payment, "late", texts.late(_payment_story(payment)))


def tell_accountants_of_request(fact: RefundRequested) -> None:
    """Who reviews; not the one who asked."""
    refund, _, story = _refund_story(fact.refund_id)
    people = set(company_accountants(refund.company_id)) - {refund.requested_by or 0}
    _tell_company(people, f"refund:{refund.id}:requested", texts.to_review(story))


def tell_of_decision(fact: RefundDecided) -> None:
    """The second signature after the first; the payer after the second, and when nothing goes back."""
    refund, payment, story = _refund_story(fact.refund_id)
    key = f"refund:{refund.id}:{fact.step}"
    if fact.step == RefundStep.REVIEWED:
        signed = {refund.requested_by or 0, refund.first_by or 0}
        second = {*company_accountants(refund.company_id), *company_admins(refund.company_id)} - signed
        _tell_company(second, key, texts.to_approve(story))
    elif fact.step == RefundStep.SENDING:
        _tell_payer(payment, key, texts.approved(story))
    elif fact.step == RefundStep.REJECTED:
        _tell_payer(payment, key, texts.rejected(story))


def tell_of_refund(fact: RefundFinished) -> None:
    """The payer when the money is back; the company each time that it could not be sent, unless somebody has sent it
    again meanwhile."""
    refund, payment, story = _refund_story(fact.refund_id)
    if fact.step == RefundStep.DONE and refund.refunded_at is not None:
        _tell_payer(payment, f"refund:{refund.id}:done", texts.refunded(story))
    elif fact.step == refund.step == RefundStep.FAILED and refund.done_at is not None:
        people = {*company_accountants(refund.company_id), *company_admins(refund.company_id)}
        key = f"refund:{refund.id}:failed:{refund.done_at:%y%m%d%H%M%S}"
        _tell_company(people, key, texts.failed(story))


def _tell_payer(payment: Payment, what: str, message: Message) -> None:
    """The key names the payment first: it is what the message leads to (money_pages)."""
    notify(
        payment.payer_id,
        unique_key=f"payment:{payment.id}:{what}",
        template=message.template,
        title=message.title,
        body=message.body,
        wechat_fields=message.wechat_fields,
        page=f"{PAYMENT_PAGE}?id={payment.id}",
    )


def _tell_company(people: set[int], unique_key: str, message: Message) -> None:
    notify_many(
        people, unique_key=unique_key, template=message.template, title=message.title, body=message.body
    )


def _payment_story(payment: Payment) -> PaymentStory:
    assert payment.paid_at is not None
    payee = db.session.scalar(select(Company.name).where(Company.id == payment.company_id)) or ""
    return PaymentStory(
        title=payment.title,
        payee=payee,
        amount_fen=payment.amount_fen,
        paid_at=payment.paid_at,
        receipt_no=payment.receipt_no or "",
    )


def _refund_story(refund_id: int) -> tuple[Refund, Payment, RefundStory]:
    refund = db.session.get_one(Refund, refund_id)
    payment = db.session.get_one(Payment, refund.payment_id)
    story = RefundStory(
        payment=_payment_story(payment),
        amount_fen=refund.amount_fen,
        reason=REASON_WORDS.get(refund.reason_code, ""),
        why_not=refund.rejected_why,
        refunded_at=refund.refunded_at,
        fault=refund.last_error or "",
    )
    return refund, payment, story
