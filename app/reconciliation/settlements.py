"""结算批次: what a day's bill brings to the company's bank account, and the entries that say so.

WeChat pays out payments - refunds - fees. Each book gets its own part of what was posted for the payments and refunds
that the bill names; fees are the company's; what the bill has and our books have not stands on 待处理差异 until its
case is closed. The owners' book never pays for anything of that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Integer, cast, func, select

from app.books.accounts import Account, Book
from app.books.models import LedgerEntry, LedgerLine
from app.books.posting import Line, post
from app.core import clock
from app.core.clock import china_date
from app.core.db import db
from app.payments.models import Payment, Refund
from app.reconciliation.models import BillFile, CaseKind, ReconciliationCase, SettlementBatch
from app.reconciliation.rules import Side, Theirs, matched, own

CHUNK = 500
Place = tuple[Book, int | None]
"""A book, and the estate for which the money at WeChat was posted, where it was posted for one."""
OF_REFUNDS = frozenset(
    {
        CaseKind.REFUND_MISSING_HERE,
        CaseKind.REFUND_MISSING_THERE,
        CaseKind.REFUND_AMOUNT,
        CaseKind.REFUND_STATE,
    }
)


def settle_day(file: BillFile, found: Sequence[Theirs], side: Side) -> SettlementBatch | None:
    """Write the batch and its entries, once; None for an empty bill."""
    mine = own(found, file.sub_mch_id)
    if not mine:
        return None
    payments, refunds = matched(mine, side)
    posted = posted_at_wechat(
        [*(f"payment:{each}" for each in payments), *(f"refund:{each}" for each in refunds)]
    )
    came = sum(line.came_fen for line in mine)
    batch = SettlementBatch(
        file_id=file.id,
        company_id=file.company_id,
        sub_mch_id=file.sub_mch_id,
        bill_on=file.bill_on,
        payments=sum(not line.is_refund for line in mine),
        refunds=sum(line.is_refund for line in mine),
        paid_fen=file.paid_fen,
        refunded_fen=file.refunded_fen,
        fee_fen=file.fee_fen,
        net_fen=came - file.fee_fen,
        difference_fen=came - sum(posted.values()),
        made_at=clock.now(),
    )
    db.session.add(batch)
    db.session.flush()
    _post_batch(batch, posted, _district(payments))
    return batch


def posted_at_wechat(subjects: Sequence[str]) -> dict[Place, int]:
    """What stands on 微信待结算款 for these facts: fen by book and estate, refunds negative."""
    found: dict[Place, int] = defaultdict(int)
    net = cast(func.sum(LedgerLine.debit_fen - LedgerLine.credit_fen), Integer)
    for start in range(0, len(subjects), CHUNK):
        statement = (
            select(LedgerLine.book, LedgerLine.estate_id, net)
            .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
            .where(LedgerEntry.subject.in_(subjects[start : start + CHUNK]))
            .where(LedgerLine.account == Account.WECHAT.value)
            .group_by(LedgerLine.book, LedgerLine.estate_id)
        )
        for book, estate_id, fen in db.session.execute(statement):
            found[Book(book), estate_id] += int(fen)
    return dict(found)


def _post_batch(batch: SettlementBatch, posted: Mapping[Place, int], district_id: int | None) -> None:
    moves = _from_wechat_to_bank(posted)
    company = moves[Book.PROPERTY]
    company[Account.BANK, None] += batch.difference_fen - batch.fee_fen
    company[Account.CHANNEL_FEE, None] += batch.fee_fen
    company[Account.DIFFERENCE, None] -= batch.difference_fen
    for book, move in moves.items():
        _post(f"settlement:{batch.id}", batch, book, move, f"{batch.bill_on:%m月%d日}微信结算", district_id)


Move = dict[tuple[Account, int | None], int]
"""Fen by account and estate: above zero a debit, below a credit."""


def _from_wechat_to_bank(posted: Mapping[Place, int]) -> dict[Book, Move]:
    moves: dict[Book, Move] = defaultdict(lambda: defaultdict(int))
    for (book, estate_id), fen in posted.items():
        moves[book][Account.WECHAT, estate_id] -= fen
        moves[book][Account.BANK, estate_id] += fen
    return moves


def _post(
    subject: str,
    of: SettlementBatch | ReconciliationCase,
    book: Book,
    move: Move,
    memo: str,
    district_id: int | None,
) -> None:
    lines = list(_lines(move))
    if lines:
        post(
            subject,
            lines,
            book=book,
            company_id=of.company_id,
            district_id=district_id,
            memo=memo,
            entered_on=china_date(clock.now()),
        )


def _lines(move: Move) -> Iterable[Line]:
    for (account, estate_id), fen in move.items():
        if fen:
            yield Line(account, debit_fen=max(fen, 0), credit_fen=max(-fen, 0), estate_id=estate_id)


def clear(case: ReconciliationCase) -> bool:
    """Take what the settlement put on 待处理差异 for this case off it again, now that our books have the same money.

    False when they have another amount: then a person has to say what it was.
    """
    if not case.carried_fen:
        return True
    subject = _subject(case)
    posted = posted_at_wechat([subject]) if subject else {}
    if sum(posted.values()) != case.carried_fen:
        return False
    moves = _from_wechat_to_bank(posted)
    company = moves[Book.PROPERTY]
    company[Account.BANK, None] -= case.carried_fen
    company[Account.DIFFERENCE, None] += case.carried_fen
    for book, move in moves.items():
        _post(f"case:{case.id}", case, book, move, f"{case.bill_on:%m月%d日}对账差异已核清", None)
    return True


def _subject(case: ReconciliationCase) -> str:
    """The fact of ours that the case's number has become."""
    if case.kind in OF_REFUNDS:
        refund_id = db.session.scalar(select(Refund.id).where(Refund.out_refund_no == case.number))
        return f"refund:{refund_id}" if refund_id else ""
    payment_id = db.session.scalar(select(Payment.id).where(Payment.out_trade_no == case.number))
    return f"payment:{payment_id}" if payment_id else ""


def _district(payments: Sequence[int]) -> int | None:
    """Of any of the payments: a company's residents of one day live in one district's deployment."""
    if not payments:
        return None
    return db.session.scalar(select(Payment.district_id).where(Payment.id == payments[0]))
