"""Laying our rows beside a fetched bill: differences become cases for a person, and the settlement is written.

One transaction under the bill's lock, so it happens once however often and by however many processes it is tried. Later
comparisons of the same bill only close cases that are no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from app.books.people import tell_colleagues
from app.core import clock
from app.core.db import claim, db, insert_once, lock, table_of
from app.payments.models import Payment, Refund, RefundStep
from app.reconciliation.models import BillFile, BillLine, CaseState, ReconciliationCase
from app.reconciliation.rules import Difference, OurRefund, Ours, Side, Theirs, differences
from app.reconciliation.settlements import clear, settle_day

CHUNK = 500
GONE_NOTE = "再次核对时两边已经一致"
RECHECK_EVERY = timedelta(hours=24)
RECHECK_ALL, RECHECK_OPEN = timedelta(days=3), timedelta(days=30)


def waiting_to_compare(limit: int = 200) -> list[int]:
    """Fetched bills beside which nothing was laid yet, the oldest day first."""
    statement = (
        select(BillFile.id)
        .where(BillFile.fetched_at.is_not(None), BillFile.compared_at.is_(None))
        .order_by(BillFile.bill_on, BillFile.id)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def claim_recheck() -> int | None:
    """A compared bill that is due for another look: three days in a row, and longer while it has open cases."""
    now = clock.now()
    due = select(BillFile).where(BillFile.recheck_at <= now).order_by(BillFile.recheck_at, BillFile.id)
    file = db.session.scalars(claim(due.limit(1))).first()
    if file is None:
        return None
    assert file.compared_at is not None
    age = now - file.compared_at
    goes_on = age < RECHECK_ALL or (age < RECHECK_OPEN and _has_open_cases(file.id))
    file.recheck_at = now + RECHECK_EVERY if goes_on else None
    return file.id


def _has_open_cases(file_id: int) -> bool:
    statement = select(ReconciliationCase.id).where(ReconciliationCase.file_id == file_id, _unfinished())
    return db.session.scalar(statement.limit(1)) is not None


def _unfinished() -> ColumnElement[bool]:
    """Open, or explained while its money still stands on 待处理差异: that may clear by itself when our books follow."""
    explained = (ReconciliationCase.state == CaseState.EXPLAINED.value) & (
        ReconciliationCase.carried_fen != 0
    )
    return (ReconciliationCase.state == CaseState.OPEN.value) | explained


def compare(file_id: int) -> list[Difference]:
    """The whole comparison of one bill; returns what differs now."""
    file = db.session.scalars(lock(select(BillFile).where(BillFile.id == file_id))).one()
    found = theirs_of(file_id)
    side = our_side(file, found)
    differing = differences(found, side)
    if file.compared_at is None:
        _open_cases(file, differing)
        settle_day(file, found, side)
        file.compared_at, file.recheck_at = clock.now(), clock.now() + RECHECK_EVERY
    else:
        _close_what_is_gone(file, differing)
        _open_cases(file, [replace(each, carried_fen=0) for each in differing])
    db.session.flush()
    return differing


def theirs_of(file_id: int) -> list[Theirs]:
    """The rows of a bill as they were kept."""
    rows = db.session.scalars(select(BillLine).where(BillLine.file_id == file_id).order_by(BillLine.id))
    return [
        Theirs(
            row.trade_no,
            row.refund_no,
            row.transaction_id,
            row.sub_mch_id,
            row.trade_state,
            row.refund_state,
            row.at,
            row.amount_fen,
            row.fee_fen,
            row.twice,
        )
        for row in rows
    ]


def our_side(file: BillFile, found: Sequence[Theirs]) -> Side:
    """What we know of everything that the bill names, and what of this day no bill names."""
    return Side(
        sub_mch_id=file.sub_mch_id,
        payments={
            ours.trade_no: ours
            for ours in _payments(_in(Payment.out_trade_no, _numbers(found, refunds=False)))
        },
        refunds={
            ours.refund_no: ours
            for ours in _refunds(_in(Refund.out_refund_no, _numbers(found, refunds=True)))
        },
        due_payments=_due_payments(file),
        due_refunds=_due_refunds(file),
        billed_before=_billed_before(file, found),
    )


def _in(column: Any, values: Iterable[str]) -> list[Any]:
    wanted = sorted(values)
    return [column.in_(wanted[start : start + CHUNK]) for start in range(0, len(wanted), CHUNK)]


def _payments(conditions: Iterable[Any]) -> list[Ours]:
    columns = (Payment.id, Payment.out_trade_no, Payment.sub_mch_id, Payment.state, Payment.amount_fen)
    return [Ours(*row) for each in conditions for row in db.session.execute(select(*columns).where(each))]


def _refunds(conditions: Iterable[Any]) -> list[OurRefund]:
    columns = (
        Refund.id,
        Refund.out_refund_no,
        Refund.payment_id,
        Payment.sub_mch_id,
        Refund.step,
        Refund.amount_fen,
    )
    joined = select(*columns).join(Payment, Payment.id == Refund.payment_id)
    return [OurRefund(*row) for each in conditions for row in db.session.execute(joined.where(each))]


def _due_payments(file: BillFile) -> list[Ours]:
    billed = select(BillLine.id).join(BillFile, BillFile.id == BillLine.file_id)
    elsewhere = billed.where(
        BillLine.trade_no == Payment.out_trade_no,
        BillLine.refund_no == "",
        BillFile.sub_mch_id == file.sub_mch_id,
    )
    paid = (Payment.paid_on == file.bill_on) & (Payment.sub_mch_id == file.sub_mch_id)
    return _payments([paid & ~elsewhere.exists()])


def _due_refunds(file: BillFile) -> list[OurRefund]:
    """WeChat bills a refund on the day that it was asked for; ours are of the day on which they arrived."""
    billed = select(BillLine.id).join(BillFile, BillFile.id == BillLine.file_id)
    elsewhere = billed.where(
        BillLine.refund_no == Refund.out_refund_no, BillFile.sub_mch_id == file.sub_mch_id
    )
    done = (Refund.company_id == file.company_id) & (Refund.step == RefundStep.DONE.value)
    of_day = (Refund.refunded_on == file.bill_on) & (Payment.sub_mch_id == file.sub_mch_id)
    return _refunds([done & of_day & ~elsewhere.exists()])


def _billed_before(file: BillFile, found: Sequence[Theirs]) -> frozenset[tuple[str, str]]:
    """Lines that another bill of the same account has as well and that were settled with that one."""
    first: ColumnElement[bool] = BillFile.compared_at.is_not(None)
    if file.compared_at is not None:
        same = (BillFile.compared_at == file.compared_at) & (BillFile.id < file.id)
        first = (BillFile.compared_at < file.compared_at) | same
    earlier = (
        select(BillLine.trade_no, BillLine.refund_no)
        .join(BillFile, BillFile.id == BillLine.file_id)
        .where(BillFile.sub_mch_id == file.sub_mch_id, BillFile.id != file.id, first)
        .where(BillLine.sub_mch_id == file.sub_mch_id)
    )
    conditions = [
        *(
            (BillLine.refund_no == "") & each
            for each in _in(BillLine.trade_no, _numbers(found, refunds=False))
        ),
        *_in(BillLine.refund_no, _numbers(found, refunds=True)),
    ]
    rows = [row for each in conditions for row in db.session.execute(earlier.where(each))]
    return frozenset(("", row.refund_no) if row.refund_no else (row.trade_no, "") for row in rows)


def _numbers(found: Sequence[Theirs], *, refunds: bool) -> set[str]:
    return {line.number for line in found if line.is_refund is refunds}


def _open_cases(file: BillFile, differing: Sequence[Difference]) -> None:
    """What is known already stays as it is. What a later look finds was in no settlement, so it carries nothing."""
    new = sum(insert_once(table_of(ReconciliationCase), _case(file, each)) for each in differing)
    if new:
        tell_colleagues(
            file.company_id,
            None,
            key=f"reconciliation:{file.id}:{clock.china_date(clock.now()):%m%d}",
            title=f"{file.bill_on:%m月%d日}对账有 {new} 处差异",
            body="请在“对账”里逐条核对,写明原因",
        )


def _case(file: BillFile, each: Difference) -> dict[str, Any]:
    return {
        "file_id": file.id,
        "company_id": file.company_id,
        "bill_on": file.bill_on,
        "kind": each.kind.value,
        "number": each.number,
        "payment_id": each.payment_id,
        "theirs": each.theirs,
        "ours": each.ours,
        "theirs_fen": each.theirs_fen,
        "ours_fen": each.ours_fen,
        "carried_fen": each.carried_fen,
        "state": CaseState.OPEN.value,
        "found_at": clock.now(),
        "by_rule": False,
        "note": "",
    }


def _close_what_is_gone(file: BillFile, differing: Sequence[Difference]) -> None:
    """A case that is no difference any more is settled by rule, unless what it carried cannot be cleared exactly. What
    a person has explained keeps his words."""
    still = {(each.kind.value, each.number) for each in differing}
    statement = select(ReconciliationCase).where(ReconciliationCase.file_id == file.id, _unfinished())
    for case in db.session.scalars(lock(statement.order_by(ReconciliationCase.id))):
        if (case.kind, case.number) in still or not clear(case):
            continue
        if case.state == CaseState.OPEN:
            case.state, case.by_rule = CaseState.SETTLED.value, True
            case.closed_at, case.note = clock.now(), GONE_NOTE
