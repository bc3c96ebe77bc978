"""Writing a payment down before WeChat hears of it (S0-11): who gets the money is the contract's word, not the phone's.

Placing the order at WeChat and everything that follows is in placing.py, settling.py and following.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.books.accounts import Account
from app.core.scope import Scope
from app.payments.models import Payment, Purpose


@dataclass(frozen=True)
class Part:
    """One thing to pay for: its subject, the account of the books, what the receipt says, fen."""

    subject: str
    account: Account
    label: str
    amount_fen: int
    estate_id: int | None = None


def open_payment(
    parts: Sequence[Part],
    *,
    purpose: Purpose,
    title: str,
    company_id: int,
    estate_id: int | None,
    district_id: int,
    by: Scope,
    client_ip: str,
) -> Payment:
    """The waiting payment for exactly these parts, new or the one that is open already.

    Raises NotPayable (the company has no merchant account today), AlreadyPaid, OtherPaymentOpen.
    """
    raise NotImplementedError
