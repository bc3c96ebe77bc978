"""What money in and money out mean in the company's books: one entry for each book that they touch (S0-03)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.books.accounts import Account, Book, book_of
from app.books.posting import Line, post
from app.payments.models import Payment, Refund


@dataclass(frozen=True)
class Share:
    """Fen of one account, where it is known of one estate."""

    account: Account
    amount_fen: int
    estate_id: int | None


def post_payment(payment: Payment) -> None:
    """The money stands at WeChat and has been earned, or is held for others."""
    shares = [Share(Account(line.account), line.amount_fen, line.estate_id) for line in payment.lines]
    _post_in(payment, shares, memo=f"收款 {payment.title}")


def post_late_payment(payment: Payment) -> None:
    """Nobody has earned it: it waits to go back, for the estates of which its refund will take it away again."""
    shares = [Share(Account.TO_REFUND, line.amount_fen, line.estate_id) for line in payment.lines]
    _post_in(payment, shares, memo=f"取消后到账 {payment.title}")


def post_refund(refund: Refund, payment: Payment, *, late: bool) -> None:
    """What had come in goes out of the same accounts. `late`: it was never earned."""
    lines = {line.id: line for line in payment.lines}
    shares = [
        Share(
            Account.TO_REFUND if late else Account(lines[part.payment_line_id].account),
            part.amount_fen,
            lines[part.payment_line_id].estate_id,
        )
        for part in refund.lines
    ]
    assert refund.refunded_on is not None
    for book, those in _by_book(shares).items():
        out = [Line(share.account, debit_fen=share.amount_fen, estate_id=share.estate_id) for share in those]
        total = sum(share.amount_fen for share in those)
        post(
            f"refund:{refund.id}",
            [*out, Line(Account.WECHAT, credit_fen=total)],
            book=book,
            company_id=payment.company_id,
            district_id=payment.district_id,
            memo=f"退款 {payment.title}",
            entered_on=refund.refunded_on,
            posted_by=refund.second_by,
        )


def _post_in(payment: Payment, shares: Iterable[Share], *, memo: str) -> None:
    assert payment.paid_on is not None
    for book, those in _by_book(shares).items():
        total = sum(share.amount_fen for share in those)
        post(
            f"payment:{payment.id}",
            [
                Line(Account.WECHAT, debit_fen=total),
                *(
                    Line(share.account, credit_fen=share.amount_fen, estate_id=share.estate_id)
                    for share in those
                ),
            ],
            book=book,
            company_id=payment.company_id,
            district_id=payment.district_id,
            memo=memo,
            entered_on=payment.paid_on,
        )


def _by_book(shares: Iterable[Share]) -> dict[Book, list[Share]]:
    found: dict[Book, list[Share]] = defaultdict(list)
    for share in shares:
        found[book_of(share.account)].append(share)
    return found
