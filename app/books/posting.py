"""记账: the only way into the ledger. An entry balances or is refused; the same fact is posted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.books.accounts import Account, Book
from app.books.models import LedgerEntry, LedgerLine
from app.core import clock
from app.core.db import db


class Unbalanced(ValueError):
    """Debits and credits differ: a mistake of the program, never of a person."""


@dataclass(frozen=True)
class Line:
    """Fen on one side of an account."""

    account: Account
    debit_fen: int = 0
    credit_fen: int = 0
    estate_id: int | None = None


def post(
    subject: str,
    lines: Sequence[Line],
    *,
    book: Book,
    company_id: int,
    district_id: int | None,
    memo: str,
    entered_on: date,
    posted_by: int | None = None,
) -> LedgerEntry:
    """Post the fact, or give back the entry that it has already. Raises Unbalanced."""
    known = select(LedgerEntry).where(LedgerEntry.subject == subject, LedgerEntry.book == book.value)
    entry = db.session.scalars(known).one_or_none()
    if entry is not None:
        return entry
    debits, credits_ = sum(line.debit_fen for line in lines), sum(line.credit_fen for line in lines)
    if debits != credits_ or not debits or book is Book.FUND or not all(map(_is_one_sided, lines)):
        raise Unbalanced(f"{subject} in {book}: {debits} against {credits_} fen")
    entry = LedgerEntry(
        company_id=company_id,
        district_id=district_id,
        book=book.value,
        subject=subject,
        memo=memo,
        entered_on=entered_on,
        posted_at=clock.now(),
        posted_by=posted_by,
    )
    entry.lines = [
        LedgerLine(
            company_id=company_id,
            book=book.value,
            estate_id=line.estate_id,
            account=line.account.value,
            entered_on=entered_on,
            debit_fen=line.debit_fen,
            credit_fen=line.credit_fen,
        )
        for line in lines
        if line.debit_fen or line.credit_fen
    ]
    db.session.add(entry)
    db.session.flush()
    return entry


def _is_one_sided(line: Line) -> bool:
    """Whole fen, nothing below zero, not both sides at once; a line of nothing is left out later."""
    sides = (line.debit_fen, line.credit_fen)
    return all(type(fen) is int and 0 <= fen < 2**63 for fen in sides) and 0 in sides
