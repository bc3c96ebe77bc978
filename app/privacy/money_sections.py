"""What a copy of one's own data holds of money: invoices and questions about bills."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.money import yuan
from app.fees import question_queries
from app.invoices import queries as invoice_queries

Row = dict[str, Any]
PAGE = 100


def _said(at: datetime | None) -> str | None:
    return f"{clock.in_china(at):%Y-%m-%d %H:%M:%S}" if at else None


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
        steps = question_queries.steps_of_many([line.id for line in page.items])
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
