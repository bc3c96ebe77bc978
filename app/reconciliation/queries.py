"""Questions of the finance pages about bills, differences and settlements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, or_, select

from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.paging import Page, decode_cursor, encode_cursor, newest_page
from app.core.scope import Scope, condition, get_visible, visible
from app.payments.models import Payment, Refund, RefundStep
from app.reconciliation.errors import BatchUnknown
from app.reconciliation.models import BillFile, BillLine, CaseState, ReconciliationCase, SettlementBatch

PAGE = 50
WAITS_DAYS = 90


def cases_page(
    scope: Scope, *, state: CaseState | None, cursor: str | None = None, limit: int = PAGE
) -> Page[ReconciliationCase]:
    """Differences of one state or all, the newest first."""
    wanted = visible(ReconciliationCase, scope)
    if state is not None:
        wanted = wanted.where(ReconciliationCase.state == state.value)
    return newest_page(wanted, ReconciliationCase, cursor=cursor, limit=limit)


def open_cases(scope: Scope) -> int:
    """How many wait for a person."""
    waiting = ReconciliationCase.state == CaseState.OPEN.value
    return db.session.scalar(select(func.count()).where(condition(ReconciliationCase, scope), waiting)) or 0


def days(scope: Scope, *, limit: int = 14) -> list[tuple[BillFile, int]]:
    """The newest bills, each with the number of its open cases."""
    waiting = (
        select(func.count(ReconciliationCase.id))
        .where(ReconciliationCase.file_id == BillFile.id, ReconciliationCase.state == CaseState.OPEN.value)
        .scalar_subquery()
    )
    statement = (
        visible(BillFile, scope).add_columns(waiting).order_by(BillFile.bill_on.desc(), BillFile.id.desc())
    )
    return [(row[0], int(row[1])) for row in db.session.execute(statement.limit(limit))]


def batches_page(scope: Scope, *, cursor: str | None = None, limit: int = PAGE) -> Page[SettlementBatch]:
    """Settlements, the newest day first."""
    wanted = visible(SettlementBatch, scope)
    values = decode_cursor(cursor, size=2)
    if values is not None:
        wanted = wanted.where(_older(values))
    ordered = wanted.order_by(SettlementBatch.bill_on.desc(), SettlementBatch.id.desc())
    rows = db.session.scalars(ordered.limit(limit + 1)).all()
    kept = rows[:limit]
    more = len(rows) > limit
    return Page(kept, encode_cursor(f"{kept[-1].bill_on}", kept[-1].id) if more else None)


def _older(values: tuple[Any, ...]) -> ColumnElement[bool]:
    try:
        day, row_id = date.fromisoformat(str(values[0])), int(values[1])
    except ValueError as error:
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"}) from error
    if not 0 <= row_id < 2**63:
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"})
    same_day = and_(SettlementBatch.bill_on == day, SettlementBatch.id < row_id)
    return or_(SettlementBatch.bill_on < day, same_day)


def batch(batch_id: int, scope: Scope) -> SettlementBatch:
    """One of them; raises BatchUnknown."""
    return get_visible(SettlementBatch, batch_id, scope, missing=BatchUnknown())


def lines_page(of: SettlementBatch, *, cursor: str | None = None, limit: int = PAGE) -> Page[BillLine]:
    """The bill's rows behind a batch that its reader was allowed to open, in the bill's order from the end."""
    wanted = select(BillLine).where(BillLine.file_id == of.file_id, BillLine.sub_mch_id == of.sub_mch_id)
    return newest_page(wanted, BillLine, cursor=cursor, limit=limit)


@dataclass(frozen=True)
class Unsettled:
    """A day of one account whose money is on its way: paid in and refunded so far, fen."""

    day: date
    sub_mch_id: str
    payments: int
    paid_fen: int
    refunded_fen: int


def unsettled(scope: Scope) -> list[Unsettled]:
    """Money that no settlement covers yet, today's included: a payment stands here in the moment that it arrives
    (S0-03)."""
    since = clock.china_date(clock.now()) - timedelta(days=WAITS_DAYS)
    batched = select(SettlementBatch.id).where(
        SettlementBatch.sub_mch_id == Payment.sub_mch_id, SettlementBatch.bill_on == Payment.paid_on
    )
    paid = (
        select(
            Payment.paid_on,
            Payment.sub_mch_id,
            func.count(),
            cast(func.sum(Payment.amount_fen), Integer),
        )
        .where(condition(Payment, scope), Payment.paid_on >= since, ~batched.exists())
        .group_by(Payment.paid_on, Payment.sub_mch_id)
    )
    found: dict[tuple[date, str], tuple[int, int]] = {
        (day, account): (int(count), int(fen)) for day, account, count, fen in _rows(paid)
    }
    sent = _refunds_unsettled(scope, since)
    return [
        Unsettled(day, account, *found.get((day, account), (0, 0)), sent.get((day, account), 0))
        for day, account in sorted({*found, *sent}, reverse=True)
    ]


def _refunds_unsettled(scope: Scope, since: date) -> dict[tuple[date, str], int]:
    batched = select(SettlementBatch.id).where(
        SettlementBatch.sub_mch_id == Payment.sub_mch_id, SettlementBatch.bill_on == Refund.refunded_on
    )
    statement = (
        select(Refund.refunded_on, Payment.sub_mch_id, cast(func.sum(Refund.amount_fen), Integer))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(condition(Refund, scope), Refund.step == RefundStep.DONE.value)
        .where(Refund.refunded_on >= since, ~batched.exists())
        .group_by(Refund.refunded_on, Payment.sub_mch_id)
    )
    return {(day, account): int(fen) for day, account, fen in _rows(statement)}


def _rows(statement: Any) -> Any:
    """The rows of a day's sums; the days that they name are never empty."""
    return db.session.execute(statement)


@dataclass(frozen=True)
class CaseCounts:
    """How the differences of some days ended."""

    open: int
    by_person: int
    by_rule: int


def case_counts(scope: Scope) -> CaseCounts:
    """Of all that were ever found."""
    by_rule = case((ReconciliationCase.by_rule, 1), else_=0)
    is_open = case((ReconciliationCase.state == CaseState.OPEN.value, 1), else_=0)
    statement = select(
        cast(func.coalesce(func.sum(is_open), 0), Integer),
        cast(func.coalesce(func.sum(by_rule), 0), Integer),
        func.count(),
    ).where(condition(ReconciliationCase, scope))
    waiting, ruled, every = db.session.execute(statement).one()
    return CaseCounts(int(waiting), int(every) - int(waiting) - int(ruled), int(ruled))
