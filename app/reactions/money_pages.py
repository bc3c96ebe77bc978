"""Which page of the client a message about money leads to. Pure.

Read from the key under which the message was written once, so that nothing more has to be kept with it. Messages of an
order or of a 随手拍 name that themselves.
"""

from __future__ import annotations

from app.fees.reminding import BILLS_PAGE
from app.fees.reminding import TEMPLATE as BILL
from app.reactions.bookkeeping_messages import INVOICE, QUESTION
from app.reactions.payment_messages import PAID, PAYMENT_PAGE, REFUNDED

BILL_PAGE = "money/bill/bill"
PAYMENTS_PAGE = "money/payments/payments"
INVOICES_PAGE, QUESTIONS_PAGE = "money/invoices/invoices", "money/questions/questions"
_ONE_OR_ALL = {
    BILL: ("bill", BILL_PAGE, BILLS_PAGE),
    PAID: ("payment", PAYMENT_PAGE, PAYMENTS_PAGE),
    REFUNDED: ("payment", PAYMENT_PAGE, PAYMENTS_PAGE),
}
"""By template: what the key of a message about a single one begins with, the page of one, the page of all."""
_ALL = {INVOICE: INVOICES_PAGE, QUESTION: QUESTIONS_PAGE}


def money_page(template: str, unique_key: str) -> str:
    """money/payment/payment?id=7 for what is said of payment 7; empty for a message that is not about the reader's own
    money. What a company's staff reads of refunds and invoices is done at the console."""
    if template not in _ONE_OR_ALL:
        return _ALL.get(template, "")
    kind, one, all_of_them = _ONE_OR_ALL[template]
    about, _, rest = unique_key.partition(":")
    number = rest.partition(":")[0]
    known = about == kind and number.isascii() and number.isdigit()
    return f"{one}?id={number}" if known else all_of_them
