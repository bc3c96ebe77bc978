"""What a copy of one's own data holds of money: payments with their refunds, invoices, questions about bills."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.money import yuan
from app.fees import question_queries
from app.invoices import queries as invoice_queries
from app.payments import queries as payment_queries
from app.payments.models import PaymentState, RefundStep
from app.payments.queries import PaymentView
from app.payments.refund_rules import REASON_WORDS

Row = dict[str, Any]
PAGE = 100


def _said(at: datetime | None) -> str | None:
    return f"{clock.in_china(at):%Y-%m-%d %H:%M:%S}" if at else None


def payments(account_id: int) -> list[Row]:
    """Every payment with what it was for and what went back."""
    scope, found, cursor = resident_scope(account_id), [], None
    while True:
        page = payment_queries.payments_page(scope, cursor=cursor, limit=PAGE)
        found += [_payment(view) for view in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def _payment(view: PaymentView) -> Row:
    payment = view.payment
    return {
        "付给": view.payee,
        "内容": [f"{line.label} {yuan(line.amount_fen)}" for line in payment.lines],
        "金额": yuan(payment.amount_fen),
        "状态": PaymentState(payment.state).label,
        "付款时间": _said(payment.paid_at),
        "收据号": payment.receipt_no,
        "支付单号": payment.out_trade_no,
        "网络地址": payment.client_ip,
        "退款": [
            {
                "金额": yuan(each.amount_fen),
                "原因": f"{REASON_WORDS.get(each.reason_code, '')} {each.reason}".strip(),
                "状态": RefundStep(each.step).label,
                "申请时间": _said(each.requested_at),
                "退回时间": _said(each.refunded_at),
            }
            for each in view.refunds
        ],
    }


def invoices(account_id: int) -> list[Row]:
    """Every invoice with its title, its number and what happened to it."""
    scope, found, cursor = resident_scope(account_id), [], None
    while True:
        page = invoice_queries.invoices_page(scope, cursor=cursor, limit=PAGE)
        steps = invoice_queries.steps_of_many([line.id for line in page.items])
        found += [
            {
                "支付": line.payment_title,
                "抬头": line.title,
                "税号": line.tax_no,
                "邮箱": line.email,
                "金额": yuan(line.amount_fen),
                "领取方式": line.how.label,
                "号码": line.number,
                "状态": line.words,
                "进展": [{"时间": _said(step.at), "步骤": step.words} for step in steps[line.id]],
            }
            for line in page.items
        ]
        cursor = page.next_cursor
        if cursor is None:
            return found


def fee_questions(account_id: int) -> list[Row]:
    """Every question with its answers."""
    scope, found, cursor = resident_scope(account_id), [], None
    while True:
        page = question_queries.questions_page(scope, cursor=cursor, limit=PAGE)
        steps = question_queries.steps_of_many(page.items, scope)
        found += [
            {
                "账单": line.bill.title,
                "问题": line.text,
                "状态": line.state.label,
                "进展": [
                    {"时间": _said(step.at), "步骤": step.label, "内容": step.note} for step in steps[line.id]
                ],
            }
            for line in page.items
        ]
        cursor = page.next_cursor
        if cursor is None:
            return found
